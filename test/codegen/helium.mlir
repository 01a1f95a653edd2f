// RUN: burin compile %s --target cortex-m55 --emit asm -o - | FileCheck %s

// Four values are rounded half to even at once.
// CHECK: vrintx.f32 q{{[0-9]+}}
func.func @main(%x: tensor<64xf32> {nn.name = "x"})
    -> (tensor<64xf32> {nn.name = "y"}) {
  %0 = nn.unary round, %x : (tensor<64xf32>) -> tensor<64xf32>
  return %0 : tensor<64xf32>
}
