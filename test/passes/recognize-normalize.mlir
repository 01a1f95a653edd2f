// RUN: burin-opt %s --recognize-normalize | FileCheck %s
// All forms and near misses with their values: test/unit/RewriteTest.cpp.

// f16 around f32: the casts go too.
// CHECK-LABEL: func @layer
// CHECK-NEXT: %[[R:.*]] = nn.normalize layer, %arg0, [1] {epsilon = {{.*}} : f64} : (tensor<4x6xf16>) -> tensor<4x6xf16>
// CHECK-NEXT: return %[[R]]
func.func @layer(%h: tensor<4x6xf16>) -> tensor<4x6xf16> {
  %eps = nn.constant dense<1.0e-5> : tensor<f32>
  %two = nn.constant dense<2.0> : tensor<f32>
  %x = nn.cast %h to f32 : (tensor<4x6xf16>) -> tensor<4x6xf32>
  %m = nn.reduce mean, %x, [1] {keepdims = true} : (tensor<4x6xf32>) -> tensor<4x1xf32>
  %d = nn.binary sub, %x, %m : (tensor<4x6xf32>, tensor<4x1xf32>) -> tensor<4x6xf32>
  %q = nn.binary pow, %d, %two : (tensor<4x6xf32>, tensor<f32>) -> tensor<4x6xf32>
  %v = nn.reduce mean, %q, [1] {keepdims = true} : (tensor<4x6xf32>) -> tensor<4x1xf32>
  %a = nn.binary add, %v, %eps : (tensor<4x1xf32>, tensor<f32>) -> tensor<4x1xf32>
  %s = nn.unary sqrt, %a : (tensor<4x1xf32>) -> tensor<4x1xf32>
  %r = nn.binary div, %d, %s : (tensor<4x6xf32>, tensor<4x1xf32>) -> tensor<4x6xf32>
  %o = nn.cast %r to f16 : (tensor<4x6xf32>) -> tensor<4x6xf16>
  return %o : tensor<4x6xf16>
}

// CHECK-LABEL: func @rms
// CHECK-NEXT: nn.normalize rms, %arg0, [1]
func.func @rms(%x: tensor<4x6xf32>) -> tensor<4x6xf32> {
  %eps = nn.constant dense<1.0e-5> : tensor<f32>
  %q = nn.binary mul, %x, %x : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32>
  %v = nn.reduce mean, %q, [1] {keepdims = true} : (tensor<4x6xf32>) -> tensor<4x1xf32>
  %a = nn.binary add, %v, %eps : (tensor<4x1xf32>, tensor<f32>) -> tensor<4x1xf32>
  %s = nn.unary rsqrt, %a : (tensor<4x1xf32>) -> tensor<4x1xf32>
  %r = nn.binary mul, %x, %s : (tensor<4x6xf32>, tensor<4x1xf32>) -> tensor<4x6xf32>
  return %r : tensor<4x6xf32>
}
