//===- MathErf.c - The error function -----------------------------*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// f32: an odd polynomial below 0.925, above it 1 - exp(-q(x)) with q = -log(erfc).
// f64: an odd polynomial below 1, above it a table of Taylor-like polynomials.
//
//===----------------------------------------------------------------------===//

#include "runtime-lib/burin_rt.h"

#include "runtime-lib/Coefficients.h"

#define BURIN_BITS 32
#include "runtime-lib/FloatTraits.h"
#include "runtime-lib/MathCore.h"

float burin_rt_erf_f32(float x) {
  float a = absoluteF32(x);
  float z = x * x;
  float small = a + a * BURIN_ERF_SMALL_F32(z);
  float limited = a > 4.0f ? 4.0f : a;
  float r;
  int32_t n = reduceExpF32(-BURIN_ERF_LARGE_F32(limited), &r);
  float large = 1.0f - (1.0f + expm1SmallF32(r)) * power2F32(n);
  return withSignF32(a < 0.925f ? small : large, x);
}

#undef BURIN_BITS
#define BURIN_BITS 64
#include "runtime-lib/FloatTraits.h"
#include "runtime-lib/MathCore.h"

double burin_rt_erf_f64(double x) {
  double a = absoluteF64(x);
  double z = x * x;
  double small = a + a * BURIN_ERF_SMALL_F64(z);
  // NaN is kept out of the conversion.
  double limited = a > 1.0 ? a : 1.0;
  limited = limited < 5.75 ? limited : 5.75;
  int32_t row = (int32_t)((limited - 1.0) * 2.0);
  const double *c = BurinErfTable[row];
  double t = (a < 6.0 ? a : 6.0) - (1.25 + 0.5 * row);
  double large = c[13];
  for (int i = 12; i >= 0; --i)
    large = c[i] + t * large;
  large = a >= 6.0 ? 1.0 : large;
  double y = a < 1.0 ? small : large;
  return a == a ? withSignF64(y, x) : x;
}
