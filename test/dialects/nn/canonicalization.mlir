// RUN: burin-opt %s --canonicalize --split-input-file | FileCheck %s

// CHECK-LABEL: func @unary
// CHECK-NEXT: %[[A:.*]] = nn.unary abs, %arg0
// CHECK-NEXT: %[[R:.*]] = nn.unary relu, %arg0
// CHECK-NEXT: %[[F:.*]] = nn.unary floor, %arg0
// CHECK-NEXT: return %arg0, %[[A]], %[[R]], %[[F]]
func.func @unary(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %0 = nn.unary neg, %x : (tensor<4xf32>) -> tensor<4xf32>
  %1 = nn.unary neg, %0 : (tensor<4xf32>) -> tensor<4xf32>
  %2 = nn.unary abs, %0 : (tensor<4xf32>) -> tensor<4xf32>
  %3 = nn.unary relu, %x : (tensor<4xf32>) -> tensor<4xf32>
  %4 = nn.unary relu, %3 : (tensor<4xf32>) -> tensor<4xf32>
  %5 = nn.unary floor, %x : (tensor<4xf32>) -> tensor<4xf32>
  %6 = nn.unary round, %5 : (tensor<4xf32>) -> tensor<4xf32>
  return %1, %2, %4, %6 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// -----

// x - 0.0 is x, x + 0.0 is not (-0.0).
// CHECK-LABEL: func @float_identities
// CHECK: %[[S:.*]] = nn.binary add, %arg0
// CHECK-NEXT: return %arg0, %arg0, %arg0, %[[S]]
func.func @float_identities(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %z = nn.constant dense<0.0> : tensor<f32>
  %o = nn.constant dense<1.0> : tensor<1xf32>
  %0 = nn.binary sub, %x, %z : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %1 = nn.binary mul, %o, %x : (tensor<1xf32>, tensor<4xf32>) -> tensor<4xf32>
  %2 = nn.binary div, %x, %o : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>
  %3 = nn.binary add, %x, %z : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  return %0, %1, %2, %3 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// -----

// An identity that broadcasts its other operand stays.
// CHECK-LABEL: func @broadcasting_identity
// CHECK: nn.binary mul
func.func @broadcasting_identity(%x: tensor<1xf32>) -> tensor<4xf32> {
  %o = nn.constant dense<1.0> : tensor<4xf32>
  %0 = nn.binary mul, %x, %o : (tensor<1xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// Integers associate, floats do not; min and max do.
// CHECK-LABEL: func @chains
// CHECK-DAG: nn.binary add, %{{.*}}, %{{.*}} : (tensor<i32>, tensor<i32>) -> tensor<i32>
// CHECK-DAG: nn.binary add, %arg0, %{{.*}} : (tensor<4xi32>, tensor<i32>) -> tensor<4xi32>
// CHECK: %[[F:.*]] = nn.binary add, %arg1
// CHECK: nn.binary add, %[[F]]
func.func @chains(%x: tensor<4xi32>, %y: tensor<4xf32>) -> (tensor<4xi32>, tensor<4xf32>) {
  %a = nn.constant dense<3> : tensor<i32>
  %b = nn.constant dense<4> : tensor<i32>
  %c = nn.constant dense<3.0> : tensor<f32>
  %0 = nn.binary add, %a, %x : (tensor<i32>, tensor<4xi32>) -> tensor<4xi32>
  %1 = nn.binary add, %0, %b : (tensor<4xi32>, tensor<i32>) -> tensor<4xi32>
  %2 = nn.binary add, %y, %c : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %3 = nn.binary add, %2, %c : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  return %1, %3 : tensor<4xi32>, tensor<4xf32>
}

// -----

// CHECK-LABEL: func @select
// CHECK: %[[B:.*]] = nn.broadcast_to %arg1
// CHECK: %[[S:.*]] = nn.select %arg2, %arg0, %arg1
// CHECK: return %arg0, %[[B]], %[[S]]
func.func @select(%x: tensor<4xf32>, %y: tensor<f32>, %c: tensor<4xi1>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %t = nn.constant dense<true> : tensor<i1>
  %f = nn.constant dense<false> : tensor<i1>
  %0 = nn.select %t, %x, %y : (tensor<i1>, tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %1 = nn.select %f, %x, %y : (tensor<i1>, tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %n = nn.unary not, %c : (tensor<4xi1>) -> tensor<4xi1>
  %2 = nn.select %n, %y, %x : (tensor<4xi1>, tensor<f32>, tensor<4xf32>) -> tensor<4xf32>
  return %0, %1, %2 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// -----

// CHECK-LABEL: func @reshape
// CHECK: %[[S:.*]] = nn.constant dense<[4, 6]>
// CHECK: %[[R:.*]] = nn.reshape %arg0, %[[S]] : (tensor<2x3x4xf32>, tensor<2xi64>) -> tensor<4x6xf32>
// CHECK: return %[[R]], %arg0
func.func @reshape(%x: tensor<2x3x4xf32>) -> (tensor<4x6xf32>, tensor<2x3x4xf32>) {
  %a = nn.constant dense<[6, 4]> : tensor<2xi64>
  %b = nn.constant dense<[4, -1]> : tensor<2xi64>
  %c = nn.constant dense<[2, 3, 4]> : tensor<3xi64>
  %0 = nn.reshape %x, %a : (tensor<2x3x4xf32>, tensor<2xi64>) -> tensor<6x4xf32>
  %1 = nn.reshape %0, %b : (tensor<6x4xf32>, tensor<2xi64>) -> tensor<4x6xf32>
  %2 = nn.reshape %0, %c : (tensor<6x4xf32>, tensor<3xi64>) -> tensor<2x3x4xf32>
  return %1, %2 : tensor<4x6xf32>, tensor<2x3x4xf32>
}

// -----

// One unknown extent follows from the others, two do not.
// CHECK-LABEL: func @dynamic_reshape
// CHECK: %[[R:.*]] = nn.reshape %arg1
// CHECK: return %arg0, %[[R]]
func.func @dynamic_reshape(%x: tensor<?x4xf32>, %y: tensor<?x?xf32>, %s: tensor<2xi64>) -> (tensor<?x4xf32>, tensor<?x?xf32>) {
  %0 = nn.reshape %x, %s : (tensor<?x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  %1 = nn.reshape %y, %s : (tensor<?x?xf32>, tensor<2xi64>) -> tensor<?x?xf32>
  return %0, %1 : tensor<?x4xf32>, tensor<?x?xf32>
}

// -----

// CHECK-LABEL: func @transpose
// CHECK: %[[T:.*]] = nn.transpose %arg0, [2, 0, 1]
// CHECK: %[[U:.*]] = nn.reshape %arg1, {{.*}} -> tensor<4x1x3xf32>
// CHECK: return %[[T]], %arg0, %[[U]]
func.func @transpose(%x: tensor<2x3x4xf32>, %u: tensor<1x4x3xf32>) -> (tensor<4x2x3xf32>, tensor<2x3x4xf32>, tensor<4x1x3xf32>) {
  %0 = nn.transpose %x, [0, 2, 1] : (tensor<2x3x4xf32>) -> tensor<2x4x3xf32>
  %1 = nn.transpose %0, [1, 0, 2] : (tensor<2x4x3xf32>) -> tensor<4x2x3xf32>
  %2 = nn.transpose %0, [0, 2, 1] : (tensor<2x4x3xf32>) -> tensor<2x3x4xf32>
  %3 = nn.transpose %u, [1, 0, 2] : (tensor<1x4x3xf32>) -> tensor<4x1x3xf32>
  return %1, %2, %3 : tensor<4x2x3xf32>, tensor<2x3x4xf32>, tensor<4x1x3xf32>
}

// -----

// CHECK-LABEL: func @slice
// CHECK-DAG: %[[O:.*]] = nn.constant dense<3>
// CHECK: %[[S:.*]] = nn.slice %arg0, %[[O]], %{{.*}} {strides = array<i64: 4>} : (tensor<16xf32>, tensor<1xi64>, tensor<1xi64>) -> tensor<2xf32>
// CHECK: return %[[S]], %arg0
func.func @slice(%x: tensor<16xf32>) -> (tensor<2xf32>, tensor<16xf32>) {
  %one = nn.constant dense<1> : tensor<1xi64>
  %zero = nn.constant dense<0> : tensor<1xi64>
  %two = nn.constant dense<2> : tensor<1xi64>
  %seven = nn.constant dense<7> : tensor<1xi64>
  %all = nn.constant dense<16> : tensor<1xi64>
  %0 = nn.slice %x, %one, %seven {strides = array<i64: 2>} : (tensor<16xf32>, tensor<1xi64>, tensor<1xi64>) -> tensor<7xf32>
  %1 = nn.slice %0, %one, %two {strides = array<i64: 2>} : (tensor<7xf32>, tensor<1xi64>, tensor<1xi64>) -> tensor<2xf32>
  %2 = nn.slice %x, %zero, %all : (tensor<16xf32>, tensor<1xi64>, tensor<1xi64>) -> tensor<16xf32>
  return %1, %2 : tensor<2xf32>, tensor<16xf32>
}

// -----

// What a slice takes from a concat.
// CHECK-LABEL: func @split
// CHECK-NEXT: return %arg1
func.func @split(%x: tensor<2xf32>, %y: tensor<3xf32>) -> tensor<3xf32> {
  %o = nn.constant dense<2> : tensor<1xi64>
  %n = nn.constant dense<3> : tensor<1xi64>
  %0 = nn.concat %x, %y {axis = 0} : (tensor<2xf32>, tensor<3xf32>) -> tensor<5xf32>
  %1 = nn.slice %0, %o, %n : (tensor<5xf32>, tensor<1xi64>, tensor<1xi64>) -> tensor<3xf32>
  return %1 : tensor<3xf32>
}

// -----

// CHECK-LABEL: func @concat
// CHECK-NEXT: %[[C:.*]] = nn.concat %arg0, %arg1, %arg0 {axis = 0 : i64}
// CHECK-NEXT: return %[[C]], %arg0
func.func @concat(%x: tensor<2xf32>, %y: tensor<3xf32>, %z: tensor<0xf32>) -> (tensor<7xf32>, tensor<2xf32>) {
  %0 = nn.concat %x, %y {axis = 0} : (tensor<2xf32>, tensor<3xf32>) -> tensor<5xf32>
  %1 = nn.concat %0, %z, %x {axis = 0} : (tensor<5xf32>, tensor<0xf32>, tensor<2xf32>) -> tensor<7xf32>
  %2 = nn.concat %x {axis = 0} : (tensor<2xf32>) -> tensor<2xf32>
  return %1, %2 : tensor<7xf32>, tensor<2xf32>
}

// -----

// CHECK-LABEL: func @identities
// CHECK-NEXT: %[[S:.*]] = nn.constant dense<[2, 3]> : tensor<2xi64>
// CHECK-NEXT: return %[[S]], %arg0, %arg0, %arg0
func.func @identities(%x: tensor<2x3xf32>) -> (tensor<2xi64>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>) {
  %z = nn.constant dense<0> : tensor<2xi64>
  %v = nn.constant dense<1.0> : tensor<f32>
  %0 = nn.shape_of %x : (tensor<2x3xf32>) -> tensor<2xi64>
  %1 = nn.broadcast_to %x, %0 : (tensor<2x3xf32>, tensor<2xi64>) -> tensor<2x3xf32>
  %2 = nn.pad %x, %z, %z, %v : (tensor<2x3xf32>, tensor<2xi64>, tensor<2xi64>, tensor<f32>) -> tensor<2x3xf32>
  %3 = nn.cast %x to f32 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0, %1, %2, %3 : tensor<2xi64>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>
}
