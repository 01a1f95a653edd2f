//===- CallTopK.c - top_k -----------------------------------------*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "runtime-lib/Tensors.h"

typedef struct {
  uint64_t key;
  int64_t index;
} Entry;

/// Does a come after b in the result?
static inline bool worse(Entry a, Entry b) {
  return a.key < b.key || (a.key == b.key && a.index > b.index);
}

/// Lets the entry at the root of heap[0..n) sink; the worst comes to the top.
static void sink(Entry *heap, int64_t n) {
  Entry entry = heap[0];
  int64_t at = 0;
  for (;;) {
    int64_t child = 2 * at + 1;
    if (child >= n)
      break;
    if (child + 1 < n && worse(heap[child + 1], heap[child]))
      ++child;
    if (!worse(heap[child], entry))
      break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = entry;
}

static void rise(Entry *heap, int64_t at) {
  Entry entry = heap[at];
  while (at > 0 && worse(entry, heap[(at - 1) / 2])) {
    heap[at] = heap[(at - 1) / 2];
    at = (at - 1) / 2;
  }
  heap[at] = entry;
}

BURIN_CALL(top_k) {
  BURIN_UNUSED_CALL;
  const burin_rt_tensor *x = &inputs[0], *values = &outputs[0], *indices = &outputs[1];
  int64_t axis = int_attrs[0];
  uint64_t flip = int_attrs[1] ? 0 : ~(uint64_t)0;
  int64_t bytes = elementBytes(x->type);
  if (axis < 0 || axis >= x->rank || !bytes || indices->type != BURIN_RT_I64)
    return BURIN_RT_BAD_SHAPE;
  int64_t n = x->shape[axis], k = values->shape[axis];
  if (k > n)
    return BURIN_RT_BAD_SHAPE;
  if (k == 0)
    return BURIN_RT_OK;
  int64_t inner = product(x->shape, (int32_t)axis + 1, x->rank);
  int64_t rows = product(x->shape, 0, (int32_t)axis) * inner;
  Entry *heap = scratch;
  for (int64_t row = 0; row < rows; ++row) {
    int64_t start = row / inner * n * inner + row % inner;
    for (int64_t i = 0; i < k; ++i) {
      heap[i] = (Entry){orderKey(x, start + i * inner) ^ flip, i};
      rise(heap, i);
    }
    for (int64_t i = k; i < n; ++i) {
      Entry entry = {orderKey(x, start + i * inner) ^ flip, i};
      if (worse(heap[0], entry)) {
        heap[0] = entry;
        sink(heap, k);
      }
    }
    // The worst of the rest leaves the heap for the last free place.
    int64_t to = row / inner * k * inner + row % inner;
    for (int64_t left = k; left > 0; --left) {
      int64_t index = heap[0].index;
      int64_t place = to + (left - 1) * inner;
      copyElement(values->data, place, x->data, start + index * inner, bytes);
      ((int64_t *)indices->data)[place] = index;
      heap[0] = heap[left - 1];
      sink(heap, left - 1);
    }
  }
  return BURIN_RT_OK;
}

BURIN_SCRATCH(top_k) {
  BURIN_UNUSED;
  int64_t axis = int_attrs[0];
  return axis < 0 || axis >= inputs[0].rank ? 0 : inputs[0].shape[axis] * (int64_t)sizeof(Entry);
}
