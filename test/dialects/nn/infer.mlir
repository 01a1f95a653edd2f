// RUN: burin-opt %s --infer-shapes | FileCheck %s

// CHECK-LABEL: func @elementwise
func.func @elementwise(%x: tensor<?x4xf32>, %y: tensor<3x1xf32>, %z: tensor<0xf32>, %o: tensor<1xf32>, %c: tensor<?x1x1xi1>) {
  %c2 = nn.constant dense<2> : tensor<i64>
  // CHECK: nn.binary add, {{.*}} -> tensor<3x4xf32>
  %0 = nn.binary add, %x, %y : (tensor<?x4xf32>, tensor<3x1xf32>) -> tensor<?x?xf32>
  // CHECK: nn.binary add, {{.*}} -> tensor<0xf32>
  %1 = nn.binary add, %z, %o : (tensor<0xf32>, tensor<1xf32>) -> tensor<?xf32>
  // CHECK: nn.binary pow, {{.*}} -> tensor<?x4xf32>
  %2 = nn.binary pow, %x, %c2 : (tensor<?x4xf32>, tensor<i64>) -> tensor<?x?xf32>
  // CHECK: nn.compare lt, {{.*}} -> tensor<3x4xi1>
  %3 = nn.compare lt, %x, %y : (tensor<?x4xf32>, tensor<3x1xf32>) -> tensor<?x?xi1>
  // CHECK: nn.select {{.*}} -> tensor<?x3x4xf32>
  %4 = nn.select %c, %x, %y : (tensor<?x1x1xi1>, tensor<?x4xf32>, tensor<3x1xf32>) -> tensor<?x?x?xf32>
  // CHECK: nn.cast {{.*}} -> tensor<3x1xi8>
  %5 = nn.cast %y to i8 : (tensor<3x1xf32>) -> tensor<?x?xi8>
  return
}

// CHECK-LABEL: func @movement
func.func @movement(%x: tensor<2x?x4xf32>, %s: tensor<2xi64>, %i: tensor<2x5xi32>) {
  %a = nn.constant dense<[-1, 4]> : tensor<2xi64>
  // CHECK: nn.reshape {{.*}} -> tensor<?x4xf32>
  %0 = nn.reshape %x, %a : (tensor<2x?x4xf32>, tensor<2xi64>) -> tensor<?x?xf32>
  // CHECK: nn.reshape %arg0, %arg1 {{.*}} -> tensor<?x?xf32>
  %1 = nn.reshape %x, %s : (tensor<2x?x4xf32>, tensor<2xi64>) -> tensor<?x?xf32>
  // CHECK: nn.transpose {{.*}} -> tensor<4x2x?xf32>
  %2 = nn.transpose %x, [2, 0, 1] : (tensor<2x?x4xf32>) -> tensor<?x?x?xf32>
  %b = nn.constant dense<[7, 2, 3, 4]> : tensor<4xi64>
  // CHECK: nn.broadcast_to {{.*}} -> tensor<7x2x3x4xf32>
  %3 = nn.broadcast_to %x, %b : (tensor<2x?x4xf32>, tensor<4xi64>) -> tensor<?x?x?x?xf32>
  %z = nn.constant dense<[0, 0, 0]> : tensor<3xi64>
  %n = nn.constant dense<[1, 3, 2]> : tensor<3xi64>
  // CHECK: nn.slice {{.*}} -> tensor<1x3x2xf32>
  %4 = nn.slice %x, %z, %n : (tensor<2x?x4xf32>, tensor<3xi64>, tensor<3xi64>) -> tensor<?x?x?xf32>
  return
}

