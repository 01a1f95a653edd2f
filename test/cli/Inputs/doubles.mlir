func.func @main(%a: tensor<4xf64> {nn.name = "a"}, %b: tensor<4xi64> {nn.name = "b"},
    %c: tensor<4xi64> {nn.name = "c"}) -> (tensor<4xf64> {nn.name = "x"},
    tensor<4xi64> {nn.name = "y"}) {
  %0 = nn.unary sqrt, %a : (tensor<4xf64>) -> tensor<4xf64>
  %1 = nn.binary div, %0, %a : (tensor<4xf64>, tensor<4xf64>) -> tensor<4xf64>
  %2 = nn.unary exp, %1 : (tensor<4xf64>) -> tensor<4xf64>
  %3 = nn.binary div, %b, %c : (tensor<4xi64>, tensor<4xi64>) -> tensor<4xi64>
  %4 = nn.cast %2 to i64 : (tensor<4xf64>) -> tensor<4xi64>
  %5 = nn.binary add, %3, %4 : (tensor<4xi64>, tensor<4xi64>) -> tensor<4xi64>
  return %2, %5 : tensor<4xf64>, tensor<4xi64>
}
