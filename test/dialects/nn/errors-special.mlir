// RUN: burin-opt %s --verify-diagnostics --split-input-file

func.func @f() {
  %s = nn.constant dense<[2]> : tensor<1xi64>
  // expected-error @below {{random numbers are floats, 'type' says 'i32'}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.random %s as i32 {seed = 1} : (tensor<1xi64>) -> tensor<2xi32>
  return
}

// -----

func.func @f(%x: tensor<2xf32>) {
  // expected-error @below {{needs a callee}}
  %0 = nn.call ""(%x) : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%x: tensor<2xf32>) {
  // expected-error @below {{'present' marks 2 inputs, got 1}}
  %0 = nn.call "nonzero"(%x) {present = array<i1: true, true>} : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

// expected-error @below {{'nn.dims' has 1 entries for a tensor of rank 2}}
func.func private @f(tensor<?x2xf32> {nn.dims = ["N"]})

// -----

// expected-error @below {{'nn.dims' says 3 where the type says 2}}
func.func private @f(tensor<?x2xf32> {nn.dims = ["N", 3]})

// -----

// expected-error @below {{'nn.name' must be a string}}
func.func private @f(tensor<2xf32> {nn.name = 1})
