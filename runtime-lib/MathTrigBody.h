//===- MathTrigBody.h - sin, cos, tan -----------------------------*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

/// The reduced argument high + low, |high| <= pi/4, and the quadrant modulo 4.
typedef struct {
  Real high;
  Real low;
  uint32_t quadrant;
} CORE(Reduced);

static inline CORE(Reduced) CORE(reduceTrig)(Real a) {
  Word w = CORE(bits)(a);
  Word mantissa = (w & (((Word)1 << MANTISSA) - 1)) | ((Word)1 << MANTISSA);
  int32_t exponent = (int32_t)(w >> MANTISSA) - BIAS - MANTISSA;
  bool inside = a < LIT(0x1.921fb54442d18p-1);
  exponent = inside ? -MANTISSA - 1 : exponent;
  // Bits of 2 / pi above this position give multiples of 4 turns of pi / 2.
  uint32_t position = (uint32_t)(exponent - 2 + 64);
  const uint32_t *table = BurinTwoOverPi + (position >> 5);
  uint32_t shift = position & 31;
#define WINDOW(i) ((uint32_t)(((((uint64_t)table[i] << 32) | table[i + 1]) << shift) >> 32))
#if BURIN_BITS == 32
  uint64_t turns = ((uint64_t)(mantissa * WINDOW(0)) << 32) + (uint64_t)mantissa * WINDOW(1) +
                   (((uint64_t)mantissa * WINDOW(2)) >> 32);
#else
  // The product of the mantissa and 192 bits, modulo 2^192, in words of 32 bits.
  uint32_t low = (uint32_t)mantissa, high = (uint32_t)(mantissa >> 32);
  uint32_t words[6];
  uint64_t carry = 0;
  uint32_t previous = 0;
  for (int i = 5; i >= 0; --i) {
    uint32_t window = WINDOW(i);
    uint64_t a0 = (uint64_t)low * window, a1 = (uint64_t)high * previous;
    uint64_t sum = (a0 & 0xffffffffu) + (a1 & 0xffffffffu) + (carry & 0xffffffffu);
    words[i] = (uint32_t)sum;
    carry = (carry >> 32) + (a0 >> 32) + (a1 >> 32) + (sum >> 32);
    previous = window;
  }
  uint64_t turns = ((uint64_t)words[0] << 32) | words[1];
  uint64_t rest = ((uint64_t)words[2] << 32) | words[3];
#endif
#undef WINDOW
  CORE(Reduced) result;
  uint32_t quadrant = (uint32_t)((turns + ((uint64_t)1 << 61)) >> 62);
  int64_t fraction = (int64_t)(turns - ((uint64_t)quadrant << 62));
  // The fraction in three pieces that are exact, summed to high + low.
#if BURIN_BITS == 32
  Real first = (Real)(int32_t)(fraction >> 40) * LIT(0x1p-22);
  Real second = (Real)(int32_t)((fraction >> 16) & 0xffffff) * LIT(0x1p-46);
  Real third = (Real)(int32_t)(fraction & 0xffff) * LIT(0x1p-62);
#else
  Real first = (Real)(fraction >> 20) * LIT(0x1p-42);
  Real second =
      (Real)(int64_t)(((uint64_t)(fraction & 0xfffff) << 32) | (rest >> 32)) * LIT(0x1p-94);
  Real third = (Real)(int64_t)(rest & 0xffffffffu) * LIT(0x1p-126);
#endif
  Real sum = first + second;
  third += second - (sum - first);
  Real error;
  Real product = CORE(twoProduct)(sum, CONST(PI_2_HI), &error);
  error += sum * CONST(PI_2_LO) + third * CONST(PI_2_HI);
  result.high = inside ? a : product;
  result.low = inside ? LIT(0.0) : error;
  result.quadrant = inside ? 0 : quadrant;
  return result;
}

static inline Real CORE(sinKernel)(CORE(Reduced) r) {
  Real z = r.high * r.high;
  return r.high + (r.high * z * POLY(SIN, z) + r.low);
}

static inline Real CORE(cosKernel)(CORE(Reduced) r) {
  Real z = r.high * r.high;
  Real half = LIT(0.5) * z;
  Real top = LIT(1.0) - half;
  return top + (((LIT(1.0) - top) - half) + (z * z * POLY(COS, z) - r.high * r.low));
}

/// NaN for an infinite or NaN a, else y with its sign bit flipped by flip.
static inline Real CORE(finishTrig)(Real a, Real y, Word flip) {
  y = CORE(fromBits)(CORE(bits)(y) ^ flip);
  return a < CORE(infinity)() ? y : CORE(nan)();
}

Real FN(sin)(Real x) {
  Real a = CORE(absolute)(x);
  CORE(Reduced) r = CORE(reduceTrig)(a);
  Real y = r.quadrant & 1 ? CORE(cosKernel)(r) : CORE(sinKernel)(r);
  Word flip = ((Word)(r.quadrant >> 1 & 1) * SIGN_BIT) ^ (CORE(bits)(x) & SIGN_BIT);
  return CORE(finishTrig)(a, y, flip);
}

Real FN(cos)(Real x) {
  Real a = CORE(absolute)(x);
  CORE(Reduced) r = CORE(reduceTrig)(a);
  Real y = r.quadrant & 1 ? CORE(sinKernel)(r) : CORE(cosKernel)(r);
  return CORE(finishTrig)(a, y, (Word)((r.quadrant + 1) >> 1 & 1) * SIGN_BIT);
}

Real FN(tan)(Real x) {
  Real a = CORE(absolute)(x);
  CORE(Reduced) r = CORE(reduceTrig)(a);
#if BURIN_BITS == 32
  Real z = r.high * r.high;
  Real tail = r.high * z * POLY(TAN, z);
  Real t = r.high + tail;
  tail = (tail - (t - r.high)) + r.low * (LIT(1.0) + t * t);
  // -1 / (t + tail) = -1 / t + tail / t^2
  Real inverse = LIT(-1.0) / t;
  Real y = r.quadrant & 1 ? inverse + tail * inverse * inverse : t + tail;
#else
  Real s = CORE(sinKernel)(r), c = CORE(cosKernel)(r);
  Real y = r.quadrant & 1 ? -c / s : s / c;
#endif
  return CORE(finishTrig)(a, y, CORE(bits)(x) & SIGN_BIT);
}
