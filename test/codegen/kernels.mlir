// RUN: burin-opt %s --lower-groups | FileCheck %s

// Accumulators are carried by the loop over K; the epilogue is applied before
// the only store; 20 columns are a whole panel of 16 and one of 4.
// CHECK-LABEL: func.func private @gemm
// CHECK-SAME: (%{{.*}}: memref<6x12xf32>, %{{.*}}: memref<2x12x16xf32>, %{{.*}}: memref<20xf32>, %{{.*}}: memref<6x20xf32>)
// CHECK: scf.for {{.*}} iter_args({{.*}}) -> (vector<8xf32>,
// CHECK: vector.load {{.*}} vector<8xf32>
// CHECK: vector.broadcast {{.*}} : f32 to vector<8xf32>
// CHECK: arith.mulf {{.*}} fastmath<contract> : vector<8xf32>
// CHECK: arith.addf {{.*}} fastmath<contract> : vector<8xf32>
// CHECK: arith.addf {{.*}} : vector<8xf32>
// CHECK: vector.store
// CHECK: vector.maskedstore
// CHECK-NOT: memref.alloc
// CHECK: return
func.func private @gemm(%a: tensor<6x12xf32>, %b: tensor<2x12x16xf32>, %c: tensor<20xf32>) -> tensor<6x20xf32> attributes {nn.group} {
  %0 = kernel.gemm %a, %b {n = 20 : i64, mr = 6 : i64, nr = 16 : i64, lanes = 8 : i64} : (tensor<6x12xf32>, tensor<2x12x16xf32>) -> tensor<6x20xf32>
  %1 = nn.binary add, %0, %c : (tensor<6x20xf32>, tensor<20xf32>) -> tensor<6x20xf32>
  return %1 : tensor<6x20xf32>
}

// Bytes lose their zero point on the way in and are summed in f32; the result
// is requantised in registers.
// CHECK-LABEL: func.func private @conv
// CHECK: memref.load {{.*}} : memref<?xi8>
// CHECK: arith.sitofp
// CHECK: arith.subf
// CHECK: arith.fptosi {{.*}} : vector<8xf32> to vector<8xi32>
// CHECK: vector.store {{.*}} : memref<?xi8>, vector<8xi8>
func.func private @conv(%x: tensor<1x8x8x3xi8>, %w: tensor<1x3x3x3x16xf32>) -> tensor<1x8x8x16xi8> attributes {nn.group} {
  %m = nn.constant dense<0.5> : tensor<f32>
  %z = nn.constant dense<1> : tensor<i8>
  %0 = kernel.conv %x, %w {m = 16 : i64, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, mr = 6 : i64, nr = 16 : i64, lanes = 8 : i64, x_zero = -3 : i64} : (tensor<1x8x8x3xi8>, tensor<1x3x3x3x16xf32>) -> tensor<1x8x8x16xi32>
  %1 = nn.requantize %0, %m, %z to i8 : (tensor<1x8x8x16xi32>, tensor<f32>, tensor<i8>) -> tensor<1x8x8x16xi8>
  return %1 : tensor<1x8x8x16xi8>
}

// A run-time batch is an index behind the buffers; 20 channels end in a mask.
// CHECK-LABEL: func.func private @depthwise
// CHECK-SAME: (%{{.*}}: memref<f32>, %{{.*}}: memref<3x3x20xf32>, %{{.*}}: memref<f32>, %[[N:.*]]: index)
// CHECK: scf.for %{{.*}} = %{{.*}} to %[[N]]
// CHECK: vector.maskedload
func.func private @depthwise(%x: tensor<?x8x8x20xf32> {nn.dims = ["N", 8, 8, 20]}, %w: tensor<3x3x20xf32>) -> (tensor<?x4x4x20xf32> {nn.dims = ["N", 4, 4, 20]}) attributes {nn.group} {
  %0 = kernel.depthwise %x, %w {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, lanes = 8 : i64} : (tensor<?x8x8x20xf32>, tensor<3x3x20xf32>) -> tensor<?x4x4x20xf32>
  return %0 : tensor<?x4x4x20xf32>
}
