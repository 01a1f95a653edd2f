// RUN: burin-opt %s --fold-affine --split-input-file | FileCheck %s
// Values are compared with the interpreter's in test/unit/RewriteTest.cpp.

// Batch normalisation: the scale goes into the weights, the offsets become one.
// CHECK-LABEL: func @batch_norm
func.func @batch_norm(%x: tensor<2x1x4xf32>) -> tensor<2x3x4xf32> {
  // CHECK-DAG: %[[W:.*]] = nn.constant dense<{{\[\[\[}}1.000000e+00]], {{\[\[}}-3.000000e+00]], {{\[\[}}1.000000e+00]]]>
  // CHECK-DAG: %[[B:.*]] = nn.constant dense<{{\[\[\[}}3.000000e+00], [-4.000000e+00], [6.000000e+00]]]>
  // CHECK: %[[C:.*]] = nn.conv %arg0, %[[W]]
  // CHECK-NEXT: %[[R:.*]] = nn.binary add, %[[C]], %[[B]]
  // CHECK-NEXT: return %[[R]]
  %w = nn.constant dense<[[[0.5]], [[-1.0]], [[2.0]]]> : tensor<3x1x1xf32>
  %s = nn.constant dense<[[2.0], [3.0], [0.5]]> : tensor<3x1xf32>
  %t = nn.constant dense<[[[1.0], [-1.0], [4.0]]]> : tensor<1x3x1xf32>
  %0 = nn.conv %x, %w {dilations = array<i64: 1>, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<2x1x4xf32>, tensor<3x1x1xf32>) -> tensor<2x3x4xf32>
  %1 = nn.binary add, %0, %t : (tensor<2x3x4xf32>, tensor<1x3x1xf32>) -> tensor<2x3x4xf32>
  %2 = nn.binary mul, %1, %s : (tensor<2x3x4xf32>, tensor<3x1xf32>) -> tensor<2x3x4xf32>
  %3 = nn.binary add, %2, %t : (tensor<2x3x4xf32>, tensor<1x3x1xf32>) -> tensor<2x3x4xf32>
  return %3 : tensor<2x3x4xf32>
}

// -----

// CHECK-LABEL: func @matmul
func.func @matmul(%x: tensor<4x2xf32>) -> tensor<4x3xf32> {
  // CHECK: %[[W:.*]] = nn.constant dense<{{\[\[}}5.000000e-01, 5.000000e-01], [1.000000e+00, 1.000000e+00], [2.000000e+00, 2.000000e+00]]>
  // CHECK: nn.matmul %arg0, %[[W]] {tb = true}
  // CHECK-NEXT: return
  %w = nn.constant dense<1.0> : tensor<3x2xf32>
  %s = nn.constant dense<[0.5, 1.0, 2.0]> : tensor<3xf32>
  %0 = nn.matmul %x, %w {tb = true} : (tensor<4x2xf32>, tensor<3x2xf32>) -> tensor<4x3xf32>
  %1 = nn.binary mul, %0, %s : (tensor<4x3xf32>, tensor<3xf32>) -> tensor<4x3xf32>
  return %1 : tensor<4x3xf32>
}

// -----

// The product has another reader, or the scale is not per channel.
// CHECK-LABEL: func @stays
// CHECK: nn.matmul
// CHECK: nn.binary mul
// CHECK: nn.matmul
// CHECK: nn.binary mul
func.func @stays(%x: tensor<3x2xf32>) -> (tensor<3x3xf32>, tensor<3x3xf32>, tensor<3x3xf32>) {
  %w = nn.constant dense<1.0> : tensor<2x3xf32>
  %s = nn.constant dense<[0.5, 1.0, 2.0]> : tensor<3xf32>
  %rows = nn.constant dense<[[0.5], [1.0], [2.0]]> : tensor<3x1xf32>
  %0 = nn.matmul %x, %w : (tensor<3x2xf32>, tensor<2x3xf32>) -> tensor<3x3xf32>
  %1 = nn.binary mul, %0, %s : (tensor<3x3xf32>, tensor<3xf32>) -> tensor<3x3xf32>
  %2 = nn.matmul %x, %w : (tensor<3x2xf32>, tensor<2x3xf32>) -> tensor<3x3xf32>
  %3 = nn.binary mul, %2, %rows : (tensor<3x3xf32>, tensor<3x1xf32>) -> tensor<3x3xf32>
  return %0, %1, %3 : tensor<3x3xf32>, tensor<3x3xf32>, tensor<3x3xf32>
}
