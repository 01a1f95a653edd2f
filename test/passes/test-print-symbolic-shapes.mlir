// RUN: burin-opt %s --allow-unregistered-dialect --test-print-symbolic-shapes | FileCheck %s

// A reshape as exporters write it: the batch is read from the input.
// CHECK-LABEL: func @reshape_chain
func.func @reshape_chain(%x: tensor<?x3x?xf32> {nn.dims = ["N", 3, "S"]}) -> tensor<?x?xf32> {
  // CHECK: nn.shape_of {{.*}}contents = "N, 3, S", dims = ["3"]
  %shape = nn.shape_of %x : (tensor<?x3x?xf32>) -> tensor<3xi64>
  %zero = nn.constant dense<0> : tensor<i64>
  // CHECK: nn.gather {{.*}}contents = "N", dims = [""]
  %n = nn.gather %shape, %zero {axis = 0} : (tensor<3xi64>, tensor<i64>) -> tensor<i64>
  %one = nn.constant dense<1> : tensor<1xi64>
  %n1 = nn.reshape %n, %one : (tensor<i64>, tensor<1xi64>) -> tensor<1xi64>
  %rest = nn.constant dense<-1> : tensor<1xi64>
  // CHECK: nn.concat {{.*}}contents = "N, -1", dims = ["2"]
  %target = nn.concat %n1, %rest {axis = 0} : (tensor<1xi64>, tensor<1xi64>) -> tensor<2xi64>
  // CHECK: nn.reshape {{.*}}dims = ["N, 3*S"]
  %y = nn.reshape %x, %target : (tensor<?x3x?xf32>, tensor<2xi64>) -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

// CHECK-LABEL: func @arithmetic
func.func @arithmetic(%x: tensor<?x?xf32> {nn.dims = ["N", "S"]}) -> tensor<?xf32> {
  %shape = nn.shape_of %x : (tensor<?x?xf32>) -> tensor<2xi64>
  %two = nn.constant dense<2> : tensor<i64>
  // CHECK: nn.binary mul{{.*}}contents = "2*N, 2*S"
  %double = nn.binary mul, %shape, %two : (tensor<2xi64>, tensor<i64>) -> tensor<2xi64>
  // CHECK: nn.binary div{{.*}}contents = "N, S"
  %half = nn.binary div, %double, %two : (tensor<2xi64>, tensor<i64>) -> tensor<2xi64>
  // CHECK: nn.cast{{.*}}contents = "N, S"
  %i32 = nn.cast %half to i32 : (tensor<2xi64>) -> tensor<2xi32>
  %minus = nn.constant dense<-1> : tensor<2xi32>
  // CHECK: nn.compare lt{{.*}}contents = "0, 0"
  %negative = nn.compare lt, %i32, %minus : (tensor<2xi32>, tensor<2xi32>) -> tensor<2xi1>
  // CHECK: nn.select{{.*}}contents = "N, S"
  %chosen = nn.select %negative, %minus, %i32 : (tensor<2xi1>, tensor<2xi32>, tensor<2xi32>) -> tensor<2xi32>
  // CHECK: nn.unary neg{{.*}}contents = "-N, -S"
  %neg = nn.unary neg, %chosen : (tensor<2xi32>) -> tensor<2xi32>
  // CHECK: nn.reduce prod{{.*}}contents = "N*S"
  %all = nn.reduce prod, %half, [0] {keepdims = true} : (tensor<2xi64>) -> tensor<1xi64>
  %offset = nn.constant dense<1> : tensor<1xi64>
  %size = nn.constant dense<2> : tensor<1xi64>
  // CHECK: nn.slice{{.*}}contents = "S, N"
  %flipped = nn.slice %half, %offset, %size {strides = array<i64: -1>} : (tensor<2xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<2xi64>
  %axis = nn.constant dense<[2, 1]> : tensor<2xi64>
  %column = nn.reshape %flipped, %axis : (tensor<2xi64>, tensor<2xi64>) -> tensor<2x1xi64>
  // CHECK: nn.transpose{{.*}}contents = "S, N"
  %row = nn.transpose %column, [1, 0] : (tensor<2x1xi64>) -> tensor<1x2xi64>
  // CHECK: nn.broadcast_to{{.*}}contents = "S, N, S, N"
  %square = nn.constant dense<2> : tensor<2xi64>
  %both = nn.broadcast_to %row, %square : (tensor<1x2xi64>, tensor<2xi64>) -> tensor<2x2xi64>
  // CHECK: nn.reshape{{.*}}dims = ["N*S"]
  %y = nn.reshape %x, %all : (tensor<?x?xf32>, tensor<1xi64>) -> tensor<?xf32>
  return %y : tensor<?xf32>
}

// sel(d == 1, s, d) is how a two-way broadcast is written.
// CHECK-LABEL: func @expand
func.func @expand(%x: tensor<?x1xf32> {nn.dims = ["N", 1]}) -> tensor<?x?xf32> {
  %shape = nn.shape_of %x : (tensor<?x1xf32>) -> tensor<2xi64>
  %target = nn.constant dense<[1, 7]> : tensor<2xi64>
  %one = nn.constant dense<1> : tensor<i64>
  %is_one = nn.compare eq, %shape, %one : (tensor<2xi64>, tensor<i64>) -> tensor<2xi1>
  // CHECK: nn.select{{.*}}contents = "N, 7"
  %merged = nn.select %is_one, %target, %shape : (tensor<2xi1>, tensor<2xi64>, tensor<2xi64>) -> tensor<2xi64>
  // CHECK: nn.broadcast_to{{.*}}dims = ["N, 7"]
  %y = nn.broadcast_to %x, %merged : (tensor<?x1xf32>, tensor<2xi64>) -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

// CHECK-LABEL: func @windows
func.func @windows(%x: tensor<?x3x?x?xf32> {nn.dims = ["N", 3, "H", "W"]}, %w: tensor<8x3x3x3xf32>) -> tensor<?x8x?x?xf32> {
  // CHECK: nn.conv{{.*}}dims = ["N, 8, floordiv(H + 1, 2), W"]
  %0 = nn.conv %x, %w {strides = array<i64: 2, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>} : (tensor<?x3x?x?xf32>, tensor<8x3x3x3xf32>) -> tensor<?x8x?x?xf32>
  // CHECK: nn.pool max{{.*}}dims = ["N, 8, floordiv(H + 3, 4), floordiv(W + 1, 2)"]
  %1 = nn.pool max, %0 {kernel = array<i64: 1, 1>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, ceil = true} : (tensor<?x8x?x?xf32>) -> tensor<?x8x?x?xf32>
  return %1 : tensor<?x8x?x?xf32>
}

// CHECK-LABEL: func @runtime_sizes
func.func @runtime_sizes(%x: tensor<10x4xf32>, %n: tensor<1xi64>, %m: tensor<1xi64>, %y: tensor<?xf32> {nn.dims = ["Y"]}) -> tensor<?x4xf32> {
  %offsets = nn.constant dense<0> : tensor<2xi64>
  %four = nn.constant dense<4> : tensor<1xi64>
  %sizes = nn.concat %n, %four {axis = 0} : (tensor<1xi64>, tensor<1xi64>) -> tensor<2xi64>
  // CHECK: nn.slice{{.*}}dims = ["[[N:\?[0-9]+]], 4"]
  %0 = nn.slice %x, %offsets, %sizes : (tensor<10x4xf32>, tensor<2xi64>, tensor<2xi64>) -> tensor<?x4xf32>
  // CHECK: nn.unary exp{{.*}}dims = ["[[N]], 4"]
  %1 = nn.unary exp, %0 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  // CHECK: nn.concat{{.*}}dims = ["[[N]] + 10, 4"]
  %2 = nn.concat %1, %x {axis = 0} : (tensor<?x4xf32>, tensor<10x4xf32>) -> tensor<?x4xf32>
  // The only element that may be -1 follows from the total either way.
  %six = nn.constant dense<6> : tensor<1xi64>
  %target = nn.concat %m, %six {axis = 0} : (tensor<1xi64>, tensor<1xi64>) -> tensor<2xi64>
  // CHECK: nn.reshape{{.*}}dims = ["floordiv(Y, 6), 6"]
  %z = nn.reshape %y, %target : (tensor<?xf32>, tensor<2xi64>) -> tensor<?x6xf32>
  return %2 : tensor<?x4xf32>
}

// CHECK-LABEL: func @loops
func.func @loops(%x: tensor<?x4xf32> {nn.dims = ["N", 4]}, %more: tensor<?x4xf32> {nn.dims = ["M", 4]}, %c: i1) -> tensor<?x4xf32> {
  %lo = arith.constant 0 : index
  %hi = arith.constant 3 : index
  %step = arith.constant 1 : index
  // The first value keeps its extent, the second grows.
  // CHECK: scf.for
  %r:2 = scf.for %i = %lo to %hi step %step iter_args(%a = %x, %b = %x) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
    // CHECK: nn.unary exp{{.*}}dims = ["N, 4"]
    %0 = nn.unary exp, %a : (tensor<?x4xf32>) -> tensor<?x4xf32>
    // CHECK: nn.concat{{.*}}dims = ["?{{[0-9]+}} + M, 4"]
    %1 = nn.concat %b, %more {axis = 0} : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
    scf.yield %0, %1 : tensor<?x4xf32>, tensor<?x4xf32>
  // CHECK: } {dims = ["N, 4", "?{{[0-9]+}}, 4"]}
  }
  // CHECK: scf.if
  %s:2 = scf.if %c -> (tensor<?x4xf32>, tensor<?x4xf32>) {
    scf.yield %r#0, %x : tensor<?x4xf32>, tensor<?x4xf32>
  } else {
    scf.yield %x, %more : tensor<?x4xf32>, tensor<?x4xf32>
  // CHECK: } {dims = ["N, 4", "?{{[0-9]+}}, 4"]}
  }
  return %s#0 : tensor<?x4xf32>
}

// CHECK-LABEL: func private @group
func.func private @group(%a: tensor<?x4xf32> {nn.dims = ["a", 4]}, %b: tensor<?x4xf32> {nn.dims = ["b + c", 4]}) -> (tensor<?x4xf32> {nn.dims = ["b + c", 4]}, tensor<?x4xf32> {nn.dims = ["2*a + 1", 4]}, tensor<?x4xf32> {nn.dims = ["new", 4]})  {
  return %a, %b, %b : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
}
// Only names that an argument has are parts of expressions.
// CHECK-SAME: test.dims = "a, 4"
// CHECK-SAME: test.dims = "'b + c', 4"

// CHECK-LABEL: func @call
func.func @call(%x: tensor<?x4xf32> {nn.dims = ["N", 4]}, %y: tensor<?x4xf32> {nn.dims = ["S", 4]}) -> tensor<?x4xf32> {
  // CHECK: call @group{{.*}}dims = ["S, 4", "2*N + 1, 4", "?{{[0-9]+}}, 4"]
  %0:3 = func.call @group(%x, %y) : (tensor<?x4xf32>, tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>)
  return %0#0 : tensor<?x4xf32>
}

// CHECK-LABEL: func @ranges
func.func @ranges(%x: tensor<?xf32> {nn.dims = ["N"]}) -> tensor<?xf32> attributes {nn.dim_ranges = {N = [1, 512]}} {
  %shape = nn.shape_of %x : (tensor<?xf32>) -> tensor<1xi64>
  %limit = nn.constant dense<512> : tensor<1xi64>
  // CHECK: nn.binary min{{.*}}contents = "N"
  %n = nn.binary min, %shape, %limit : (tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  // CHECK: nn.compare ge{{.*}}contents = "1"
  %one = nn.constant dense<1> : tensor<1xi64>
  %c = nn.compare ge, %shape, %one : (tensor<1xi64>, tensor<1xi64>) -> tensor<1xi1>
  return %x : tensor<?xf32>
}
