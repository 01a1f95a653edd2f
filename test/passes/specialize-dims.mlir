// RUN: burin-opt %s --specialize-dims="dims=N=4,S=1..512" --infer-shapes --canonicalize | FileCheck %s
// RUN: not burin-opt %s --specialize-dims="dims=M=4" 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not burin-opt %s --specialize-dims="dims=N=-4" 2>&1 | FileCheck %s --check-prefix=SYNTAX
// RUN: not burin-opt %s --specialize-dims="dims=N=9..4" 2>&1 | FileCheck %s --check-prefix=RANGE

// UNKNOWN: the model has no dimension named 'M'
// SYNTAX: cannot read the dimension 'N=-4': use NAME=EXTENT or NAME=LOW..HIGH
// RANGE: cannot read the dimension 'N=9..4'

// CHECK: func @main(%arg0: tensor<4x?xf32> {nn.dims = [4, "S"]}, %arg1: tensor<8xf32> {nn.dims = [8]})
// CHECK-SAME: -> (tensor<4x?xf32> {nn.dims = [4, "S"]})
// CHECK-SAME: nn.dim_ranges = {S = [1, 512]}
// CHECK-NEXT: nn.unary exp, %arg0 : (tensor<4x?xf32>) -> tensor<4x?xf32>
// CHECK-NEXT: return
func.func @main(%x: tensor<?x?xf32> {nn.dims = ["N", "S"]}, %y: tensor<?xf32> {nn.dims = ["2*N"]}) -> (tensor<?x?xf32> {nn.dims = ["N", "S"]}) {
  %0 = nn.unary exp, %x : (tensor<?x?xf32>) -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}
