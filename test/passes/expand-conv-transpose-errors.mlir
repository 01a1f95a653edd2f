// RUN: burin-opt %s --expand-conv-transpose --verify-diagnostics

func.func @f(%x: tensor<1x2x5xf32>, %w: tensor<2x?x3xf32>) -> tensor<1x?x7xf32> {
  // expected-error @below {{a transposed convolution needs weights of known shape and strides whose product is at most 4096}}
  %0 = nn.conv_transpose %x, %w {dilations = array<i64: 1>, output_padding = array<i64: 0>, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<1x2x5xf32>, tensor<2x?x3xf32>) -> tensor<1x?x7xf32>
  return %0 : tensor<1x?x7xf32>
}
