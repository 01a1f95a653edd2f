//===- MathRoundBody.h - Rounding and remainder, one precision ----*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// For CPUs without a rounding instruction (x86-64 before SSE4.1 and soft float).
//
//===----------------------------------------------------------------------===//

Real FN(rint)(Real x) {
  Real a = CORE(absolute)(x);
  Real unit = CORE(power2)(MANTISSA);
  // Numbers from 2^MANTISSA on are integers; NaN fails the test.
  Real y = (a + unit) - unit;
  return a < unit ? CORE(withSign)(y, x) : x;
}

Real FN(floor)(Real x) {
  Real y = FN(rint)(x);
  Real z = y > x ? y - LIT(1.0) : y;
  return z == y ? y : z; // keeps -0
}

Real FN(ceil)(Real x) {
  Real y = FN(rint)(x);
  Real z = y < x ? y + LIT(1.0) : y;
  return z == LIT(0.0) ? CORE(withSign)(z, x) : z;
}

Real FN(trunc)(Real x) {
  Real a = CORE(absolute)(x);
  Real y = FN(rint)(a);
  y = y > a ? y - LIT(1.0) : y;
  return a == a ? CORE(withSign)(y, x) : x;
}

Real FN(fmod)(Real x, Real y) {
  Real a = CORE(absolute)(x), b = CORE(absolute)(y);
  if (!(a < CORE(infinity)()) || !(b > LIT(0.0)))
    return CORE(nan)();
  if (b != b)
    return y;
  if (a < b)
    return x;
  // Mantissas as integers with the hidden bit; a subnormal one is shifted up.
  Word hidden = (Word)1 << MANTISSA;
  Word wa = CORE(bits)(a), wb = CORE(bits)(b);
  Int ea = (Int)(wa >> MANTISSA), eb = (Int)(wb >> MANTISSA);
  Word ma = ea ? (wa & (hidden - 1)) | hidden : wa << 1;
  Word mb = eb ? (wb & (hidden - 1)) | hidden : wb << 1;
  for (; ma < hidden; ma <<= 1)
    --ea;
  for (; mb < hidden; mb <<= 1)
    --eb;
  // Long division, one bit a step; the quotient is not kept.
  for (;; --ea) {
    ma -= ma >= mb ? mb : 0;
    if (ea == eb)
      break;
    ma <<= 1;
  }
  if (!ma)
    return CORE(withSign)(LIT(0.0), x);
  for (; ma < hidden; ma <<= 1)
    --eb;
  Word result = eb > 0 ? (ma & (hidden - 1)) | ((Word)eb << MANTISSA) : ma >> (1 - eb);
  return CORE(withSign)(CORE(fromBits)(result), x);
}
