// RUN: burin-opt %s --verify-diagnostics --split-input-file

func.func @f(%x: tensor<2x6xf32>) {
  %s = nn.constant dense<[5, -1]> : tensor<2xi64>
  // expected-error @below {{cannot reshape 2x6 to 5x?: 12 elements are no multiple of 5}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.reshape %x, %s : (tensor<2x6xf32>, tensor<2xi64>) -> tensor<?x?xf32>
  return
}

// -----

func.func @f(%x: tensor<2x6xf32>) {
  %s = nn.constant dense<[5, 2]> : tensor<2xi64>
  // expected-error @below {{cannot reshape 2x6 to 5x2: 12 elements against 10}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.reshape %x, %s : (tensor<2x6xf32>, tensor<2xi64>) -> tensor<?x?xf32>
  return
}

// -----

func.func @f(%x: tensor<2x6xf32>) {
  %s = nn.constant dense<[-1, -1]> : tensor<2xi64>
  // expected-error @below {{more than one -1 in the target shape}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.reshape %x, %s : (tensor<2x6xf32>, tensor<2xi64>) -> tensor<?x?xf32>
  return
}

// -----

func.func @f(%x: tensor<2x6xf32>) {
  %s = nn.constant dense<[-1, 0]> : tensor<2xi64>
  // expected-error @below {{-1 beside an extent of 0 in the target shape}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.reshape %x, %s : (tensor<2x6xf32>, tensor<2xi64>) -> tensor<?x?xf32>
  return
}

// -----

func.func @f(%x: tensor<2x6xf32>) {
  %s = nn.constant dense<[-2, 6]> : tensor<2xi64>
  // expected-error @below {{operand 'shape' has value -2 at index 0}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.reshape %x, %s : (tensor<2x6xf32>, tensor<2xi64>) -> tensor<?x?xf32>
  return
}

// -----

func.func @f(%x: tensor<2x6xf32>, %s: tensor<?xi64>) {
  // expected-error @below {{operand 'shape' has an unknown number of elements, so the rank is unknown}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.reshape %x, %s : (tensor<2x6xf32>, tensor<?xi64>) -> tensor<12xf32>
  return
}

// -----

func.func @f(%x: tensor<2x6xf32>) {
  // expected-error @below {{'perm' is no permutation of 0 to 1}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.transpose %x, [0, 0] : (tensor<2x6xf32>) -> tensor<2x2xf32>
  return
}

// -----

func.func @f(%x: tensor<2x6xf32>) {
  // expected-error @below {{'perm' has 1 entries for rank 2}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.transpose %x, [0] : (tensor<2x6xf32>) -> tensor<2x2xf32>
  return
}

// -----

func.func @f(%x: tensor<2x6xf32>) {
  %s = nn.constant dense<[2, 12]> : tensor<2xi64>
  // expected-error @below {{operand 'x' of shape 2x6 does not broadcast to 2x12}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.broadcast_to %x, %s : (tensor<2x6xf32>, tensor<2xi64>) -> tensor<2x12xf32>
  return
}

// -----

func.func @f(%x: tensor<2x6xf32>) {
  %s = nn.constant dense<[6]> : tensor<1xi64>
  // expected-error @below {{operand 'x' of rank 2 does not broadcast to rank 1}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.broadcast_to %x, %s : (tensor<2x6xf32>, tensor<1xi64>) -> tensor<6xf32>
  return
}

// -----

func.func @f(%x: tensor<2x6xf32>) {
  %o = nn.constant dense<[0, 4]> : tensor<2xi64>
  %s = nn.constant dense<[2, 3]> : tensor<2xi64>
  // expected-error @below {{slice of 3 elements from 4 with stride 1 leaves extent 6 of dimension 1}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.slice %x, %o, %s : (tensor<2x6xf32>, tensor<2xi64>, tensor<2xi64>) -> tensor<?x?xf32>
  return
}

// -----

func.func @f(%x: tensor<2x6xf32>) {
  %o = nn.constant dense<[0, 1]> : tensor<2xi64>
  %s = nn.constant dense<[2, 3]> : tensor<2xi64>
  // expected-error @below {{slice of 3 elements from 1 with stride -1 leaves extent 6 of dimension 1}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.slice %x, %o, %s {strides = array<i64: 1, -1>} : (tensor<2x6xf32>, tensor<2xi64>, tensor<2xi64>) -> tensor<?x?xf32>
  return
}

// -----

func.func @f(%x: tensor<2x6xf32>) {
  %o = nn.constant dense<[0, 0]> : tensor<2xi64>
  %s = nn.constant dense<[2, 3]> : tensor<2xi64>
  // expected-error @below {{stride 0 of dimension 1 is not allowed}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.slice %x, %o, %s {strides = array<i64: 1, 0>} : (tensor<2x6xf32>, tensor<2xi64>, tensor<2xi64>) -> tensor<?x?xf32>
  return
}

// -----

func.func @f(%x: tensor<2x6xf32>) {
  %o = nn.constant dense<[0]> : tensor<1xi64>
  %s = nn.constant dense<[2, 3]> : tensor<2xi64>
  // expected-error @below {{slice of rank 2 with 1 offsets, 2 sizes and 0 strides}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.slice %x, %o, %s : (tensor<2x6xf32>, tensor<1xi64>, tensor<2xi64>) -> tensor<?x?xf32>
  return
}

