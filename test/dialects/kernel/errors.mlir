// RUN: burin-opt %s --split-input-file --verify-diagnostics

func.func @tile(%a: tensor<4x12xf32>, %b: tensor<2x192xf32>) {
  // expected-error @below {{mr, nr and lanes must be positive, nr a multiple of lanes}}
  %0 = kernel.gemm %a, %b {n = 20 : i64, mr = 6 : i64, nr = 16 : i64, lanes = 5 : i64} : (tensor<4x12xf32>, tensor<2x192xf32>) -> tensor<4x20xf32>
  return
}

// -----

func.func @types(%a: tensor<4x12xi8>, %b: tensor<2x192xf32>) {
  // expected-error @below {{takes f32 and gives f32, or takes bytes and weights of 8 or 16 bits and gives i32}}
  %0 = kernel.gemm %a, %b {n = 20 : i64, mr = 6 : i64, nr = 16 : i64, lanes = 8 : i64} : (tensor<4x12xi8>, tensor<2x192xf32>) -> tensor<4x20xf32>
  return
}

// -----

func.func @rank(%a: tensor<12xf32>, %b: tensor<2x192xf32>) {
  // expected-error @below {{a and the result must have one rank of at least 2}}
  %0 = kernel.gemm %a, %b {n = 20 : i64, mr = 6 : i64, nr = 16 : i64, lanes = 8 : i64} : (tensor<12xf32>, tensor<2x192xf32>) -> tensor<20xf32>
  return
}

// -----

func.func @depth(%a: tensor<4x?xf32>, %b: tensor<2x192xf32>) {
  // expected-error @below {{K must be static}}
  %0 = kernel.gemm %a, %b {n = 20 : i64, mr = 6 : i64, nr = 16 : i64, lanes = 8 : i64} : (tensor<4x?xf32>, tensor<2x192xf32>) -> tensor<4x20xf32>
  return
}

// -----

func.func @columns(%a: tensor<4x12xf32>, %b: tensor<2x192xf32>) {
  // expected-error @below {{the result must have 20 columns}}
  %0 = kernel.gemm %a, %b {n = 20 : i64, mr = 6 : i64, nr = 16 : i64, lanes = 8 : i64} : (tensor<4x12xf32>, tensor<2x192xf32>) -> tensor<4x21xf32>
  return
}

// -----

func.func @packing(%a: tensor<4x12xf32>, %b: tensor<1x192xf32>) {
  // expected-error @below {{packed weights must be [2, 192], got 'tensor<1x192xf32>'}}
  %0 = kernel.gemm %a, %b {n = 20 : i64, mr = 6 : i64, nr = 16 : i64, lanes = 8 : i64} : (tensor<4x12xf32>, tensor<1x192xf32>) -> tensor<4x20xf32>
  return
}

// -----

func.func @extent(%x: tensor<1x8x8x3xf32>, %w: tensor<1x432xf32>) {
  // expected-error @below {{extent 1 of the result must be 8}}
  %0 = kernel.conv %x, %w {m = 16 : i64, kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, mr = 6 : i64, nr = 16 : i64, lanes = 8 : i64} : (tensor<1x8x8x3xf32>, tensor<1x432xf32>) -> tensor<1x9x8x16xf32>
  return
}

// -----

func.func @dynamic(%x: tensor<1x?x8x3xf32>, %w: tensor<1x432xf32>) {
  // expected-error @below {{only the batch may be dynamic}}
  %0 = kernel.conv %x, %w {m = 16 : i64, kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, mr = 6 : i64, nr = 16 : i64, lanes = 8 : i64} : (tensor<1x?x8x3xf32>, tensor<1x432xf32>) -> tensor<1x?x8x16xf32>
  return
}

// -----

func.func @strides(%x: tensor<1x8x8x16xf32>, %w: tensor<3x3x16xf32>) {
  // expected-error @below {{kernel, strides and dilations must be positive, pads not negative}}
  %0 = kernel.depthwise %x, %w {strides = array<i64: 0, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, lanes = 8 : i64} : (tensor<1x8x8x16xf32>, tensor<3x3x16xf32>) -> tensor<1x8x8x16xf32>
  return
}

// -----

func.func @attributes(%x: tensor<1x8x8x16xf32>, %w: tensor<3x3x16xf32>) {
  // expected-error @below {{needs a kernel of 2 extents, 2 strides, 2 dilations and 4 pads}}
  %0 = kernel.depthwise %x, %w {strides = array<i64: 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, lanes = 8 : i64} : (tensor<1x8x8x16xf32>, tensor<3x3x16xf32>) -> tensor<1x8x8x16xf32>
  return
}

// -----

func.func @dot_weights(%a: tensor<4x12xi8>, %b: tensor<2x192xi16>) {
  // expected-error @below {{dot products need bytes and weights of type i8}}
  %0 = kernel.gemm %a, %b {n = 20 : i64, mr = 6 : i64, nr = 16 : i64, lanes = 8 : i64, dot = #kernel.dot<pairs>} : (tensor<4x12xi8>, tensor<2x192xi16>) -> tensor<4x20xi32>
  return
}

// -----

func.func @dot_intrinsic(%a: tensor<4x12xi8>, %b: tensor<2x192xi8>) {
  // expected-error @below {{dot products need their intrinsic}}
  %0 = kernel.gemm %a, %b {n = 20 : i64, mr = 6 : i64, nr = 16 : i64, lanes = 8 : i64, dot = #kernel.dot<s8s8>} : (tensor<4x12xi8>, tensor<2x192xi8>) -> tensor<4x20xi32>
  return
}

// -----

func.func @rows(%x: tensor<1x8x3xf32>, %w: tensor<1x432xf32>) {
  // expected-error @below {{without rows the kernel has one row, stride 1 and no pads}}
  %0 = kernel.conv %x, %w {m = 16 : i64, kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, mr = 6 : i64, nr = 16 : i64, lanes = 8 : i64} : (tensor<1x8x3xf32>, tensor<1x432xf32>) -> tensor<1x8x16xf32>
  return
}

// -----

func.func @parts(%a: tensor<4x12xi8>, %b: tensor<2x192xi8>) {
  // expected-error @below {{only f32 products have parts, and only parts are added in f64}}
  %0 = kernel.gemm %a, %b {n = 20 : i64, mr = 6 : i64, nr = 16 : i64, lanes = 8 : i64, part = 16 : i64} : (tensor<4x12xi8>, tensor<2x192xi8>) -> tensor<4x20xi32>
  return
}

// -----

func.func @no_parts(%a: tensor<4x12xf32>, %b: tensor<2x192xf32>) {
  // expected-error @below {{only f32 products have parts, and only parts are added in f64}}
  %0 = kernel.gemm %a, %b {n = 20 : i64, mr = 6 : i64, nr = 16 : i64, lanes = 8 : i64, in_f64} : (tensor<4x12xf32>, tensor<2x192xf32>) -> tensor<4x20xf32>
  return
}
