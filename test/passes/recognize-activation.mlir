// RUN: burin-opt %s --recognize-activation --split-input-file | FileCheck %s
// All forms and near misses with their values: test/unit/RewriteTest.cpp.

// CHECK-LABEL: func @gelu
// CHECK-NEXT: %[[R:.*]] = nn.unary gelu, %arg0 : (tensor<4xf32>) -> tensor<4xf32>
// CHECK-NEXT: return %[[R]]
func.func @gelu(%x: tensor<4xf32>) -> tensor<4xf32> {
  %sqrt2 = nn.constant dense<1.41421354> : tensor<f32>
  %one = nn.constant dense<1.0> : tensor<f32>
  %half = nn.constant dense<0.5> : tensor<f32>
  %0 = nn.binary div, %x, %sqrt2 : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %1 = nn.unary erf, %0 : (tensor<4xf32>) -> tensor<4xf32>
  %2 = nn.binary add, %one, %1 : (tensor<f32>, tensor<4xf32>) -> tensor<4xf32>
  %3 = nn.binary mul, %x, %2 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %4 = nn.binary mul, %half, %3 : (tensor<f32>, tensor<4xf32>) -> tensor<4xf32>
  return %4 : tensor<4xf32>
}

// -----

// CHECK-LABEL: func @swish
// CHECK-NEXT: nn.unary swish, %arg0 {alpha = 1.7020000219345093 : f64}
func.func @swish(%x: tensor<4xf32>) -> tensor<4xf32> {
  %k = nn.constant dense<1.702> : tensor<f32>
  %0 = nn.binary mul, %x, %k : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %1 = nn.unary sigmoid, %0 : (tensor<4xf32>) -> tensor<4xf32>
  %2 = nn.binary mul, %x, %1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %2 : tensor<4xf32>
}
