// 16 MB of scratch memory, more than a stack has.
func.func @main(%x: tensor<1000000xf32> {nn.name = "x"})
    -> (tensor<3xf32> {nn.name = "values"}, tensor<3xi64> {nn.name = "indices"}) {
  %k = nn.constant dense<3> : tensor<i64>
  %v, %i = nn.top_k %x, %k {axis = 0 : i64}
      : (tensor<1000000xf32>, tensor<i64>) -> (tensor<3xf32>, tensor<3xi64>)
  return %v, %i : tensor<3xf32>, tensor<3xi64>
}
