// RUN: burin-opt %s --verify-diagnostics --split-input-file

func.func @f(%x: tensor<2x3xf32>, %y: tensor<4x2xf32>) {
  // expected-error @below {{inner extents of the product differ: 3 and 4}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.matmul %x, %y : (tensor<2x3xf32>, tensor<4x2xf32>) -> tensor<2x2xf32>
  return
}

// -----

func.func @f(%x: tensor<3xf32>, %y: tensor<3x2xf32>) {
  // expected-error @below {{operands must have rank 2 or more, got 1 and 2}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.matmul %x, %y : (tensor<3xf32>, tensor<3x2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>, %y: tensor<3x2xf16>) {
  // expected-error @below {{no product of elements 'f32' and 'f16'}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.matmul %x, %y : (tensor<2x3xf32>, tensor<3x2xf16>) -> tensor<2x2xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xi8>, %y: tensor<3x2xui8>) {
  // expected-error @below {{8-bit products accumulate in i32, 'acc' says 'f32'}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.matmul %x, %y {acc = f32} : (tensor<2x3xi8>, tensor<3x2xui8>) -> tensor<2x2xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>, %y: tensor<3x2xf32>) {
  // expected-error @below {{'acc' 'i32' does not fit elements 'f32'}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.matmul %x, %y {acc = i32} : (tensor<2x3xf32>, tensor<3x2xf32>) -> tensor<2x2xi32>
  return
}

// -----

func.func @f(%x: tensor<2x3xi8>, %y: tensor<3x2xi8>, %z: tensor<ui8>, %w: tensor<i8>) {
  // expected-error @below {{zero point of type 'ui8' for elements 'i8'}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.matmul %x, %y zps(%z, %w) : (tensor<2x3xi8>, tensor<3x2xi8>, tensor<ui8>, tensor<i8>) -> tensor<2x2xi32>
  return
}

// -----

func.func @f(%x: tensor<2x3xi8>, %y: tensor<3x2xi8>, %z: tensor<2xi8>, %w: tensor<i8>) {
  // expected-error @below {{operand 'a_zp' of shape 2 does not broadcast to 2x1}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.matmul %x, %y zps(%z, %w) : (tensor<2x3xi8>, tensor<3x2xi8>, tensor<2xi8>, tensor<i8>) -> tensor<2x2xi32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>, %z: tensor<f32>) {
  // expected-error @below {{zero points on elements 'f32' and 'f32'}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.matmul %x, %x zps(%z, %z) {tb = true} : (tensor<2x3xf32>, tensor<2x3xf32>, tensor<f32>, tensor<f32>) -> tensor<2x2xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xi8>, %z: tensor<i8>) {
  // expected-error @below {{zero points must be given for both operands}}
  // expected-error @below {{failed to infer returned types}}
  %0 = "nn.matmul"(%x, %x, %z) <{operandSegmentSizes = array<i32: 1, 1, 1, 0>, tb = true}> : (tensor<2x3xi8>, tensor<2x3xi8>, tensor<i8>) -> tensor<2x2xi32>
  return
}

// -----

func.func @f(%x: tensor<4x2x3xf32>, %y: tensor<5x3x2xf32>) {
  // expected-error @below {{shapes 4 and 5 do not broadcast: 4 against 5}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.matmul %x, %y : (tensor<4x2x3xf32>, tensor<5x3x2xf32>) -> tensor<4x2x2xf32>
  return
}

// -----

func.func @f(%x: tensor<1x64x8x8xf32>, %w: tensor<6x32x3x3xf32>) {
  // expected-error @below {{group 3 does not divide 64 input channels}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.conv %x, %w {dilations = array<i64: 1, 1>, group = 3, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x64x8x8xf32>, tensor<6x32x3x3xf32>) -> tensor<?x?x?x?xf32>
  return
}

// -----

func.func @f(%x: tensor<1x64x8x8xf32>, %w: tensor<7x32x3x3xf32>) {
  // expected-error @below {{group 2 does not divide 7 output channels}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.conv %x, %w {dilations = array<i64: 1, 1>, group = 2, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x64x8x8xf32>, tensor<7x32x3x3xf32>) -> tensor<?x?x?x?xf32>
  return
}

