// Indices, bounds and counts that 32 bits do not hold: where k is not 0 they are out
// of range, while their low words alone would be in range.
func.func @main(%x: tensor<8x3xf32> {nn.name = "x"}, %k: tensor<4xi64> {nn.name = "k"},
                %rows: tensor<4x3xf32> {nn.name = "rows"})
    -> (tensor<4x3xf32> {nn.name = "gathered"}, tensor<8x3xf32> {nn.name = "scattered"},
        tensor<?x3xf32> {nn.name = "sliced", nn.dims = ["sliced_0", 3]},
        tensor<i64> {nn.name = "trips"}, tensor<i64> {nn.name = "turns"}) {
  %word = nn.constant dense<4294967296> : tensor<i64>
  %high = nn.binary mul, %k, %word : (tensor<4xi64>, tensor<i64>) -> tensor<4xi64>
  %idx = nn.binary add, %high, %k : (tensor<4xi64>, tensor<4xi64>) -> tensor<4xi64>
  %gathered = nn.gather %x, %idx {axis = 0} : (tensor<8x3xf32>, tensor<4xi64>) -> tensor<4x3xf32>
  %scattered = nn.scatter none, %x, %idx, %rows
      : (tensor<8x3xf32>, tensor<4xi64>, tensor<4x3xf32>) -> tensor<8x3xf32>

  // rows from k0 * 2^32 + k0 to the end
  %at = nn.constant dense<0> : tensor<i64>
  %k0 = nn.gather %idx, %at {axis = 0} : (tensor<4xi64>, tensor<i64>) -> tensor<i64>
  %eight = nn.constant dense<8> : tensor<i64>
  %low = nn.binary max, %k0, %at : (tensor<i64>, tensor<i64>) -> tensor<i64>
  %from = nn.binary min, %low, %eight : (tensor<i64>, tensor<i64>) -> tensor<i64>
  %extent = nn.binary sub, %eight, %from : (tensor<i64>, tensor<i64>) -> tensor<i64>
  %one = nn.constant dense<1> : tensor<1xi64>
  %from1 = nn.reshape %from, %one : (tensor<i64>, tensor<1xi64>) -> tensor<1xi64>
  %extent1 = nn.reshape %extent, %one : (tensor<i64>, tensor<1xi64>) -> tensor<1xi64>
  %three1 = nn.constant dense<3> : tensor<1xi64>
  %zero1 = nn.constant dense<0> : tensor<1xi64>
  %offsets = nn.concat %from1, %zero1 {axis = 0} : (tensor<1xi64>, tensor<1xi64>) -> tensor<2xi64>
  %sizes = nn.concat %extent1, %three1 {axis = 0} : (tensor<1xi64>, tensor<1xi64>) -> tensor<2xi64>
  %sliced = nn.slice %x, %offsets, %sizes
      : (tensor<8x3xf32>, tensor<2xi64>, tensor<2xi64>) -> tensor<?x3xf32>

  // 2 - k0 * 2^32 trips
  %zero = nn.constant dense<0> : tensor<i64>
  %step = nn.constant dense<1> : tensor<i64>
  %two = nn.constant dense<2> : tensor<i64>
  %rest = nn.binary sub, %two, %k0 : (tensor<i64>, tensor<i64>) -> tensor<i64>
  %lower = arith.constant 0 : index
  %by = arith.constant 1 : index
  %count = tensor.extract %rest[] : tensor<i64>
  %upper = arith.index_cast %count : i64 to index
  %trips = scf.for %i = %lower to %upper step %by iter_args(%n = %zero) -> (tensor<i64>) {
    %next = nn.binary add, %n, %step : (tensor<i64>, tensor<i64>) -> tensor<i64>
    scf.yield %next : tensor<i64>
  }

  // at most INT64_MAX turns, until the counter is 5
  %most = nn.constant dense<9223372036854775807> : tensor<i64>
  %five = nn.constant dense<5> : tensor<i64>
  %turns = scf.while (%n = %zero) : (tensor<i64>) -> tensor<i64> {
    %below = nn.compare lt, %n, %most : (tensor<i64>, tensor<i64>) -> tensor<i1>
    %open = nn.compare lt, %n, %five : (tensor<i64>, tensor<i64>) -> tensor<i1>
    %both = nn.binary and, %below, %open : (tensor<i1>, tensor<i1>) -> tensor<i1>
    %go = tensor.extract %both[] : tensor<i1>
    scf.condition(%go) %n : tensor<i64>
  } do {
  ^bb0(%n: tensor<i64>):
    %next = nn.binary add, %n, %step : (tensor<i64>, tensor<i64>) -> tensor<i64>
    scf.yield %next : tensor<i64>
  }
  return %gathered, %scattered, %sliced, %trips, %turns
      : tensor<4x3xf32>, tensor<8x3xf32>, tensor<?x3xf32>, tensor<i64>, tensor<i64>
}
