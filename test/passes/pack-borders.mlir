// RUN: burin-opt %s -pack-borders -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: func.func @main
// CHECK-SAME: %[[X:.*]]: tensor<2xui8> {nn.dims = [2], nn.packed = tensor<3xi4>}
// CHECK-SAME: -> (tensor<2xui8> {nn.dims = [2], nn.packed = tensor<3xui4>})
// CHECK: %[[S:.*]] = nn.constant dense<{{\[\[}}0, 4]]>
// CHECK: nn.binary shr, %{{.*}}, %[[S]]
// CHECK: nn.binary and, %{{.*}} -> tensor<2x2xui8>
// CHECK: nn.slice {{.*}} -> tensor<3xui8>
// CHECK: nn.cast {{.*}} -> tensor<3xi4>
// CHECK: nn.cast {{.*}} -> tensor<3xui4>
// CHECK: nn.concat
// CHECK: nn.binary shl
// CHECK: nn.reduce sum, {{.*}} -> tensor<2xui8>
func.func @main(%x: tensor<3xi4> {nn.dims = [3]}) -> (tensor<3xui4> {nn.dims = [3]}) {
  %0 = nn.cast %x to ui4 : (tensor<3xi4>) -> tensor<3xui4>
  return %0 : tensor<3xui4>
}

// -----

// Bytes and bools stay as they are.
// CHECK-LABEL: func.func @main
// CHECK-SAME: (%{{.*}}: tensor<3xi8>, %[[B:.*]]: tensor<2xi1>) -> tensor<2xi1>
// CHECK-NEXT: return %[[B]]
func.func @main(%x: tensor<3xi8>, %b: tensor<2xi1>) -> tensor<2xi1> {
  return %b : tensor<2xi1>
}

// -----

// expected-error@+1 {{"x" has elements of less than a byte, so its dimensions must be fixed}}
func.func @main(%x: tensor<?xi4> {nn.name = "x", nn.dims = ["N"]}) {
  return
}
