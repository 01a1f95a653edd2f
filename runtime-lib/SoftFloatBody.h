//===- SoftFloatBody.h - One width of floating point in integers --*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// Included once per width by SoftFloat.c, with BITS, MANTISSA (stored bits), UINT and
// FN(name) defined. IEEE 754, round half to even, quiet NaNs.
//
//===----------------------------------------------------------------------===//

#define SIGN ((UINT)1 << (BITS - 1))
#define IMPLICIT ((UINT)1 << MANTISSA)
#define MAX_EXPONENT ((1 << (BITS - MANTISSA - 1)) - 1)
#define BIAS (MAX_EXPONENT >> 1)
#define INFINITE ((UINT)MAX_EXPONENT << MANTISSA)
#define QUIET (IMPLICIT >> 1)

static inline bool FN(isSpecial)(UINT magnitude) { return magnitude - 1 >= INFINITE - 1; }

/// The exponent as if it were normal; `significand` gets its leading bit.
static inline int FN(unpack)(UINT x, UINT *significand) {
  int exponent = (int)((x & ~SIGN) >> MANTISSA);
  *significand = x & (IMPLICIT - 1);
  if (exponent != 0) {
    *significand |= IMPLICIT;
    return exponent;
  }
  for (exponent = 1; *significand < IMPLICIT; --exponent)
    *significand <<= 1;
  return exponent;
}

/// Rounds; the significand has three more bits, the last one sticky.
static UINT FN(pack)(UINT sign, int exponent, UINT significand) {
  if (exponent >= MAX_EXPONENT)
    return sign | INFINITE;
  if (exponent <= 0) {
    int shift = 1 - exponent;
    significand =
        shift >= BITS ? 1 : significand >> shift | ((UINT)(significand << (BITS - shift)) != 0);
    exponent = 0;
  }
  UINT result = sign | (UINT)exponent << MANTISSA | ((significand >> 3) & (IMPLICIT - 1));
  unsigned rest = (unsigned)significand & 7;
  return result + (rest > 4 || (rest == 4 && (result & 1)));
}

static UINT FN(add)(UINT a, UINT b) {
  UINT left = a & ~SIGN, right = b & ~SIGN;
  if (FN(isSpecial)(left) || FN(isSpecial)(right)) {
    if (left > INFINITE)
      return a | QUIET;
    if (right > INFINITE)
      return b | QUIET;
    if (left == INFINITE)
      return (a ^ b) == SIGN ? INFINITE | QUIET : a;
    if (right == INFINITE)
      return b;
    if (left == 0)
      return right == 0 ? a & b : b;
    if (right == 0)
      return a;
  }
  if (right > left) {
    UINT swap = a;
    a = b;
    b = swap;
  }
  UINT x, y;
  int exponent = FN(unpack)(a, &x), shift = exponent - FN(unpack)(b, &y);
  x <<= 3;
  y <<= 3;
  if (shift > 0)
    y = shift >= BITS ? 1 : y >> shift | ((UINT)(y << (BITS - shift)) != 0);
  if ((a ^ b) & SIGN) {
    x -= y;
    if (x == 0)
      return 0;
    for (; x < IMPLICIT << 3; --exponent)
      x <<= 1;
  } else {
    x += y;
    if (x >= IMPLICIT << 4) {
      x = x >> 1 | (x & 1);
      ++exponent;
    }
  }
  return FN(pack)(a & SIGN, exponent, x);
}

/// Where operands of a product or quotient are no normal or subnormal numbers.
static bool FN(decided)(UINT a, UINT b, bool divides, UINT *result) {
  UINT left = a & ~SIGN, right = b & ~SIGN, sign = (a ^ b) & SIGN;
  if (!FN(isSpecial)(left) && !FN(isSpecial)(right))
    return false;
  // 0 and infinity change places in a divisor.
  UINT nothing = divides ? INFINITE : 0, everything = divides ? 0 : INFINITE;
  if (left > INFINITE)
    *result = a | QUIET;
  else if (right > INFINITE)
    *result = b | QUIET;
  else if ((left == 0 && right == everything) || (left == INFINITE && right == nothing))
    *result = INFINITE | QUIET;
  else
    *result = left == 0 || right == nothing ? sign : sign | INFINITE;
  return true;
}

