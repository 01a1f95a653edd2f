//===- CallUnique.c - unique --------------------------------------*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "runtime-lib/Tensors.h"

typedef struct {
  const burin_rt_tensor *x;
  int64_t width;
} Rows;

static bool rowBefore(const void *context, int64_t a, int64_t b) {
  const Rows *rows = context;
  for (int64_t i = 0; i < rows->width; ++i) {
    uint64_t left = orderKey(rows->x, a * rows->width + i);
    uint64_t right = orderKey(rows->x, b * rows->width + i);
    if (left != right)
      return left < right;
  }
  return false;
}

static bool sameRow(const Rows *rows, int64_t a, int64_t b) {
  for (int64_t i = 0; i < rows->width; ++i) {
    uint64_t key = orderKey(rows->x, a * rows->width + i);
    bool isNan = isFloat(rows->x->type) && key == ~(uint64_t)0;
    if (isNan || key != orderKey(rows->x, b * rows->width + i))
      return false;
  }
  return true;
}

BURIN_CALL(unique) {
  BURIN_UNUSED_CALL;
  const burin_rt_tensor *x = &inputs[0];
  if (x->rank < 1 || !elementBytes(x->type))
    return BURIN_RT_BAD_SHAPE;
  int64_t n = x->shape[0];
  Rows rows = {x, product(x->shape, 1, x->rank)};
  int64_t *order = scratch, *spare = order + n;
  int64_t *first = outputs[0].data, *inverse = outputs[1].data, *counts = outputs[2].data;
  for (int64_t i = 0; i < n; ++i)
    order[i] = i;
  burin_rt_sort(order, spare, n, rowBefore, &rows);
  int64_t groups = 0;
  for (int64_t i = 0; i < n; ++i) {
    if (i == 0 || !sameRow(&rows, order[i - 1], order[i])) {
      first[groups] = order[i]; // the sort is stable
      counts[groups++] = 0;
    }
    ++counts[groups - 1];
    inverse[order[i]] = groups - 1;
  }
  *(int64_t *)outputs[3].data = groups;
  if (int_attrs[0])
    return BURIN_RT_OK;

  // Renumber by first occurrence; order becomes old -> new, spare holds the counts.
  int64_t next = 0;
  for (int64_t i = 0; i < n; ++i)
    if (first[inverse[i]] == i)
      order[inverse[i]] = next++;
  for (int64_t g = 0; g < groups; ++g)
    spare[order[g]] = counts[g];
  next = 0;
  for (int64_t i = 0; i < n; ++i) {
    int64_t group = order[inverse[i]];
    inverse[i] = group;
    if (group == next)
      first[next++] = i;
  }
  for (int64_t g = 0; g < groups; ++g)
    counts[g] = spare[g];
  return BURIN_RT_OK;
}

BURIN_SCRATCH(unique) {
  BURIN_UNUSED;
  return inputs[0].rank < 1 ? 0 : inputs[0].shape[0] * 2 * (int64_t)sizeof(int64_t);
}