// -----

func.func @f(%x: tensor<1x64x8x8xf32>, %w: tensor<6x64x3x3xf32>) {
  // expected-error @below {{group 0 is not positive}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.conv %x, %w {dilations = array<i64: 1, 1>, group = 0, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x64x8x8xf32>, tensor<6x64x3x3xf32>) -> tensor<?x?x?x?xf32>
  return
}

// -----

func.func @f(%x: tensor<1x64x8x8xf32>, %w: tensor<6x32x3x3xf32>) {
  // expected-error @below {{w has 32 channels per group, x has 64}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.conv %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x64x8x8xf32>, tensor<6x32x3x3xf32>) -> tensor<?x?x?x?xf32>
  return
}

// -----

func.func @f(%x: tensor<1x4x8x8xf32>, %w: tensor<6x4x3x3xf32>) {
  // expected-error @below {{'strides' must have 2 entries, got 1}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.conv %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1>} : (tensor<1x4x8x8xf32>, tensor<6x4x3x3xf32>) -> tensor<?x?x?x?xf32>
  return
}

// -----

func.func @f(%x: tensor<1x4x8x8xf32>, %w: tensor<6x4x3x3xf32>) {
  // expected-error @below {{'strides' has the entry 0, which is not positive or too large}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.conv %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 0>} : (tensor<1x4x8x8xf32>, tensor<6x4x3x3xf32>) -> tensor<?x?x?x?xf32>
  return
}

// -----

func.func @f(%x: tensor<1x4x8x8xf32>, %w: tensor<6x4x3x3xf32>) {
  // expected-error @below {{'dilations' has the entry -1, which is not positive or too large}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.conv %x, %w {dilations = array<i64: -1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x4x8x8xf32>, tensor<6x4x3x3xf32>) -> tensor<?x?x?x?xf32>
  return
}

// -----

func.func @f(%x: tensor<1x4x8x8xf32>, %w: tensor<6x4x3x3xf32>) {
  // expected-error @below {{'pads' has the entry -1, which is negative or too large}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.conv %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, -1>, strides = array<i64: 1, 1>} : (tensor<1x4x8x8xf32>, tensor<6x4x3x3xf32>) -> tensor<?x?x?x?xf32>
  return
}

// -----

func.func @f(%x: tensor<1x4x8x8xf32>, %w: tensor<6x4x3x3xf32>) {
  // expected-error @below {{'pads' must have 4 entries, got 2}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.conv %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x4x8x8xf32>, tensor<6x4x3x3xf32>) -> tensor<?x?x?x?xf32>
  return
}

// -----

func.func @f(%x: tensor<1x4x8x2xf32>, %w: tensor<6x4x3x3xf32>) {
  // expected-error @below {{window of 3 exceeds the padded extent 2 of spatial dimension 1}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.conv %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x4x8x2xf32>, tensor<6x4x3x3xf32>) -> tensor<?x?x?x?xf32>
  return
}

// -----

func.func @f(%x: tensor<1x4x8x8xf32>, %w: tensor<6x4x0x3xf32>) {
  // expected-error @below {{'kernel' has the entry 0, which is not positive or too large}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.conv %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x4x8x8xf32>, tensor<6x4x0x3xf32>) -> tensor<?x?x?x?xf32>
  return
}

// -----

func.func @f(%x: tensor<1x4x8xi8>, %w: tensor<6x4x3xi8>, %z: tensor<i8>, %v: tensor<5xi8>) {
  // expected-error @below {{operand 'w_zp' must be a scalar or have one entry per filter}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.conv %x, %w zps(%z, %v) {dilations = array<i64: 1>, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<1x4x8xi8>, tensor<6x4x3xi8>, tensor<i8>, tensor<5xi8>) -> tensor<1x6x6xi32>
  return
}

// -----

func.func @f(%x: tensor<1x4xf32>, %w: tensor<6x4xf32>) {
  // expected-error @below {{operands 'x' and 'w' must have one rank of 3 or more, got 2 and 2}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.conv %x, %w {dilations = array<i64>, pads = array<i64>, strides = array<i64>} : (tensor<1x4xf32>, tensor<6x4xf32>) -> tensor<1x6xf32>
  return
}

