// RUN: burin compile %s --target aarch64 --emit asm -o - | FileCheck %s --check-prefixes=CHECK,BASE
// RUN: burin compile %s --target raspberrypi5 --emit asm -o - | FileCheck %s --check-prefixes=CHECK,DOT
// RUN: burin compile %s --target aarch64+i8mm --emit asm -o - | FileCheck %s --check-prefixes=CHECK,BLOCK

// A tile of 8x8 f32: its 16 sums stay in registers over K, each row of weights is a
// pair of registers, and fmla takes the left side from one lane of a register that
// holds four steps.
// CHECK-LABEL: g0_:
// CHECK:      .LBB0_3:
// CHECK-COUNT-8: ldr {{q[0-9]+}}, [
// CHECK:      fmla {{v[0-9]+}}.4s, {{v[0-9]+}}.4s, {{v[0-9]+}}.s[0]
// CHECK-NOT:  str
// CHECK-NOT:  dup
// CHECK:      fmla {{v[0-9]+}}.4s, {{v[0-9]+}}.4s, {{v[0-9]+}}.s[3]
// CHECK-NOT:  str
// CHECK:      b.lo .LBB0_3

// Bytes: smmla where the core has it, 32 products of two rows and two columns; sdot, four
// products in each lane; else they are widened.
// CHECK-LABEL: g1_:
// BASE:       smlal {{v[0-9]+}}.4s, {{v[0-9]+}}.4h, {{v[0-9]+}}.h[0]
// BASE-NOT:   sdot
// DOT:        sdot {{v[0-9]+}}.4s, {{v[0-9]+}}.16b, {{v[0-9]+}}.4b[3]
// DOT-NOT:    smlal
// BLOCK-COUNT-16: smmla {{v[0-9]+}}.4s, {{v[0-9]+}}.16b, {{v[0-9]+}}.16b
// BLOCK-NOT:  sdot
func.func @main(%x: tensor<16x64xf32> {nn.name = "x"}, %q: tensor<16x64xi8> {nn.name = "q"})
    -> (tensor<16x32xf32> {nn.name = "y"}, tensor<16x32xi32> {nn.name = "z"}) {
  %n = nn.constant dense<2048> : tensor<i64>
  %shape = nn.constant dense<[64, 32]> : tensor<2xi64>
  %numbers = nn.iota %n as f32 : (tensor<i64>) -> tensor<2048xf32>
  %sines = nn.unary sin, %numbers : (tensor<2048xf32>) -> tensor<2048xf32>
  %w = nn.reshape %sines, %shape : (tensor<2048xf32>, tensor<2xi64>) -> tensor<64x32xf32>
  %scale = nn.constant dense<0.01> : tensor<f32>
  %wq = nn.quantize %w, %scale to i8 : (tensor<64x32xf32>, tensor<f32>) -> tensor<64x32xi8>
  %y = nn.matmul %x, %w : (tensor<16x64xf32>, tensor<64x32xf32>) -> tensor<16x32xf32>
  %z = nn.matmul %q, %wq : (tensor<16x64xi8>, tensor<64x32xi8>) -> tensor<16x32xi32>
  return %y, %z : tensor<16x32xf32>, tensor<16x32xi32>
}
