// RUN: burin verify %s | FileCheck %s
// RUN: burin compile %s --emit mlir=plan-arena -o - | FileCheck %s --check-prefix=PLAN

// Seven calls overwrite an operand. Elsewhere somebody still reads it: the caller, a later
// op, another operand of the same call, the next round of a loop.
// CHECK: ok   seed 1: 2 outputs match
// CHECK: ok   seed 2: 2 outputs match
// CHECK: ok   seed 3: 2 outputs match
// PLAN-COUNT-7: nn.overwrites = [
// PLAN-NOT: nn.overwrites
func.func @main(%x: tensor<40x40xf32> {nn.name = "x"}, %w: tensor<40x40xf32> {nn.name = "w"})
    -> (tensor<40x40xf32> {nn.name = "a"}, tensor<40x40xf32> {nn.name = "b"}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %square = nn.constant dense<40> : tensor<2xi64>
  %cube = nn.constant dense<[4, 10, 40]> : tensor<3xi64>
  %one = nn.constant dense<[1, 40, 40]> : tensor<3xi64>

  %1 = nn.matmul %x, %w : (tensor<40x40xf32>, tensor<40x40xf32>) -> tensor<40x40xf32>
  // Overwrites %1.
  %2 = nn.softmax %1, [1] : (tensor<40x40xf32>) -> tensor<40x40xf32>
  // The residual is the caller's.
  %3 = nn.matmul %2, %w : (tensor<40x40xf32>, tensor<40x40xf32>) -> tensor<40x40xf32>
  %4 = nn.binary add, %3, %x : (tensor<40x40xf32>, tensor<40x40xf32>) -> tensor<40x40xf32>
  // %4 is factor and residual, then %2 is a residual that is read again at the end.
  %5 = nn.matmul %4, %w : (tensor<40x40xf32>, tensor<40x40xf32>) -> tensor<40x40xf32>
  %6 = nn.binary add, %5, %4 : (tensor<40x40xf32>, tensor<40x40xf32>) -> tensor<40x40xf32>
  %7 = nn.matmul %6, %x : (tensor<40x40xf32>, tensor<40x40xf32>) -> tensor<40x40xf32>
  %8 = nn.binary add, %7, %2 : (tensor<40x40xf32>, tensor<40x40xf32>) -> tensor<40x40xf32>
  // The tanh overwrites %8. %11 and %12 are one buffer, factor and residual.
  %9 = nn.reshape %8, %cube : (tensor<40x40xf32>, tensor<3xi64>) -> tensor<4x10x40xf32>
  %10 = nn.unary tanh, %9 : (tensor<4x10x40xf32>) -> tensor<4x10x40xf32>
  %11 = nn.reshape %10, %square : (tensor<4x10x40xf32>, tensor<2xi64>) -> tensor<40x40xf32>
  %12 = nn.reshape %10, %one : (tensor<4x10x40xf32>, tensor<3xi64>) -> tensor<1x40x40xf32>
  %w1 = nn.reshape %w, %one : (tensor<40x40xf32>, tensor<3xi64>) -> tensor<1x40x40xf32>
  %13 = nn.matmul %w1, %11 : (tensor<1x40x40xf32>, tensor<40x40xf32>) -> tensor<1x40x40xf32>
  %14 = nn.binary add, %13, %12 : (tensor<1x40x40xf32>, tensor<1x40x40xf32>) -> tensor<1x40x40xf32>
  // The sigmoid overwrites %14.
  %v = nn.reshape %14, %square : (tensor<1x40x40xf32>, tensor<2xi64>) -> tensor<40x40xf32>
  %15 = nn.unary sigmoid, %v : (tensor<40x40xf32>) -> tensor<40x40xf32>
  %16 = nn.transpose %15, [1, 0] : (tensor<40x40xf32>) -> tensor<40x40xf32>
  // Every round reads %15.
  %17 = scf.for %k = %c0 to %c3 step %c1 iter_args(%carried = %16) -> tensor<40x40xf32> {
    %i = nn.matmul %carried, %w : (tensor<40x40xf32>, tensor<40x40xf32>) -> tensor<40x40xf32>
    // Overwrites %i.
    %j = nn.softmax %i, [1] : (tensor<40x40xf32>) -> tensor<40x40xf32>
    %l = nn.matmul %j, %w : (tensor<40x40xf32>, tensor<40x40xf32>) -> tensor<40x40xf32>
    %m = nn.binary add, %l, %15 : (tensor<40x40xf32>, tensor<40x40xf32>) -> tensor<40x40xf32>
    %n = nn.matmul %carried, %x : (tensor<40x40xf32>, tensor<40x40xf32>) -> tensor<40x40xf32>
    // The sum and the difference are one group, which overwrites %n.
    %o = nn.binary sub, %n, %m : (tensor<40x40xf32>, tensor<40x40xf32>) -> tensor<40x40xf32>
    scf.yield %o : tensor<40x40xf32>
  }
  // Overwrites %2 at last, then itself.
  %18 = nn.binary add, %17, %2 : (tensor<40x40xf32>, tensor<40x40xf32>) -> tensor<40x40xf32>
  %19 = nn.softmax %18, [0] : (tensor<40x40xf32>) -> tensor<40x40xf32>
  %20 = nn.matmul %19, %19 : (tensor<40x40xf32>, tensor<40x40xf32>) -> tensor<40x40xf32>
  return %6, %20 : tensor<40x40xf32>, tensor<40x40xf32>
}
