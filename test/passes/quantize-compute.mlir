// RUN: burin-opt %s --split-input-file --quantize-compute | FileCheck %s

// xs * ws / ys = 0.5 * 0.25 / 1 per tensor; the bias stays in its units; relu
// clamps at the zero point.
// CHECK-LABEL: func.func @conv
// CHECK-DAG: %[[BIAS:.*]] = nn.constant dense<{{\[\[\[}}7{{\]\], \[\[}}-9{{\]\]\]}}> : tensor<2x1x1xi32>
// CHECK-DAG: %[[MULTIPLIER:.*]] = nn.constant dense<1.250000e-01> : tensor<f32>
// CHECK-DAG: %[[LIMIT:.*]] = nn.constant dense<-3> : tensor<i8>
// CHECK: %[[ACC:.*]] = nn.conv %arg0, %{{.*}} zps(%{{.*}}, %{{.*}}) {{.*}} -> tensor<1x2x4x4xi32>
// CHECK: %[[SUM:.*]] = nn.binary {{ *}}add, %[[ACC]], %[[BIAS]]
// CHECK: %[[Q:.*]] = nn.requantize %[[SUM]], %[[MULTIPLIER]], %{{.*}} to i8
// CHECK: nn.binary {{ *}}max, %[[Q]], %[[LIMIT]]
// CHECK-NOT: nn.quantize
func.func @conv(%x: tensor<1x3x4x4xi8>) -> tensor<1x2x4x4xi8> {
  %xs = nn.constant dense<0.5> : tensor<f32>
  %xz = nn.constant dense<4> : tensor<i8>
  %ws = nn.constant dense<0.25> : tensor<f32>
  %bs = nn.constant dense<0.125> : tensor<f32>
  %ys = nn.constant dense<1.0> : tensor<f32>
  %yz = nn.constant dense<-3> : tensor<i8>
  %w = nn.constant dense<2> : tensor<2x3x1x1xi8>
  %b = nn.constant dense<[[[7]], [[-9]]]> : tensor<2x1x1xi32>
  %0 = nn.dequantize %x, %xs, %xz to f32 : (tensor<1x3x4x4xi8>, tensor<f32>, tensor<i8>) -> tensor<1x3x4x4xf32>
  %1 = nn.dequantize %w, %ws to f32 : (tensor<2x3x1x1xi8>, tensor<f32>) -> tensor<2x3x1x1xf32>
  %2 = nn.dequantize %b, %bs to f32 : (tensor<2x1x1xi32>, tensor<f32>) -> tensor<2x1x1xf32>
  %3 = nn.conv %0, %1 {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x3x4x4xf32>, tensor<2x3x1x1xf32>) -> tensor<1x2x4x4xf32>
  %4 = nn.binary add, %3, %2 : (tensor<1x2x4x4xf32>, tensor<2x1x1xf32>) -> tensor<1x2x4x4xf32>
  %5 = nn.unary relu, %4 : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %6 = nn.quantize %5, %ys, %yz to i8 : (tensor<1x2x4x4xf32>, tensor<f32>, tensor<i8>) -> tensor<1x2x4x4xi8>
  return %6 : tensor<1x2x4x4xi8>
}

// -----

// A scale per output channel becomes a multiplier per channel; the reshape in
// front moves bytes.
// CHECK-LABEL: func.func @matmul
// CHECK-DAG: nn.constant dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>
// CHECK: nn.reshape %arg0, {{.*}} -> tensor<4x3xui8>
// CHECK: nn.matmul {{.*}} -> tensor<4x2xi32>
// CHECK: nn.requantize
func.func @matmul(%x: tensor<2x2x3xui8>) -> tensor<4x2xui8> {
  %xs = nn.constant dense<1.0> : tensor<f32>
  %xz = nn.constant dense<128> : tensor<ui8>
  %ws = nn.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %w = nn.constant dense<2> : tensor<3x2xi8>
  %s = nn.constant dense<[4, 3]> : tensor<2xi64>
  %0 = nn.dequantize %x, %xs, %xz to f32 : (tensor<2x2x3xui8>, tensor<f32>, tensor<ui8>) -> tensor<2x2x3xf32>
  %1 = nn.reshape %0, %s : (tensor<2x2x3xf32>, tensor<2xi64>) -> tensor<4x3xf32>
  %2 = nn.dequantize %w, %ws to f32 {axis = 1 : i64} : (tensor<3x2xi8>, tensor<2xf32>) -> tensor<3x2xf32>
  %3 = nn.matmul %1, %2 : (tensor<4x3xf32>, tensor<3x2xf32>) -> tensor<4x2xf32>
  %4 = nn.quantize %3, %xs, %xz to ui8 : (tensor<4x2xf32>, tensor<f32>, tensor<ui8>) -> tensor<4x2xui8>
  return %4 : tensor<4x2xui8>
}

// -----

// A bias along the width is no bias of the channels.
// CHECK-LABEL: func.func @width
// CHECK-NOT: nn.requantize
// CHECK: nn.quantize
func.func @width(%x: tensor<1x3x4x2xi8>) -> tensor<1x2x4x2xi8> {
  %s = nn.constant dense<0.5> : tensor<f32>
  %w = nn.constant dense<2> : tensor<2x3x1x1xi8>
  %b = nn.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %0 = nn.dequantize %x, %s to f32 : (tensor<1x3x4x2xi8>, tensor<f32>) -> tensor<1x3x4x2xf32>
  %1 = nn.dequantize %w, %s to f32 : (tensor<2x3x1x1xi8>, tensor<f32>) -> tensor<2x3x1x1xf32>
  %2 = nn.conv %0, %1 {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x3x4x2xf32>, tensor<2x3x1x1xf32>) -> tensor<1x2x4x2xf32>
  %3 = nn.binary add, %2, %b : (tensor<1x2x4x2xf32>, tensor<2xf32>) -> tensor<1x2x4x2xf32>
  %4 = nn.quantize %3, %s to i8 : (tensor<1x2x4x2xf32>, tensor<f32>) -> tensor<1x2x4x2xi8>
  return %4 : tensor<1x2x4x2xi8>
}
