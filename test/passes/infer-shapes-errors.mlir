// RUN: burin-opt %s --infer-shapes --verify-diagnostics --split-input-file

func.func @f(%x: tensor<2x3xf32>, %y: tensor<4x?xf32>) -> tensor<?x?xf32> {
  %0 = tensor.cast %x : tensor<2x3xf32> to tensor<?x?xf32>
  // expected-error @below {{shapes 2x3 and 4x? do not broadcast: 2 against 4}}
  %1 = nn.binary add, %0, %y : (tensor<?x?xf32>, tensor<4x?xf32>) -> tensor<?x?xf32>
  return %1 : tensor<?x?xf32>
}

// -----

func.func @f(%x: tensor<2x3xf32>) -> tensor<?x?xf32> {
  %0 = tensor.cast %x : tensor<2x3xf32> to tensor<?x?xf32>
  // expected-error @below {{inferred type 'tensor<2x3xf32>' contradicts the declared 'tensor<?x4xf32>'}}
  %1 = nn.unary exp, %0 : (tensor<?x?xf32>) -> tensor<?x4xf32>
  %2 = tensor.cast %1 : tensor<?x4xf32> to tensor<?x?xf32>
  return %2 : tensor<?x?xf32>
}
