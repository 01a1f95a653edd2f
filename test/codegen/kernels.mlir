// RUN: burin-opt %s --lower-groups | FileCheck %s

// Accumulators are carried by the loop over K; the epilogue is applied before
// the only store; 20 columns are a whole panel of 16 and one of 4.
// CHECK-LABEL: func.func private @gemm
// CHECK-SAME: (%{{.*}}: memref<6x12xf32>, %{{.*}}: memref<2x192xf32>, %{{.*}}: memref<20xf32>, %{{.*}}: memref<6x20xf32>)
// CHECK: scf.for {{.*}} iter_args({{.*}}) -> (vector<8xf32>,
// CHECK: vector.load {{.*}} vector<8xf32>
// CHECK: vector.broadcast {{.*}} : f32 to vector<8xf32>
// CHECK: arith.mulf {{.*}} fastmath<contract> : vector<8xf32>
// CHECK: arith.addf {{.*}} fastmath<contract> : vector<8xf32>
// CHECK: arith.addf {{.*}} : vector<8xf32>
// CHECK: vector.store
// CHECK: vector.maskedstore
// CHECK-NOT: memref.alloc
// CHECK: return
func.func private @gemm(%a: tensor<6x12xf32>, %b: tensor<2x192xf32>, %c: tensor<20xf32>) -> tensor<6x20xf32> attributes {nn.group} {
  %0 = kernel.gemm %a, %b {n = 20 : i64, mr = 6 : i64, nr = 16 : i64, lanes = 8 : i64} : (tensor<6x12xf32>, tensor<2x192xf32>) -> tensor<6x20xf32>
  %1 = nn.binary add, %0, %c : (tensor<6x20xf32>, tensor<20xf32>) -> tensor<6x20xf32>
  return %1 : tensor<6x20xf32>
}

// Without a dot product bytes are widened and summed in i32. The sums in front of
// the panel undo the zero point; the result is requantised in registers.
// CHECK-LABEL: func.func private @conv
// CHECK: memref.load {{.*}} : memref<?xi8>
// CHECK: arith.extsi {{.*}} : i8 to i32
// CHECK: arith.muli {{.*}} : vector<8xi32>
// CHECK: vector.bitcast {{.*}} : vector<32xi8> to vector<8xi32>
// CHECK: vector.store {{.*}} : memref<?xi8>, vector<8xi8>
func.func private @conv(%x: tensor<1x8x8x3xi8>, %w: tensor<1x1008xi8>) -> tensor<1x8x8x16xi8> attributes {nn.group} {
  %m = nn.constant dense<0.5> : tensor<f32>
  %z = nn.constant dense<1> : tensor<i8>
  %0 = kernel.conv %x, %w {m = 16 : i64, kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, mr = 6 : i64, nr = 16 : i64, lanes = 8 : i64, x_zero = -3 : i64} : (tensor<1x8x8x3xi8>, tensor<1x1008xi8>) -> tensor<1x8x8x16xi32>
  %1 = nn.requantize %0, %m, %z to i8 : (tensor<1x8x8x16xi32>, tensor<f32>, tensor<i8>) -> tensor<1x8x8x16xi8>
  return %1 : tensor<1x8x8x16xi8>
}

