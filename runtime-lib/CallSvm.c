//===- CallSvm.c - svm_vote ---------------------------------------*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "runtime-lib/Tensors.h"

#define BURIN_BITS 32
#include "runtime-lib/FloatTraits.h"
// The names come first.
#include "runtime-lib/CallSvmBody.h"

#undef BURIN_BITS
#define BURIN_BITS 64
#include "runtime-lib/FloatTraits.h"
// The names come first.
#include "runtime-lib/CallSvmBody.h"

BURIN_CALL(svm_vote) {
  const burin_rt_tensor *scores = &inputs[0], *votes = &outputs[0];
  if (n_out < 3 || scores->rank != 2 || votes->rank != 2 || votes->shape[0] != scores->shape[0] ||
      votes->shape[1] != int_attrs[0] ||
      scores->shape[1] != votes->shape[1] * (votes->shape[1] - 1) / 2)
    return BURIN_RT_BAD_SHAPE;
  for (int i = 1; i < 3; ++i)
    if (BURIN_INPUT(i) && elementCount(&inputs[i]) < scores->shape[1])
      return BURIN_RT_BAD_SHAPE;
  return BURIN_BY_PRECISION(svmVote, scores->type);
}

BURIN_SCRATCH(svm_vote) {
  BURIN_UNUSED;
  int64_t n = int_attrs[0];
  return (2 * n * n + 2 * n) * (int64_t)sizeof(double);
}
