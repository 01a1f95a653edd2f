//===- Helpers.c - What compilers call where a core lacks an instruction ----===//
//
// Part of Burin, under the Apache License v2.0.
//
// LLVM's code generator calls these by the names of the ARM run-time ABI and of
// compiler-rt. A model gets those that it needs as local symbols, so that it needs
// neither library and clashes with none.
//
//===----------------------------------------------------------------------===//

#if defined(__arm__) || (defined(__riscv) && __riscv_xlen == 32)

#include "runtime-lib/Bits.h"
#include "runtime-lib/SoftFloat.h"

#include <stddef.h>

#if defined(__arm__)
// Arguments in core registers, whatever the ABI of the rest.
#define HELPER(result) __attribute__((pcs("aapcs"))) result
#else
#define HELPER(result) result
#endif

// Pasted below with the width in front, as SoftFloat.h's names have it.
#define f32_bits bitsF32
#define f64_bits bitsF64
#define f32_real fromBitsF32
#define f64_real fromBitsF64

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

static inline uint64_t divideLong(uint64_t x, uint64_t y, uint64_t *rest) {
  uint64_t quotient = 0, shifted = 0;
  for (int i = 0; i < 64 && y; ++i) {
    uint64_t carry = shifted >> 63;
    shifted = shifted << 1 | x >> 63;
    x <<= 1;
    quotient <<= 1;
    if (carry || shifted >= y) {
      shifted -= y;
      quotient |= 1;
    }
  }
  *rest = shifted;
  return quotient;
}

static inline uint64_t magnitudeOf(int64_t x) { return x < 0 ? 0 - (uint64_t)x : (uint64_t)x; }

static inline int64_t divideSigned(int64_t x, int64_t y, int64_t *rest) {
  uint64_t remainder, quotient = divideLong(magnitudeOf(x), magnitudeOf(y), &remainder);
  *rest = (int64_t)(x < 0 ? 0 - remainder : remainder);
  return (int64_t)((x ^ y) < 0 ? 0 - quotient : quotient);
}

static inline uint64_t shiftLeft(uint64_t x, uint32_t by) {
  uint32_t low = (uint32_t)x, high = (uint32_t)(x >> 32);
  if (by >= 32)
    return (uint64_t)(low << (by - 32)) << 32;
  if (by == 0)
    return x;
  return (uint64_t)(high << by | low >> (32 - by)) << 32 | low << by;
}
static inline uint64_t shiftRight(uint64_t x, uint32_t by, uint32_t fill) {
  uint32_t low = (uint32_t)x, high = (uint32_t)(x >> 32);
  if (by >= 32) {
    by -= 32;
    return (uint64_t)fill << 32 | (by ? fill << (32 - by) | high >> by : high);
  }
  if (by == 0)
    return x;
  return (uint64_t)(fill << (32 - by) | high >> by) << 32 | high << (32 - by) | low >> by;
}

static inline uint64_t multiplyLong(uint64_t x, uint64_t y) {
  uint32_t x0 = (uint16_t)x, x1 = (uint32_t)x >> 16, y0 = (uint16_t)y, y1 = (uint32_t)y >> 16;
  // Words of 16 bits: some cores have no product of 64.
  uint32_t bottom = x0 * y0, cross = x1 * y0 + (bottom >> 16), other = x0 * y1 + (cross & 0xffff);
  uint32_t low = other << 16 | (bottom & 0xffff);
  uint32_t high = x1 * y1 + (cross >> 16) + (other >> 16);
  high += (uint32_t)x * (uint32_t)(y >> 32) + (uint32_t)(x >> 32) * (uint32_t)y;
  return (uint64_t)high << 32 | low;
}

#if defined(__arm__)
static inline uint32_t divideWord(uint32_t x, uint32_t y, uint32_t *rest) {
  uint32_t quotient = 0, shifted = 0;
  for (int i = 31; i >= 0 && y; --i) {
    uint32_t carry = shifted >> 31;
    shifted = shifted << 1 | ((x >> i) & 1);
    if (carry || shifted >= y) {
      shifted -= y;
      quotient |= (uint32_t)1 << i;
    }
  }
  *rest = shifted;
  return quotient;
}

