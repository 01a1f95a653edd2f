// RUN: burin-opt %s --verify-diagnostics --split-input-file

func.func @f(%x: tensor<2xi32>) {
  // expected-error @below {{'exp' is not defined on 'i32'}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.unary exp, %x : (tensor<2xi32>) -> tensor<2xi32>
  return
}

// -----

func.func @f(%x: tensor<2xi1>) {
  // expected-error @below {{'neg' is not defined on 'i1'}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.unary neg, %x : (tensor<2xi1>) -> tensor<2xi1>
  return
}

// -----

func.func @f(%x: tensor<2xf8E5M2>) {
  // expected-error @below {{'abs' is not defined on 'f8E5M2'}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.unary abs, %x : (tensor<2xf8E5M2>) -> tensor<2xf8E5M2>
  return
}

// -----

func.func @f(%x: tensor<*xf32>) {
  // expected-error @below {{operand #0 must be ranked tensor}}
  %0 = nn.unary exp, %x : (tensor<*xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%x: tensor<2xi13>) {
  // expected-error @below {{operand 'x' has element type 'i13', which the nn dialect does not know}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.unary neg, %x : (tensor<2xi13>) -> tensor<2xi13>
  return
}

// -----

func.func @f(%x: tensor<1048576x1048577xf32>) {
  // expected-error @below {{shape 1048576x1048577 exceeds 2^40 elements}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.unary neg, %x : (tensor<1048576x1048577xf32>) -> tensor<1048576x1048577xf32>
  return
}

// -----

func.func @f(%x: tensor<2xf32>) {
  // expected-error @below {{inferred type(s) 'tensor<2xf32>' are incompatible with return type(s) of operation 'tensor<3xf32>'}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.unary exp, %x : (tensor<2xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>, %y: tensor<2xf32>) {
  // expected-error @below {{shapes 2x3 and 2 do not broadcast: 3 against 2}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.binary add, %x, %y : (tensor<2x3xf32>, tensor<2xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @f(%x: tensor<0xf32>, %y: tensor<2xf32>) {
  // expected-error @below {{shapes 0 and 2 do not broadcast: 0 against 2}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.binary add, %x, %y : (tensor<0xf32>, tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%x: tensor<2xf32>, %y: tensor<2xf64>) {
  // expected-error @below {{operands of 'add' have element types 'f32' and 'f64'}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.binary add, %x, %y : (tensor<2xf32>, tensor<2xf64>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%x: tensor<2xf32>) {
  // expected-error @below {{'and' is not defined on 'f32'}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.binary and, %x, %x : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%x: tensor<2xi1>) {
  // expected-error @below {{'lt' is not defined on 'i1'}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.compare lt, %x, %x : (tensor<2xi1>, tensor<2xi1>) -> tensor<2xi1>
  return
}

// -----

func.func @f(%x: tensor<2xi32>, %y: tensor<2xi64>) {
  // expected-error @below {{compared operands have element types 'i32' and 'i64'}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.compare eq, %x, %y : (tensor<2xi32>, tensor<2xi64>) -> tensor<2xi1>
  return
}

// -----

func.func @f(%x: tensor<2xi1>, %y: tensor<2xi32>, %z: tensor<2xf32>) {
  // expected-error @below {{selected operands have element types 'i32' and 'f32'}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.select %x, %y, %z : (tensor<2xi1>, tensor<2xi32>, tensor<2xf32>) -> tensor<2xi32>
  return
}

// -----

func.func @f(%x: tensor<2xcomplex<f32>>) {
  // expected-error @below {{no cast from 'complex<f32>' to 'f32'}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.cast %x to f32 : (tensor<2xcomplex<f32>>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%x: tensor<2xf32>) {
  // expected-error @below {{bitcast from 'f32' to 'i16' changes the width of elements}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.bitcast %x to i16 : (tensor<2xf32>) -> tensor<2xi16>
  return
}

// -----

func.func @f(%x: tensor<2x6xf32>, %s: tensor<4xf32>) {
  // expected-error @below {{operand 'scale' has 4 entries in dimension 0, needs 6}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.quantize %x, %s to i8 {axis = 1} : (tensor<2x6xf32>, tensor<4xf32>) -> tensor<2x6xi8>
  return
}

// -----

func.func @f(%x: tensor<2x6xf32>, %s: tensor<6xf32>) {
  // expected-error @below {{axis 2 is out of range for rank 2}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.quantize %x, %s to i8 {axis = 2} : (tensor<2x6xf32>, tensor<6xf32>) -> tensor<2x6xi8>
  return
}

// -----

func.func @f(%x: tensor<2x6xf32>, %s: tensor<2x4xf32>) {
  // expected-error @below {{operand 'scale' has 4 entries in dimension 1, needs 3}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.quantize %x, %s to i8 {axis = 1, block = 2} : (tensor<2x6xf32>, tensor<2x4xf32>) -> tensor<2x6xi8>
  return
}

// -----

func.func @f(%x: tensor<2x6xf32>, %s: tensor<2x3xf32>) {
  // expected-error @below {{operand 'scale' must have rank 0 or 1 without blocks, got 2}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.quantize %x, %s to i8 {axis = 1} : (tensor<2x6xf32>, tensor<2x3xf32>) -> tensor<2x6xi8>
  return
}

// -----

func.func @f(%x: tensor<2x6xf32>, %s: tensor<3xf32>) {
  // expected-error @below {{operand 'scale' must have rank 2 with blocks, got 1}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.quantize %x, %s to i8 {axis = 1, block = 2} : (tensor<2x6xf32>, tensor<3xf32>) -> tensor<2x6xi8>
  return
}

// -----

func.func @f(%x: tensor<2x6xf32>, %s: tensor<f32>) {
  // expected-error @below {{'block' is negative: -1}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.quantize %x, %s to i8 {block = -1} : (tensor<2x6xf32>, tensor<f32>) -> tensor<2x6xi8>
  return
}

// -----

func.func @f(%x: tensor<2x6xf32>, %s: tensor<i32>) {
  // expected-error @below {{operand 'scale' must have float elements, got 'i32'}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.quantize %x, %s to i8 : (tensor<2x6xf32>, tensor<i32>) -> tensor<2x6xi8>
  return
}

// -----

func.func @f(%x: tensor<2x6xf32>, %s: tensor<f32>) {
  // expected-error @below {{cannot quantize to 'f32'}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.quantize %x, %s to f32 : (tensor<2x6xf32>, tensor<f32>) -> tensor<2x6xf32>
  return
}

// -----

func.func @f(%x: tensor<2x6xf32>, %s: tensor<f32>, %z: tensor<ui8>) {
  // expected-error @below {{operand 'zp' has element type 'ui8', needs 'i8'}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.quantize %x, %s, %z to i8 : (tensor<2x6xf32>, tensor<f32>, tensor<ui8>) -> tensor<2x6xi8>
  return
}

// -----

func.func @f(%x: tensor<2x6xi16>, %s: tensor<f32>) {
  // expected-error @below {{operand 'x' must have float or i32 elements, got 'i16'}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.quantize %x, %s to i8 : (tensor<2x6xi16>, tensor<f32>) -> tensor<2x6xi8>
  return
}

// -----

func.func @f(%x: tensor<2x6xf32>, %s: tensor<f32>) {
  // expected-error @below {{'precision' must be a float type, got 'i32'}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.quantize %x, %s to i8 {precision = i32} : (tensor<2x6xf32>, tensor<f32>) -> tensor<2x6xi8>
  return
}

// -----

func.func @f(%x: tensor<2xi64>, %s: tensor<f32>) {
  // expected-error @below {{cannot dequantize 'i64' to 'f32'}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.dequantize %x, %s to f32 : (tensor<2xi64>, tensor<f32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%x: tensor<2xi32>, %s: tensor<f32>, %z: tensor<i8>) {
  // expected-error @below {{operand 'zp' has element type 'i8', needs 'ui8'}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.requantize %x, %s, %z to ui8 : (tensor<2xi32>, tensor<f32>, tensor<i8>) -> tensor<2xui8>
  return
}

// -----

func.func @f(%x: tensor<2xi32>, %s: tensor<3xf32>, %z: tensor<i8>) {
  // expected-error @below {{operand 'multiplier' of shape 3 does not broadcast to 2}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.requantize %x, %s, %z to i8 : (tensor<2xi32>, tensor<3xf32>, tensor<i8>) -> tensor<2xi8>
  return
}

// -----

func.func @f(%x: tensor<2xi32>, %s: tensor<f32>, %z: tensor<f32>) {
  // expected-error @below {{cannot requantize to 'f32'}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.requantize %x, %s, %z to f32 : (tensor<2xi32>, tensor<f32>, tensor<f32>) -> tensor<2xf32>
  return
}