// CHECK-LABEL: func @more_movement
func.func @more_movement(%x: tensor<2x?x4xf32>, %y: tensor<?x3x4xf32>, %i: tensor<2x5xi32>, %j: tensor<7xi64>, %v: tensor<f32>, %n: tensor<i64>, %u: tensor<7x?x4xf32>) {
  // CHECK: nn.concat {{.*}} -> tensor<2x?x4xf32>
  %0 = nn.concat %x, %y, %y {axis = 1} : (tensor<2x?x4xf32>, tensor<?x3x4xf32>, tensor<?x3x4xf32>) -> tensor<?x?x?xf32>
  // CHECK: nn.concat {{.*}} -> tensor<?x6x4xf32>
  %1 = nn.concat %y, %y {axis = 1} : (tensor<?x3x4xf32>, tensor<?x3x4xf32>) -> tensor<?x?x?xf32>
  %l = nn.constant dense<[0, 1, 2]> : tensor<3xi64>
  // CHECK: nn.pad {{.*}} -> tensor<2x?x8xf32>
  %2 = nn.pad %x, %l, %l, %v : (tensor<2x?x4xf32>, tensor<3xi64>, tensor<3xi64>, tensor<f32>) -> tensor<?x?x?xf32>
  // CHECK: nn.gather {{.*}} -> tensor<2x5x4xf32>
  %3 = nn.gather %x, %i {axis = 1, batch_dims = 1} : (tensor<2x?x4xf32>, tensor<2x5xi32>) -> tensor<?x?x?xf32>
  // CHECK: nn.gather {{.*}} -> tensor<2x?x2x5xf32>
  %4 = nn.gather %x, %i {axis = 2} : (tensor<2x?x4xf32>, tensor<2x5xi32>) -> tensor<?x?x?x?xf32>
  // CHECK: nn.scatter {{.*}} -> tensor<?x3x4xf32>
  %5 = nn.scatter none, %y, %j, %u : (tensor<?x3x4xf32>, tensor<7xi64>, tensor<7x?x4xf32>) -> tensor<?x?x?xf32>
  // CHECK: nn.iota {{.*}} -> tensor<?xi32>
  %6 = nn.iota %n as i32 : (tensor<i64>) -> tensor<?xi32>
  // CHECK: nn.shape_of {{.*}} -> tensor<3xi64>
  %7 = nn.shape_of %x : (tensor<2x?x4xf32>) -> tensor<?xi64>
  return
}

// CHECK-LABEL: func @reductions
func.func @reductions(%x: tensor<2x?x4xf32>, %k: tensor<i64>) {
  // CHECK: nn.reduce max, {{.*}} -> tensor<?xf32>
  %0 = nn.reduce max, %x, [0, 2] : (tensor<2x?x4xf32>) -> tensor<?xf32>
  // CHECK: nn.reduce max, {{.*}} -> tensor<2x4xf32>
  %1 = nn.reduce max, %x, [1] : (tensor<2x?x4xf32>) -> tensor<?x?xf32>
  // CHECK: nn.reduce max, {{.*}} -> tensor<2x?x4xf32>
  %2 = nn.reduce max, %x, [] : (tensor<2x?x4xf32>) -> tensor<?x?x?xf32>
  // CHECK: nn.arg_reduce min, {{.*}} -> tensor<2x1x4xi64>
  %3 = nn.arg_reduce min, %x {axis = 1, keepdims = true} : (tensor<2x?x4xf32>) -> tensor<?x?x?xi64>
  %c3 = nn.constant dense<3> : tensor<i64>
  // CHECK: nn.top_k {{.*}} -> (tensor<2x3x4xf32>, tensor<2x3x4xi64>)
  %4, %5 = nn.top_k %x, %c3 {axis = 1} : (tensor<2x?x4xf32>, tensor<i64>) -> (tensor<?x?x?xf32>, tensor<?x?x?xi64>)
  // CHECK: nn.top_k {{.*}} -> (tensor<2x?x?xf32>, tensor<2x?x?xi64>)
  %6, %7 = nn.top_k %x, %k {axis = 2} : (tensor<2x?x4xf32>, tensor<i64>) -> (tensor<?x?x?xf32>, tensor<?x?x?xi64>)
  return
}

