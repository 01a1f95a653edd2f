// RUN: burin verify %s | FileCheck %s
// RUN: burin compile %s -o %t > /dev/null
// RUN: FileCheck %s --check-prefix=BOUND --input-file=%t/data_bounds.json

// How many rows are left depends on data, but there are never more than N: the arena has a bound
// that follows from N. The number is an element of a group's result, made of what only the group
// knows.
// CHECK: ok   seed 1: 1 output match
// CHECK: ok   seed 2: 1 output match
// CHECK: ok   seed 3: 1 output match
// Two tensors of at most 16x8 floats, and the sizes.
// BOUND: "arena_bytes": 1088
func.func @main(%x: tensor<?x8xf32> {nn.name = "x", nn.dims = ["N", 8]}, %c: tensor<1xf32> {nn.name = "c"})
    -> (tensor<?x8xf32> {nn.name = "y"}) attributes {nn.dim_ranges = {N = [1, 16]}} {
  %zero = nn.constant dense<0> : tensor<1xi64>
  %one = nn.constant dense<1> : tensor<1xi64>
  %eight = nn.constant dense<8> : tensor<1xi64>
  %zeros = nn.constant dense<0> : tensor<2xi64>
  %shape = nn.shape_of %x : (tensor<?x8xf32>) -> tensor<2xi64>
  %rows = nn.slice %shape, %zero, %one : (tensor<2xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  %ten = nn.constant dense<1.000000e+01> : tensor<1xf32>
  %scaled = nn.binary mul, %c, %ten : (tensor<1xf32>, tensor<1xf32>) -> tensor<1xf32>
  %wanted = nn.cast %scaled to i64 : (tensor<1xf32>) -> tensor<1xi64>
  %some = nn.binary max, %wanted, %zero : (tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  %left = nn.binary min, %some, %rows : (tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  %sizes = nn.concat %left, %eight {axis = 0} : (tensor<1xi64>, tensor<1xi64>) -> tensor<2xi64>
  %0 = nn.softmax %x, [1] : (tensor<?x8xf32>) -> tensor<?x8xf32>
  %1 = nn.slice %0, %zeros, %sizes : (tensor<?x8xf32>, tensor<2xi64>, tensor<2xi64>) -> tensor<?x8xf32>
  %2 = nn.softmax %1, [1] : (tensor<?x8xf32>) -> tensor<?x8xf32>
  %3 = nn.softmax %2, [0] : (tensor<?x8xf32>) -> tensor<?x8xf32>
  return %3 : tensor<?x8xf32>
}