// -----

func.func @f(%x: tensor<1x4x8xf32>, %w: tensor<5x2x3xf32>) {
  // expected-error @below {{input channels of x and w differ: 4 and 5}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.conv_transpose %x, %w {dilations = array<i64: 1>, output_padding = array<i64: 0>, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<1x4x8xf32>, tensor<5x2x3xf32>) -> tensor<?x?x?xf32>
  return
}

// -----

func.func @f(%x: tensor<1x4x8xf32>, %w: tensor<4x2x3xf32>) {
  // expected-error @below {{group 3 does not divide 4 input channels}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.conv_transpose %x, %w {dilations = array<i64: 1>, group = 3, output_padding = array<i64: 0>, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<1x4x8xf32>, tensor<4x2x3xf32>) -> tensor<?x?x?xf32>
  return
}

// -----

func.func @f(%x: tensor<1x4x8xf32>, %w: tensor<4x2x3xf32>) {
  // expected-error @below {{pads remove more than the whole spatial dimension 0}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.conv_transpose %x, %w {dilations = array<i64: 1>, output_padding = array<i64: 0>, pads = array<i64: 10, 10>, strides = array<i64: 1>} : (tensor<1x4x8xf32>, tensor<4x2x3xf32>) -> tensor<?x?x?xf32>
  return
}

// -----

func.func @f(%x: tensor<1x4x8xf32>, %w: tensor<4x2x3xf32>) {
  // expected-error @below {{'output_padding' has the entry -1}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.conv_transpose %x, %w {dilations = array<i64: 1>, output_padding = array<i64: -1>, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<1x4x8xf32>, tensor<4x2x3xf32>) -> tensor<?x?x?xf32>
  return
}

// -----

func.func @f(%x: tensor<1x4x8xf32>, %w: tensor<4x2x3xf32>) {
  // expected-error @below {{'output_padding' must have 1 entries, got 2}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.conv_transpose %x, %w {dilations = array<i64: 1>, output_padding = array<i64: 0, 0>, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<1x4x8xf32>, tensor<4x2x3xf32>) -> tensor<?x?x?xf32>
  return
}

// -----

func.func @f(%x: tensor<1x4xf32>) {
  // expected-error @below {{operand 'x' must have rank 3 or more, got 2}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.pool max, %x {dilations = array<i64>, kernel = array<i64>, pads = array<i64>, strides = array<i64>} : (tensor<1x4xf32>) -> tensor<1x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x4x8xf32>) {
  // expected-error @below {{window of 9 exceeds the padded extent 8 of spatial dimension 0}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.pool max, %x {dilations = array<i64: 1>, kernel = array<i64: 9>, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<1x4x8xf32>) -> tensor<1x4x?xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>, %i: tensor<3x2xi64>, %w: tensor<3x4xf32>) {
  // expected-error @below {{tap counts of idx and w differ: 2 and 4}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.resample %x, %i, %w {axis = 0} : (tensor<4xf32>, tensor<3x2xi64>, tensor<3x4xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @f(%x: tensor<4xi8>, %i: tensor<3x2xi64>, %w: tensor<3x2xf32>) {
  // expected-error @below {{operand 'x' must have float elements, got 'i8'}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.resample %x, %i, %w {axis = 0} : (tensor<4xi8>, tensor<3x2xi64>, tensor<3x2xf32>) -> tensor<3xi8>
  return
}

// -----

func.func @f(%q: tensor<1x4x8x8xf32>, %k: tensor<1x3x8x8xf32>, %v: tensor<1x3x8x8xf32>) {
  // expected-error @below {{3 key/value heads do not divide 4 query heads}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.attention %q, %k, %v {scale = 1.0 : f64} : (tensor<1x4x8x8xf32>, tensor<1x3x8x8xf32>, tensor<1x3x8x8xf32>) -> tensor<?x?x?x?xf32>
  return
}

// -----