static UINT FN(multiply)(UINT a, UINT b) {
  UINT x, y, result;
  if (FN(decided)(a, b, false, &result))
    return result;
  int exponent = FN(unpack)(a, &x);
  exponent += FN(unpack)(b, &y) - BIAS;
  UINT product = FN(product)(x, y);
  if (product >= IMPLICIT << 4) {
    product = product >> 1 | (product & 1);
    ++exponent;
  }
  return FN(pack)((a ^ b) & SIGN, exponent, product);
}

/// Bit by bit: small, and divisions are rare.
static UINT FN(divide)(UINT a, UINT b) {
  UINT x, y, result;
  if (FN(decided)(a, b, true, &result))
    return result;
  int exponent = FN(unpack)(a, &x);
  exponent -= FN(unpack)(b, &y) - BIAS;
  if (x < y) {
    x <<= 1;
    --exponent;
  }
  UINT quotient = 0;
  for (int i = 0; i < MANTISSA + 4; ++i) {
    quotient <<= 1;
    if (x >= y) {
      x -= y;
      quotient |= 1;
    }
    x <<= 1;
  }
  return FN(pack)((a ^ b) & SIGN, exponent, quotient | (x != 0));
}

/// -1, 0, 1, or 2 where an operand is NaN.
static int FN(compare)(UINT a, UINT b) {
  UINT left = a & ~SIGN, right = b & ~SIGN;
  if (left > INFINITE || right > INFINITE)
    return 2;
  if ((left | right) == 0 || a == b)
    return 0;
  if ((a ^ b) & SIGN)
    return a & SIGN ? -1 : 1;
  return (a < b) != ((a & SIGN) != 0) ? -1 : 1;
}

static UINT FN(fromU64)(uint64_t magnitude, bool negative) {
  UINT sign = negative ? SIGN : 0;
  if (magnitude == 0)
    return 0;
  int exponent = BIAS + MANTISSA + 3;
  for (; magnitude >= (uint64_t)IMPLICIT << 4; ++exponent)
    magnitude = magnitude >> 1 | (magnitude & 1);
  for (; magnitude < (uint64_t)IMPLICIT << 3; --exponent)
    magnitude <<= 1;
  return FN(pack)(sign, exponent, (UINT)magnitude);
}

static UINT FN(fromU32)(uint32_t magnitude, bool negative) {
  if (magnitude == 0)
    return 0;
  int zeros = __builtin_clz(magnitude), shift = MANTISSA + 3 - 31;
  magnitude <<= zeros;
  UINT significand = shift >= 0 ? (UINT)magnitude << (shift & (BITS - 1))
                                : magnitude >> -shift | (magnitude << (32 + shift & 31) != 0);
  return FN(pack)(negative ? SIGN : 0, BIAS + 31 - zeros, significand);
}

/// Truncates, below 2^64; what is beyond is undefined, as in C.
static uint64_t FN(toU64)(UINT x) {
  int shift = (int)((x & ~SIGN) >> MANTISSA) - BIAS - MANTISSA;
  uint64_t significand = (x & (IMPLICIT - 1)) | IMPLICIT;
  if (shift < -MANTISSA)
    return 0;
  if (shift > 63 - MANTISSA)
    return UINT64_MAX;
  return shift < 0 ? significand >> -shift : significand << shift;
}

/// The same for 32 bits.
static uint32_t FN(toU32)(UINT x) {
  int shift = (int)((x & ~SIGN) >> MANTISSA) - BIAS;
  UINT significand = (x & (IMPLICIT - 1)) | IMPLICIT;
  if (shift < 0)
    return 0;
  if (shift > 31)
    return UINT32_MAX;
  return (uint32_t)(shift < MANTISSA ? significand >> (MANTISSA - shift)
                                     : significand << (shift - MANTISSA));
}

#undef SIGN
#undef IMPLICIT
#undef MAX_EXPONENT
#undef BIAS
#undef INFINITE
#undef QUIET
