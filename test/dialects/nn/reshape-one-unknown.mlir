// RUN: burin-opt %s -canonicalize | FileCheck %s

// The shape that an exporter computes is not needed where one extent is unknown.
// CHECK-LABEL: func.func @flatten
// CHECK-NEXT: %[[S:.*]] = nn.constant dense<[-1, 12]>
// CHECK-NEXT: %[[R:.*]] = nn.reshape %arg0, %[[S]]
// CHECK-NEXT: return %[[R]]
func.func @flatten(%x: tensor<?x3x4xf32>) -> tensor<?x12xf32> {
  %all = nn.shape_of %x : (tensor<?x3x4xf32>) -> tensor<3xi64>
  %zero = nn.constant dense<0> : tensor<1xi64>
  %one = nn.constant dense<1> : tensor<1xi64>
  %batch = nn.slice %all, %zero, %one : (tensor<3xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  %rest = nn.constant dense<12> : tensor<1xi64>
  %shape = nn.concat %batch, %rest {axis = 0 : i64} : (tensor<1xi64>, tensor<1xi64>) -> tensor<2xi64>
  %0 = nn.reshape %x, %shape : (tensor<?x3x4xf32>, tensor<2xi64>) -> tensor<?x12xf32>
  return %0 : tensor<?x12xf32>
}

// Nothing follows from a product with 0.
// CHECK-LABEL: func.func @empty
// CHECK-NEXT: nn.reshape %arg0, %arg1
func.func @empty(%x: tensor<0x3xf32>, %s: tensor<2xi64>) -> tensor<?x0xf32> {
  %0 = nn.reshape %x, %s : (tensor<0x3xf32>, tensor<2xi64>) -> tensor<?x0xf32>
  return %0 : tensor<?x0xf32>
}

// Which of two unknown extents is kept, the shape alone tells.
// CHECK-LABEL: func.func @squeeze
// CHECK: %[[S:.*]] = nn.concat
// CHECK-NEXT: nn.reshape %arg0, %[[S]]
func.func @squeeze(%x: tensor<?x4x?xf32>) -> tensor<?x4xf32> {
  %all = nn.shape_of %x : (tensor<?x4x?xf32>) -> tensor<3xi64>
  %zero = nn.constant dense<0> : tensor<1xi64>
  %one = nn.constant dense<1> : tensor<1xi64>
  %batch = nn.slice %all, %zero, %one : (tensor<3xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  %rest = nn.constant dense<4> : tensor<1xi64>
  %shape = nn.concat %batch, %rest {axis = 0 : i64} : (tensor<1xi64>, tensor<1xi64>) -> tensor<2xi64>
  %0 = nn.reshape %x, %shape : (tensor<?x4x?xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}
