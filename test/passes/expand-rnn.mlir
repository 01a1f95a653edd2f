// RUN: burin-opt %s --expand-rnn --canonicalize --cse --split-input-file | FileCheck %s
// Values are compared with the interpreter's in test/unit/ExpandRnnTest.cpp.

// One product for all inputs, the state's inside the loop; y is not made when nobody reads it.
// CHECK-LABEL: func @gru
func.func @gru(%x: tensor<7x2x3xf32>, %w: tensor<1x12x3xf32>, %r: tensor<1x12x4xf32>) -> tensor<1x2x4xf32> {
  // CHECK: %[[X:.*]] = nn.reshape %arg0, {{.*}} -> tensor<14x3xf32>
  // CHECK: %[[G:.*]] = nn.matmul %[[X]], {{.*}} -> tensor<14x12xf32>
  // CHECK: %[[A:.*]] = nn.reshape %[[G]], {{.*}} -> tensor<7x2x12xf32>
  // CHECK: scf.for %[[T:.*]] = %{{.*}} to %{{.*}} step %{{.*}} iter_args(%[[H:.*]] = %{{.*}}) -> (tensor<2x4xf32>)
  // CHECK: tensor.from_elements
  // CHECK: nn.slice %[[A]], {{.*}} -> tensor<1x2x12xf32>
  // CHECK: nn.matmul %[[H]]
  // CHECK: scf.yield %{{.*}} : tensor<2x4xf32>
  // CHECK-NOT: nn.scatter
  %0:2 = nn.rnn gru, %x, %w, %r {alphas = array<f64: 0.0, 0.0>, betas = array<f64: 0.0, 0.0>, fns = [#nn<unary_fn sigmoid>, #nn<unary_fn tanh>]} : (tensor<7x2x3xf32>, tensor<1x12x3xf32>, tensor<1x12x4xf32>) -> (tensor<7x1x2x4xf32>, tensor<1x2x4xf32>)
  return %0#1 : tensor<1x2x4xf32>
}

// -----

// One step needs no loop.
// CHECK-LABEL: func @one_step
// CHECK-NOT: scf.for
func.func @one_step(%x: tensor<1x2x3xf32>, %w: tensor<1x4x3xf32>, %r: tensor<1x4x4xf32>, %h: tensor<1x2x4xf32>) -> tensor<1x1x2x4xf32> {
  %0:2 = nn.rnn rnn, %x, %w, %r h0 %h {alphas = array<f64: 0.0>, betas = array<f64: 0.0>, fns = [#nn<unary_fn tanh>]} : (tensor<1x2x3xf32>, tensor<1x4x3xf32>, tensor<1x4x4xf32>, tensor<1x2x4xf32>) -> (tensor<1x1x2x4xf32>, tensor<1x2x4xf32>)
  return %0#0 : tensor<1x1x2x4xf32>
}

// -----

// The number of steps may be known at run time only.
// CHECK-LABEL: func @any_length
// CHECK: %[[N:.*]] = tensor.extract
// CHECK: %[[T:.*]] = arith.index_cast %[[N]]
// CHECK: scf.for %{{.*}} = %{{.*}} to %[[T]]
// CHECK: nn.scatter none
func.func @any_length(%x: tensor<?x2x3xf32>, %w: tensor<1x4x3xf32>, %r: tensor<1x4x4xf32>) -> tensor<?x1x2x4xf32> {
  %0:2 = nn.rnn rnn, %x, %w, %r {alphas = array<f64: 0.0>, betas = array<f64: 0.0>, fns = [#nn<unary_fn tanh>]} : (tensor<?x2x3xf32>, tensor<1x4x3xf32>, tensor<1x4x4xf32>) -> (tensor<?x1x2x4xf32>, tensor<1x2x4xf32>)
  return %0#0 : tensor<?x1x2x4xf32>
}
