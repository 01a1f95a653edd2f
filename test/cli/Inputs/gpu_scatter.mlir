// Many updates: of single elements, of rows, of rows longer than a block's run, by every
// function, with indices that come often, that are out of range, or have two dimensions.
func.func @main(%x: tensor<9000xf32> {nn.name = "x"}, %at: tensor<5000xf32> {nn.name = "at"},
                %upd: tensor<5000xf32> {nn.name = "upd"},
                %y: tensor<40x7xf16> {nn.name = "y"}, %rows: tensor<3x30xf32> {nn.name = "rows"},
                %updRows: tensor<3x30x7xf16> {nn.name = "updRows"},
                %z: tensor<4x5000xi8> {nn.name = "z"}, %few: tensor<17xi64> {nn.name = "few"},
                %updLong: tensor<17x5000xi8> {nn.name = "updLong"})
    -> (tensor<9000xf32> {nn.name = "none"}, tensor<9000xf32> {nn.name = "add"},
        tensor<9000xf32> {nn.name = "often"}, tensor<40x7xf16> {nn.name = "mul"},
        tensor<40x7xf16> {nn.name = "max"}, tensor<4x5000xi8> {nn.name = "long"},
        tensor<4x5000xi8> {nn.name = "least"}) {
  %wide = nn.constant dense<9100.0> : tensor<f32>
  %0 = nn.binary mul, %at, %wide : (tensor<5000xf32>, tensor<f32>) -> tensor<5000xf32>
  %1 = nn.cast %0 to i64 : (tensor<5000xf32>) -> tensor<5000xi64>
  %2 = nn.scatter none, %x, %1, %upd
      : (tensor<9000xf32>, tensor<5000xi64>, tensor<5000xf32>) -> tensor<9000xf32>
  %3 = nn.scatter add, %x, %1, %upd
      : (tensor<9000xf32>, tensor<5000xi64>, tensor<5000xf32>) -> tensor<9000xf32>
  %narrow = nn.constant dense<20.0> : tensor<f32>
  %4 = nn.binary mul, %at, %narrow : (tensor<5000xf32>, tensor<f32>) -> tensor<5000xf32>
  %5 = nn.cast %4 to i64 : (tensor<5000xf32>) -> tensor<5000xi64>
  %6 = nn.scatter none, %x, %5, %upd
      : (tensor<9000xf32>, tensor<5000xi64>, tensor<5000xf32>) -> tensor<9000xf32>
  %height = nn.constant dense<41.0> : tensor<f32>
  %7 = nn.binary mul, %rows, %height : (tensor<3x30xf32>, tensor<f32>) -> tensor<3x30xf32>
  %8 = nn.cast %7 to i64 : (tensor<3x30xf32>) -> tensor<3x30xi64>
  %9 = nn.scatter mul, %y, %8, %updRows
      : (tensor<40x7xf16>, tensor<3x30xi64>, tensor<3x30x7xf16>) -> tensor<40x7xf16>
  %10 = nn.scatter max, %y, %8, %updRows
      : (tensor<40x7xf16>, tensor<3x30xi64>, tensor<3x30x7xf16>) -> tensor<40x7xf16>
  %11 = nn.scatter add, %z, %few, %updLong
      : (tensor<4x5000xi8>, tensor<17xi64>, tensor<17x5000xi8>) -> tensor<4x5000xi8>
  %12 = nn.scatter min, %z, %few, %updLong
      : (tensor<4x5000xi8>, tensor<17xi64>, tensor<17x5000xi8>) -> tensor<4x5000xi8>
  return %2, %3, %6, %9, %10, %11, %12 : tensor<9000xf32>, tensor<9000xf32>, tensor<9000xf32>,
      tensor<40x7xf16>, tensor<40x7xf16>, tensor<4x5000xi8>, tensor<4x5000xi8>
}
