//===- CallNonzero.c - nonzero ------------------------------------*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "runtime-lib/Tensors.h"

/// Is element i other than zero? NaN is.
static inline bool isNonzero(const burin_rt_tensor *x, int64_t i) {
  return isFloat(x->type) ? loadF64(x, i) != 0.0 : loadInt(x, i) != 0;
}

BURIN_CALL(nonzero) {
  BURIN_UNUSED_CALL;
  const burin_rt_tensor *x = &inputs[0];
  if (!elementBytes(x->type))
    return BURIN_RT_BAD_SHAPE;
  int64_t *positions = outputs[0].data;
  int64_t n = elementCount(x), count = 0;
  for (int64_t i = 0; i < n; ++i)
    if (isNonzero(x, i))
      positions[count++] = i;
  *(int64_t *)outputs[1].data = count;
  return BURIN_RT_OK;
}

BURIN_SCRATCH(nonzero) {
  BURIN_UNUSED;
  return 0;
}
