//===- MathCore.h - Pieces that several functions share -----------*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// Everything here is branch-free and inline, so that loops over the functions
// vectorise. Included once per precision behind FloatTraits.h.
//
//===----------------------------------------------------------------------===//

#include "runtime-lib/Bits.h"

#define SIGN_BIT ((Word)1 << (MANTISSA == 23 ? 31 : 63))

static inline Real CORE(absolute)(Real x) { return CORE(fromBits)(CORE(bits)(x) & ~SIGN_BIT); }

/// |magnitude| with the sign of sign.
static inline Real CORE(withSign)(Real magnitude, Real sign) {
  return CORE(fromBits)((CORE(bits)(magnitude) & ~SIGN_BIT) | (CORE(bits)(sign) & SIGN_BIT));
}

static inline Real CORE(nan)(void) {
  return CORE(fromBits)(((Word)(2 * BIAS + 1) << MANTISSA) | ((Word)1 << (MANTISSA - 1)));
}

static inline Real CORE(infinity)(void) { return CORE(fromBits)((Word)(2 * BIAS + 1) << MANTISSA); }

/// 2^n for -BIAS < n <= BIAS; any n is harmless.
static inline Real CORE(power2)(Int n) { return CORE(fromBits)(((Word)n + BIAS) << MANTISSA); }

/// An integer n next to x * log2(e) and r = x - n ln2 with |r| <= ln2 / 2.
static inline Int CORE(reduceExp)(Real x, Real *r) {
  Real t = x * LIT(0x1.71547652b82fep0) + ROUNDER;
  Real n = t - ROUNDER;
  *r = (x - n * CONST(LN2_HI)) - n * CONST(LN2_LO);
  return (Int)(CORE(bits)(t) - CORE(bits)(ROUNDER));
}

/// e^r - 1 for |r| <= ln2 / 2.
static inline Real CORE(expm1Small)(Real r) { return r + r * r * POLY(EXPM1, r); }

/// e^x 2^shift; overflows to Inf, underflows through the subnormals, NaN stays.
static inline Real CORE(expScaled)(Real x, int shift) {
  x = x > (BIAS == 127 ? LIT(90.0) : LIT(711.0)) ? (BIAS == 127 ? LIT(90.0) : LIT(711.0)) : x;
  x = x < (BIAS == 127 ? LIT(-105.0) : LIT(-747.0)) ? (BIAS == 127 ? LIT(-105.0) : LIT(-747.0)) : x;
  Real r;
  Int n = CORE(reduceExp)(x, &r) + shift;
  Int half = n >> 1; // in two steps: 2^n alone may be out of range
  return (LIT(1.0) + CORE(expm1Small)(r)) * CORE(power2)(half) * CORE(power2)(n - half);
}

/// e^x - 1 for any x; a large one gives Inf.
static inline Real CORE(expm1Core)(Real x) {
  Real top = BIAS == 127 ? LIT(90.0) : LIT(711.0);
  Real a = x > top ? top : x;
  a = a < LIT(-50.0) ? LIT(-50.0) : a;
  Real r;
  Int n = CORE(reduceExp)(a, &r);
  // 2^(n-1) and a doubling at the end keep 2^n in range.
  Real scale = CORE(power2)(n - 1);
  Real y = scale * CORE(expm1Small)(r) + (scale - LIT(0.5));
  y = LIT(2.0) * y;
  // Beyond the largest exponent the product above is not to be trusted.
  y = x > (BIAS == 127 ? LIT(0x1.62e42ep6) : LIT(0x1.62e42fefa39efp9)) ? CORE(infinity)() : y;
  return x == LIT(0.0) ? x : y;
}

/// log(1 + f) + k ln2 for sqrt(1/2) <= 1 + f < sqrt(2).
static inline Real CORE(logReduced)(Real f, Real k) {
  // log(1 + f) = 2 atanh(s) with s = f / (2 + f), and 2 s = f - s f.
  Real s = f / (LIT(2.0) + f);
  Real z = s * s;
  Real tail = s * (f - z * POLY(LOG, z));
  return k * CONST(LN2_HI) + (f - (tail - k * CONST(LN2_LO)));
}

/// The k of x = m 2^k, sqrt(1/2) <= m < sqrt(2), for a normal x > 0.
static inline Int CORE(splitExponent)(Real x, Real *m) {
  Word one = (Word)BIAS << MANTISSA;
  Word w = CORE(bits)(x) + (one - SQRT_HALF_BITS);
  *m = CORE(fromBits)((w & (((Word)1 << MANTISSA) - 1)) + SQRT_HALF_BITS);
  return (Int)(w >> MANTISSA) - BIAS;
}

/// log(1 + x), right for x > -1; see log1p for the rest.
static inline Real CORE(log1pCore)(Real x) {
  Real m;
  Int k = CORE(splitExponent)(LIT(1.0) + x, &m);
  Real scale = CORE(power2)(-k);
  // (1 + x) 2^-k - 1 with one rounding; far above 1 the 1 does not matter.
  Real f = k > MANTISSA + 8 ? m - LIT(1.0) : scale * x + (scale - LIT(1.0));
  return x == LIT(0.0) ? x : CORE(logReduced)(f, (Real)k);
}

/// log1p with the results outside of (-1, Inf).
static inline Real CORE(log1pFull)(Real x) {
  Real y = CORE(log1pCore)(x);
  y = x == CORE(infinity)() ? x : y;
  y = x == LIT(-1.0) ? -CORE(infinity)() : y;
  return x >= LIT(-1.0) ? y : CORE(nan)();
}

/// a + b = sum + *error exactly.
static inline Real CORE(twoSum)(Real a, Real b, Real *error) {
  Real sum = a + b;
  Real bb = sum - a;
  *error = (a - (sum - bb)) + (b - bb);
  return sum;
}

/// a b = product + *error exactly, away from over- and underflow.
static inline Real CORE(twoProduct)(Real a, Real b, Real *error) {
  Real splitter = MANTISSA == 23 ? LIT(0x1.001p12) : LIT(0x1.0000002p27);
  Real p = a * b;
  Real ca = splitter * a, cb = splitter * b;
  Real ah = ca - (ca - a), bh = cb - (cb - b);
  Real al = a - ah, bl = b - bh;
  *error = ((ah * bh - p) + ah * bl + al * bh) + al * bl;
  return p;
}
