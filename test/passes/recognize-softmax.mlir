// RUN: burin-opt %s --recognize-softmax | FileCheck %s
// All forms and near misses with their values: test/unit/RewriteTest.cpp.

// CHECK-LABEL: func @softmax
// CHECK-NEXT: %[[R:.*]] = nn.softmax %arg0, [1] : (tensor<4x6xf32>) -> tensor<4x6xf32>
// CHECK-NEXT: return %[[R]]
func.func @softmax(%x: tensor<4x6xf32>) -> tensor<4x6xf32> {
  %m = nn.reduce max, %x, [1] {keepdims = true} : (tensor<4x6xf32>) -> tensor<4x1xf32>
  %d = nn.binary sub, %x, %m : (tensor<4x6xf32>, tensor<4x1xf32>) -> tensor<4x6xf32>
  %e = nn.unary exp, %d : (tensor<4x6xf32>) -> tensor<4x6xf32>
  %s = nn.reduce sum, %e, [1] {keepdims = true} : (tensor<4x6xf32>) -> tensor<4x1xf32>
  %r = nn.binary div, %e, %s : (tensor<4x6xf32>, tensor<4x1xf32>) -> tensor<4x6xf32>
  return %r : tensor<4x6xf32>
}

// The sum runs over other axes than the maximum: x - max is the argument.
// CHECK-LABEL: func @other_axes
// CHECK: %[[D:.*]] = nn.binary sub
// CHECK: nn.softmax %[[D]], [1]
func.func @other_axes(%x: tensor<4x6xf32>) -> tensor<4x6xf32> {
  %m = nn.reduce max, %x, [0] {keepdims = true} : (tensor<4x6xf32>) -> tensor<1x6xf32>
  %d = nn.binary sub, %x, %m : (tensor<4x6xf32>, tensor<1x6xf32>) -> tensor<4x6xf32>
  %e = nn.unary exp, %d : (tensor<4x6xf32>) -> tensor<4x6xf32>
  %s = nn.reduce sum, %e, [1] {keepdims = true} : (tensor<4x6xf32>) -> tensor<4x1xf32>
  %r = nn.binary div, %e, %s : (tensor<4x6xf32>, tensor<4x1xf32>) -> tensor<4x6xf32>
  return %r : tensor<4x6xf32>
}