HELPER(int) __clzsi2(uint32_t x) {
  int zeros = 32;
  for (int step = 16; step > 0; step >>= 1)
    if (x >> step) {
      zeros -= step;
      x >>= step;
    }
  return zeros - (int)x;
}
HELPER(uint64_t) __aeabi_lmul(uint64_t x, uint64_t y) { return multiplyLong(x, y); }
HELPER(uint64_t) __aeabi_llsl(uint64_t x, int by) { return shiftLeft(x, (uint32_t)by); }
HELPER(uint64_t) __aeabi_llsr(uint64_t x, int by) { return shiftRight(x, (uint32_t)by, 0); }
HELPER(uint64_t) __aeabi_lasr(uint64_t x, int by) {
  return shiftRight(x, (uint32_t)by, x >> 63 ? UINT32_MAX : 0);
}
HELPER(uint64_t) __aeabi_uidivmod(uint32_t x, uint32_t y) {
  uint32_t rest, quotient = divideWord(x, y, &rest);
  return (uint64_t)rest << 32 | quotient;
}
HELPER(uint32_t) __aeabi_uidiv(uint32_t x, uint32_t y) {
  uint32_t rest;
  return divideWord(x, y, &rest);
}
HELPER(uint64_t) __aeabi_idivmod(int32_t x, int32_t y) {
  uint32_t rest, quotient = divideWord(x < 0 ? 0u - (uint32_t)x : (uint32_t)x,
                                       y < 0 ? 0u - (uint32_t)y : (uint32_t)y, &rest);
  quotient = (x ^ y) < 0 ? 0u - quotient : quotient;
  rest = x < 0 ? 0u - rest : rest;
  return (uint64_t)rest << 32 | quotient;
}
HELPER(int32_t) __aeabi_idiv(int32_t x, int32_t y) { return (int32_t)__aeabi_idivmod(x, y); }
// Quotient and rest in r0 to r3: a vector is returned so, a struct would not be.
typedef uint64_t pair __attribute__((vector_size(16)));
HELPER(pair) __aeabi_uldivmod(uint64_t x, uint64_t y) {
  uint64_t rest, quotient = divideLong(x, y, &rest);
  return (pair){quotient, rest};
}
HELPER(pair) __aeabi_ldivmod(int64_t x, int64_t y) {
  int64_t rest, quotient = divideSigned(x, y, &rest);
  return (pair){(uint64_t)quotient, (uint64_t)rest};
}
#else
uint64_t __muldi3(uint64_t x, uint64_t y) { return multiplyLong(x, y); }
uint64_t __ashldi3(uint64_t x, int by) { return shiftLeft(x, (uint32_t)by); }
uint64_t __lshrdi3(uint64_t x, int by) { return shiftRight(x, (uint32_t)by, 0); }
int64_t __ashrdi3(int64_t x, int by) {
  return (int64_t)shiftRight((uint64_t)x, (uint32_t)by, x < 0 ? UINT32_MAX : 0);
}
uint64_t __udivdi3(uint64_t x, uint64_t y) {
  uint64_t rest;
  return divideLong(x, y, &rest);
}
uint64_t __umoddi3(uint64_t x, uint64_t y) {
  uint64_t rest;
  divideLong(x, y, &rest);
  return rest;
}
int64_t __divdi3(int64_t x, int64_t y) {
  int64_t rest;
  return divideSigned(x, y, &rest);
}
int64_t __moddi3(int64_t x, int64_t y) {
  int64_t rest;
  divideSigned(x, y, &rest);
  return rest;
}
#endif

//===----------------------------------------------------------------------===//
// Floating point
//===----------------------------------------------------------------------===//

