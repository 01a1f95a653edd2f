//===- MathPowBody.h - pow ----------------------------------------*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// x^y = 2^(y log2 x). The product must be right to an absolute 2^-MANTISSA though
// it may reach 2^7 (2^10), so log2 x is carried in two Reals: with
// s = (m - 1) / (m + 1), log2 m = 2 / ln2 (s + s z (1/3 + z Q(z))), z = s^2 <= 0.03;
// only s, z / 3 and the sums need both parts.
//
//===----------------------------------------------------------------------===//

Real FN(pow)(Real x, Real y) {
  Real a = CORE(absolute)(x);
  bool tiny = a < CORE(power2)(1 - BIAS);
  Real scaled = tiny ? a * CORE(power2)(MANTISSA) : a;
  Real m;
  Real k = (Real)(CORE(splitExponent)(scaled, &m) - (tiny ? MANTISSA : 0));

  Real error, low;
  Real f = m - LIT(1.0);
  Real d = m + LIT(1.0);
  Real dLow = m - (d - LIT(1.0));
  Real s = f / d;
  Real p = CORE(twoProduct)(s, d, &error);
  Real sLow = (((f - p) - error) - s * dLow) / d;
  Real z = CORE(twoProduct)(s, s, &low);
  Real zLow = low + LIT(2.0) * s * sLow;

  // t = z / 3 + z^2 Q(z)
  Real t = CORE(twoProduct)(z, CONST(THIRD_HI), &error);
  Real tLow = error + z * CONST(THIRD_LO) + zLow * CONST(THIRD_HI) + z * z * POLY(POW, z);
  // u = s + s t
  Real st = CORE(twoProduct)(s, t, &error);
  Real stLow = error + (s * tLow + sLow * t);
  Real u = s + st;
  Real uLow = (st - (u - s)) + (sLow + stLow);
  // l = k + u 2 / ln2
  Real v = CORE(twoProduct)(u, CONST(TWO_LOG2E_HI), &error);
  Real vLow = error + (u * CONST(TWO_LOG2E_LO) + uLow * CONST(TWO_LOG2E_HI));
  Real sum = CORE(twoSum)(k, v, &error);
  Real l = sum + (error + vLow);
  Real lLow = (error + vLow) - (l - sum);

  // A y above this decides over 0, 1 or Inf for every x; its product must not overflow.
  Real most = MANTISSA == 23 ? LIT(0x1p40) : LIT(0x1p80);
  Real yy = y > most ? most : y;
  yy = yy < -most ? -most : yy;
  Real e = CORE(twoProduct)(l, yy, &error);
  Real eLow = error + lLow * yy;
  // The range of 2^e, with room for subnormals.
  Real limit = BIAS == 127 ? LIT(160.0) : LIT(1100.0);
  bool inRange = e < limit && e > -limit;
  eLow = inRange ? eLow : LIT(0.0);
  e = e > limit ? limit : e;
  e = e < -limit ? -limit : e;
  Real rounder = e + ROUNDER;
  Real r = ((e - (rounder - ROUNDER)) + eLow) * LIT(0x1.62e42fefa39efp-1);
  Int n = (Int)(CORE(bits)(rounder) - CORE(bits)(ROUNDER));
  Int half = n >> 1;
  Real result = (LIT(1.0) + CORE(expm1Small)(r)) * CORE(power2)(half) * CORE(power2)(n - half);

  // Is y an integer, and an odd one?
  Real ay = CORE(absolute)(y);
  Real unit = CORE(power2)(MANTISSA);
  bool fractional = ay < unit;
  Real safe = fractional ? ay : LIT(0.0); // also for NaN
  Int whole = (Int)safe;
  bool integer = !fractional || (Real)whole == safe;
  Real safeOdd = ay < LIT(2.0) * unit ? ay : LIT(0.0);
  bool odd = integer && ((Int)safeOdd & 1);

  Real infinity = CORE(infinity)();
  // Of the bits, because LLVM makes llvm.is.fpclass of comparisons, which stops the
  // vectoriser. NaN passes for extreme here and is dealt with below.
  Word wide = CORE(bits)(infinity) - 1;
  bool extremeX = CORE(bits)(a) - 1 >= wide, extremeY = CORE(bits)(ay) - 1 >= wide;
  bool negative = (CORE(bits)(x) & SIGN_BIT) != 0;
  bool grows = (a > LIT(1.0)) == (y > LIT(0.0));
  result = extremeX || extremeY ? (grows ? infinity : LIT(0.0)) : result;
  result = a == LIT(1.0) ? LIT(1.0) : result;
  result = negative && odd ? -result : result;
  result = negative && !extremeX && !integer ? CORE(nan)() : result;
  result = x != x || y != y ? CORE(nan)() : result;
  return y == LIT(0.0) || x == LIT(1.0) ? LIT(1.0) : result;
}
