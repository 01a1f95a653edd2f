// RUN: burin verify %s | FileCheck %s
// RUN: burin verify %s --target x86-64 | FileCheck %s

// 2^24, many ones and -2^24: an f32 sum of all of them keeps none of the ones. Products are
// added up in parts, so that only those in the first part and the last are lost.
// CHECK: ok   seed 1: 3 outputs match
// CHECK: ok   seed 2: 3 outputs match
// CHECK: ok   seed 3: 3 outputs match
func.func @main(%x: tensor<2x1xf32> {nn.name = "x"}, %y: tensor<1x1xf32> {nn.name = "y"})
    -> (tensor<2x4xf32> {nn.name = "rows"}, tensor<1x4xf32> {nn.name = "row"},
        tensor<1x4x1x1xf32> {nn.name = "pixel"}) {
  %zero = nn.constant dense<0.0> : tensor<f32>
  %high = nn.constant dense<16777216.0> : tensor<1xf32>
  %low = nn.constant dense<-16777216.0> : tensor<1xf32>
  %ones = nn.constant dense<1.0> : tensor<262142xf32>
  %all = nn.concat %high, %ones, %low {axis = 0}
      : (tensor<1xf32>, tensor<262142xf32>, tensor<1xf32>) -> tensor<262144xf32>
  %w = nn.constant dense<1.0> : tensor<262144x4xf32>
  %nothing2 = nn.binary mul, %x, %zero : (tensor<2x1xf32>, tensor<f32>) -> tensor<2x1xf32>
  %a = nn.binary add, %nothing2, %all : (tensor<2x1xf32>, tensor<262144xf32>) -> tensor<2x262144xf32>
  %rows = nn.matmul %a, %w : (tensor<2x262144xf32>, tensor<262144x4xf32>) -> tensor<2x4xf32>
  %nothing = nn.binary mul, %y, %zero : (tensor<1x1xf32>, tensor<f32>) -> tensor<1x1xf32>
  %b = nn.binary add, %nothing, %all : (tensor<1x1xf32>, tensor<262144xf32>) -> tensor<1x262144xf32>
  %row = nn.matmul %b, %w : (tensor<1x262144xf32>, tensor<262144x4xf32>) -> tensor<1x4xf32>
  %shape = nn.constant dense<[1, 262144, 1, 1]> : tensor<4xi64>
  %image = nn.reshape %b, %shape : (tensor<1x262144xf32>, tensor<4xi64>) -> tensor<1x262144x1x1xf32>
  %f = nn.constant dense<1.0> : tensor<4x262144x1x1xf32>
  %pixel = nn.conv %image, %f {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
      strides = array<i64: 1, 1>} : (tensor<1x262144x1x1xf32>, tensor<4x262144x1x1xf32>) -> tensor<1x4x1x1xf32>
  return %rows, %row, %pixel : tensor<2x4xf32>, tensor<1x4xf32>, tensor<1x4x1x1xf32>
}
