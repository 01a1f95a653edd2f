// RUN: burin-opt %s --fold-constants --split-input-file | FileCheck %s
// RUN: burin-opt %s --fold-constants="dequantize=true max-elements=4" --split-input-file | FileCheck %s --check-prefix=SMALL

// CHECK-LABEL: func @arithmetic
func.func @arithmetic() -> tensor<2xf32> {
  // CHECK-NEXT: %[[C:.*]] = nn.constant dense<[8.000000e+00, 1.000000e+01]> : tensor<2xf32>
  // CHECK-NEXT: return %[[C]]
  %a = nn.constant dense<[3.0, 4.0]> : tensor<2xf32>
  %b = nn.constant dense<2.0> : tensor<f32>
  %c = nn.constant dense<1.0> : tensor<f32>
  %0 = nn.binary add, %a, %c : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
  %1 = nn.binary mul, %0, %b : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
  return %1 : tensor<2xf32>
}

// -----

// CHECK-LABEL: func @known_branch
func.func @known_branch(%x: tensor<2xf32>) -> tensor<2xf32> {
  // CHECK-NEXT: %[[R:.*]] = nn.unary exp, %arg0
  // CHECK-NEXT: return %[[R]]
  %n = nn.constant dense<[3, 4]> : tensor<2xi64>
  %m = nn.constant dense<4> : tensor<i64>
  %lt = nn.compare lt, %n, %m : (tensor<2xi64>, tensor<i64>) -> tensor<2xi1>
  %all = nn.reduce max, %lt, [0] : (tensor<2xi1>) -> tensor<i1>
  %c = tensor.extract %all[] : tensor<i1>
  %0 = scf.if %c -> (tensor<2xf32>) {
    %1 = nn.unary exp, %x : (tensor<2xf32>) -> tensor<2xf32>
    scf.yield %1 : tensor<2xf32>
  } else {
    %1 = nn.unary log, %x : (tensor<2xf32>) -> tensor<2xf32>
    scf.yield %1 : tensor<2xf32>
  }
  return %0 : tensor<2xf32>
}

// -----

// CHECK-LABEL: func @weights_stay_quantised
func.func @weights_stay_quantised() -> tensor<2xf32> {
  // CHECK: nn.dequantize
  // SMALL-LABEL: func @weights_stay_quantised
  // SMALL-NEXT: nn.constant dense<[1.500000e+00, -1.000000e+00]>
  // SMALL-NEXT: return
  %q = nn.constant dense<[3, -2]> : tensor<2xi8>
  %s = nn.constant dense<0.5> : tensor<f32>
  %0 = nn.dequantize %q, %s to f32 : (tensor<2xi8>, tensor<f32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// -----

// CHECK-LABEL: func @limit
func.func @limit() -> (tensor<8xf32>, tensor<2x4xf32>) {
  // SMALL-LABEL: func @limit
  // SMALL-DAG: nn.iota
  // SMALL-DAG: nn.constant dense<{{\[\[}}1.000000e+00, 2.000000e+00
  // CHECK-NOT: nn.iota
  %n = nn.constant dense<8> : tensor<i64>
  %0 = nn.iota %n as f32 : (tensor<i64>) -> tensor<8xf32>
  %w = nn.constant dense<[[1.0, 5.0], [2.0, 6.0], [3.0, 7.0], [4.0, 8.0]]> : tensor<4x2xf32>
  %1 = nn.transpose %w, [1, 0] : (tensor<4x2xf32>) -> tensor<2x4xf32>
  return %0, %1 : tensor<8xf32>, tensor<2x4xf32>
}

// -----

// CHECK-LABEL: func @effects
func.func @effects(%x: tensor<?xf32>) -> tensor<?xf32> {
  // CHECK-NEXT: %[[F:.*]] = nn.constant dense<false>
  // CHECK-NEXT: nn.check %[[F]], 2, "never"
  // CHECK-NEXT: return %arg0
  %t = nn.constant dense<true> : tensor<i1>
  %f = nn.constant dense<false> : tensor<i1>
  nn.check %t, 1, "holds" : tensor<i1>
  nn.check %f, 2, "never" : tensor<i1>
  return %x : tensor<?xf32>
}

// -----

// CHECK-LABEL: func @through_cast
func.func @through_cast() -> tensor<?xi64> {
  // CHECK-NEXT: %[[C:.*]] = nn.constant dense<[-1, -2]>
  // CHECK-NEXT: %[[D:.*]] = tensor.cast %[[C]] : tensor<2xi64> to tensor<?xi64>
  // CHECK-NEXT: return %[[D]]
  %c = nn.constant dense<[1, 2]> : tensor<2xi64>
  %0 = tensor.cast %c : tensor<2xi64> to tensor<?xi64>
  %1 = nn.unary neg, %0 : (tensor<?xi64>) -> tensor<?xi64>
  return %1 : tensor<?xi64>
}

// -----

// Broadcasts stay where they are read elementwise; as weights they become constants,
// equal ones only one.
// CHECK-LABEL: func @splat_weights
func.func @splat_weights(%x: tensor<1x600xf32>, %z: tensor<600x600xf32>) -> (tensor<1x600xf32>, tensor<600x600xf32>) {
  // CHECK: %[[W:.*]] = nn.constant dense_resource<{{.*}}> : tensor<600x600xf32>
  // CHECK-NOT: dense_resource
  // CHECK: %[[B:.*]] = nn.broadcast_to
  // CHECK: %[[P:.*]] = nn.matmul %arg0, %[[W]]
  // CHECK: nn.matmul %[[P]], %[[W]]
  // CHECK: nn.binary add, %arg1, %[[B]]
  %one = nn.constant dense<1.0> : tensor<f32>
  %shape = nn.constant dense<600> : tensor<2xi64>
  %w = nn.broadcast_to %one, %shape : (tensor<f32>, tensor<2xi64>) -> tensor<600x600xf32>
  %v = nn.broadcast_to %one, %shape : (tensor<f32>, tensor<2xi64>) -> tensor<600x600xf32>
  %0 = nn.matmul %x, %w : (tensor<1x600xf32>, tensor<600x600xf32>) -> tensor<1x600xf32>
  %1 = nn.matmul %0, %v : (tensor<1x600xf32>, tensor<600x600xf32>) -> tensor<1x600xf32>
  %2 = nn.binary add, %z, %v : (tensor<600x600xf32>, tensor<600x600xf32>) -> tensor<600x600xf32>
  return %1, %2 : tensor<1x600xf32>, tensor<600x600xf32>
}

// -----

// Beyond what all weights may take together, they stay broadcasts.
// CHECK-LABEL: func @hostile_weights
func.func @hostile_weights(%x: tensor<1x60000xf32>) -> tensor<1x60000xf32> {
  // CHECK-NOT: dense_resource
  // CHECK: nn.broadcast_to
  %one = nn.constant dense<1.0> : tensor<f32>
  %shape = nn.constant dense<60000> : tensor<2xi64>
  %w = nn.broadcast_to %one, %shape : (tensor<f32>, tensor<2xi64>) -> tensor<60000x60000xf32>
  %0 = nn.matmul %x, %w : (tensor<1x60000xf32>, tensor<60000x60000xf32>) -> tensor<1x60000xf32>
  return %0 : tensor<1x60000xf32>
}
