//===- CallRoi.c - roi_align, max_roi_pool ------------------------*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "runtime-lib/Tensors.h"

#define BURIN_BITS 32
#include "runtime-lib/FloatTraits.h"
// The names come first.
#include "runtime-lib/CallRoiBody.h"

#undef BURIN_BITS
#define BURIN_BITS 64
#include "runtime-lib/FloatTraits.h"
// The names come first.
#include "runtime-lib/CallRoiBody.h"

BURIN_CALL(roi_align) {
  const burin_rt_tensor *x = &inputs[0], *y = &outputs[0];
  if (x->rank != 4 || y->rank != 4 || inputs[1].rank != 2 || inputs[1].shape[1] != 4 ||
      y->shape[0] != inputs[1].shape[0] || y->shape[1] != x->shape[1])
    return BURIN_RT_BAD_SHAPE;
  return BURIN_BY_PRECISION(roiAlign, x->type);
}

BURIN_SCRATCH(roi_align) {
  BURIN_UNUSED;
  return 0;
}

BURIN_CALL(max_roi_pool) {
  const burin_rt_tensor *x = &inputs[0], *y = &outputs[0];
  if (x->rank != 4 || y->rank != 4 || inputs[1].rank != 2 || inputs[1].shape[1] != 5 ||
      y->shape[0] != inputs[1].shape[0] || y->shape[1] != x->shape[1])
    return BURIN_RT_BAD_SHAPE;
  return BURIN_BY_PRECISION(maxRoiPool, x->type);
}

BURIN_SCRATCH(max_roi_pool) {
  BURIN_UNUSED;
  return 0;
}
