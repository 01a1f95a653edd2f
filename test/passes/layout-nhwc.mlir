// RUN: burin-opt %s --split-input-file --layout-nhwc | FileCheck %s

// Two convolutions keep one transpose at each end; what lies between moves.
// CHECK-LABEL: func.func @chain
// CHECK: nn.transpose %arg0, [0, 2, 3, 1]
// CHECK: nn.conv {{.*}}layout = #nn<layout nhwc>{{.*}} -> tensor<1x8x8x4xf32>
// CHECK-NOT: tensor<1x4x8x8xf32>
// CHECK: relu, %{{.*}} : (tensor<1x8x8x4xf32>)
// CHECK: nn.conv {{.*}}layout = #nn<layout nhwc>
// CHECK: %[[LAST:.*]] = nn.transpose %{{.*}}, [0, 3, 1, 2] : (tensor<1x8x8x4xf32>)
// CHECK-NEXT: return %[[LAST]]
func.func @chain(%x: tensor<1x3x8x8xf32>) -> tensor<1x4x8x8xf32> {
  %w = nn.constant dense<1.0> : tensor<4x3x1x1xf32>
  %v = nn.constant dense<2.0> : tensor<4x4x1x1xf32>
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x3x8x8xf32>, tensor<4x3x1x1xf32>) -> tensor<1x4x8x8xf32>
  %1 = nn.unary relu, %0 : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
  %2 = nn.conv %1, %v {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x4x8x8xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x8x8xf32>
  return %2 : tensor<1x4x8x8xf32>
}

// -----

// Pools, pads, slices, joins and means take the order of their input.
// CHECK-LABEL: func.func @through
// CHECK: nn.conv
// CHECK: nn.pool max, {{.*}}layout = #nn<layout nhwc>
// CHECK: nn.pad {{.*}} -> tensor<1x6x6x4xf32>
// CHECK: nn.slice {{.*}} -> tensor<1x6x6x2xf32>
// CHECK: nn.concat {{.*}}axis = 3
// CHECK: nn.reduce mean, %{{.*}}, [1, 2] {{.*}} -> tensor<1x4xf32>
// CHECK-NOT: nn.transpose
// CHECK: return
func.func @through(%x: tensor<1x3x8x8xf32>) -> tensor<1x4xf32> {
  %w = nn.constant dense<1.0> : tensor<4x3x1x1xf32>
  %low = nn.constant dense<[0, 0, 1, 1]> : tensor<4xi64>
  %zero = nn.constant dense<0.0> : tensor<f32>
  %offset = nn.constant dense<[0, 1, 0, 0]> : tensor<4xi64>
  %size = nn.constant dense<[1, 2, 6, 6]> : tensor<4xi64>
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x3x8x8xf32>, tensor<4x3x1x1xf32>) -> tensor<1x4x8x8xf32>
  %1 = nn.pool max, %0 {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x4x8x8xf32>) -> tensor<1x4x4x4xf32>
  %2 = nn.pad %1, %low, %low, %zero : (tensor<1x4x4x4xf32>, tensor<4xi64>, tensor<4xi64>, tensor<f32>) -> tensor<1x4x6x6xf32>
  %3 = nn.slice %2, %offset, %size : (tensor<1x4x6x6xf32>, tensor<4xi64>, tensor<4xi64>) -> tensor<1x2x6x6xf32>
  %4 = nn.concat %3, %3 {axis = 1 : i64} : (tensor<1x2x6x6xf32>, tensor<1x2x6x6xf32>) -> tensor<1x4x6x6xf32>
  %5 = nn.reduce mean, %4, [2, 3] : (tensor<1x4x6x6xf32>) -> tensor<1x4xf32>
  return %5 : tensor<1x4xf32>
}

// -----

// Weights that are not constant keep the written order.
// CHECK-LABEL: func.func @dynamic_weights
// CHECK-NOT: nn.transpose
// CHECK: nn.conv
func.func @dynamic_weights(%x: tensor<1x3x8x8xf32>, %w: tensor<4x3x1x1xf32>) -> tensor<1x4x8x8xf32> {
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x3x8x8xf32>, tensor<4x3x1x1xf32>) -> tensor<1x4x8x8xf32>
  return %0 : tensor<1x4x8x8xf32>
}

// -----

// One spatial dimension goes the same way.
// CHECK-LABEL: func.func @row
// CHECK: nn.transpose %arg0, [0, 2, 1]
// CHECK: nn.conv {{.*}}layout = #nn<layout nhwc>{{.*}} -> tensor<1x8x4xf32>
// CHECK: nn.transpose %{{.*}}, [0, 2, 1] : (tensor<1x8x4xf32>)
func.func @row(%x: tensor<1x3x8xf32>) -> tensor<1x4x8xf32> {
  %w = nn.constant dense<1.0> : tensor<4x3x1xf32>
  %0 = nn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>} : (tensor<1x3x8xf32>, tensor<4x3x1xf32>) -> tensor<1x4x8xf32>
  return %0 : tensor<1x4x8xf32>
}
