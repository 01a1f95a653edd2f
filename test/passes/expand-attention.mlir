// RUN: burin-opt %s --expand-attention --canonicalize --cse --split-input-file | FileCheck %s
// Values are compared with the interpreter's in test/unit/ExpandAttentionTest.cpp.

// CHECK-LABEL: func @plain
func.func @plain(%q: tensor<1x2x3x4xf32>, %k: tensor<1x2x5x4xf32>, %v: tensor<1x2x5x6xf32>) -> tensor<1x2x3x6xf32> {
  // CHECK: %[[S:.*]] = nn.constant dense<5.000000e-01> : tensor<f32>
  // CHECK-NEXT: %[[L:.*]] = nn.matmul %arg0, %arg1 {tb = true} : {{.*}} -> tensor<1x2x3x5xf32>
  // CHECK-NEXT: %[[M:.*]] = nn.binary mul, %[[L]], %[[S]]
  // CHECK-NEXT: %[[P:.*]] = nn.softmax %[[M]], [3]
  // CHECK-NEXT: %[[R:.*]] = nn.matmul %[[P]], %arg2
  // CHECK-NEXT: return %[[R]]
  %0 = nn.attention %q, %k, %v {scale = 0.5 : f64} : (tensor<1x2x3x4xf32>, tensor<1x2x5x4xf32>, tensor<1x2x5x6xf32>) -> tensor<1x2x3x6xf32>
  return %0 : tensor<1x2x3x6xf32>
}

// -----

// Query heads of one key head become rows; keys and values are not copied.
// CHECK-LABEL: func @grouped
func.func @grouped(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32> {
  // CHECK: nn.matmul %{{.*}}, %arg1 {tb = true} : (tensor<1x2x6x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x2x6x5xf32>
  // CHECK-NOT: nn.broadcast_to
  // CHECK: nn.matmul %{{.*}}, %arg1 : (tensor<1x2x6x5xf32>, tensor<1x2x5x8xf32>) -> tensor<1x2x6x8xf32>
  %0 = nn.attention %q, %k, %k {scale = 1.0 : f64} : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return %0 : tensor<1x4x3x8xf32>
}

// -----

// A causal query sees itself at least, so no row needs a guard.
// CHECK-LABEL: func @causal
// CHECK: nn.iota
// CHECK: nn.compare le
// CHECK: nn.select
// CHECK: nn.softmax
// CHECK-NOT: nn.select
func.func @causal(%q: tensor<1x2x3x4xf32>) -> tensor<1x2x3x4xf32> {
  %0 = nn.attention %q, %q, %q {scale = 1.0 : f64, causal = true} : (tensor<1x2x3x4xf32>, tensor<1x2x3x4xf32>, tensor<1x2x3x4xf32>) -> tensor<1x2x3x4xf32>
  return %0 : tensor<1x2x3x4xf32>
}