// CHECK-LABEL: func @contractions
func.func @contractions(%a: tensor<?x1x2x3xf32>, %b: tensor<5x4x3xf32>, %q: tensor<2x3xi8>, %x: tensor<?x4x9x?xf32>, %h: tensor<1x9x9x4xf32>, %w: tensor<6x4x3x3xf32>, %v: tensor<6x3x3x4xf32>) {
  %u = nn.constant dense<1.0> : tensor<4x3x3x3xf32>
  // CHECK: nn.matmul {{.*}} -> tensor<?x5x2x4xf32>
  %0 = nn.matmul %a, %b {tb = true} : (tensor<?x1x2x3xf32>, tensor<5x4x3xf32>) -> tensor<?x?x?x?xf32>
  // CHECK: nn.matmul {{.*}} -> tensor<3x3xi32>
  %1 = nn.matmul %q, %q {ta = true} : (tensor<2x3xi8>, tensor<2x3xi8>) -> tensor<?x?xi32>
  // CHECK: nn.conv {{.*}} -> tensor<?x6x4x?xf32>
  %2 = nn.conv %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 0, 0>, strides = array<i64: 2, 2>} : (tensor<?x4x9x?xf32>, tensor<6x4x3x3xf32>) -> tensor<?x?x?x?xf32>
  // CHECK: nn.conv {{.*}} -> tensor<1x4x4x6xf32>
  %3 = nn.conv %h, %v {dilations = array<i64: 1, 1>, layout = #nn<layout nhwc>, pads = array<i64: 1, 1, 0, 0>, strides = array<i64: 2, 2>} : (tensor<1x9x9x4xf32>, tensor<6x3x3x4xf32>) -> tensor<?x?x?x?xf32>
  // CHECK: nn.pool max, {{.*}} -> tensor<?x4x5x?xf32>
  %4 = nn.pool max, %x {ceil = true, dilations = array<i64: 1, 1>, kernel = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>} : (tensor<?x4x9x?xf32>) -> tensor<?x?x?x?xf32>
  // CHECK: nn.pool sum, {{.*}} -> tensor<1x1x1x4xf32>
  %5 = nn.pool sum, %h {dilations = array<i64: 1, 1>, kernel = array<i64: 9, 9>, layout = #nn<layout nhwc>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x9x9x4xf32>) -> tensor<?x?x?x?xf32>
  // CHECK: nn.conv_transpose {{.*}} -> tensor<?x6x18x?xf32>
  %6 = nn.conv_transpose %x, %u {dilations = array<i64: 1, 1>, group = 2, output_padding = array<i64: 1, 0>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>} : (tensor<?x4x9x?xf32>, tensor<4x3x3x3xf32>) -> tensor<?x?x?x?xf32>
  return
}

// CHECK-LABEL: func @composites
func.func @composites(%q: tensor<?x4x?x8xf32>, %k: tensor<2x2x7x8xf32>, %v: tensor<2x2x7x6xf32>, %x: tensor<?x3x2xf32>, %w: tensor<2x20x2xf32>, %r: tensor<2x20x5xf32>) {
  // CHECK: nn.attention {{.*}} -> tensor<2x4x?x6xf32>
  %0 = nn.attention %q, %k, %v {scale = 1.0 : f64} : (tensor<?x4x?x8xf32>, tensor<2x2x7x8xf32>, tensor<2x2x7x6xf32>) -> tensor<?x?x?x?xf32>
  // CHECK: nn.rnn lstm, {{.*}} -> (tensor<?x2x3x5xf32>, tensor<2x3x5xf32>, tensor<2x3x5xf32>)
  %1:3 = nn.rnn lstm, %x, %w, %r {alphas = array<f64: 0.0, 0.0, 0.0, 0.0, 0.0, 0.0>, betas = array<f64: 0.0, 0.0, 0.0, 0.0, 0.0, 0.0>, direction = #nn<direction bidirectional>, fns = [#nn<unary_fn sigmoid>, #nn<unary_fn tanh>, #nn<unary_fn tanh>, #nn<unary_fn sigmoid>, #nn<unary_fn tanh>, #nn<unary_fn tanh>]} : (tensor<?x3x2xf32>, tensor<2x20x2xf32>, tensor<2x20x5xf32>) -> (tensor<?x?x?x?xf32>, tensor<?x?x?xf32>, tensor<?x?x?xf32>)
  return
}