#define FLOAT_HELPERS(real, width, add, subtract, multiply, divide, fromI32, fromU32, fromI64,     \
                      fromU64, toI32, toU32, toI64, toU64)                                         \
  HELPER(real) add(real a, real b) {                                                               \
    return width##_real(width##_add(width##_bits(a), width##_bits(b)));                            \
  }                                                                                                \
  HELPER(real) subtract(real a, real b) {                                                          \
    return width##_real(width##_add(width##_bits(a), width##_bits(-b)));                           \
  }                                                                                                \
  HELPER(real) multiply(real a, real b) {                                                          \
    return width##_real(width##_multiply(width##_bits(a), width##_bits(b)));                       \
  }                                                                                                \
  HELPER(real) divide(real a, real b) {                                                            \
    return width##_real(width##_divide(width##_bits(a), width##_bits(b)));                         \
  }                                                                                                \
  HELPER(real) fromU64(uint64_t x) { return width##_real(width##_fromU64(x, false)); }             \
  HELPER(real) fromI64(int64_t x) { return width##_real(width##_fromU64(magnitudeOf(x), x < 0)); } \
  HELPER(real) fromU32(uint32_t x) { return width##_real(width##_fromU32(x, false)); }             \
  HELPER(real) fromI32(int32_t x) {                                                                \
    return width##_real(width##_fromU32(x < 0 ? 0u - (uint32_t)x : (uint32_t)x, x < 0));           \
  }                                                                                                \
  HELPER(uint64_t) toU64(real x) { return width##_toU64(width##_bits(x)); }                        \
  HELPER(int64_t) toI64(real x) {                                                                  \
    uint64_t magnitude = width##_toU64(width##_bits(x));                                           \
    return (int64_t)(width##_isNegative(x) ? 0 - magnitude : magnitude);                           \
  }                                                                                                \
  HELPER(uint32_t) toU32(real x) { return width##_toU32(width##_bits(x)); }                        \
  HELPER(int32_t) toI32(real x) {                                                                  \
    uint32_t magnitude = width##_toU32(width##_bits(x));                                           \
    return (int32_t)(width##_isNegative(x) ? 0 - magnitude : magnitude);                           \
  }
static inline bool f32_isNegative(float x) { return f32_bits(x) >> 31; }
static inline bool f64_isNegative(double x) { return f64_bits(x) >> 63; }

#define COMPARISON(name, real, width, test)                                                        \
  HELPER(int) name(real a, real b) {                                                               \
    int order = width##_compare(width##_bits(a), width##_bits(b));                                 \
    return test;                                                                                   \
  }

#if defined(__arm__)
#define ARM_HELPERS(real, width, p)                                                                \
  FLOAT_HELPERS(real, width, __aeabi_##p##add, __aeabi_##p##sub, __aeabi_##p##mul,                 \
                __aeabi_##p##div, __aeabi_i2##p, __aeabi_ui2##p, __aeabi_l2##p, __aeabi_ul2##p,    \
                __aeabi_##p##2iz, __aeabi_##p##2uiz, __aeabi_##p##2lz, __aeabi_##p##2ulz)          \
  COMPARISON(__aeabi_##p##cmpeq, real, width, order == 0)                                          \
  COMPARISON(__aeabi_##p##cmplt, real, width, order == -1)                                         \
  COMPARISON(__aeabi_##p##cmple, real, width, order <= 0)                                          \
  COMPARISON(__aeabi_##p##cmpge, real, width, order == 0 || order == 1)                            \
  COMPARISON(__aeabi_##p##cmpgt, real, width, order == 1)                                          \
  COMPARISON(__aeabi_##p##cmpun, real, width, order == 2)
ARM_HELPERS(float, f32, f)
ARM_HELPERS(double, f64, d)
HELPER(double) __aeabi_f2d(float x) { return f64_real(extendFloat(f32_bits(x))); }
HELPER(float) __aeabi_d2f(double x) { return f32_real(truncateDouble(f64_bits(x))); }
#else
// The sign tells; NaN gives what makes the comparison false.
#define GNU_HELPERS(real, width, p)                                                                \
  FLOAT_HELPERS(real, width, __add##p##f3, __sub##p##f3, __mul##p##f3, __div##p##f3,               \
                __floatsi##p##f, __floatunsi##p##f, __floatdi##p##f, __floatundi##p##f,            \
                __fix##p##fsi, __fixuns##p##fsi, __fix##p##fdi, __fixuns##p##fdi)                  \
  COMPARISON(__eq##p##f2, real, width, order)                                                      \
  COMPARISON(__ne##p##f2, real, width, order)                                                      \
  COMPARISON(__lt##p##f2, real, width, order)                                                      \
  COMPARISON(__le##p##f2, real, width, order)                                                      \
  COMPARISON(__ge##p##f2, real, width, order == 2 ? -1 : order)                                    \
  COMPARISON(__gt##p##f2, real, width, order == 2 ? -1 : order)                                    \
  COMPARISON(__unord##p##f2, real, width, order == 2)
GNU_HELPERS(float, f32, s)
GNU_HELPERS(double, f64, d)
double __extendsfdf2(float x) { return f64_real(extendFloat(f32_bits(x))); }
float __truncdfsf2(double x) { return f32_real(truncateDouble(f64_bits(x))); }
#endif

#endif
