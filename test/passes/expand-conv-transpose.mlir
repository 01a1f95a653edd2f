// RUN: burin-opt %s --expand-conv-transpose --canonicalize --split-input-file | FileCheck %s
// Values are compared with the interpreter's in test/unit/ExpandConvTransposeTest.cpp.

// Stride 1 is one convolution with flipped weights.
// CHECK-LABEL: func @one_phase
// CHECK: nn.slice %arg1, {{.*}} {strides = array<i64: 1, 1, -1>}
// CHECK: nn.conv {{.*}}pads = array<i64: 2, 2>
// CHECK-NOT: nn.conv
// CHECK-NOT: nn.concat
func.func @one_phase(%x: tensor<1x2x5xf32>, %w: tensor<2x3x3xf32>) -> tensor<1x3x7xf32> {
  %0 = nn.conv_transpose %x, %w {dilations = array<i64: 1>, output_padding = array<i64: 0>, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<1x2x5xf32>, tensor<2x3x3xf32>) -> tensor<1x3x7xf32>
  return %0 : tensor<1x3x7xf32>
}

// -----

// Kernel = stride: each phase is one tap, nothing is cropped.
// CHECK-LABEL: func @upsample
// CHECK-COUNT-4: nn.conv
// CHECK: nn.concat
// CHECK: nn.transpose
// CHECK-NOT: nn.slice
// CHECK: return %{{.*}} : tensor<1x3x10x10xf32>
func.func @upsample(%x: tensor<1x2x5x5xf32>, %w: tensor<2x3x2x2xf32>) -> tensor<1x3x10x10xf32> {
  %0 = nn.conv_transpose %x, %w {dilations = array<i64: 1, 1>, output_padding = array<i64: 0, 0>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>} : (tensor<1x2x5x5xf32>, tensor<2x3x2x2xf32>) -> tensor<1x3x10x10xf32>
  return %0 : tensor<1x3x10x10xf32>
}
