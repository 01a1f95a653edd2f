//===- CallFft.c - Discrete Fourier transform, any length ---------*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "runtime-lib/Tensors.h"

#define BURIN_BITS 32
#include "runtime-lib/FloatTraits.h"
// The names come first.
#include "runtime-lib/CallFftBody.h"

#undef BURIN_BITS
#define BURIN_BITS 64
#include "runtime-lib/FloatTraits.h"
// The names come first.
#include "runtime-lib/CallFftBody.h"

BURIN_CALL(fft) {
  const burin_rt_tensor *x = &inputs[0], *y = &outputs[0];
  int64_t axis = int_attrs[0];
  if (x->rank < 2 || y->rank != x->rank || axis < 0 || axis >= x->rank - 1)
    return BURIN_RT_BAD_SHAPE;
  int64_t parts = x->shape[x->rank - 1], outParts = y->shape[y->rank - 1];
  if (parts < 1 || parts > 2 || outParts < 1 || outParts > 2)
    return BURIN_RT_BAD_SHAPE;
  bool half = int_attrs[1] && int_attrs[2];
  int64_t in = x->shape[axis], out = y->shape[axis];
  if (half ? in < out / 2 + 1 || out > 2 * in : out > in)
    return BURIN_RT_BAD_SHAPE;
  return BURIN_BY_PRECISION(fft, x->type);
}

// Two buffers and the twiddles. A onesided inverse of n inputs gives up to 2 n outputs.
BURIN_SCRATCH(fft) {
  BURIN_UNUSED;
  int64_t axis = int_attrs[0];
  if (axis < 0 || axis >= inputs[0].rank)
    return 0;
  int64_t n = inputs[0].shape[axis] * (int_attrs[1] && int_attrs[2] ? 2 : 1);
  return n * 3 * (int64_t)sizeof(double) * 2;
}
