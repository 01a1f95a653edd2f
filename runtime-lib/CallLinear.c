//===- CallLinear.c - det, inverse --------------------------------*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "runtime-lib/Tensors.h"

#define BURIN_BITS 32
#include "runtime-lib/FloatTraits.h"
// The names come first.
#include "runtime-lib/CallLinearBody.h"

#undef BURIN_BITS
#define BURIN_BITS 64
#include "runtime-lib/FloatTraits.h"
// The names come first.
#include "runtime-lib/CallLinearBody.h"

static bool isSquare(const burin_rt_tensor *x) {
  return x->rank >= 2 && x->shape[x->rank - 1] == x->shape[x->rank - 2];
}

BURIN_CALL(det) {
  const burin_rt_tensor *x = &inputs[0];
  if (!isSquare(x))
    return BURIN_RT_BAD_SHAPE;
  return BURIN_BY_PRECISION(det, x->type);
}

BURIN_SCRATCH(det) {
  BURIN_UNUSED;
  const burin_rt_tensor *x = &inputs[0];
  return isSquare(x) ? x->shape[x->rank - 1] * x->shape[x->rank - 1] * (int64_t)sizeof(double) : 0;
}

BURIN_CALL(inverse) {
  const burin_rt_tensor *x = &inputs[0];
  if (!isSquare(x))
    return BURIN_RT_BAD_SHAPE;
  return BURIN_BY_PRECISION(inverse, x->type);
}

BURIN_SCRATCH(inverse) { return 2 * burin_rt_det_scratch(inputs, n_in, int_attrs); }
