//===- Sort.c - Stable merge sort of indices ----------------------*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "runtime-lib/Tensors.h"

void burin_rt_sort(int64_t *indices, int64_t *spare, int64_t n, burin_rt_before before,
                   const void *context) {
  int64_t *from = indices, *to = spare;
  for (int64_t width = 1; width < n; width *= 2) {
    for (int64_t start = 0; start < n; start += 2 * width) {
      int64_t middle = start + width < n ? start + width : n;
      int64_t end = start + 2 * width < n ? start + 2 * width : n;
      int64_t a = start, b = middle;
      for (int64_t i = start; i < end; ++i) {
        bool takeB = a == middle || (b < end && before(context, from[b], from[a]));
        to[i] = takeB ? from[b++] : from[a++];
      }
    }
    int64_t *t = from;
    from = to;
    to = t;
  }
  if (from != indices)
    for (int64_t i = 0; i < n; ++i)
      indices[i] = from[i];
}
