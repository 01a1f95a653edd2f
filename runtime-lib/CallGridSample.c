//===- CallGridSample.c - grid_sample -----------------------------*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "runtime-lib/Tensors.h"

enum { ModeLinear = 0, ModeNearest = 1, ModeCubic = 2 };
enum { PaddingZeros = 0, PaddingBorder = 1, PaddingReflection = 2 };

#define BURIN_BITS 32
#include "runtime-lib/FloatTraits.h"
// The names come first.
#include "runtime-lib/CallGridSampleBody.h"

#undef BURIN_BITS
#define BURIN_BITS 64
#include "runtime-lib/FloatTraits.h"
// The names come first.
#include "runtime-lib/CallGridSampleBody.h"

BURIN_CALL(grid_sample) {
  const burin_rt_tensor *x = &inputs[0], *grid = &inputs[1], *y = &outputs[0];
  int32_t r = x->rank - 2;
  if (r < 1 || r > MaxSpatial || grid->rank != x->rank || y->rank != x->rank ||
      grid->shape[r + 1] != r || grid->shape[0] != x->shape[0])
    return BURIN_RT_BAD_SHAPE;
  return BURIN_BY_PRECISION(gridSample, x->type);
}

BURIN_SCRATCH(grid_sample) {
  BURIN_UNUSED;
  return 0;
}