// u8 times s8: the left side's sign bits are flipped, K = 10 is two groups of 4
// and one of 2, whose bytes are loaded one by one.
// CHECK-LABEL: func.func private @dot
// CHECK-DAG: arith.constant dense<-2139062144> : vector<8xi32>
// CHECK: vector.load {{.*}} : memref<?xi8>, vector<32xi8>
// CHECK: vector.load {{.*}} : memref<?xi8>, vector<4xi8>
// CHECK: arith.xori {{.*}} : vector<8xi32>
// CHECK: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.256"({{.*}}) : (vector<8xi32>, vector<8xi32>, vector<8xi32>) -> vector<8xi32>
// CHECK: vector.insert {{.*}} : i8 into vector<4xi8>
// CHECK: vector.insert {{.*}} : i8 into vector<4xi8>
// CHECK: llvm.call_intrinsic
// CHECK: vector.bitcast {{.*}} : vector<32xi8> to vector<8xi32>
// CHECK: arith.addi {{.*}} : vector<8xi32>
// CHECK: vector.store
func.func private @dot(%a: tensor<1x10xi8>, %b: tensor<1x128xi8>) -> tensor<1x8xi32> attributes {nn.group} {
  %0 = kernel.gemm %a, %b {n = 8 : i64, mr = 1 : i64, nr = 8 : i64, lanes = 8 : i64, dot = #kernel.dot<u8s8>, intrinsic = "llvm.x86.avx512.vpdpbusd.256"} : (tensor<1x10xi8>, tensor<1x128xi8>) -> tensor<1x8xi32>
  return %0 : tensor<1x8xi32>
}

// s8 times s8 takes signed bytes as they are: nothing to undo without a zero point.
// CHECK-LABEL: func.func private @signed_dot
// CHECK-NOT: arith.xori
// CHECK: llvm.call_intrinsic "llvm.aarch64.neon.sdot.v4i32.v16i8"({{.*}}) : (vector<4xi32>, vector<16xi8>, vector<16xi8>) -> vector<4xi32>
// CHECK: return
func.func private @signed_dot(%a: tensor<2x4xi8>, %b: tensor<1x16xi8>) -> tensor<2x4xi32> attributes {nn.group} {
  %0 = kernel.gemm %a, %b {n = 4 : i64, mr = 2 : i64, nr = 4 : i64, lanes = 4 : i64, dot = #kernel.dot<s8s8>, intrinsic = "llvm.aarch64.neon.sdot.v4i32.v16i8"} : (tensor<2x4xi8>, tensor<1x16xi8>) -> tensor<2x4xi32>
  return %0 : tensor<2x4xi32>
}

// Four steps of a row are loaded at once where products take one lane; the last
// ones (K = 5) are loaded alone.
// CHECK-LABEL: func.func private @lanes
// CHECK: %[[STEPS:.*]] = vector.load {{.*}} : memref<?xf32>, vector<4xf32>
// CHECK: vector.extract %[[STEPS]][0] : f32 from vector<4xf32>
// CHECK: vector.extract %[[STEPS]][3] : f32 from vector<4xf32>
// CHECK: memref.load {{.*}} : memref<?xf32>
func.func private @lanes(%a: tensor<1x5xf32>, %b: tensor<1x20xf32>) -> tensor<1x4xf32> attributes {nn.group} {
  %0 = kernel.gemm %a, %b {n = 4 : i64, mr = 1 : i64, nr = 4 : i64, lanes = 4 : i64, by_lane} : (tensor<1x5xf32>, tensor<1x20xf32>) -> tensor<1x4xf32>
  return %0 : tensor<1x4xf32>
}

// Parts of 8 products in f32, added up in f64; 20 are two parts and a rest of 4.
// CHECK-LABEL: func.func private @parts
// CHECK: %[[WHOLE:.*]] = scf.for {{.*}} iter_args(%[[SUM:.*]] = %{{.*}}) -> (vector<4xf64>)
// CHECK: %[[PART:.*]] = scf.for {{.*}} -> (vector<4xf32>)
// CHECK: %[[WIDE:.*]] = arith.extf %[[PART]] : vector<4xf32> to vector<4xf64>
// CHECK: arith.addf %[[SUM]], %[[WIDE]] : vector<4xf64>
// CHECK: arith.addf %[[WHOLE]], %{{.*}} : vector<4xf64>
// CHECK: arith.truncf {{.*}} : vector<4xf64> to vector<4xf32>
func.func private @parts(%a: tensor<1x20xf32>, %b: tensor<1x80xf32>) -> tensor<1x4xf32> attributes {nn.group} {
  %0 = kernel.gemm %a, %b {n = 4 : i64, mr = 1 : i64, nr = 4 : i64, lanes = 4 : i64, part = 8 : i64, in_f64} : (tensor<1x20xf32>, tensor<1x80xf32>) -> tensor<1x4xf32>
  return %0 : tensor<1x4xf32>
}

// Pairs of i16, whose sums are added by hand.
// CHECK-LABEL: func.func private @pairs
// CHECK: arith.extsi {{.*}} : vector<8xi8> to vector<8xi16>
// CHECK: arith.extui {{.*}} : vector<8xi8> to vector<8xi16>
// CHECK: %[[PRODUCT:.*]] = llvm.call_intrinsic "llvm.x86.sse2.pmadd.wd"({{.*}}) : (vector<8xi16>, vector<8xi16>) -> vector<4xi32>
// CHECK: arith.addi {{.*}}, %[[PRODUCT]] : vector<4xi32>
func.func private @pairs(%a: tensor<2x4xui8>, %b: tensor<1x16xi8>) -> tensor<2x4xi32> attributes {nn.group} {
  %0 = kernel.gemm %a, %b {n = 4 : i64, mr = 2 : i64, nr = 4 : i64, lanes = 4 : i64, dot = #kernel.dot<pairs>, intrinsic = "llvm.x86.sse2.pmadd.wd"} : (tensor<2x4xui8>, tensor<1x16xi8>) -> tensor<2x4xi32>
  return %0 : tensor<2x4xi32>
}

// Without vectors: one lane, one step a turn.
// CHECK-LABEL: func.func private @scalar
// CHECK: scf.for {{.*}} iter_args({{.*}}) -> (vector<1xi32>, vector<1xi32>, vector<1xi32>, vector<1xi32>)
// CHECK-COUNT-4: arith.muli {{.*}} : vector<1xi32>
// CHECK: scf.yield
func.func private @scalar(%a: tensor<2x4xui8>, %b: tensor<1x8xi8>) -> tensor<2x2xi32> attributes {nn.group} {
  %0 = kernel.gemm %a, %b {n = 2 : i64, mr = 2 : i64, nr = 2 : i64, lanes = 1 : i64} : (tensor<2x4xui8>, tensor<1x8xi8>) -> tensor<2x2xi32>
  return %0 : tensor<2x2xi32>
}

// A row of pixels goes the same way as an image.
// CHECK-LABEL: func.func private @row
// CHECK: scf.for
// CHECK: vector.store
func.func private @row(%x: tensor<1x16x4xf32>, %w: tensor<1x96xf32>) -> tensor<1x16x8xf32> attributes {nn.group} {
  %0 = kernel.conv %x, %w {m = 8 : i64, kernel = array<i64: 1, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 1, 0, 1>, mr = 6 : i64, nr = 8 : i64, lanes = 8 : i64} : (tensor<1x16x4xf32>, tensor<1x96xf32>) -> tensor<1x16x8xf32>
  return %0 : tensor<1x16x8xf32>
}

// A run-time batch is an index behind the buffers; 20 channels end in a mask.
// CHECK-LABEL: func.func private @depthwise
// CHECK-SAME: (%{{.*}}: memref<f32>, %{{.*}}: memref<3x3x20xf32>, %{{.*}}: memref<f32>, %[[N:.*]]: index)
// CHECK: scf.for %{{.*}} = %{{.*}} to %[[N]]
// CHECK: vector.maskedload
func.func private @depthwise(%x: tensor<?x8x8x20xf32> {nn.dims = ["N", 8, 8, 20]}, %w: tensor<3x3x20xf32>) -> (tensor<?x4x4x20xf32> {nn.dims = ["N", 4, 4, 20]}) attributes {nn.group} {
  %0 = kernel.depthwise %x, %w {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, lanes = 8 : i64} : (tensor<?x8x8x20xf32>, tensor<3x3x20xf32>) -> tensor<?x4x4x20xf32>
  return %0 : tensor<?x4x4x20xf32>
}

// Rows and pixels whose kernel is inside take their weights from registers, and
// the zero point is in what the sums begin with.
// CHECK-LABEL: func.func private @inside
// CHECK-COUNT-9: arith.sitofp {{.*}} : vector<8xi8> to vector<8xf32>
// CHECK: arith.constant dense<3.000000e+00> : vector<8xf32>
// CHECK-COUNT-9: arith.mulf
// CHECK: arith.fptosi {{.*}} : vector<8xf32> to vector<8xi32>
func.func private @inside(%x: tensor<1x8x8x8xi8>, %w: tensor<3x3x8xi8>) -> tensor<1x6x6x8xi32> attributes {nn.group} {
  %0 = kernel.depthwise %x, %w {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, lanes = 8 : i64, x_zero = -3 : i64} : (tensor<1x8x8x8xi8>, tensor<3x3x8xi8>) -> tensor<1x6x6x8xi32>
  return %0 : tensor<1x6x6x8xi32>
}
