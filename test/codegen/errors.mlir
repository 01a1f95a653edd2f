// RUN: burin-opt %s --lower-groups --split-input-file --verify-diagnostics

// Strings have no descriptor type.
func.func private @strings(%a: tensor<4x!nn.str>) -> (tensor<4xi64>, tensor<i64>)
    attributes {nn.group} {
  // expected-error@+1 {{group @strings: the runtime library knows no elements of '!nn.str'}}
  %0, %1 = nn.call "nonzero"(%a) : (tensor<4x!nn.str>) -> (tensor<4xi64>, tensor<i64>)
  return %0, %1 : tensor<4xi64>, tensor<i64>
}

// -----

// Ops that a pass rewrites before have no code.
func.func private @unexpanded(%x: tensor<1x2x3x3xf32>, %w: tensor<2x1x2x2xf32>)
    -> tensor<1x1x4x4xf32> attributes {nn.group} {
  // expected-error@+1 {{group @unexpanded: 'nn.conv_transpose' has no code for a single element}}
  %0 = nn.conv_transpose %x, %w {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
      pads = array<i64: 0, 0, 0, 0>, output_padding = array<i64: 0, 0>}
      : (tensor<1x2x3x3xf32>, tensor<2x1x2x2xf32>) -> tensor<1x1x4x4xf32>
  return %0 : tensor<1x1x4x4xf32>
}

// -----

func.func private @epilogue(%d: tensor<3x4xf32>, %i: tensor<2xi64>, %u: tensor<2x4xf32>)
    -> tensor<3x4xf32> attributes {nn.group} {
  // expected-error@+1 {{group @epilogue: scatter takes no epilogue}}
  %0 = nn.scatter add, %d, %i, %u
      : (tensor<3x4xf32>, tensor<2xi64>, tensor<2x4xf32>) -> tensor<3x4xf32>
  %1 = nn.unary relu, %0 : (tensor<3x4xf32>) -> tensor<3x4xf32>
  return %1 : tensor<3x4xf32>
}
