// RUN: burin-opt %s --split-input-file --form-groups | FileCheck %s

// Elementwise: every operand of the result's shape, no other.
// CHECK-LABEL: func.func private @g0_
// CHECK-SAME: nn.inplace = [array<i64: 0, 0>, array<i64: 2, 0>]
func.func @elementwise(%a: tensor<4x8xf32>, %b: tensor<8xf32>, %c: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %0 = nn.binary add, %a, %b : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  %1 = nn.binary mul, %0, %c : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %2 = nn.binary add, %1, %a : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  return %2 : tensor<4x8xf32>
}

// -----

// A product reads whole rows and columns of its operands, the sum behind it one element.
// CHECK-LABEL: func.func private @g0_
// CHECK-SAME: nn.inplace = [array<i64: 2, 0>]
func.func @residual(%a: tensor<8x8xf32>, %b: tensor<8x8xf32>, %c: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = nn.matmul %a, %b : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
  %1 = nn.binary add, %0, %c : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
  return %1 : tensor<8x8xf32>
}

// -----

// Read by the product too.
// CHECK-LABEL: func.func private @g0_
// CHECK-NOT: nn.inplace
// CHECK: return
func.func @twice(%a: tensor<8x8xf32>, %b: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = nn.matmul %a, %b : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
  %1 = nn.binary add, %0, %a : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
  return %1 : tensor<8x8xf32>
}

// -----

// Whole rows of `a` are folded before any of the result is known.
// CHECK-LABEL: func.func private @g0_
// CHECK-SAME: nn.inplace = [array<i64: 1, 0>]
func.func @folded(%a: tensor<8x8xf32>, %b: tensor<8x1xf32>) -> tensor<8x1xf32> {
  %0 = nn.unary exp, %a : (tensor<8x8xf32>) -> tensor<8x8xf32>
  %1 = nn.reduce sum, %0, [1] {keepdims = true} : (tensor<8x8xf32>) -> tensor<8x1xf32>
  %2 = nn.binary add, %1, %b : (tensor<8x1xf32>, tensor<8x1xf32>) -> tensor<8x1xf32>
  return %2 : tensor<8x1xf32>
}

// -----

// Moved elements are other elements, also where the shape is the same.
// CHECK-LABEL: func.func private @g0_
// CHECK-SAME: nn.inplace = [array<i64: 1, 0>]
func.func @moved(%a: tensor<1x8xf32>, %b: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %s = nn.constant dense<8> : tensor<2xi64>
  %0 = nn.broadcast_to %a, %s : (tensor<1x8xf32>, tensor<2xi64>) -> tensor<8x8xf32>
  %1 = nn.binary mul, %0, %b : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
  return %1 : tensor<8x8xf32>
}

// -----

// CHECK-LABEL: func.func private @g0_
// CHECK-NOT: nn.inplace
// CHECK: return
func.func @transposed(%a: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = nn.transpose %a, [1, 0] : (tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// -----

// Another width, or the same width stored as another type.
// CHECK-LABEL: func.func private @g0_
// CHECK-NOT: nn.inplace
// CHECK: return
func.func @types(%a: tensor<8xf32>) -> tensor<8xi32> {
  %0 = nn.cast %a to i32 : (tensor<8xf32>) -> tensor<8xi32>
  return %0 : tensor<8xi32>
}

// -----

// Bytes of both signs are one storage type; the scale is no candidate.
// CHECK-LABEL: func.func private @g0_
// CHECK-SAME: nn.inplace = [array<i64: 0, 0>]
func.func @bytes(%a: tensor<80xi8>, %b: tensor<80xf32>, %s: tensor<f32>) -> tensor<80xui8> {
  %z = nn.constant dense<3> : tensor<ui8>
  %0 = nn.cast %a to f32 : (tensor<80xi8>) -> tensor<80xf32>
  %1 = nn.binary mul, %0, %b : (tensor<80xf32>, tensor<80xf32>) -> tensor<80xf32>
  %2 = nn.quantize %1, %s, %z to ui8 : (tensor<80xf32>, tensor<f32>, tensor<ui8>) -> tensor<80xui8>
  return %2 : tensor<80xui8>
}

// -----

// Equal symbols are one extent; different ones might broadcast.
// CHECK-LABEL: func.func private @g0_
// CHECK-SAME: nn.inplace = [array<i64: 0, 0>, array<i64: 1, 0>]
func.func @symbols(%a: tensor<?x8xf32> {nn.dims = ["N", 8]}, %b: tensor<?x8xf32> {nn.dims = ["N", 8]}) -> tensor<?x8xf32> {
  %0 = nn.binary add, %a, %b : (tensor<?x8xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>
  return %0 : tensor<?x8xf32>
}

// -----

// CHECK-LABEL: func.func private @g0_
// CHECK-NOT: nn.inplace
// CHECK: return
func.func @unequal(%a: tensor<?x1xf32> {nn.dims = ["N", 1]}, %b: tensor<1x?xf32> {nn.dims = [1, "M"]}) -> tensor<?x?xf32> {
  %0 = nn.binary add, %a, %b : (tensor<?x1xf32>, tensor<1x?xf32>) -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

// -----

// A row is read before any of it is stored.
// CHECK-LABEL: func.func private @g0_
// CHECK-SAME: nn.inplace = [array<i64: 0, 0>]
func.func @rows(%a: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %0 = nn.softmax %a, [1] : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}
