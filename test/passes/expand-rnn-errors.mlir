// RUN: burin-opt %s --expand-rnn --verify-diagnostics

func.func @f(%x: tensor<7x2x3xf32>, %w: tensor<1x?x3xf32>, %r: tensor<1x?x?xf32>) -> tensor<1x2x?xf32> {
  // expected-error @below {{a recurrent layer needs a hidden size that is known}}
  %0:2 = nn.rnn rnn, %x, %w, %r {alphas = array<f64: 0.0>, betas = array<f64: 0.0>, fns = [#nn<unary_fn tanh>]} : (tensor<7x2x3xf32>, tensor<1x?x3xf32>, tensor<1x?x?xf32>) -> (tensor<7x1x2x?xf32>, tensor<1x2x?xf32>)
  return %0#1 : tensor<1x2x?xf32>
}
