// RUN: burin compile %s --target cortex-m55 --emit asm -o - | FileCheck %s

// Four values are rounded half to even at once. Values three apart are read one by one:
// LLVM 19 gathers wrong ones. Of doubles it cannot take the larger, minding NaN.
// CHECK:     vrintx.f32 q{{[0-9]+}}
// CHECK-NOT: vldrw.u32 q{{[0-9]+}}, [q
func.func @main(%x: tensor<64xf32> {nn.name = "x"}, %image: tensor<1x1x8x32xf32> {nn.name = "image"},
                %doubles: tensor<4x8xf64> {nn.name = "doubles"})
    -> (tensor<64xf32> {nn.name = "y"}, tensor<1x1x6x10xf32> {nn.name = "sums"},
        tensor<4xf64> {nn.name = "largest"}) {
  %0 = nn.unary round, %x : (tensor<64xf32>) -> tensor<64xf32>
  %1 = nn.pool sum, %image {dilations = array<i64: 1, 1>, kernel = array<i64: 3, 3>,
    layout = #nn<layout nchw>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 3>}
    : (tensor<1x1x8x32xf32>) -> tensor<1x1x6x10xf32>
  %2 = nn.reduce max, %doubles, [1] : (tensor<4x8xf64>) -> tensor<4xf64>
  return %0, %1, %2 : tensor<64xf32>, tensor<1x1x6x10xf32>, tensor<4xf64>
}
