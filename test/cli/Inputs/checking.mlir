// A check in a loop in a branch: the third step fails where the limit is 2.
func.func @main(%x: tensor<4xf32> {nn.name = "x"}, %limit: tensor<i64> {nn.name = "limit"},
                %steps: tensor<i64> {nn.name = "steps"})
    -> (tensor<4xf32> {nn.name = "early"}, tensor<4xf32> {nn.name = "sum"}) {
  %early = nn.unary relu, %x : (tensor<4xf32>) -> tensor<4xf32>
  %zero = nn.constant dense<0> : tensor<i64>
  %one = nn.constant dense<1> : tensor<i64>
  %from = arith.constant 0 : index
  %by = arith.constant 1 : index
  %count = tensor.extract %steps[] : tensor<i64>
  %to = arith.index_cast %count : i64 to index
  %positive = nn.compare gt, %steps, %zero : (tensor<i64>, tensor<i64>) -> tensor<i1>
  %run = tensor.extract %positive[] : tensor<i1>
  %sum = scf.if %run -> tensor<4xf32> {
    %inner, %last = scf.for %i = %from to %to step %by
        iter_args(%acc = %x, %n = %zero) -> (tensor<4xf32>, tensor<i64>) {
      %ok = nn.compare lt, %n, %limit : (tensor<i64>, tensor<i64>) -> tensor<i1>
      nn.check %ok, 5, "too many steps" : tensor<i1>
      %next = nn.binary add, %acc, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
      %after = nn.binary add, %n, %one : (tensor<i64>, tensor<i64>) -> tensor<i64>
      scf.yield %next, %after : tensor<4xf32>, tensor<i64>
    }
    scf.yield %inner : tensor<4xf32>
  } else {
    scf.yield %early : tensor<4xf32>
  }
  return %early, %sum : tensor<4xf32>, tensor<4xf32>
}
