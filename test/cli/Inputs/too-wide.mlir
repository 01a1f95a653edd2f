// Up to 255 * 2^26 floats, which 32 bits do not address.
func.func @main(%k: tensor<1xui8> {nn.name = "k"})
    -> (tensor<?xf32> {nn.name = "y", nn.dims = ["y_0"]}) {
  %unit = nn.constant dense<67108864> : tensor<1xi64>
  %wide = nn.cast %k to i64 : (tensor<1xui8>) -> tensor<1xi64>
  %extent = nn.binary mul, %wide, %unit : (tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  %one = nn.constant dense<1.0> : tensor<1xf32>
  %y = nn.broadcast_to %one, %extent : (tensor<1xf32>, tensor<1xi64>) -> tensor<?xf32>
  return %y : tensor<?xf32>
}
