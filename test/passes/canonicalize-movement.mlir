// RUN: burin-opt %s --canonicalize-movement --split-input-file | FileCheck %s
// Values are compared with the interpreter's in test/unit/RewriteTest.cpp.

// The pair around elementwise ops vanishes; the constant is permuted.
// CHECK-LABEL: func @pair
// CHECK-DAG: nn.constant dense<{{\[\[\[}}1.000000e+00], [2.000000e+00], [3.000000e+00]]]> : tensor<1x3x1xf32>
// CHECK-NOT: nn.transpose
// CHECK: return
func.func @pair(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
  %c = nn.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %0 = nn.transpose %x, [0, 2, 1] : (tensor<2x3x4xf32>) -> tensor<2x4x3xf32>
  %1 = nn.unary exp, %0 : (tensor<2x4x3xf32>) -> tensor<2x4x3xf32>
  %2 = nn.binary add, %1, %c : (tensor<2x4x3xf32>, tensor<3xf32>) -> tensor<2x4x3xf32>
  %3 = nn.transpose %2, [0, 2, 1] : (tensor<2x4x3xf32>) -> tensor<2x3x4xf32>
  return %3 : tensor<2x3x4xf32>
}

// -----

// CHECK-LABEL: func @flags
// CHECK-NEXT: nn.matmul %arg0, %arg1 {ta = true, tb = true}
func.func @flags(%x: tensor<2x3x4xf32>, %y: tensor<2x5x3xf32>) -> tensor<2x4x5xf32> {
  %0 = nn.transpose %x, [0, 2, 1] : (tensor<2x3x4xf32>) -> tensor<2x4x3xf32>
  %1 = nn.transpose %y, [0, 2, 1] : (tensor<2x5x3xf32>) -> tensor<2x3x5xf32>
  %2 = nn.matmul %0, %1 : (tensor<2x4x3xf32>, tensor<2x3x5xf32>) -> tensor<2x4x5xf32>
  return %2 : tensor<2x4x5xf32>
}

// -----

// Another reader needs the transposed value anyway.
// CHECK-LABEL: func @shared
// CHECK: %[[T:.*]] = nn.transpose %arg0
// CHECK: nn.unary exp, %[[T]]
func.func @shared(%x: tensor<3x4xf32>) -> (tensor<4x3xf32>, tensor<4x3xf32>) {
  %0 = nn.transpose %x, [1, 0] : (tensor<3x4xf32>) -> tensor<4x3xf32>
  %1 = nn.unary exp, %0 : (tensor<4x3xf32>) -> tensor<4x3xf32>
  return %0, %1 : tensor<4x3xf32>, tensor<4x3xf32>
}

// -----

// One operand must make the result's shape.
// CHECK-LABEL: func @broadcast
// CHECK: %[[B:.*]] = nn.broadcast_to
// CHECK: nn.binary sub, %arg1, %arg0
// CHECK: nn.binary add, %arg0, %[[B]]
func.func @broadcast(%x: tensor<1x4xf32>, %y: tensor<3x4xf32>) -> (tensor<3x4xf32>, tensor<3x4xf32>) {
  %s = nn.constant dense<[3, 4]> : tensor<2xi64>
  %0 = nn.broadcast_to %x, %s : (tensor<1x4xf32>, tensor<2xi64>) -> tensor<3x4xf32>
  %1 = nn.binary sub, %y, %0 : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
  %2 = nn.binary add, %0, %0 : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
  return %1, %2 : tensor<3x4xf32>, tensor<3x4xf32>
}
