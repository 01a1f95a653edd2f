//===- CallDeform.c - deform_im2col -------------------------------*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "runtime-lib/Tensors.h"

#define BURIN_BITS 32
#include "runtime-lib/FloatTraits.h"
// The names come first.
#include "runtime-lib/CallDeformBody.h"

#undef BURIN_BITS
#define BURIN_BITS 64
#include "runtime-lib/FloatTraits.h"
// The names come first.
#include "runtime-lib/CallDeformBody.h"

BURIN_CALL(deform_im2col) {
  const burin_rt_tensor *x = &inputs[0], *offset = &inputs[1], *mask = BURIN_INPUT(2);
  if (x->rank != 4 || offset->rank != 4)
    return BURIN_RT_BAD_SHAPE;
  int64_t taps = int_attrs[0] * int_attrs[1], groups = int_attrs[8];
  if (groups < 1 || x->shape[1] % groups != 0 || offset->shape[0] != x->shape[0] ||
      offset->shape[1] != 2 * groups * taps || (mask && mask->shape[1] != groups * taps))
    return BURIN_RT_BAD_SHAPE;
  if (elementCount(&outputs[0]) != x->shape[0] * x->shape[1] * taps * product(offset->shape, 2, 4))
    return BURIN_RT_BAD_SHAPE;
  return BURIN_BY_PRECISION(deformIm2col, x->type);
}

BURIN_SCRATCH(deform_im2col) {
  BURIN_UNUSED;
  return 0;
}
