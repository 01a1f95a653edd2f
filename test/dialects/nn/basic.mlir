// RUN: burin-opt %s --verify-roundtrip | FileCheck %s
// RUN: burin-opt %s --mlir-print-op-generic | burin-opt | FileCheck %s

// CHECK-LABEL: func @elementwise
func.func @elementwise(%x: tensor<2x4xf32>, %y: tensor<4xf32>, %c: tensor<2x1xi1>) -> tensor<2x4xi8> {
  // CHECK: nn.constant dense<1.000000e+00> : tensor<f32>
  %one = nn.constant dense<1.0> : tensor<f32>
  %zp = nn.constant dense<0> : tensor<i8>
  // CHECK: nn.unary exp, %{{.*}} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %0 = nn.unary exp, %x : (tensor<2x4xf32>) -> tensor<2x4xf32>
  // CHECK: nn.unary leaky_relu, %{{.*}} {alpha = 1.000000e-01 : f64}
  %1 = nn.unary leaky_relu, %0 {alpha = 0.1 : f64} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  // CHECK: nn.binary add, %{{.*}}, %{{.*}} : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  %2 = nn.binary add, %1, %y : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  // CHECK: nn.compare lt
  %3 = nn.compare lt, %2, %y : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xi1>
  // CHECK: nn.unary not,
  %4 = nn.unary not, %3 : (tensor<2x4xi1>) -> tensor<2x4xi1>
  // CHECK: nn.binary and,
  %5 = nn.binary and, %4, %c : (tensor<2x4xi1>, tensor<2x1xi1>) -> tensor<2x4xi1>
  // CHECK: nn.select
  %6 = nn.select %5, %2, %one : (tensor<2x4xi1>, tensor<2x4xf32>, tensor<f32>) -> tensor<2x4xf32>
  // CHECK: nn.cast %{{.*}} to f16 : (tensor<2x4xf32>) -> tensor<2x4xf16>
  %7 = nn.cast %6 to f16 : (tensor<2x4xf32>) -> tensor<2x4xf16>
  // CHECK: nn.bitcast %{{.*}} to i16
  %8 = nn.bitcast %7 to i16 : (tensor<2x4xf16>) -> tensor<2x4xi16>
  // CHECK: nn.quantize %{{.*}}, %{{.*}}, %{{.*}} to i8 {axis = 1 : i64}
  %zps = nn.constant dense<0> : tensor<4xi8>
  %9 = nn.quantize %6, %y, %zps to i8 {axis = 1} : (tensor<2x4xf32>, tensor<4xf32>, tensor<4xi8>) -> tensor<2x4xi8>
  // CHECK: nn.dequantize %{{.*}}, %{{.*}} to f32
  %10 = nn.dequantize %9, %one to f32 : (tensor<2x4xi8>, tensor<f32>) -> tensor<2x4xf32>
  %11 = nn.cast %10 to i32 : (tensor<2x4xf32>) -> tensor<2x4xi32>
  // CHECK: nn.requantize %{{.*}}, %{{.*}}, %{{.*}} to i8 {mode = #nn<requantize_mode tflite>}
  %12 = nn.requantize %11, %y, %zp to i8 {mode = #nn<requantize_mode tflite>} : (tensor<2x4xi32>, tensor<4xf32>, tensor<i8>) -> tensor<2x4xi8>
  return %12 : tensor<2x4xi8>
}

// CHECK-LABEL: func @movement
func.func @movement(%x: tensor<2x?x4xf32>, %i: tensor<3xi64>) -> tensor<?xf32> {
  %shape = nn.constant dense<[-1, 8]> : tensor<2xi64>
  // CHECK: nn.reshape %{{.*}}, %{{.*}} : (tensor<2x?x4xf32>, tensor<2xi64>) -> tensor<?x8xf32>
  %0 = nn.reshape %x, %shape : (tensor<2x?x4xf32>, tensor<2xi64>) -> tensor<?x8xf32>
  // CHECK: nn.transpose %{{.*}}, [1, 0] : (tensor<?x8xf32>) -> tensor<8x?xf32>
  %1 = nn.transpose %0, [1, 0] : (tensor<?x8xf32>) -> tensor<8x?xf32>
  %offsets = nn.constant dense<[7, 0]> : tensor<2xi64>
  %sizes = nn.constant dense<[4, 1]> : tensor<2xi64>
  // CHECK: nn.slice {{.*}} {strides = array<i64: -2, 1>} : (tensor<8x?xf32>, tensor<2xi64>, tensor<2xi64>) -> tensor<4x1xf32>
  %2 = nn.slice %1, %offsets, %sizes {strides = array<i64: -2, 1>} : (tensor<8x?xf32>, tensor<2xi64>, tensor<2xi64>) -> tensor<4x1xf32>
  %wide = nn.constant dense<[4, 5]> : tensor<2xi64>
  // CHECK: nn.broadcast_to
  %3 = nn.broadcast_to %2, %wide : (tensor<4x1xf32>, tensor<2xi64>) -> tensor<4x5xf32>
  // CHECK: nn.concat %{{.*}}, %{{.*}} {axis = 1 : i64} : (tensor<4x5xf32>, tensor<4x1xf32>) -> tensor<4x6xf32>
  %4 = nn.concat %3, %2 {axis = 1} : (tensor<4x5xf32>, tensor<4x1xf32>) -> tensor<4x6xf32>
  %low = nn.constant dense<[0, 1]> : tensor<2xi64>
  %zero = nn.constant dense<0.0> : tensor<f32>
  // CHECK: nn.pad {{.*}} -> tensor<4x8xf32>
  %5 = nn.pad %4, %low, %low, %zero : (tensor<4x6xf32>, tensor<2xi64>, tensor<2xi64>, tensor<f32>) -> tensor<4x8xf32>
  // CHECK: nn.gather {{.*}} {axis = 1 : i64} : (tensor<4x8xf32>, tensor<3xi64>) -> tensor<4x3xf32>
  %6 = nn.gather %5, %i {axis = 1} : (tensor<4x8xf32>, tensor<3xi64>) -> tensor<4x3xf32>
  %upd = nn.transpose %6, [1, 0] : (tensor<4x3xf32>) -> tensor<3x4xf32>
  // CHECK: nn.scatter add,
  %7 = nn.scatter add, %upd, %i, %upd : (tensor<3x4xf32>, tensor<3xi64>, tensor<3x4xf32>) -> tensor<3x4xf32>
  // CHECK: nn.shape_of {{.*}} : (tensor<2x?x4xf32>) -> tensor<3xi64>
  %8 = nn.shape_of %x : (tensor<2x?x4xf32>) -> tensor<3xi64>
  // CHECK: nn.reduce prod, %{{.*}}, [0] : (tensor<3xi64>) -> tensor<i64>
  %9 = nn.reduce prod, %8, [0] : (tensor<3xi64>) -> tensor<i64>
  // CHECK: nn.iota %{{.*}} as f32 : (tensor<i64>) -> tensor<?xf32>
  %10 = nn.iota %9 as f32 : (tensor<i64>) -> tensor<?xf32>
  return %10 : tensor<?xf32>
}

// CHECK-LABEL: func @reduction
func.func @reduction(%x: tensor<2x8x4xf32>, %k: tensor<i64>) -> tensor<2x?x4xf32> {
  // CHECK: nn.reduce mean, %{{.*}}, [0, 2] {keepdims = true} : (tensor<2x8x4xf32>) -> tensor<1x8x1xf32>
  %0 = nn.reduce mean, %x, [0, 2] {keepdims = true} : (tensor<2x8x4xf32>) -> tensor<1x8x1xf32>
  // CHECK: nn.arg_reduce max, %{{.*}} {axis = 1 : i64, last = true}
  %1 = nn.arg_reduce max, %x {axis = 1, last = true} : (tensor<2x8x4xf32>) -> tensor<2x4xi64>
  // CHECK: nn.cumulate sum, %{{.*}} {axis = 1 : i64, reverse = true}
  %2 = nn.cumulate sum, %x {axis = 1, reverse = true} : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  // CHECK: nn.softmax %{{.*}}, [2] {log = true}
  %3 = nn.softmax %2, [2] {log = true} : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  // CHECK: nn.normalize rms, %{{.*}}, [1, 2] {epsilon = 1.000000e-05 : f64}
  %4 = nn.normalize rms, %3, [1, 2] {epsilon = 1.0e-5 : f64} : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  // CHECK: nn.top_k %{{.*}}, %{{.*}} {axis = 1 : i64, largest = false}
  %5, %6 = nn.top_k %4, %k {axis = 1, largest = false} : (tensor<2x8x4xf32>, tensor<i64>) -> (tensor<2x?x4xf32>, tensor<2x?x4xi64>)
  return %5 : tensor<2x?x4xf32>
}

// CHECK-LABEL: func @contraction
func.func @contraction(%x: tensor<1x4x8x8xf32>, %q: tensor<8x16xi8>, %zp: tensor<i8>) {
  %w = nn.constant dense<1.0> : tensor<6x2x3x3xf32>
  // CHECK: nn.matmul %{{.*}}, %{{.*}} zps(%{{.*}}, %{{.*}}) {tb = true} : (tensor<8x16xi8>, tensor<8x16xi8>, tensor<i8>, tensor<i8>) -> tensor<8x8xi32>
  %0 = nn.matmul %q, %q zps(%zp, %zp) {tb = true} : (tensor<8x16xi8>, tensor<8x16xi8>, tensor<i8>, tensor<i8>) -> tensor<8x8xi32>
  // CHECK: nn.conv {{.*}} group = 2 {{.*}} -> tensor<1x6x4x4xf32>
  %1 = nn.conv %x, %w {dilations = array<i64: 1, 1>, group = 2, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>} : (tensor<1x4x8x8xf32>, tensor<6x2x3x3xf32>) -> tensor<1x6x4x4xf32>
  // CHECK: nn.conv_transpose {{.*}} -> tensor<1x2x9x9xf32>
  %2 = nn.conv_transpose %1, %w {dilations = array<i64: 1, 1>, output_padding = array<i64: 0, 0>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>} : (tensor<1x6x4x4xf32>, tensor<6x2x3x3xf32>) -> tensor<1x2x9x9xf32>
  // CHECK: nn.pool max, {{.*}} -> tensor<1x4x4x4xf32>
  %3 = nn.pool max, %x {dilations = array<i64: 1, 1>, kernel = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>} : (tensor<1x4x8x8xf32>) -> tensor<1x4x4x4xf32>
  %idx = nn.constant dense<[[0, 1], [1, 2], [2, 3]]> : tensor<3x2xi64>
  %taps = nn.constant dense<0.5> : tensor<3x2xf32>
  // CHECK: nn.resample {{.*}} {axis = 3 : i64} : {{.*}} -> tensor<1x4x8x3xf32>
  %4 = nn.resample %x, %idx, %taps {axis = 3} : (tensor<1x4x8x8xf32>, tensor<3x2xi64>, tensor<3x2xf32>) -> tensor<1x4x8x3xf32>
  %offset = nn.constant dense<0> : tensor<i64>
  // CHECK: nn.attention %{{.*}}, %{{.*}}, %{{.*}} offset %{{.*}} {causal = true, scale = 1.250000e-01 : f64}
  %5 = nn.attention %x, %x, %x offset %offset {causal = true, scale = 0.125 : f64} : (tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>, tensor<i64>) -> tensor<1x4x8x8xf32>
  return
}

// CHECK-LABEL: func @recurrent
func.func @recurrent(%x: tensor<5x2x3xf32>, %w: tensor<1x12x3xf32>, %r: tensor<1x12x4xf32>, %h: tensor<1x2x4xf32>) -> tensor<5x1x2x4xf32> {
  // CHECK: nn.rnn gru, %{{.*}}, %{{.*}}, %{{.*}} h0 %{{.*}} {
  %0:2 = nn.rnn gru, %x, %w, %r h0 %h {alphas = array<f64: 0.0, 0.0>, betas = array<f64: 0.0, 0.0>, fns = [#nn<unary_fn sigmoid>, #nn<unary_fn tanh>]} : (tensor<5x2x3xf32>, tensor<1x12x3xf32>, tensor<1x12x4xf32>, tensor<1x2x4xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>)
  return %0#0 : tensor<5x1x2x4xf32>
}

// CHECK-LABEL: func @special
func.func @special(%x: tensor<8xf32>, %ok: tensor<i1>) -> tensor<2x3xf32> {
  %shape = nn.constant dense<[2, 3]> : tensor<2xi64>
  // CHECK: nn.random %{{.*}} as f32 {seed = 7 : i64} : (tensor<2xi64>) -> tensor<2x3xf32>
  %0 = nn.random %shape as f32 {seed = 7} : (tensor<2xi64>) -> tensor<2x3xf32>
  // CHECK: nn.call "nonzero"(%{{.*}}) : (tensor<8xf32>) -> (tensor<1x8xi64>, tensor<i64>)
  %1:2 = nn.call "nonzero"(%x) : (tensor<8xf32>) -> (tensor<1x8xi64>, tensor<i64>)
  // CHECK: nn.check %{{.*}}, 3, "batch differs" : tensor<i1>
  nn.check %ok, 3, "batch differs" : tensor<i1>
  return %0 : tensor<2x3xf32>
}

// CHECK-LABEL: func @types
// CHECK-SAME: tensor<2x!nn.f4e2m1>, %{{.*}}: tensor<2x!nn.f8e8m0>, %{{.*}}: tensor<2x!nn.str>, %{{.*}}: tensor<?xcomplex<f32>> {nn.dims = ["N"], nn.name = "z"}
func.func @types(%a: tensor<2x!nn.f4e2m1>, %b: tensor<2x!nn.f8e8m0>, %c: tensor<2x!nn.str>, %d: tensor<?xcomplex<f32>> {nn.dims = ["N"], nn.name = "z"}) -> tensor<2xf32> {
  %0 = nn.cast %a to f32 : (tensor<2x!nn.f4e2m1>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}
