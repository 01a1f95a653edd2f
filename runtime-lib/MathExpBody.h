//===- MathExpBody.h - Exponentials, one precision ----------------*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

Real FN(exp)(Real x) { return CORE(expScaled)(x, 0); }

Real FN(exp2)(Real x) {
  Real limit = BIAS == 127 ? LIT(160.0) : LIT(1100.0);
  x = x > limit ? limit : x;
  x = x < -limit ? -limit : x;
  Real t = x + ROUNDER;
  Real r = (x - (t - ROUNDER)) * LIT(0x1.62e42fefa39efp-1);
  Int n = (Int)(CORE(bits)(t) - CORE(bits)(ROUNDER));
  Int half = n >> 1;
  return (LIT(1.0) + CORE(expm1Small)(r)) * CORE(power2)(half) * CORE(power2)(n - half);
}

Real FN(expm1)(Real x) { return CORE(expm1Core)(x); }

Real FN(sinh)(Real x) {
  Real a = CORE(absolute)(x);
#if BURIN_BITS == 32
  Real z = x * x;
  Real small = a + a * z * POLY(SINH, z);
  Real e = CORE(expScaled)(a, -1);
  Real large = e - LIT(0.25) / e;
  return CORE(withSign)(a < LIT(1.0) ? small : large, x);
#else
  Real t = CORE(expm1Core)(a);
  Real small = LIT(0.5) * (t + t / (t + LIT(1.0)));
  return CORE(withSign)(a < LIT(20.0) ? small : CORE(expScaled)(a, -1), x);
#endif
}

Real FN(cosh)(Real x) {
  Real e = CORE(expScaled)(CORE(absolute)(x), -1);
  return e + LIT(0.25) / e;
}

Real FN(tanh)(Real x) {
  Real a = CORE(absolute)(x);
#if BURIN_BITS == 32
  Real z = x * x;
  Real small = a + a * z * POLY(TANH, z);
  Real limited = a > LIT(10.0) ? LIT(10.0) : a;
  Real r;
  Int n = CORE(reduceExp)(limited + limited, &r);
  Real e = (LIT(1.0) + CORE(expm1Small)(r)) * CORE(power2)(n);
  Real large = LIT(1.0) - LIT(2.0) / (e + LIT(1.0));
  return CORE(withSign)(a < LIT(0.625) ? small : large, x);
#else
  Real limited = a > LIT(22.0) ? LIT(22.0) : a;
  Real t = CORE(expm1Core)(limited + limited);
  return CORE(withSign)(t / (t + LIT(2.0)), x);
#endif
}
