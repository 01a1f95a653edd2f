//===- CallTfIdf.c - tfidf ----------------------------------------*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "runtime-lib/Tensors.h"

enum { ModeTf = 0, ModeIdf = 1, ModeTfIdf = 2 };

/// The number of the n-gram at row[start], row[start + skip], ... in the pool, or -1.
static int64_t findGram(const burin_rt_tensor *x, int64_t start, int64_t skip, int64_t n,
                        const int64_t *pool, int64_t begin, int64_t end) {
  for (int64_t at = begin; at + n <= end; at += n) {
    int64_t i = 0;
    while (i < n && loadInt(x, start + i * skip) == pool[at + i])
      ++i;
    if (i == n)
      return (at - begin) / n;
  }
  return -1;
}

BURIN_CALL(tfidf) {
  BURIN_UNUSED_CALL;
  const burin_rt_tensor *x = &inputs[0], *y = &outputs[0], *weights = BURIN_INPUT(4);
  int64_t minGram = int_attrs[0], maxGram = int_attrs[1], maxSkip = int_attrs[2];
  int64_t mode = int_attrs[3];
  if ((x->rank != 1 && x->rank != 2) || y->rank != x->rank || y->type != BURIN_RT_F32)
    return BURIN_RT_BAD_SHAPE;
  int64_t rows = x->rank == 2 ? x->shape[0] : 1, length = x->shape[x->rank - 1];
  int64_t width = y->shape[y->rank - 1];
  const int64_t *pool = inputs[1].data, *starts = inputs[2].data, *columns = inputs[3].data;
  int64_t poolSize = elementCount(&inputs[1]), kinds = elementCount(&inputs[2]);
  int64_t grams = elementCount(&inputs[3]);
  float *out = y->data;
  for (int64_t i = 0; i < rows * width; ++i)
    out[i] = 0.0f;
  int64_t firstGram = 0; // number of the first n-gram of this n in the pool
  for (int64_t n = 1; n <= kinds; ++n) {
    int64_t begin = starts[n - 1], end = n < kinds ? starts[n] : poolSize;
    if (begin < 0 || end < begin || end > poolSize)
      return BURIN_RT_BAD_DATA;
    // Skips make no difference to single items.
    int64_t skips = n == 1 ? 0 : maxSkip;
    for (int64_t skip = 1; n >= minGram && n <= maxGram && skip <= skips + 1; ++skip)
      for (int64_t row = 0; row < rows; ++row)
        for (int64_t i = 0; i + (n - 1) * skip < length; ++i) {
          int64_t found = findGram(x, row * length + i, skip, n, pool, begin, end);
          if (found < 0)
            continue;
          if (firstGram + found >= grams)
            return BURIN_RT_BAD_DATA;
          int64_t column = columns[firstGram + found];
          if (column < 0 || column >= width)
            return BURIN_RT_BAD_DATA;
          float weight = weights && mode != ModeTf ? loadF32(weights, firstGram + found) : 1.0f;
          float *cell = &out[row * width + column];
          *cell = mode == ModeIdf ? weight : *cell + weight;
        }
    firstGram += (end - begin) / n;
  }
  return BURIN_RT_OK;
}

BURIN_SCRATCH(tfidf) {
  BURIN_UNUSED;
  return 0;
}
