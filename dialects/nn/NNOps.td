//===- NNOps.td - All ops of the nn dialect ----------------*- tablegen -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_NN_OPS
#define BURIN_NN_OPS

include "dialects/nn/NNOpsElementwise.td"
include "dialects/nn/NNOpsMovement.td"
include "dialects/nn/NNOpsReduction.td"
include "dialects/nn/NNOpsContraction.td"
include "dialects/nn/NNOpsSpecial.td"

#endif // BURIN_NN_OPS
