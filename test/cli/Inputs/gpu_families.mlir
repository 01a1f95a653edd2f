// One group of every kind that a GPU runs, and one that the host keeps.
func.func @main(%x: tensor<6x40xf32> {nn.name = "x"}, %y: tensor<40x24xf32> {nn.name = "y"},
                %image: tensor<1x4x9x9xf32> {nn.name = "image"},
                %filter: tensor<8x4x3x3xf32> {nn.name = "filter"},
                %at: tensor<5xi64> {nn.name = "at"}, %rows: tensor<5x40xf32> {nn.name = "rows"},
                %wide: tensor<70x200xf32> {nn.name = "wide"},
                %tall: tensor<200x48xf32> {nn.name = "tall"})
    -> (tensor<6x40xf32> {nn.name = "chain"}, tensor<6xf32> {nn.name = "sums"},
        tensor<6x40xf32> {nn.name = "soft"}, tensor<6x40xf32> {nn.name = "normal"},
        tensor<40x6xf32> {nn.name = "turned"}, tensor<5x40xf32> {nn.name = "picked"},
        tensor<6x24xf32> {nn.name = "product"}, tensor<1x4x4x4xf32> {nn.name = "pooled"},
        tensor<1x8x9x9xf32> {nn.name = "conv"}, tensor<6x40xf32> {nn.name = "scattered"},
        tensor<6x40xf32> {nn.name = "running"}, tensor<6x3xf32> {nn.name = "top"},
        tensor<70x48xf32> {nn.name = "tiles"}, tensor<70x200xf32> {nn.name = "soft_wide"},
        tensor<70xf32> {nn.name = "most"}) {
  %0 = nn.unary tanh, %x : (tensor<6x40xf32>) -> tensor<6x40xf32>
  %1 = nn.reduce sum, %x, [1] : (tensor<6x40xf32>) -> tensor<6xf32>
  %2 = nn.softmax %x, [1] : (tensor<6x40xf32>) -> tensor<6x40xf32>
  %3 = nn.normalize layer, %x, [1] {epsilon = 0.1 : f64} : (tensor<6x40xf32>) -> tensor<6x40xf32>
  %4 = nn.transpose %x, [1, 0] : (tensor<6x40xf32>) -> tensor<40x6xf32>
  %5 = nn.gather %x, %at {axis = 0} : (tensor<6x40xf32>, tensor<5xi64>) -> tensor<5x40xf32>
  %6 = nn.matmul %x, %y : (tensor<6x40xf32>, tensor<40x24xf32>) -> tensor<6x24xf32>
  %7 = nn.pool max, %image {dilations = array<i64: 1, 1>, kernel = array<i64: 3, 3>,
      pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>}
      : (tensor<1x4x9x9xf32>) -> tensor<1x4x4x4xf32>
  %8 = nn.conv %image, %filter {dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>,
      strides = array<i64: 1, 1>} : (tensor<1x4x9x9xf32>, tensor<8x4x3x3xf32>) -> tensor<1x8x9x9xf32>
  %9 = nn.scatter add, %x, %at, %rows
      : (tensor<6x40xf32>, tensor<5xi64>, tensor<5x40xf32>) -> tensor<6x40xf32>
  %10 = nn.cumulate sum, %x {axis = 0} : (tensor<6x40xf32>) -> tensor<6x40xf32>
  %three = nn.constant dense<3> : tensor<i64>
  %11, %12 = nn.top_k %x, %three {axis = 1}
      : (tensor<6x40xf32>, tensor<i64>) -> (tensor<6x3xf32>, tensor<6x3xi64>)
  %13 = nn.matmul %wide, %tall : (tensor<70x200xf32>, tensor<200x48xf32>) -> tensor<70x48xf32>
  %14 = nn.softmax %wide, [1] : (tensor<70x200xf32>) -> tensor<70x200xf32>
  %15 = nn.reduce max, %wide, [1] : (tensor<70x200xf32>) -> tensor<70xf32>
  return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %13, %14, %15
      : tensor<6x40xf32>, tensor<6xf32>, tensor<6x40xf32>, tensor<6x40xf32>, tensor<40x6xf32>,
        tensor<5x40xf32>, tensor<6x24xf32>, tensor<1x4x4x4xf32>, tensor<1x8x9x9xf32>,
        tensor<6x40xf32>, tensor<6x40xf32>, tensor<6x3xf32>, tensor<70x48xf32>,
        tensor<70x200xf32>, tensor<70xf32>
}
