// RUN: burin-opt %s | burin-opt | FileCheck %s

// CHECK-LABEL: func.func @gemm
// CHECK: kernel.gemm %{{.*}}, %{{.*}} {lanes = 8 : i64, mr = 6 : i64, n = 20 : i64, nr = 16 : i64} : (tensor<?x12xf32>, tensor<2x192xf32>) -> tensor<?x20xf32>
func.func @gemm(%a: tensor<?x12xf32>, %b: tensor<2x192xf32>) -> tensor<?x20xf32> {
  %0 = kernel.gemm %a, %b {n = 20 : i64, mr = 6 : i64, nr = 16 : i64, lanes = 8 : i64} : (tensor<?x12xf32>, tensor<2x192xf32>) -> tensor<?x20xf32>
  return %0 : tensor<?x20xf32>
}

// CHECK-LABEL: func.func @conv
// CHECK: kernel.conv %{{.*}}, %{{.*}} {{{.*}}dot = #kernel.dot<u8s8>
func.func @conv(%x: tensor<1x8x8x3xi8>, %w: tensor<1x768xi8>) -> tensor<1x8x8x16xi32> {
  %0 = kernel.conv %x, %w {m = 16 : i64, kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, mr = 6 : i64, nr = 16 : i64, lanes = 8 : i64, x_zero = -3 : i64, dot = #kernel.dot<u8s8>, intrinsic = "llvm.x86.avx512.vpdpbusd.256"} : (tensor<1x8x8x3xi8>, tensor<1x768xi8>) -> tensor<1x8x8x16xi32>
  return %0 : tensor<1x8x8x16xi32>
}

// CHECK-LABEL: func.func @depthwise
// CHECK: kernel.depthwise
func.func @depthwise(%x: tensor<1x8x8x16xf32>, %w: tensor<3x3x16xf32>) -> tensor<1x4x4x16xf32> {
  %0 = kernel.depthwise %x, %w {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, lanes = 8 : i64} : (tensor<1x8x8x16xf32>, tensor<3x3x16xf32>) -> tensor<1x4x4x16xf32>
  return %0 : tensor<1x4x4x16xf32>
}
