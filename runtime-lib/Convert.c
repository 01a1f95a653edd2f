//===- Convert.c - Number formats of 16, 8 and 4 bits -------------*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// Branch-free: the subnormal results come from a float addition whose unit in
// the last place is the target's smallest step, so the FPU does the rounding.
//
//===----------------------------------------------------------------------===//

#include "runtime-lib/burin_rt.h"

#include "runtime-lib/Bits.h"

float burin_rt_f16_to_f32(uint16_t h) {
  uint32_t sign = (uint32_t)(h & 0x8000u) << 16;
  uint32_t a = (uint32_t)(h & 0x7fffu) << 13;
  uint32_t normal = a + (112u << 23);
  uint32_t special = a + (224u << 23);
  uint32_t subnormal = bitsF32(fromBitsF32(a + (113u << 23)) - 0x1p-14f);
  uint32_t w = a < (1u << 23) ? subnormal : normal;
  w = a >= (31u << 23) ? special : w;
  return fromBitsF32(w | sign);
}

uint16_t burin_rt_f32_to_f16(float x) {
  uint32_t w = bitsF32(x);
  uint32_t sign = (w >> 16) & 0x8000u;
  uint32_t a = w & 0x7fffffffu;
  uint32_t normal = (a - (112u << 23) + 0xfffu + ((a >> 13) & 1)) >> 13;
  uint32_t subnormal = bitsF32(fromBitsF32(a) + 0.5f) - (126u << 23);
  uint32_t h = a < (113u << 23) ? subnormal : normal;
  h = a >= 0x477ff000u ? 0x7c00u : h; // 65520 is half way to 2^16
  h = a > 0x7f800000u ? 0x7e00u | (a >> 13 & 0x3ffu) : h;
  return (uint16_t)(h | sign);
}

float burin_rt_bf16_to_f32(uint16_t b) { return fromBitsF32((uint32_t)b << 16); }

uint16_t burin_rt_f32_to_bf16(float x) {
  uint32_t w = bitsF32(x);
  uint32_t b = (w + 0x7fffu + ((w >> 16) & 1)) >> 16;
  b = (w & 0x7fffffffu) > 0x7f800000u ? (w >> 16) | 0x40u : b;
  return (uint16_t)b;
}

float burin_rt_f64_to_f32_odd(double x) {
  float y = (float)x;
  uint32_t w = bitsF32(y);
  double back = (double)y;
  double a = x < 0.0 ? -x : x, b = back < 0.0 ? -back : back;
  // Towards zero first, then the last bit is set to remember that something is lost.
  uint32_t odd = (w - (b > a ? 1u : 0u)) | 1u;
  return fromBitsF32(x == x && back != x ? odd : w);
}

uint16_t burin_rt_f64_to_f16(double x) { return burin_rt_f32_to_f16(burin_rt_f64_to_f32_odd(x)); }

uint16_t burin_rt_f64_to_bf16(double x) { return burin_rt_f32_to_bf16(burin_rt_f64_to_f32_odd(x)); }

/// x as sign, exponent and mantissa bits of a small format. A code above largest
/// becomes largest or, without saturate, overflow; NaN becomes nan.
static inline uint8_t encode(float x, unsigned mantissa, unsigned bias, unsigned signShift,
                             uint32_t largest, uint32_t overflow, uint32_t nan, bool saturate,
                             bool unsignedZero) {
  uint32_t w = bitsF32(x);
  uint32_t sign = (w >> 31) << signShift;
  uint32_t a = w & 0x7fffffffu;
  unsigned shift = 23 - mantissa;
  uint32_t normal =
      (a - ((127 - bias) << 23) + ((1u << (shift - 1)) - 1) + ((a >> shift) & 1)) >> shift;
  // 2^(1 - bias - mantissa) is the smallest step; times 2^23 it is the magic addend.
  uint32_t magic = (127 + 1 - bias - mantissa + 23) << 23;
  uint32_t subnormal = bitsF32(fromBitsF32(a) + fromBitsF32(magic)) - magic;
  uint32_t code = a < ((128 - bias) << 23) ? subnormal : normal;
  code = code > largest ? (saturate ? largest : overflow) : code;
  code |= unsignedZero && (code == 0 || code == nan) ? 0 : sign;
  // With unsigned zero the only NaN is the code of -0.
  code = a > 0x7f800000u ? (unsignedZero ? nan : nan | (signShift == 7 ? sign : 0)) : code;
  return (uint8_t)code;
}

