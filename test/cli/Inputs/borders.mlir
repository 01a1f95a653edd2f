// What crosses the border of a library in an unusual way: packed 4-bit elements, a
// dynamic dimension, an output whose size depends on data, a scalar.
func.func @main(%x: tensor<3x5xui4> {nn.name = "x"},
                %n: tensor<?x2xf32> {nn.name = "n", nn.dims = ["N", 2]},
                %c: tensor<2x7xi1> {nn.name = "c"})
    -> (tensor<3x5xui4> {nn.name = "packed"}, tensor<?x2xf32> {nn.name = "dynamic", nn.dims = ["N", 2]},
        tensor<?xi64> {nn.name = "found", nn.dims = ["found_0"]}, tensor<i64> {nn.name = "count"}) {
  %five = nn.constant dense<5> : tensor<ui8>
  %wide = nn.cast %x to ui8 : (tensor<3x5xui4>) -> tensor<3x5xui8>
  %mixed = nn.binary xor, %wide, %five : (tensor<3x5xui8>, tensor<ui8>) -> tensor<3x5xui8>
  %packed = nn.cast %mixed to ui4 : (tensor<3x5xui8>) -> tensor<3x5xui4>
  %dynamic = nn.unary neg, %n : (tensor<?x2xf32>) -> tensor<?x2xf32>
  %all, %count = nn.call "nonzero"(%c) : (tensor<2x7xi1>) -> (tensor<14xi64>, tensor<i64>)
  %zero = nn.constant dense<0> : tensor<1xi64>
  %one = nn.constant dense<1> : tensor<1xi64>
  %end = nn.reshape %count, %one : (tensor<i64>, tensor<1xi64>) -> tensor<1xi64>
  %found = nn.slice %all, %zero, %end : (tensor<14xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?xi64>
  return %packed, %dynamic, %found, %count : tensor<3x5xui4>, tensor<?x2xf32>, tensor<?xi64>, tensor<i64>
}
