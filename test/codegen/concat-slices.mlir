// RUN: burin verify %s | FileCheck %s
// RUN: burin compile %s --emit mlir=form-groups -o - | FileCheck %s --check-prefix=GROUPS
// RUN: burin compile %s --emit mlir=plan-arena -o - | FileCheck %s --check-prefix=PLAN

// CHECK: ok   seed 1: 3 outputs match
// CHECK: ok   seed 2: 3 outputs match
// CHECK: ok   seed 3: 3 outputs match

// Only the concat along an inner axis is a group.
// GROUPS: func.func private @
// GROUPS: nn.concat {{.*}}axis = 1
// GROUPS-LABEL: func.func @main
// GROUPS-COUNT-4: nn.concat {{.*}}axis = 0
// GROUPS-NOT: nn.concat

// Copied are the input, twice what is an output of its own, what the loop's concat takes
// twice, and the loop's carried value at its start, at its end and as output.
// PLAN-COUNT-8: memref.copy
// PLAN-NOT: memref.copy
func.func @main(%x: tensor<5x7xf32> {nn.name = "x"}, %w: tensor<7x7xf32> {nn.name = "w"})
    -> (tensor<22x7xf32> {nn.name = "a"}, tensor<5x7xf32> {nn.name = "b"}, tensor<10x7xf32> {nn.name = "c"}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %0 = nn.matmul %x, %w : (tensor<5x7xf32>, tensor<7x7xf32>) -> tensor<5x7xf32>
  %1 = nn.matmul %0, %w : (tensor<5x7xf32>, tensor<7x7xf32>) -> tensor<5x7xf32>
  %2 = nn.softmax %1, [1] : (tensor<5x7xf32>) -> tensor<5x7xf32>
  // An operand that is an operand of nothing else, one that is read before and after, the
  // input, and one twice.
  %3 = nn.concat %1, %2, %x {axis = 0} : (tensor<5x7xf32>, tensor<5x7xf32>, tensor<5x7xf32>) -> tensor<15x7xf32>
  %4 = nn.matmul %2, %w : (tensor<5x7xf32>, tensor<7x7xf32>) -> tensor<5x7xf32>
  %5 = nn.concat %4, %4 {axis = 0} : (tensor<5x7xf32>, tensor<5x7xf32>) -> tensor<10x7xf32>
  %6 = nn.softmax %5, [1] : (tensor<10x7xf32>) -> tensor<10x7xf32>
  %7 = nn.matmul %3, %w : (tensor<15x7xf32>, tensor<7x7xf32>) -> tensor<15x7xf32>
  %8 = nn.matmul %w, %w : (tensor<7x7xf32>, tensor<7x7xf32>) -> tensor<7x7xf32>
  // Right into an output.
  %9 = nn.concat %7, %8 {axis = 0} : (tensor<15x7xf32>, tensor<7x7xf32>) -> tensor<22x7xf32>
  %10 = scf.for %k = %c0 to %c3 step %c1 iter_args(%carried = %6) -> tensor<10x7xf32> {
    %s = nn.matmul %carried, %w : (tensor<10x7xf32>, tensor<7x7xf32>) -> tensor<10x7xf32>
    %t = nn.concat %s, %carried {axis = 1} : (tensor<10x7xf32>, tensor<10x7xf32>) -> tensor<10x14xf32>
    %m = nn.reduce max, %t, [0] : (tensor<10x14xf32>) -> tensor<14xf32>
    %e = nn.unary tanh, %m : (tensor<14xf32>) -> tensor<14xf32>
    %n = nn.reduce min, %t, [0] : (tensor<10x14xf32>) -> tensor<14xf32>
    %p = nn.concat %n, %e, %n, %m, %e {axis = 0} : (tensor<14xf32>, tensor<14xf32>, tensor<14xf32>, tensor<14xf32>, tensor<14xf32>) -> tensor<70xf32>
    %shape = nn.constant dense<[10, 7]> : tensor<2xi64>
    %q = nn.reshape %p, %shape : (tensor<70xf32>, tensor<2xi64>) -> tensor<10x7xf32>
    %r = nn.binary add, %q, %s : (tensor<10x7xf32>, tensor<10x7xf32>) -> tensor<10x7xf32>
    scf.yield %r : tensor<10x7xf32>
  }
  return %9, %4, %10 : tensor<22x7xf32>, tensor<5x7xf32>, tensor<10x7xf32>
}
