//===- MathLogBody.h - Logarithms and area functions --------------*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

Real FN(log)(Real x) {
  // Subnormals are scaled up first.
  bool tiny = x < CORE(power2)(1 - BIAS);
  Real scaled = tiny ? x * CORE(power2)(MANTISSA) : x;
  Real m;
  Int k = CORE(splitExponent)(scaled, &m) - (tiny ? MANTISSA : 0);
  Real y = CORE(logReduced)(m - LIT(1.0), (Real)k);
  y = x == CORE(infinity)() ? x : y;
  y = x == LIT(0.0) ? -CORE(infinity)() : y;
  return x >= LIT(0.0) ? y : CORE(nan)();
}

Real FN(log1p)(Real x) { return CORE(log1pFull)(x); }

// From here on 2^30 (2^60) is so large that its square still exists and that
// log(2 a) = log1p(a) + ln2 to the last bit.
#undef FAR
#define FAR (BIAS == 127 ? LIT(0x1p30) : LIT(0x1p60))

Real FN(asinh)(Real x) {
  Real a = CORE(absolute)(x);
  bool far = a > FAR;
  Real square = a * a;
  // asinh(a) = log1p(a + a^2 / (1 + sqrt(1 + a^2)))
  Real near = a + square / (LIT(1.0) + SQRT(LIT(1.0) + square));
  Real y = CORE(log1pFull)(far ? a : near);
  return CORE(withSign)(far ? y + LIT(0x1.62e42fefa39efp-1) : y, x);
}

Real FN(acosh)(Real x) {
  bool far = x > FAR;
  Real t = x - LIT(1.0);
  // acosh(1 + t) = log1p(t + sqrt(2 t + t^2))
  Real y = CORE(log1pFull)(far ? x : t + SQRT(t * (t + LIT(2.0))));
  y = far ? y + LIT(0x1.62e42fefa39efp-1) : y;
  return x >= LIT(1.0) ? y : CORE(nan)();
}

Real FN(atanh)(Real x) {
  Real a = CORE(absolute)(x);
  Real twice = a + a;
  Real rest = LIT(1.0) - a; // exact from 1/2 on
  Real argument = a < LIT(0.5) ? twice + twice * a / rest : twice / rest;
  return CORE(withSign)(LIT(0.5) * CORE(log1pFull)(argument), x);
}
