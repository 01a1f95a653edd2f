// RUN: burin-opt %s -adopt-folded | FileCheck %s

// CHECK-LABEL: func.func @constant
// CHECK-NEXT: nn.constant dense<0> : tensor<i64>
func.func @constant() -> tensor<i64> {
  %0 = arith.constant dense<0> : tensor<i64>
  return %0 : tensor<i64>
}

// CHECK-LABEL: func.func @select
// CHECK: nn.select %arg0, %arg1, %arg2
func.func @select(%c: tensor<i1>, %a: tensor<5xf32>, %b: tensor<5xf32>) -> tensor<5xf32> {
  %0 = tensor.extract %c[] : tensor<i1>
  %1 = arith.select %0, %a, %b : tensor<5xf32>
  return %1 : tensor<5xf32>
}

// Dynamic shapes may differ.
// CHECK-LABEL: func.func @dynamic
// CHECK: scf.if
// CHECK-NEXT: scf.yield %arg1
// CHECK: scf.yield %arg2
func.func @dynamic(%c: tensor<i1>, %a: tensor<?xf32>, %b: tensor<?xf32>) -> tensor<?xf32> {
  %0 = tensor.extract %c[] : tensor<i1>
  %1 = arith.select %0, %a, %b : tensor<?xf32>
  return %1 : tensor<?xf32>
}

// Scalars stay.
// CHECK-LABEL: func.func @scalar
// CHECK: arith.select
func.func @scalar(%c: i1, %a: index, %b: index) -> index {
  %0 = arith.select %c, %a, %b : index
  return %0 : index
}
