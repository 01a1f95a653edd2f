// RUN: burin-opt %s --split-input-file --form-groups | FileCheck %s

// A product takes its whole elementwise tail, also where a value is read twice.
// CHECK-LABEL: func.func private @g0_
// CHECK-SAME: (%{{.*}}: tensor<?x8xf32> {nn.dims = ["N", 8]}, %{{.*}}: tensor<8x4xf32>) -> (tensor<?x4xf32> {nn.dims = ["N", 4]})
// CHECK: nn.constant
// CHECK: nn.matmul
// CHECK: add
// CHECK: sigmoid
// CHECK: mul
// CHECK-LABEL: func.func private @g1_
// CHECK: nn.transpose
// CHECK-LABEL: func.func @epilogue
// CHECK: call @g0_
// CHECK: call @g1_
func.func @epilogue(%x: tensor<?x8xf32> {nn.dims = ["N", 8]}, %w: tensor<8x4xf32>) -> (tensor<?x4xf32>, tensor<4x?xf32>) {
  %c = nn.constant dense<[1.0,2.0,3.0,4.0]> : tensor<4xf32>
  %0 = nn.matmul %x, %w : (tensor<?x8xf32>, tensor<8x4xf32>) -> tensor<?x4xf32>
  %1 = nn.binary add, %0, %c : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  %2 = nn.unary sigmoid, %1 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %3 = nn.binary mul, %1, %2 : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %4 = nn.transpose %3, [1, 0] : (tensor<?x4xf32>) -> tensor<4x?xf32>
  return %3, %4 : tensor<?x4xf32>, tensor<4x?xf32>
}

// -----

// A value that is used outside ends the group; producers of a fold are pulled in.
// CHECK-LABEL: func.func @escape
// CHECK: %[[A:.*]] = call @g{{.*}}(%arg0)
// CHECK: %[[B:.*]] = call @g{{.*}}(%[[A]])
// CHECK: return %[[A]], %[[B]]
func.func @escape(%x: tensor<4x8xf32>) -> (tensor<4x8xf32>, tensor<4xf32>) {
  %0 = nn.unary exp, %x : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %1 = nn.unary neg, %0 : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %2 = nn.unary abs, %1 : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %3 = nn.reduce sum, %2, [1] : (tensor<4x8xf32>) -> tensor<4xf32>
  return %0, %3 : tensor<4x8xf32>, tensor<4xf32>
}

// -----

// Views and constants stay; loops are entered.
// CHECK-LABEL: func.func @loop
// CHECK: scf.for
// CHECK: call @
// CHECK: scf.yield
// CHECK: nn.reshape
func.func @loop(%x: tensor<4x8xf32>, %n: index) -> tensor<32xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x) -> tensor<4x8xf32> {
    %0 = nn.unary exp, %a : (tensor<4x8xf32>) -> tensor<4x8xf32>
    scf.yield %0 : tensor<4x8xf32>
  }
  %s = nn.constant dense<[32]> : tensor<1xi64>
  %y = nn.reshape %r, %s : (tensor<4x8xf32>, tensor<1xi64>) -> tensor<32xf32>
  return %y : tensor<32xf32>
}
