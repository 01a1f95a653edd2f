//===- Requantize.c - Scaling of sums without an FPU --------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "runtime-lib/burin_rt.h"

#include "runtime-lib/Bits.h"

enum { Saturated = 1 << 17 };

/// x 2^-shift rounded half to even, 1 <= shift <= 63.
static inline uint64_t roundShift(uint64_t x, uint32_t shift) {
  uint64_t kept = x >> shift, rest = x & (((uint64_t)1 << shift) - 1);
  uint64_t half = (uint64_t)1 << (shift - 1);
  return kept + (rest > half || (rest == half && (kept & 1)));
}

/// Keeps 24 bits; returns what the result is to be shifted by.
static inline uint32_t roundToFloat(uint64_t *x) {
  uint32_t shift = 0;
  while (*x >> shift >> 24)
    ++shift;
  if (shift)
    *x = roundShift(*x, shift);
  return shift;
}

/// All three roundings, one after the other.
static __attribute__((noinline)) uint32_t scaleSlowly(uint32_t magnitude, uint32_t mantissa,
                                                      int32_t shift) {
  uint64_t sum = magnitude;
  shift -= (int32_t)roundToFloat(&sum);
  uint64_t product = sum * mantissa;
  shift -= (int32_t)roundToFloat(&product);
  if (shift <= 0)
    return shift < -16 || product << -shift > Saturated ? Saturated : (uint32_t)(product << -shift);
  if (shift > 40)
    return 0;
  product = roundShift(product, (uint32_t)shift);
  return product > Saturated ? Saturated : (uint32_t)product;
}

int32_t burin_rt_requantize(int32_t sum, float multiplier) {
  uint32_t scale = bitsF32(multiplier);
  int32_t exponent = (scale >> 23) & 0xff;
  uint32_t magnitude = sum < 0 ? 0u - (uint32_t)sum : (uint32_t)sum;
  if (magnitude == 0 || exponent == 0) // such a scale takes all sums to 0
    return 0;
  uint32_t mantissa = (scale & 0x7fffff) | 0x800000;
  // |sum| * mantissa * 2^-shift
  int32_t shift = 150 - exponent;
  uint32_t result;
  if (shift > 32 && shift < 64 && magnitude >> 24 == 0) {
    uint64_t product = (uint64_t)magnitude * mantissa;
    uint32_t high = (uint32_t)(product >> 32);
    uint32_t whole = high >> (shift - 32);
    uint32_t fraction = (uint32_t)(product >> (shift - 32));
    // Rounding the product to f32 moves it by less than (whole + 1) 2^-24, which
    // matters near a half only.
    uint32_t error = (whole + 1) << 9, near = fraction - 0x80000000u + error;
    result = whole >= Saturated  ? (uint32_t)Saturated
             : near <= 2 * error ? scaleSlowly(magnitude, mantissa, shift)
                                 : whole + (fraction >> 31);
  } else {
    result = scaleSlowly(magnitude, mantissa, shift);
  }
  return (int32_t)(sum ^ (int32_t)scale) < 0 ? -(int32_t)result : (int32_t)result;
}
