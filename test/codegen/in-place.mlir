// RUN: burin-opt %s --lower-groups | FileCheck %s

// The result is stored through the argument's pointer, and its own is not used.
// CHECK-LABEL: func.func private @pointwise(
// CHECK-SAME: %[[A:.*]]: memref<4x8xf32>{{.*}}, %[[B:.*]]: memref<4x8xf32>{{.*}}, %[[OUT:.*]]: memref<4x8xf32>
// CHECK: %[[FLAT:.*]] = memref.reinterpret_cast %[[B]]
// CHECK-NOT: %[[OUT]]
// CHECK: memref.store %{{.*}}, %{{.*}}[
// CHECK-NOT: %[[OUT]]
// CHECK: return
func.func private @pointwise(%a: tensor<4x8xf32>, %b: tensor<4x8xf32>) -> tensor<4x8xf32>
    attributes {nn.group, nn.inplace = [array<i64: 0, 0>, array<i64: 1, 0>], nn.overwrites = [array<i64: 1, 0>]} {
  %0 = nn.binary add, %a, %b : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}

// Permission alone changes nothing.
// CHECK-LABEL: func.func private @permitted(
// CHECK-SAME: %[[A:.*]]: memref<4x8xf32>{{.*}}, %[[OUT:.*]]: memref<4x8xf32>
// CHECK: %[[FLAT:.*]] = memref.reinterpret_cast %[[OUT]]
// CHECK: memref.store %{{.*}}, %[[FLAT]][
func.func private @permitted(%a: tensor<4x8xf32>) -> tensor<4x8xf32>
    attributes {nn.group, nn.inplace = [array<i64: 0, 0>]} {
  %0 = nn.unary relu, %a : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}

// A kernel's residual.
// CHECK-LABEL: func.func private @kernel(
// CHECK-SAME: %[[X:.*]]: memref<6x4xf32>{{.*}}, %[[W:.*]]: memref<1x32xf32>{{.*}}, %[[R:.*]]: memref<6x8xf32>{{.*}}, %[[OUT:.*]]: memref<6x8xf32>
// CHECK-NOT: %[[OUT]]
// CHECK: vector.store
// CHECK-NOT: %[[OUT]]
// CHECK: return
func.func private @kernel(%x: tensor<6x4xf32>, %w: tensor<1x32xf32>, %r: tensor<6x8xf32>) -> tensor<6x8xf32>
    attributes {nn.group, nn.inplace = [array<i64: 2, 0>], nn.overwrites = [array<i64: 2, 0>]} {
  %0 = kernel.gemm %x, %w {n = 8 : i64, mr = 6 : i64, nr = 8 : i64, lanes = 8 : i64} : (tensor<6x4xf32>, tensor<1x32xf32>) -> tensor<6x8xf32>
  %1 = nn.binary add, %0, %r : (tensor<6x8xf32>, tensor<6x8xf32>) -> tensor<6x8xf32>
  return %1 : tensor<6x8xf32>
}
