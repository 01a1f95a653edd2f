// RUN: burin verify %s | FileCheck %s
// RUN: burin compile %s --emit mlir=form-groups -o - | FileCheck %s --check-prefix=GROUPS
// RUN: burin compile %s --emit mlir=plan-arena -o - | FileCheck %s --check-prefix=PLAN

// CHECK: ok   seed 1: 2 outputs match
// CHECK: ok   seed 2: 2 outputs match
// CHECK: ok   seed 3: 2 outputs match

// GROUPS-LABEL: func.func @main
// GROUPS-COUNT-3: nn.concat
// GROUPS-NOT: nn.concat

// Copied are the input, the constant, both operands of the concat whose extents depend on data,
// and y, which is made in front of what may fail.
// PLAN-COUNT-5: memref.copy
// PLAN-NOT: memref.copy
func.func @main(%x: tensor<?x8xf32> {nn.name = "x", nn.dims = ["N", 8]}, %w: tensor<8x8xf32> {nn.name = "w"},
                %b: tensor<6xi1> {nn.name = "b"})
    -> (tensor<?x8xf32> {nn.name = "y"}, tensor<i64> {nn.name = "s"})
    attributes {nn.dim_ranges = {N = [1, 16]}} {
  %0 = nn.matmul %x, %w : (tensor<?x8xf32>, tensor<8x8xf32>) -> tensor<?x8xf32>
  %1 = nn.softmax %0, [1] : (tensor<?x8xf32>) -> tensor<?x8xf32>
  %2 = nn.concat %0, %x, %1 {axis = 0} : (tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>
  %3 = nn.matmul %2, %w : (tensor<?x8xf32>, tensor<8x8xf32>) -> tensor<?x8xf32>
  %zeros = nn.constant dense<0> : tensor<2xi64>
  %one = nn.constant dense<1> : tensor<1xi64>
  %indices, %count = nn.call "nonzero"(%b) : (tensor<6xi1>) -> (tensor<1x6xi64>, tensor<i64>)
  %counts = nn.reshape %count, %one : (tensor<i64>, tensor<1xi64>) -> tensor<1xi64>
  %sizes = nn.concat %one, %counts {axis = 0} : (tensor<1xi64>, tensor<1xi64>) -> tensor<2xi64>
  %found = nn.slice %indices, %zeros, %sizes : (tensor<1x6xi64>, tensor<2xi64>, tensor<2xi64>) -> tensor<1x?xi64>
  %sums = nn.cumulate sum, %found {axis = 1} : (tensor<1x?xi64>) -> tensor<1x?xi64>
  %both = nn.concat %found, %sums {axis = 1} : (tensor<1x?xi64>, tensor<1x?xi64>) -> tensor<1x?xi64>
  %s = nn.reduce sum, %both, [0, 1] : (tensor<1x?xi64>) -> tensor<i64>
  return %3, %s : tensor<?x8xf32>, tensor<i64>
}
