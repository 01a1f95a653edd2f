//===- MathRoundBody.h - Rounding, root, remainder, one precision ----*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// For CPUs without the instructions (x86-64 before SSE4.1, soft float).
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

Real FN(sqrt)(Real x) {
  if (!(x > LIT(0.0)) || !(x < CORE(infinity)()))
    return x < LIT(0.0) ? CORE(nan)() : x;
  Word hidden = (Word)1 << MANTISSA;
  Word w = CORE(bits)(x);
  Int exponent = (Int)(w >> MANTISSA) - BIAS;
  Word m = (w & (hidden - 1)) | hidden;
  if (exponent == -BIAS) { // subnormal
    ++exponent;
    for (m = w; m < hidden; m <<= 1)
      --exponent;
  }
  // An even exponent halves; the digits of the root of m 2^(MANTISSA + 2) come one by
  // one, each from two more bits of it: MANTISSA + 1 of them and one to round.
  m <<= (exponent & 1) + (MANTISSA == 23 ? 32 : 64) - (MANTISSA + 2);
  Word root = 0, rest = 0;
  for (int i = 0; i < MANTISSA + 2; ++i) {
    rest = rest << 2 | m >> (MANTISSA == 23 ? 30 : 62);
    m <<= 2;
    Word trial = root << 2 | 1;
    root = root << 1 | (rest >= trial);
    rest -= rest >= trial ? trial : 0;
  }
  // A root is never half way between two numbers.
  Word result = ((root + 1) >> 1) - hidden + ((Word)((exponent >> 1) + BIAS) << MANTISSA);
  return CORE(fromBits)(result);
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
