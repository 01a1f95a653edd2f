// RUN: burin-opt %s --fold-pad --split-input-file | FileCheck %s

// CHECK-LABEL: func @conv
// CHECK: nn.conv %arg0, %arg1 {{.*}}pads = array<i64: 2, 1>
// CHECK-NOT: nn.pad
func.func @conv(%x: tensor<1x2x6xf32>, %w: tensor<3x2x3xf32>) -> tensor<1x3x7xf32> {
  %l = nn.constant dense<[0, 0, 1]> : tensor<3xi64>
  %h = nn.constant dense<[0, 0, 1]> : tensor<3xi64>
  %v = nn.constant dense<0.0> : tensor<f32>
  %0 = nn.pad %x, %l, %h, %v : (tensor<1x2x6xf32>, tensor<3xi64>, tensor<3xi64>, tensor<f32>) -> tensor<1x2x8xf32>
  %1 = nn.conv %0, %w {dilations = array<i64: 1>, pads = array<i64: 1, 0>, strides = array<i64: 1>} : (tensor<1x2x8xf32>, tensor<3x2x3xf32>) -> tensor<1x3x7xf32>
  return %1 : tensor<1x3x7xf32>
}

// -----

// A convolution pads with its zero point.
// CHECK-LABEL: func @zero_point
// CHECK-NOT: nn.pad
func.func @zero_point(%x: tensor<1x2x6xui8>, %w: tensor<3x2x3xi8>) -> tensor<1x3x6xi32> {
  %l = nn.constant dense<[0, 0, 1]> : tensor<3xi64>
  %v = nn.constant dense<128> : tensor<ui8>
  %z = nn.constant dense<0> : tensor<i8>
  %0 = nn.pad %x, %l, %l, %v : (tensor<1x2x6xui8>, tensor<3xi64>, tensor<3xi64>, tensor<ui8>) -> tensor<1x2x8xui8>
  %1 = nn.conv %0, %w zps(%v, %z) {dilations = array<i64: 1>, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<1x2x8xui8>, tensor<3x2x3xi8>, tensor<ui8>, tensor<i8>) -> tensor<1x3x6xi32>
  return %1 : tensor<1x3x6xi32>
}

// -----

// Another value, or channels that are padded.
// CHECK-LABEL: func @stays
// CHECK-COUNT-2: nn.pad
func.func @stays(%x: tensor<1x2x6xf32>, %w: tensor<3x2x3xf32>, %u: tensor<3x4x3xf32>) -> (tensor<1x3x6xf32>, tensor<1x3x4xf32>) {
  %l = nn.constant dense<[0, 0, 1]> : tensor<3xi64>
  %c = nn.constant dense<[0, 1, 0]> : tensor<3xi64>
  %v = nn.constant dense<1.0> : tensor<f32>
  %z = nn.constant dense<0.0> : tensor<f32>
  %0 = nn.pad %x, %l, %l, %v : (tensor<1x2x6xf32>, tensor<3xi64>, tensor<3xi64>, tensor<f32>) -> tensor<1x2x8xf32>
  %1 = nn.conv %0, %w {dilations = array<i64: 1>, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<1x2x8xf32>, tensor<3x2x3xf32>) -> tensor<1x3x6xf32>
  %2 = nn.pad %x, %c, %c, %z : (tensor<1x2x6xf32>, tensor<3xi64>, tensor<3xi64>, tensor<f32>) -> tensor<1x4x6xf32>
  %3 = nn.conv %2, %u {dilations = array<i64: 1>, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<1x4x6xf32>, tensor<3x4x3xf32>) -> tensor<1x3x4xf32>
  return %1, %3 : tensor<1x3x6xf32>, tensor<1x3x4xf32>
}