/// The value of a code without sign; nan and infinity are codes or out of range.
static inline float decode(uint8_t code, unsigned mantissa, unsigned bias, unsigned signShift,
                           uint32_t infinity, uint32_t firstNan) {
  uint32_t sign = (uint32_t)(code >> signShift & 1u) << 31;
  uint32_t a = code & ((1u << signShift) - 1);
  uint32_t normal = (a << (23 - mantissa)) + ((127 - bias) << 23);
  uint32_t subnormal = bitsF32((float)(int32_t)a * fromBitsF32((128 - bias - mantissa) << 23));
  uint32_t w = a < (1u << mantissa) ? subnormal : normal;
  w = a == infinity ? 0x7f800000u : w;
  w = a >= firstNan ? 0x7fc00000u : w;
  return fromBitsF32(w | sign);
}

enum { None = 0x100 };

uint8_t burin_rt_f32_to_f8e4m3fn(float x, bool saturate) {
  return encode(x, 3, 7, 7, 0x7e, 0x7f, 0x7f, saturate, false);
}

uint8_t burin_rt_f32_to_f8e4m3fnuz(float x, bool saturate) {
  return encode(x, 3, 8, 7, 0x7f, 0x80, 0x80, saturate, true);
}

uint8_t burin_rt_f32_to_f8e5m2(float x, bool saturate) {
  return encode(x, 2, 15, 7, 0x7b, 0x7c, 0x7e, saturate, false);
}

uint8_t burin_rt_f32_to_f8e5m2fnuz(float x, bool saturate) {
  return encode(x, 2, 16, 7, 0x7f, 0x80, 0x80, saturate, true);
}

uint8_t burin_rt_f32_to_f4e2m1(float x) { return encode(x, 1, 1, 3, 7, 7, 8, true, false); }

float burin_rt_f8e4m3fn_to_f32(uint8_t code) { return decode(code, 3, 7, 7, None, 0x7f); }

float burin_rt_f8e4m3fnuz_to_f32(uint8_t code) {
  return code == 0x80 ? fromBitsF32(0x7fc00000u) : decode(code, 3, 8, 7, None, None);
}

float burin_rt_f8e5m2_to_f32(uint8_t code) { return decode(code, 2, 15, 7, 0x7c, 0x7d); }

float burin_rt_f8e5m2fnuz_to_f32(uint8_t code) {
  return code == 0x80 ? fromBitsF32(0x7fc00000u) : decode(code, 2, 16, 7, None, None);
}

float burin_rt_f4e2m1_to_f32(uint8_t code) { return decode(code & 0xf, 1, 1, 3, None, None); }

float burin_rt_f8e8m0_to_f32(uint8_t code) {
  uint32_t w = code ? (uint32_t)code << 23 : 0x00400000u;
  return fromBitsF32(code == 0xff ? 0x7fc00000u : w);
}

uint8_t burin_rt_f32_to_f8e8m0(float x, bool saturate, int32_t round) {
  uint32_t a = bitsF32(x) & 0x7fffffffu;
  uint32_t exponent = a >> 23, fraction = a & 0x7fffffu;
  // Code 0 is 2^-127, a subnormal of f32: half of its unit, so a fraction is counted from there.
  uint32_t nearest = exponent ? fraction >= 0x400000u : fraction >= 0x600000u;
  uint32_t up = exponent ? fraction != 0 : fraction > 0x400000u;
  uint32_t more = round == BURIN_RT_ROUND_UP ? up : round == BURIN_RT_ROUND_NEAREST ? nearest : 0;
  uint32_t code = exponent + more;
  code = saturate && code > 0xfe ? 0xfe : code;
  return (uint8_t)(exponent == 0xff ? 0xff : code);
}
