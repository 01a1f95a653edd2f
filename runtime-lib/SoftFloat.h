//===- SoftFloat.h - Floating point in integers -------------------*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// Arithmetic on the bits of f32 and f64 for cores without an FPU: f32_add, f64_add
// and so on (SoftFloatBody.h). Without multiplications of more than 32 bits.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_RUNTIME_LIB_SOFTFLOAT_H
#define BURIN_RUNTIME_LIB_SOFTFLOAT_H

#include <stdbool.h>
#include <stdint.h>

/// x * y, 128 bits.
static inline uint64_t multiplyWide(uint64_t x, uint64_t y, uint64_t *low) {
  uint64_t x0 = (uint32_t)x, x1 = x >> 32, y0 = (uint32_t)y, y1 = y >> 32;
  uint64_t bottom = x0 * y0, cross = x1 * y0 + (bottom >> 32), other = x0 * y1 + (uint32_t)cross;
  *low = other << 32 | (uint32_t)bottom;
  return x1 * y1 + (cross >> 32) + (other >> 32);
}

/// The product of significands with three bits more than those, or four.
static inline uint32_t f32_product(uint32_t x, uint32_t y) {
  uint64_t product = (uint64_t)x * y;
  return (uint32_t)(product >> 20) | ((uint32_t)product << 12 != 0);
}
static inline uint64_t f64_product(uint64_t x, uint64_t y) {
  uint64_t low, high = multiplyWide(x, y, &low);
  return high << 15 | low >> 49 | (low << 15 != 0);
}

#define BITS 32
#define MANTISSA 23
#define UINT uint32_t
#define FN(name) f32_##name
#include "runtime-lib/SoftFloatBody.h"
#undef BITS
#undef MANTISSA
#undef UINT
#undef FN
#define BITS 64
#define MANTISSA 52
#define UINT uint64_t
#define FN(name) f64_##name
#include "runtime-lib/SoftFloatBody.h"
#undef BITS
#undef MANTISSA
#undef UINT
#undef FN

static uint64_t extendFloat(uint32_t x) {
  uint64_t sign = (uint64_t)(x >> 31) << 63, magnitude = x & 0x7fffffff;
  if (magnitude == 0)
    return sign;
  if (magnitude >= 0x7f800000)
    return sign | (uint64_t)0x7ff << 52 | (magnitude & 0x7fffff) << 29 |
           (magnitude > 0x7f800000 ? (uint64_t)1 << 51 : 0);
  uint32_t significand;
  int exponent = f32_unpack(x, &significand);
  return sign | (uint64_t)(exponent + 1023 - 127) << 52 | (uint64_t)(significand & 0x7fffff) << 29;
}

static uint32_t truncateDouble(uint64_t x) {
  uint32_t sign = (uint32_t)(x >> 32) & 0x80000000;
  uint64_t magnitude = x << 1 >> 1;
  if (magnitude > (uint64_t)0x7ff << 52)
    return sign | 0x7fc00000 | ((uint32_t)(magnitude >> 29) & 0x7fffff);
  if (magnitude == 0)
    return sign;
  uint64_t significand;
  int exponent = f64_unpack(x, &significand) - 1023 + 127;
  uint32_t kept = (uint32_t)(significand >> 26) | ((significand & 0x3ffffff) != 0);
  return f32_pack(sign, exponent < 0xff ? exponent : 0xff, kept);
}

#endif // BURIN_RUNTIME_LIB_SOFTFLOAT_H
