//===- CallMap.c - map_lookup -------------------------------------*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "runtime-lib/Tensors.h"

BURIN_CALL(map_lookup) {
  BURIN_UNUSED_CALL;
  const burin_rt_tensor *x = &inputs[0], *keys = &inputs[1], *values = &inputs[2];
  const burin_rt_tensor *fallback = &inputs[3], *y = &outputs[0];
  int64_t bytes = elementBytes(y->type), n = elementCount(keys), size = elementCount(x);
  if (!bytes || values->type != y->type || fallback->type != y->type || keys->type != x->type ||
      elementCount(values) != n || elementCount(y) != size)
    return BURIN_RT_BAD_SHAPE;
  for (int64_t i = 0; i < size; ++i) {
    uint64_t key = orderKey(x, i);
    int64_t low = 0, high = n; // the first key that is not smaller
    while (low < high) {
      int64_t middle = low + (high - low) / 2;
      if (orderKey(keys, middle) < key)
        low = middle + 1;
      else
        high = middle;
    }
    bool found = low < n && orderKey(keys, low) == key;
    copyElement(y->data, i, found ? values->data : fallback->data, found ? low : 0, bytes);
  }
  return BURIN_RT_OK;
}

BURIN_SCRATCH(map_lookup) {
  BURIN_UNUSED;
  return 0;
}
