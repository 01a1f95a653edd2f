//===- CallGridSampleBody.h - grid_sample, one precision ----------*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

/// x reflected into [low, high].
static Real CORE(reflect)(Real x, Real low, Real high) {
  Real range = high - low;
  if (!(range > LIT(0.0)))
    return low;
  bool below = x < low;
  if (!below && !(x > high))
    return x;
  Real distance = below ? low - x : x - high;
  Real turns = FN(trunc)(distance / range);
  Real rest = distance - turns * range;
  bool even = FN(fmod)(turns, LIT(2.0)) == LIT(0.0);
  return below == even ? low + rest : high - rest;
}

/// Axis d of the input as a function of a pixel's index: its value there, or none.
static int64_t CORE(padIndex)(int64_t i, int64_t n, int64_t padding, Real low, Real high) {
  if (i >= 0 && i < n)
    return i;
  if (padding == PaddingZeros || n < 1)
    return -1;
  if (padding == PaddingReflection)
    i = CORE(toIndex)(CORE(reflect)((Real)i, low, high));
  return i < 0 ? 0 : i >= n ? n - 1 : i;
}

/// The four weights of cubic convolution, a = -3/4, for taps -1..2 around t in [0, 1).
static void CORE(cubicWeights)(Real t, Real *w) {
  const Real a = LIT(-0.75);
  Real u = t + LIT(1.0), v = LIT(1.0) - t, s = LIT(2.0) - t;
  w[0] = ((a * u - LIT(5.0) * a) * u + LIT(8.0) * a) * u - LIT(4.0) * a;
  w[1] = ((a + LIT(2.0)) * t - (a + LIT(3.0))) * t * t + LIT(1.0);
  w[2] = ((a + LIT(2.0)) * v - (a + LIT(3.0))) * v * v + LIT(1.0);
  w[3] = ((a * s - LIT(5.0) * a) * s + LIT(8.0) * a) * s - LIT(4.0) * a;
}

static int32_t CORE(gridSample)(BURIN_ARGUMENTS) {
  BURIN_UNUSED_CALL;
  const burin_rt_tensor *x = &inputs[0], *grid = &inputs[1], *y = &outputs[0];
  int64_t mode = int_attrs[0], padding = int_attrs[1];
  bool align = int_attrs[2] != 0;
  int32_t r = x->rank - 2;
  const int64_t *in = x->shape + 2;
  int64_t channels = x->shape[1], inSize = product(in, 0, r);
  int64_t points = product(y->shape, 2, y->rank);
  int32_t taps = mode == ModeNearest ? 1 : mode == ModeLinear ? 2 : 4;
  int32_t combinations = 1;
  for (int32_t d = 0; d < r; ++d)
    combinations *= taps;
  for (int64_t image = 0; image < x->shape[0]; ++image)
    for (int64_t point = 0; point < points; ++point) {
      // Per axis the index in the input (-1: no pixel) and the weight of each tap.
      int64_t index[MaxSpatial][4];
      Real weight[MaxSpatial][4];
      for (int32_t d = 0; d < r; ++d) {
        int64_t n = in[d];
        // The grid's last axis runs from the innermost axis outwards.
        Real g = CORE(load)(grid, (image * points + point) * r + (r - 1 - d));
        Real at = align ? (g + LIT(1.0)) * LIT(0.5) * (Real)(n - 1)
                        : ((g + LIT(1.0)) * (Real)n - LIT(1.0)) * LIT(0.5);
        Real low = align ? LIT(0.0) : LIT(-0.5);
        Real high = align ? (Real)(n - 1) : (Real)n - LIT(0.5);
        if (mode == ModeNearest)
          at = FN(rint)(at);
        if (at < low || at > high) {
          if (padding == PaddingBorder)
            at = at < LIT(0.0) ? LIT(0.0) : (Real)(n - 1);
          else if (padding == PaddingReflection)
            at = CORE(reflect)(at, low, high);
        }
        Real base = mode == ModeNearest ? at : FN(floor)(at);
        Real t = at - base;
        int64_t first = CORE(toIndex)(base) - (mode == ModeCubic ? 1 : 0);
        for (int32_t tap = 0; tap < taps; ++tap)
          index[d][tap] = CORE(padIndex)(first + tap, n, padding, low, high);
        if (mode == ModeNearest) {
          weight[d][0] = LIT(1.0);
        } else if (mode == ModeLinear) {
          weight[d][0] = LIT(1.0) - t;
          weight[d][1] = t;
        } else {
          CORE(cubicWeights)(t, weight[d]);
        }
      }
      for (int64_t channel = 0; channel < channels; ++channel) {
        int64_t plane = (image * channels + channel) * inSize;
        Real sum = LIT(0.0);
        for (int32_t combination = 0; combination < combinations; ++combination) {
          int64_t at = 0, stride = 1;
          int32_t rest = combination;
          Real product = LIT(1.0);
          bool inside = true;
          for (int32_t d = r - 1; d >= 0; --d) {
            int32_t tap = rest % taps;
            rest /= taps;
            inside = inside && index[d][tap] >= 0;
            at += index[d][tap] * stride;
            stride *= in[d];
            product *= weight[d][tap];
          }
          sum += product * (inside ? CORE(load)(x, plane + at) : LIT(0.0));
        }
        CORE(store)(y, (image * channels + channel) * points + point, sum);
      }
    }
  return BURIN_RT_OK;
}
