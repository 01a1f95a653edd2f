//===- CallPool.c - max_pool_indices ------------------------------*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "runtime-lib/Tensors.h"

BURIN_CALL(max_pool_indices) {
  BURIN_UNUSED_CALL;
  const burin_rt_tensor *x = &inputs[0], *values = &outputs[0], *indices = BURIN_OUTPUT(1);
  int32_t r = x->rank - 2;
  int64_t bytes = elementBytes(x->type);
  if (r < 1 || r > MaxSpatial || values->rank != x->rank || !bytes)
    return BURIN_RT_BAD_SHAPE;
  const int64_t *kernel = int_attrs, *strides = kernel + r, *dilations = strides + r;
  const int64_t *pads = dilations + r, *in = x->shape + 2, *out = values->shape + 2;
  bool columnMajor = pads[r] != 0;
  int64_t planes = x->shape[0] * x->shape[1];
  int64_t inSize = product(in, 0, r), outSize = product(out, 0, r), taps = product(kernel, 0, r);
  for (int64_t plane = 0; plane < planes; ++plane)
    for (int64_t o = 0; o < outSize; ++o) {
      int64_t start[MaxSpatial], rest = o;
      for (int32_t d = r - 1; d >= 0; --d) {
        start[d] = rest % out[d] * strides[d] - pads[d];
        rest /= out[d];
      }
      int64_t best = -1, bestIndex = -1;
      uint64_t bestKey = 0;
      for (int64_t tap = 0; tap < taps; ++tap) {
        // Row-major and column-major position of the tap, unless it is padding.
        int64_t row = 0, column = 0, rowStride = 1, t = tap;
        bool inside = true;
        int64_t at[MaxSpatial];
        for (int32_t d = r - 1; d >= 0; --d) {
          at[d] = start[d] + t % kernel[d] * dilations[d];
          t /= kernel[d];
          inside = inside && at[d] >= 0 && at[d] < in[d];
          row += at[d] * rowStride;
          rowStride *= in[d];
        }
        if (!inside)
          continue;
        uint64_t key = orderKey(x, plane * inSize + row);
        if (best >= 0 && key <= bestKey)
          continue;
        int64_t columnStride = 1;
        for (int32_t d = 0; d < r; ++d) {
          column += at[d] * columnStride;
          columnStride *= in[d];
        }
        best = plane * inSize + row;
        bestKey = key;
        bestIndex = plane * inSize + (columnMajor ? column : row);
      }
      int64_t place = plane * outSize + o;
      if (best >= 0)
        copyElement(values->data, place, x->data, best, bytes);
      else if (isFloat(x->type)) // a window of padding only
        storeF64(values, place, -__builtin_inf());
      else
        copyElement(values->data, place, &(uint64_t){0}, 0, bytes);
      if (indices)
        ((int64_t *)indices->data)[place] = bestIndex;
    }
  return BURIN_RT_OK;
}

BURIN_SCRATCH(max_pool_indices) {
  BURIN_UNUSED;
  return 0;
}