func.func @f(%q: tensor<1x4x8x8xf32>, %k: tensor<1x4x8x7xf32>, %v: tensor<1x4x8x8xf32>) {
  // expected-error @below {{head sizes of q and k differ: 8 and 7}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.attention %q, %k, %v {scale = 1.0 : f64} : (tensor<1x4x8x8xf32>, tensor<1x4x8x7xf32>, tensor<1x4x8x8xf32>) -> tensor<?x?x?x?xf32>
  return
}

// -----

func.func @f(%q: tensor<1x4x8x8xf32>, %k: tensor<1x4x8x8xf32>, %v: tensor<1x4x9x8xf32>) {
  // expected-error @below {{lengths of k and v differ: 8 and 9}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.attention %q, %k, %v {scale = 1.0 : f64} : (tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>, tensor<1x4x9x8xf32>) -> tensor<?x?x?x?xf32>
  return
}

// -----

func.func @f(%q: tensor<1x4x8x8xf32>, %k: tensor<2x4x8x8xf32>, %v: tensor<2x4x8x8xf32>) {
  // expected-error @below {{batches of q and k differ: 1 and 2}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.attention %q, %k, %v {scale = 1.0 : f64} : (tensor<1x4x8x8xf32>, tensor<2x4x8x8xf32>, tensor<2x4x8x8xf32>) -> tensor<?x?x?x?xf32>
  return
}

// -----

func.func @f(%q: tensor<1x4x8x8xf32>, %k: tensor<1x4x8x8xf32>, %v: tensor<1x4x8x8xf32>, %m: tensor<3x8xf32>) {
  // expected-error @below {{operand 'mask' of shape 3x8 does not broadcast to 1x4x8x8}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.attention %q, %k, %v mask %m {scale = 1.0 : f64} : (tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>, tensor<3x8xf32>) -> tensor<?x?x?x?xf32>
  return
}

// -----

func.func @f(%q: tensor<1x4x8x8xf32>, %k: tensor<1x4x8x8xf32>, %v: tensor<1x4x8x8xf32>, %m: tensor<8x8xi8>) {
  // expected-error @below {{operand 'mask' must have i1 or float elements, got 'i8'}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.attention %q, %k, %v mask %m {scale = 1.0 : f64} : (tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>, tensor<8x8xi8>) -> tensor<?x?x?x?xf32>
  return
}

// -----

func.func @f(%q: tensor<1x4x8x8xf32>, %k: tensor<1x4x8x8xf32>, %v: tensor<1x4x8x8xf32>, %m: tensor<2xi64>) {
  // expected-error @below {{operand 'kv_len' has shape 2, needs 1}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.attention %q, %k, %v kv_len %m {scale = 1.0 : f64} : (tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>, tensor<2xi64>) -> tensor<?x?x?x?xf32>
  return
}

// -----

func.func @f(%q: tensor<1x4x8x8xf32>, %k: tensor<1x4x8x8xf32>, %v: tensor<1x4x8x8xf32>, %m: tensor<i32>) {
  // expected-error @below {{operand 'offset' has element type 'i32', needs 'i64'}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.attention %q, %k, %v offset %m {scale = 1.0 : f64} : (tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>, tensor<i32>) -> tensor<?x?x?x?xf32>
  return
}

// -----

func.func @f(%q: tensor<1x4x8x8xf32>, %k: tensor<1x4x8x8xf32>, %v: tensor<1x4x8x8xf32>, %m: tensor<3xf32>) {
  // expected-error @below {{heads of q and sink differ: 4 and 3}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.attention %q, %k, %v sink %m {scale = 1.0 : f64} : (tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>, tensor<3xf32>) -> tensor<?x?x?x?xf32>
  return
}

// -----

