// RUN: burin-opt %s --verify-diagnostics --split-input-file

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error @below {{axes must be distinct and ascending}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.reduce sum, %x, [1, 0] : (tensor<2x3xf32>) -> tensor<f32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error @below {{axis 2 is out of range for rank 2}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.reduce sum, %x, [2] : (tensor<2x3xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xi1>) {
  // expected-error @below {{'sum' is not defined on 'i1'}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.reduce sum, %x, [1] : (tensor<2x3xi1>) -> tensor<2xi1>
  return
}

// -----

func.func @f(%x: tensor<f32>) {
  // expected-error @below {{axis 0 is out of range for rank 0}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.arg_reduce max, %x {axis = 0} : (tensor<f32>) -> tensor<i64>
  return
}

// -----

func.func @f(%x: tensor<2xi1>) {
  // expected-error @below {{operand 'x' must have number elements, got 'i1'}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.cumulate sum, %x {axis = 0} : (tensor<2xi1>) -> tensor<2xi1>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  %k = nn.constant dense<5> : tensor<i64>
  // expected-error @below {{k = 5 is out of range for extent 4 of axis 0}}
  // expected-error @below {{failed to infer returned types}}
  %0, %1 = nn.top_k %x, %k {axis = 0} : (tensor<4xf32>, tensor<i64>) -> (tensor<5xf32>, tensor<5xi64>)
  return
}

// -----

func.func @f(%x: tensor<4xi32>) {
  // expected-error @below {{operand 'x' must have float elements, got 'i32'}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.softmax %x, [0] : (tensor<4xi32>) -> tensor<4xi32>
  return
}

// -----

func.func @f(%x: tensor<4xi32>) {
  // expected-error @below {{operand 'x' must have float elements, got 'i32'}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.normalize layer, %x, [0] {epsilon = 0.1 : f64} : (tensor<4xi32>) -> tensor<4xi32>
  return
}
