// RUN: burin-opt %s --lower-groups | FileCheck %s

// The dims collapse into one flat loop.
// CHECK-LABEL: func.func private @flat(
// CHECK-SAME: memref<4x8xf32>{{.*}}, %{{.*}}: memref<4x8xf32>{{.*}}) attributes {nn.group}
// CHECK-DAG: %[[N:.*]] = arith.constant 32 : index
// CHECK: scf.for %{{.*}} = %{{.*}} to %[[N]]
// CHECK-NEXT: memref.load
// CHECK-NOT: scf.for
// CHECK: return
func.func private @flat(%a: tensor<4x8xf32>) -> tensor<4x8xf32> attributes {nn.group} {
  %0 = nn.unary relu, %a : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}

// Dynamic tensors are bare pointers; symbols are trailing indices.
// CHECK-LABEL: func.func private @dynamic(
// CHECK-SAME: memref<f32>{{.*}}, %{{.*}}: memref<f32>{{.*}}, %[[N:.*]]: index)
// CHECK: memref.reinterpret_cast {{.*}} to offset: [0], sizes: [%{{.*}}]
// CHECK: scf.for
func.func private @dynamic(%a: tensor<?x8xf32> {nn.dims = ["N", 8]})
    -> (tensor<?x8xf32> {nn.dims = ["N", 8]}) attributes {nn.group} {
  %0 = nn.unary relu, %a : (tensor<?x8xf32>) -> tensor<?x8xf32>
  return %0 : tensor<?x8xf32>
}

// Movement works on storage form: no conversion of f16.
// CHECK-LABEL: func.func private @move(
// CHECK-SAME: memref<4x8xi16>{{.*}}, %{{.*}}: memref<8x4xi16>
// CHECK-NOT: arith.bitcast
// CHECK: return
func.func private @move(%a: tensor<4x8xf16>) -> tensor<8x4xf16> attributes {nn.group} {
  %0 = nn.transpose %a, [1, 0] : (tensor<4x8xf16>) -> tensor<8x4xf16>
  return %0 : tensor<8x4xf16>
}

// Functions that are no groups stay.
// CHECK-LABEL: func.func @main(
// CHECK-SAME: tensor<4xf32>
func.func @main(%a: tensor<4xf32>) -> tensor<4xf32> {
  return %a : tensor<4xf32>
}

// A call of the runtime library works in memory that it is given, and tells
// whether it succeeded.
// CHECK-LABEL: func.func private @top(
// CHECK-SAME: %[[SCRATCH:[^:]*]]: memref<i8> {llvm.noalias}, %{{.*}}: index) -> i32 attributes {nn.group}
// CHECK: memref.extract_aligned_pointer_as_index %[[SCRATCH]]
// CHECK: %[[STATUS:.*]] = call @burin_rt_top_k(
// CHECK: return %[[STATUS]] : i32
func.func private @top(%a: tensor<?xf32> {nn.dims = ["N"]}, %k: tensor<i64>)
    -> (tensor<2xf32>, tensor<2xi64>) attributes {nn.group} {
  %two = nn.constant dense<2> : tensor<i64>
  %v, %i = nn.top_k %a, %two {axis = 0 : i64}
      : (tensor<?xf32>, tensor<i64>) -> (tensor<2xf32>, tensor<2xi64>)
  return %v, %i : tensor<2xf32>, tensor<2xi64>
}

// Averages are summed in the window's order: no reassociation.
// CHECK-LABEL: func.func private @average(
// CHECK: arith.addf %{{[0-9a-z_]+}}, %{{[0-9a-z_]+}} : f32
func.func private @average(%a: tensor<1x8x8x16xf32>) -> tensor<1x1x1x16xf32>
    attributes {nn.group} {
  %0 = nn.pool sum, %a {dilations = array<i64: 1, 1>, kernel = array<i64: 8, 8>,
    layout = #nn<layout nhwc>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 8, 8>}
    : (tensor<1x8x8x16xf32>) -> tensor<1x1x1x16xf32>
  return %0 : tensor<1x1x1x16xf32>
}
