// RUN: burin verify %s | FileCheck %s
// RUN: burin compile %s -o %t > /dev/null
// RUN: FileCheck %s --check-prefix=BOUND --input-file=%t/arena_dynamic.json

// Static and symbolic buffers share the arena: two tensors of at most 16x40 floats live at
// the same time, and one of 40x40.
// CHECK: ok   seed 1: 1 output match
// CHECK: ok   seed 2: 1 output match
// CHECK: ok   seed 3: 1 output match
// BOUND: "arena_bytes": 11520
func.func @main(%x: tensor<?x40xf32> {nn.name = "x", nn.dims = ["N", 40]}, %w: tensor<40x40xf32> {nn.name = "w"})
    -> (tensor<?x40xf32> {nn.name = "y", nn.dims = ["N", 40]})
    attributes {nn.dim_ranges = {N = [1, 16]}} {
  %u = nn.matmul %w, %w : (tensor<40x40xf32>, tensor<40x40xf32>) -> tensor<40x40xf32>
  %1 = nn.matmul %x, %u : (tensor<?x40xf32>, tensor<40x40xf32>) -> tensor<?x40xf32>
  %2 = nn.matmul %1, %w : (tensor<?x40xf32>, tensor<40x40xf32>) -> tensor<?x40xf32>
  %3 = nn.softmax %2, [0] : (tensor<?x40xf32>) -> tensor<?x40xf32>
  %4 = nn.matmul %3, %u : (tensor<?x40xf32>, tensor<40x40xf32>) -> tensor<?x40xf32>
  %5 = nn.matmul %4, %w : (tensor<?x40xf32>, tensor<40x40xf32>) -> tensor<?x40xf32>
  %6 = nn.binary add, %5, %3 : (tensor<?x40xf32>, tensor<?x40xf32>) -> tensor<?x40xf32>
  %v = nn.softmax %u, [1] : (tensor<40x40xf32>) -> tensor<40x40xf32>
  %7 = nn.matmul %6, %v : (tensor<?x40xf32>, tensor<40x40xf32>) -> tensor<?x40xf32>
  %8 = nn.matmul %7, %v : (tensor<?x40xf32>, tensor<40x40xf32>) -> tensor<?x40xf32>
  %9 = nn.binary sub, %8, %6 : (tensor<?x40xf32>, tensor<?x40xf32>) -> tensor<?x40xf32>
  return %9 : tensor<?x40xf32>
}