// -----

func.func @f(%x: tensor<2x6xf32>) {
  %o = nn.constant dense<[0, 0]> : tensor<2xi64>
  %s = nn.constant dense<[2, -3]> : tensor<2xi64>
  // expected-error @below {{operand 'sizes' has value -3 at index 1}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.slice %x, %o, %s : (tensor<2x6xf32>, tensor<2xi64>, tensor<2xi64>) -> tensor<?x?xf32>
  return
}

// -----

func.func @f() {
  // expected-error @below {{concat needs at least one operand}}
  // expected-error @below {{failed to infer returned types}}
  %0 = "nn.concat"() {axis = 0 : i64} : () -> tensor<2xf32>
  return
}

// -----

func.func @f(%x: tensor<2xf32>, %y: tensor<2x2xf32>) {
  // expected-error @below {{operand 1 has rank 2, the first one 1}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.concat %x, %y {axis = 0} : (tensor<2xf32>, tensor<2x2xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<2xf32>, %y: tensor<2xi32>) {
  // expected-error @below {{operand 1 has element type 'i32', the first one 'f32'}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.concat %x, %y {axis = 0} : (tensor<2xf32>, tensor<2xi32>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>, %y: tensor<2x4xf32>) {
  // expected-error @below {{extents of dimension 1 differ: 3 and 4}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.concat %x, %y {axis = 0} : (tensor<2x3xf32>, tensor<2x4xf32>) -> tensor<4x3xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error @below {{axis -1 is out of range for rank 2}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.concat %x {axis = -1} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @f(%x: tensor<2xf32>, %v: tensor<i32>) {
  %l = nn.constant dense<[1]> : tensor<1xi64>
  // expected-error @below {{operand 'value' has element type 'i32', x has 'f32'}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.pad %x, %l, %l, %v : (tensor<2xf32>, tensor<1xi64>, tensor<1xi64>, tensor<i32>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<2xf32>, %v: tensor<f32>) {
  %l = nn.constant dense<[1, 1]> : tensor<2xi64>
  // expected-error @below {{pad of rank 1 with 2 low and 2 high entries}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.pad %x, %l, %l, %v : (tensor<2xf32>, tensor<2xi64>, tensor<2xi64>, tensor<f32>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<2xf32>, %v: tensor<1xf32>) {
  %l = nn.constant dense<[1]> : tensor<1xi64>
  // expected-error @below {{operand 'value' must have rank 0, got rank 1}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.pad %x, %l, %l, %v : (tensor<2xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>, %i: tensor<2x2xi64>) {
  // expected-error @below {{batch_dims 1 must be within axis 0 and the rank 2 of idx}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.gather %x, %i {axis = 0, batch_dims = 1} : (tensor<2x3xf32>, tensor<2x2xi64>) -> tensor<2x2xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>, %i: tensor<4x2xi64>) {
  // expected-error @below {{extents of batch dimension 0 differ: 2 and 4}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.gather %x, %i {axis = 1, batch_dims = 1} : (tensor<2x3xf32>, tensor<4x2xi64>) -> tensor<2x2xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>, %i: tensor<4xf32>) {
  // expected-error @below {{operand 'idx' must have i32 or i64 elements, got 'f32'}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.gather %x, %i {axis = 1} : (tensor<2x3xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>, %i: tensor<4xi64>, %u: tensor<4x2xf32>) {
  // expected-error @below {{operand 'upd' must have shape 4x3, got 4x2}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.scatter none, %x, %i, %u : (tensor<2x3xf32>, tensor<4xi64>, tensor<4x2xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @f(%x: tensor<f32>, %i: tensor<4xi64>, %u: tensor<4xf32>) {
  // expected-error @below {{operand 'data' must have rank 1 or more}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.scatter none, %x, %i, %u : (tensor<f32>, tensor<4xi64>, tensor<4xf32>) -> tensor<f32>
  return
}

// -----

func.func @f(%x: tensor<2xi1>, %i: tensor<4xi64>, %u: tensor<4xi1>) {
  // expected-error @below {{'add' is not defined on 'i1'}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.scatter add, %x, %i, %u : (tensor<2xi1>, tensor<4xi64>, tensor<4xi1>) -> tensor<2xi1>
  return
}

// -----

func.func @f(%x: tensor<2xf32>, %i: tensor<4xi64>, %u: tensor<4xi1>) {
  // expected-error @below {{operand 'upd' has element type 'i1', data has 'f32'}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.scatter none, %x, %i, %u : (tensor<2xf32>, tensor<4xi64>, tensor<4xi1>) -> tensor<2xf32>
  return
}

// -----

func.func @f() {
  %n = nn.constant dense<-1> : tensor<i64>
  // expected-error @below {{negative count -1}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.iota %n as f32 : (tensor<i64>) -> tensor<?xf32>
  return
}

// -----

func.func @f(%n: tensor<i64>) {
  // expected-error @below {{cannot count in 'i1'}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.iota %n as i1 : (tensor<i64>) -> tensor<?xi1>
  return
}
