// Products of bytes: all four pairs of types, zero points that are absent, zero, constant and
// run-time values, of a tensor, of rows, of columns and of channels, depths that fill no word.
func.func @main(%a: tensor<70x100xi8> {nn.name = "a"}, %b: tensor<100x90xi8> {nn.name = "b"},
                %c: tensor<2x101x70xui8> {nn.name = "c"}, %d: tensor<90x101xi8> {nn.name = "d"},
                %rows: tensor<70x1xi8> {nn.name = "rows"}, %cols: tensor<1x90xui8> {nn.name = "cols"},
                %e: tensor<100x90xui8> {nn.name = "e"},
                %x: tensor<1x20x9x9xui8> {nn.name = "x"}, %w: tensor<48x10x3x3xi8> {nn.name = "w"},
                %channels: tensor<48xi8> {nn.name = "channels"},
                %v: tensor<24x20x3x3xui8> {nn.name = "v"})
    -> (tensor<70x90xi32> {nn.name = "ab"}, tensor<2x70x90xi32> {nn.name = "cd"},
        tensor<70x90xi32> {nn.name = "ae"}, tensor<1x48x9x9xi32> {nn.name = "xw"},
        tensor<1x24x4x4xi32> {nn.name = "xv"}) {
  %0 = nn.matmul %a, %b : (tensor<70x100xi8>, tensor<100x90xi8>) -> tensor<70x90xi32>
  %half = nn.constant dense<128> : tensor<ui8>
  %none = nn.constant dense<0> : tensor<i8>
  %1 = nn.matmul %c, %d zps(%half, %none) {ta = true, tb = true}
      : (tensor<2x101x70xui8>, tensor<90x101xi8>, tensor<ui8>, tensor<i8>) -> tensor<2x70x90xi32>
  %2 = nn.matmul %a, %e zps(%rows, %cols)
      : (tensor<70x100xi8>, tensor<100x90xui8>, tensor<70x1xi8>, tensor<1x90xui8>)
      -> tensor<70x90xi32>
  %3 = nn.conv %x, %w zps(%half, %channels) {dilations = array<i64: 1, 1>,
      pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>, group = 2 : i64}
      : (tensor<1x20x9x9xui8>, tensor<48x10x3x3xi8>, tensor<ui8>, tensor<48xi8>)
      -> tensor<1x48x9x9xi32>
  %4 = nn.conv %x, %v zps(%half, %half) {dilations = array<i64: 1, 1>,
      pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>}
      : (tensor<1x20x9x9xui8>, tensor<24x20x3x3xui8>, tensor<ui8>, tensor<ui8>)
      -> tensor<1x24x4x4xi32>
  return %0, %1, %2, %3, %4 : tensor<70x90xi32>, tensor<2x70x90xi32>, tensor<70x90xi32>,
                              tensor<1x48x9x9xi32>, tensor<1x24x4x4xi32>
}
