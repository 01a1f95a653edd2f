// f32 by three tf32: long sums, sums of large numbers that cancel, infinities, a convolution
// in two groups with steps.
func.func @main(%a: tensor<66x3000xf32> {nn.name = "a"}, %b: tensor<3000x33xf32> {nn.name = "b"},
                %c: tensor<40x100xf32> {nn.name = "c"}, %d: tensor<24x100xf32> {nn.name = "d"},
                %x: tensor<1x40x11x11xf32> {nn.name = "x"},
                %w: tensor<48x20x3x3xf32> {nn.name = "w"})
    -> (tensor<66x33xf32> {nn.name = "ab"}, tensor<40x24xf32> {nn.name = "infinite"},
        tensor<1x48x6x6xf32> {nn.name = "xw"}) {
  %0 = nn.matmul %a, %b : (tensor<66x3000xf32>, tensor<3000x33xf32>) -> tensor<66x33xf32>
  // Some rows hold an infinity, others not.
  %steep = nn.constant dense<90.0> : tensor<f32>
  %1 = nn.binary mul, %c, %steep : (tensor<40x100xf32>, tensor<f32>) -> tensor<40x100xf32>
  %2 = nn.unary exp, %1 : (tensor<40x100xf32>) -> tensor<40x100xf32>
  %3 = nn.unary abs, %d : (tensor<24x100xf32>) -> tensor<24x100xf32>
  %4 = nn.matmul %2, %3 {tb = true} : (tensor<40x100xf32>, tensor<24x100xf32>) -> tensor<40x24xf32>
  %5 = nn.conv %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>,
      strides = array<i64: 2, 2>, group = 2 : i64}
      : (tensor<1x40x11x11xf32>, tensor<48x20x3x3xf32>) -> tensor<1x48x6x6xf32>
  return %0, %4, %5 : tensor<66x33xf32>, tensor<40x24xf32>, tensor<1x48x6x6xf32>
}
