// Products of every type that a GPU has matrix instructions for, with extents that fill no
// tile, and factors that lie either way in memory.
func.func @main(%a: tensor<70x100xf16> {nn.name = "a"}, %b: tensor<100x90xf16> {nn.name = "b"},
                %c: tensor<2x101x70xbf16> {nn.name = "c"}, %d: tensor<90x101xbf16> {nn.name = "d"},
                %x: tensor<1x9x9x20xf16> {nn.name = "x"}, %w: tensor<24x3x3x20xf16> {nn.name = "w"})
    -> (tensor<70x90xf16> {nn.name = "ab"}, tensor<2x70x90xbf16> {nn.name = "cd"},
        tensor<1x9x9x24xf16> {nn.name = "xw"}) {
  %0 = nn.matmul %a, %b : (tensor<70x100xf16>, tensor<100x90xf16>) -> tensor<70x90xf16>
  %1 = nn.unary relu, %0 : (tensor<70x90xf16>) -> tensor<70x90xf16>
  %2 = nn.matmul %c, %d {ta = true, tb = true}
      : (tensor<2x101x70xbf16>, tensor<90x101xbf16>) -> tensor<2x70x90xbf16>
  %3 = nn.conv %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>,
      strides = array<i64: 1, 1>, layout = #nn<layout nhwc>}
      : (tensor<1x9x9x20xf16>, tensor<24x3x3x20xf16>) -> tensor<1x9x9x24xf16>
  return %1, %2, %3 : tensor<70x90xf16>, tensor<2x70x90xbf16>, tensor<1x9x9x24xf16>
}