func.func @f(%x: tensor<5x2x3xf32>, %w: tensor<1x16x3xf32>, %r: tensor<1x12x4xf32>) {
  // expected-error @below {{operand 'w' has shape 1x16x3, needs 1x12x3}}
  // expected-error @below {{failed to infer returned types}}
  %0:2 = nn.rnn gru, %x, %w, %r {alphas = array<f64: 0.0, 0.0>, betas = array<f64: 0.0, 0.0>, fns = [#nn<unary_fn tanh>, #nn<unary_fn tanh>]} : (tensor<5x2x3xf32>, tensor<1x16x3xf32>, tensor<1x12x4xf32>) -> (tensor<?x?x?x?xf32>, tensor<?x?x?xf32>)
  return
}

// -----

func.func @f(%x: tensor<5x2x3xf32>, %w: tensor<2x12x3xf32>, %r: tensor<1x12x4xf32>) {
  // expected-error @below {{operand 'w' has shape 2x12x3, needs 1x12x3}}
  // expected-error @below {{failed to infer returned types}}
  %0:2 = nn.rnn gru, %x, %w, %r {alphas = array<f64: 0.0, 0.0>, betas = array<f64: 0.0, 0.0>, fns = [#nn<unary_fn tanh>, #nn<unary_fn tanh>]} : (tensor<5x2x3xf32>, tensor<2x12x3xf32>, tensor<1x12x4xf32>) -> (tensor<?x?x?x?xf32>, tensor<?x?x?xf32>)
  return
}

// -----

func.func @f(%x: tensor<5x2x3xf32>, %w: tensor<1x12x3xf32>, %r: tensor<1x12x4xf32>) {
  // expected-error @below {{needs 2 activations with alphas and betas, got 3, 3 and 3}}
  // expected-error @below {{failed to infer returned types}}
  %0:2 = nn.rnn gru, %x, %w, %r {alphas = array<f64: 0.0, 0.0, 0.0>, betas = array<f64: 0.0, 0.0, 0.0>, fns = [#nn<unary_fn tanh>, #nn<unary_fn tanh>, #nn<unary_fn tanh>]} : (tensor<5x2x3xf32>, tensor<1x12x3xf32>, tensor<1x12x4xf32>) -> (tensor<?x?x?x?xf32>, tensor<?x?x?xf32>)
  return
}

// -----

func.func @f(%x: tensor<5x2x3xf32>, %w: tensor<1x12x3xf32>, %r: tensor<1x12x4xf32>, %c: tensor<1x2x4xf32>) {
  // expected-error @below {{'c0' and 'p' belong to lstm only}}
  // expected-error @below {{failed to infer returned types}}
  %0:2 = nn.rnn gru, %x, %w, %r c0 %c {alphas = array<f64: 0.0, 0.0>, betas = array<f64: 0.0, 0.0>, fns = [#nn<unary_fn tanh>, #nn<unary_fn tanh>]} : (tensor<5x2x3xf32>, tensor<1x12x3xf32>, tensor<1x12x4xf32>, tensor<1x2x4xf32>) -> (tensor<?x?x?x?xf32>, tensor<?x?x?xf32>)
  return
}

// -----

func.func @f(%x: tensor<5x2x3xf32>, %w: tensor<1x4x3xf32>, %r: tensor<1x4x4xf32>, %c: tensor<2xi64>) {
  // expected-error @below {{operand 'lens' has element type 'i64', needs 'i32'}}
  // expected-error @below {{failed to infer returned types}}
  %0:2 = nn.rnn rnn, %x, %w, %r lens %c {alphas = array<f64: 0.0>, betas = array<f64: 0.0>, fns = [#nn<unary_fn tanh>]} : (tensor<5x2x3xf32>, tensor<1x4x3xf32>, tensor<1x4x4xf32>, tensor<2xi64>) -> (tensor<?x?x?x?xf32>, tensor<?x?x?xf32>)
  return
}

// -----

func.func @f(%x: tensor<5x2x3xf32>, %w: tensor<1x4x3xf32>, %r: tensor<1x4x4xf32>, %c: tensor<1x4xf32>) {
  // expected-error @below {{operand 'b' has shape 1x4, needs 1x8}}
  // expected-error @below {{failed to infer returned types}}
  %0:2 = nn.rnn rnn, %x, %w, %r b %c {alphas = array<f64: 0.0>, betas = array<f64: 0.0>, fns = [#nn<unary_fn tanh>]} : (tensor<5x2x3xf32>, tensor<1x4x3xf32>, tensor<1x4x4xf32>, tensor<1x4xf32>) -> (tensor<?x?x?x?xf32>, tensor<?x?x?xf32>)
  return
}
