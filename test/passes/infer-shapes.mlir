// RUN: burin-opt %s --infer-shapes | FileCheck %s

// CHECK-LABEL: func @straight(%arg0: tensor<2x3xf32>) -> (tensor<3x2xf32> {nn.dims = [3, 2]})
func.func @straight(%x: tensor<2x3xf32>) -> (tensor<?x?xf32> {nn.dims = ["A", "B"]}) {
  // CHECK: nn.unary exp, %arg0 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %0 = nn.unary exp, %x : (tensor<2x3xf32>) -> tensor<?x?xf32>
  // CHECK: nn.transpose {{.*}} -> tensor<3x2xf32>
  %1 = nn.transpose %0, [1, 0] : (tensor<?x?xf32>) -> tensor<?x?xf32>
  return %1 : tensor<?x?xf32>
}

// A declared result may know more than the body.
// CHECK-LABEL: func @declared(%arg0: tensor<?xf32>) -> tensor<4xf32>
func.func @declared(%x: tensor<?xf32>) -> tensor<4xf32> {
  // CHECK: %[[Y:.*]] = nn.unary exp, %arg0 : (tensor<?xf32>) -> tensor<4xf32>
  // CHECK: return %[[Y]] : tensor<4xf32>
  %0 = nn.unary exp, %x : (tensor<?xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// Contents of shape operands are followed through their arithmetic.
// CHECK-LABEL: func @contents
// CHECK-SAME: -> tensor<6x4xf32>
func.func @contents(%x: tensor<2x3x4xf32>) -> tensor<?x?xf32> {
  %s = nn.shape_of %x : (tensor<2x3x4xf32>) -> tensor<3xi64>
  %i = nn.constant dense<[0, 1]> : tensor<2xi64>
  %lead = nn.gather %s, %i {axis = 0} : (tensor<3xi64>, tensor<2xi64>) -> tensor<2xi64>
  %n = nn.reduce prod, %lead, [0] {keepdims = true} : (tensor<2xi64>) -> tensor<1xi64>
  %rest = nn.constant dense<-1> : tensor<1xi64>
  %t = nn.concat %n, %rest {axis = 0} : (tensor<1xi64>, tensor<1xi64>) -> tensor<2xi64>
  // CHECK: %[[T:.*]] = nn.constant dense<[6, -1]>
  // CHECK: nn.reshape %arg0, %[[T]] : (tensor<2x3x4xf32>, tensor<2xi64>) -> tensor<6x4xf32>
  %0 = nn.reshape %x, %t : (tensor<2x3x4xf32>, tensor<2xi64>) -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

// A symbol that cancels gives a static extent.
// CHECK-LABEL: func @symbolic
// CHECK: nn.reshape {{.*}} -> tensor<?x8xf32>
func.func @symbolic(%x: tensor<?x2x4xf32> {nn.dims = ["N", 2, 4]}) -> tensor<?x?xf32> {
  %s = nn.shape_of %x : (tensor<?x2x4xf32>) -> tensor<3xi64>
  %o = nn.constant dense<0> : tensor<1xi64>
  %z = nn.constant dense<1> : tensor<1xi64>
  %n = nn.slice %s, %o, %z : (tensor<3xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  %rest = nn.constant dense<-1> : tensor<1xi64>
  %t = nn.concat %n, %rest {axis = 0} : (tensor<1xi64>, tensor<1xi64>) -> tensor<2xi64>
  %0 = nn.reshape %x, %t : (tensor<?x2x4xf32>, tensor<2xi64>) -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

// Both branches know 2, only one knows the rest.
// CHECK-LABEL: func @branches
func.func @branches(%c: i1, %x: tensor<2x3xf32>, %y: tensor<2x?xf32>) -> tensor<?x?xf32> {
  // CHECK: scf.if %arg0 -> (tensor<2x?xf32>)
  %0 = scf.if %c -> (tensor<?x?xf32>) {
    // CHECK: %[[A:.*]] = nn.unary exp, %arg1 : (tensor<2x3xf32>) -> tensor<2x3xf32>
    // CHECK: %[[B:.*]] = tensor.cast %[[A]] : tensor<2x3xf32> to tensor<2x?xf32>
    // CHECK: scf.yield %[[B]]
    %1 = nn.unary exp, %x : (tensor<2x3xf32>) -> tensor<?x?xf32>
    scf.yield %1 : tensor<?x?xf32>
  } else {
    %1 = nn.unary exp, %y : (tensor<2x?xf32>) -> tensor<?x?xf32>
    scf.yield %1 : tensor<?x?xf32>
  }
  return %0 : tensor<?x?xf32>
}

// The carried value keeps its shape.
// CHECK-LABEL: func @loop
// CHECK-SAME: -> tensor<2x3xf32>
func.func @loop(%n: index, %x: tensor<2x3xf32>) -> tensor<?x3xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %init = tensor.cast %x : tensor<2x3xf32> to tensor<?x3xf32>
  // CHECK: scf.for {{.*}} iter_args(%{{.*}} = %arg1) -> (tensor<2x3xf32>)
  %0 = scf.for %i = %c0 to %n step %c1 iter_args(%v = %init) -> (tensor<?x3xf32>) {
    // CHECK: nn.unary exp, %{{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
    %1 = nn.unary exp, %v : (tensor<?x3xf32>) -> tensor<?x3xf32>
    scf.yield %1 : tensor<?x3xf32>
  }
  return %0 : tensor<?x3xf32>
}

// The carried value grows: the guess of its first extent is given up, the second stays.
// CHECK-LABEL: func @growing
// CHECK-SAME: -> tensor<?x3xf32>
func.func @growing(%n: index, %x: tensor<0x3xf32>, %row: tensor<1x3xf32>) -> tensor<?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %init = tensor.cast %x : tensor<0x3xf32> to tensor<?x?xf32>
  // CHECK: %[[I:.*]] = tensor.cast %arg1 : tensor<0x3xf32> to tensor<?x3xf32>
  // CHECK: scf.for {{.*}} iter_args(%{{.*}} = %[[I]]) -> (tensor<?x3xf32>)
  %0 = scf.for %i = %c0 to %n step %c1 iter_args(%v = %init) -> (tensor<?x?xf32>) {
    // CHECK: nn.concat {{.*}} : (tensor<?x3xf32>, tensor<1x3xf32>) -> tensor<?x3xf32>
    %1 = nn.concat %v, %row {axis = 0} : (tensor<?x?xf32>, tensor<1x3xf32>) -> tensor<?x?xf32>
    scf.yield %1 : tensor<?x?xf32>
  }
  return %0 : tensor<?x?xf32>
}

// A guess that breaks the body is no error.
// CHECK-LABEL: func @wrong_guess
func.func @wrong_guess(%n: index, %x: tensor<0x3xf32>, %y: tensor<5x3xf32>) -> tensor<?x3xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %init = tensor.cast %x : tensor<0x3xf32> to tensor<?x3xf32>
  // CHECK: scf.for {{.*}} -> (tensor<?x3xf32>)
  %0 = scf.for %i = %c0 to %n step %c1 iter_args(%v = %init) -> (tensor<?x3xf32>) {
    %1 = nn.binary add, %v, %y : (tensor<?x3xf32>, tensor<5x3xf32>) -> tensor<5x3xf32>
    %2 = tensor.cast %1 : tensor<5x3xf32> to tensor<?x3xf32>
    scf.yield %2 : tensor<?x3xf32>
  }
  return %0 : tensor<?x3xf32>
}

// CHECK-LABEL: func @while
// CHECK-SAME: -> tensor<2xf32>
func.func @while(%x: tensor<2xf32>, %c: i1) -> tensor<?xf32> {
  %init = tensor.cast %x : tensor<2xf32> to tensor<?xf32>
  // CHECK: scf.while {{.*}} : (tensor<2xf32>) -> tensor<2xf32>
  %0 = scf.while (%v = %init) : (tensor<?xf32>) -> tensor<?xf32> {
    scf.condition(%c) %v : tensor<?xf32>
  } do {
  ^bb0(%v: tensor<?xf32>):
    %1 = nn.unary exp, %v : (tensor<?xf32>) -> tensor<?xf32>
    scf.yield %1 : tensor<?xf32>
  }
  return %0 : tensor<?xf32>
}
