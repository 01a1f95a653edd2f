//===- FloatTraits.h - One body, two precisions -------------------*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// Included with BURIN_BITS set to 32 or 64, once for each; redefines the names
// below, so that a body written once gives the f32 and the f64 function. Shared
// helpers that need no second body are in MathCore.h.
//
//===----------------------------------------------------------------------===//

#include <stdint.h>

#undef Real
#undef Word
#undef Int
#undef FN
#undef CORE
#undef LIT
#undef CONST
#undef POLY
#undef MANTISSA
#undef BIAS
#undef ROUNDER
#undef SQRT
#undef SQRT_HALF_BITS

#if BURIN_BITS == 32
#define Real float
#define Word uint32_t
#define Int int32_t
#define FN(name) burin_rt_##name##_f32
#define CORE(name) name##F32
#define LIT(x) x##f
#define CONST(name) BURIN_##name##_F32
#define POLY(name, x) BURIN_##name##_F32(x)
#define MANTISSA 23
#define BIAS 127
/// Adding this rounds to an integer, half to even, kept in the low bits.
#define ROUNDER 0x1.8p23f
#if defined(__SSE2__) || defined(__aarch64__) || (defined(__ARM_FP) && (__ARM_FP & 4)) ||          \
    (defined(__riscv_flen) && __riscv_flen >= 32) || defined(__NVPTX__)
#define SQRT(x) __builtin_sqrtf(x)
#else // the builtin would call libm
#define SQRT(x) burin_rt_sqrt_f32(x)
#endif
#define SQRT_HALF_BITS 0x3f3504f3u
#else
#define Real double
#define Word uint64_t
#define Int int64_t
#define FN(name) burin_rt_##name##_f64
#define CORE(name) name##F64
#define LIT(x) x
#define CONST(name) BURIN_##name##_F64
#define POLY(name, x) BURIN_##name##_F64(x)
#define MANTISSA 52
#define BIAS 1023
#define ROUNDER 0x1.8p52
#if defined(__SSE2__) || defined(__aarch64__) || (defined(__ARM_FP) && (__ARM_FP & 8)) ||          \
    (defined(__riscv_flen) && __riscv_flen >= 64) || defined(__NVPTX__)
#define SQRT(x) __builtin_sqrt(x)
#else
#define SQRT(x) burin_rt_sqrt_f64(x)
#endif
#define SQRT_HALF_BITS 0x3fe6a09e667f3bcdull
#endif
