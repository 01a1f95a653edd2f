//===- CallTree.c - tree_ensemble ---------------------------------*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "runtime-lib/Tensors.h"

enum { NodeLeq, NodeLt, NodeGte, NodeGt, NodeEq, NodeNeq, NodeMember };
enum { AggregateMean, AggregateSum, AggregateMin, AggregateMax };

#define BURIN_BITS 32
#include "runtime-lib/FloatTraits.h"
// The names come first.
#include "runtime-lib/CallTreeBody.h"

#undef BURIN_BITS
#define BURIN_BITS 64
#include "runtime-lib/FloatTraits.h"
// The names come first.
#include "runtime-lib/CallTreeBody.h"

BURIN_CALL(tree_ensemble) {
  const burin_rt_tensor *x = &inputs[0];
  if (n_in < 13 || x->rank != 2 || outputs[0].rank != 2 || inputs[3].type != BURIN_RT_U8)
    return BURIN_RT_BAD_SHAPE;
  int64_t nodes = elementCount(&inputs[1]);
  for (int i = 2; i < 8; ++i)
    if (elementCount(&inputs[i]) != nodes)
      return BURIN_RT_BAD_SHAPE;
  if (outputs[0].shape[1] != int_attrs[1])
    return BURIN_RT_BAD_SHAPE;
  if (elementCount(&inputs[11]) != elementCount(&inputs[12]))
    return BURIN_RT_BAD_SHAPE;
  return BURIN_BY_PRECISION(treeEnsemble, x->type);
}

// Where each node's set begins, and a sum and a flag per target.
BURIN_SCRATCH(tree_ensemble) {
  BURIN_UNUSED;
  return (int64_t)sizeof(int64_t) * elementCount(&inputs[1]) +
         int_attrs[1] * ((int64_t)sizeof(double) + 1);
}
