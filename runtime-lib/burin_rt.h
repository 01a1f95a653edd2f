//===- burin_rt.h - The runtime library's functions ---------------*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// Freestanding C11 functions that generated code and the interpreter call: no
// libc, no libm, no heap, no mutable globals. Scalar functions are branch-free
// where they can be, so that loops around them vectorise once the bitcode is
// linked into a model's module. The errors behind the names, f32 then f64, are the
// largest seen in test/unit/RuntimeMathTest.cpp, in units of the last place (ulp).
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_RUNTIME_LIB_BURIN_RT_H
#define BURIN_RUNTIME_LIB_BURIN_RT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

//===----------------------------------------------------------------------===//
// Elementary functions. IEEE specials as in C's Annex F; all f32 and f64
// arguments are good, trigonometric ones of any size included.
//===----------------------------------------------------------------------===//

/// Declares burin_rt_<name>_f32 and burin_rt_<name>_f64 of one argument.
#define BURIN_RT_UNARY(name)                                                                       \
  float burin_rt_##name##_f32(float x);                                                            \
  double burin_rt_##name##_f64(double x);

BURIN_RT_UNARY(exp)   // 1.0, 1.0
BURIN_RT_UNARY(exp2)  // 1.1, 1.0
BURIN_RT_UNARY(expm1) // 1.7, 1.9
BURIN_RT_UNARY(log)   // 0.9, 0.8
BURIN_RT_UNARY(log1p) // 1.5, 1.4
BURIN_RT_UNARY(sin)   // 1.0, 0.9
BURIN_RT_UNARY(cos)   // 1.0, 0.9
BURIN_RT_UNARY(tan)   // 1.4, 2.2
BURIN_RT_UNARY(asin)  // 1.7, 1.6
BURIN_RT_UNARY(acos)  // 1.1, 1.1
BURIN_RT_UNARY(atan)  // 1.9, 1.9
BURIN_RT_UNARY(sinh)  // 1.6, 2.3
BURIN_RT_UNARY(cosh)  // 1.5, 1.4
BURIN_RT_UNARY(tanh)  // 1.3, 2.5
BURIN_RT_UNARY(asinh) // 1.8, 1.7
BURIN_RT_UNARY(acosh) // 1.6, 2.1
BURIN_RT_UNARY(atanh) // 1.7, 1.6
BURIN_RT_UNARY(erf)   // 1.2, 1.2

/// Rounding to integers, exact, the sign of zero kept; rint is half to even.
/// Where the CPU has an instruction (SSE4.1 on), math.floor and its like are better.
BURIN_RT_UNARY(rint)
BURIN_RT_UNARY(floor)
BURIN_RT_UNARY(ceil)
BURIN_RT_UNARY(trunc)

/// Correctly rounded, for CPUs without the instruction.
BURIN_RT_UNARY(sqrt)

/// x^y as C's pow (1.2, 1.4 ulp): pow(x, 0) = pow(1, y) = 1 even for NaN; x < 0 needs an integer y.
float burin_rt_pow_f32(float x, float y);
double burin_rt_pow_f64(double x, double y);

/// x - y trunc(x / y), exact; the sign of x; NaN for an infinite x or y = 0.
float burin_rt_fmod_f32(float x, float y);
double burin_rt_fmod_f64(double x, double y);

//===----------------------------------------------------------------------===//
// Number formats, as raw codes. Rounding is half to even unless said.
//===----------------------------------------------------------------------===//

float burin_rt_f16_to_f32(uint16_t h);
/// Overflow gives Inf; a NaN stays one, quiet.
uint16_t burin_rt_f32_to_f16(float x);
uint16_t burin_rt_f64_to_f16(double x);
float burin_rt_bf16_to_f32(uint16_t b);
uint16_t burin_rt_f32_to_bf16(float x);
uint16_t burin_rt_f64_to_bf16(double x);

/// Rounded to odd: rounding the result again to a format with at most 22 bits of
/// precision is as rounding x once. The way from f64 to every format below.
float burin_rt_f64_to_f32_odd(double x);

/// ONNX Cast to float8. Out of range (Inf included): with saturate the largest
/// number, without it Inf (E5M2) or NaN (the others). The FNUZ formats have no -0.
uint8_t burin_rt_f32_to_f8e4m3fn(float x, bool saturate);
uint8_t burin_rt_f32_to_f8e4m3fnuz(float x, bool saturate);
uint8_t burin_rt_f32_to_f8e5m2(float x, bool saturate);
uint8_t burin_rt_f32_to_f8e5m2fnuz(float x, bool saturate);
float burin_rt_f8e4m3fn_to_f32(uint8_t code);
float burin_rt_f8e4m3fnuz_to_f32(uint8_t code);
float burin_rt_f8e5m2_to_f32(uint8_t code);
float burin_rt_f8e5m2fnuz_to_f32(uint8_t code);

/// E2M1 in the low four bits; always saturates (to 6), NaN gives -0 as ONNX does.
uint8_t burin_rt_f32_to_f4e2m1(float x);
float burin_rt_f4e2m1_to_f32(uint8_t code);

enum { BURIN_RT_ROUND_UP = 0, BURIN_RT_ROUND_DOWN = 1, BURIN_RT_ROUND_NEAREST = 2 };

/// E8M0 holds 2^(code - 127), 255 is NaN. The sign is dropped, 0 gives code 0, Inf
/// gives NaN. round: away from zero, towards zero, or nearest with ties up. Rounding
/// above 2^127 gives 2^127 with saturate, else NaN.
uint8_t burin_rt_f32_to_f8e8m0(float x, bool saturate, int32_t round);
float burin_rt_f8e8m0_to_f32(uint8_t code);

/// rint(f32(sum) * multiplier), every step rounded half to even to f32, in integers
/// only. Magnitudes above 2^17 saturate there.
int32_t burin_rt_requantize(int32_t sum, float multiplier);

//===----------------------------------------------------------------------===//
// Functions behind nn.call, listed in Calls.def.
//===----------------------------------------------------------------------===//

/// A dense row-major tensor. type is ONNX's number of the element type; f16 and bf16
/// are raw codes, bool and everything narrower takes one byte per element.
typedef struct {
  void *data;
  const int64_t *shape;
  int32_t rank;
  int32_t type;
} burin_rt_tensor;

enum {
  BURIN_RT_F32 = 1,
  BURIN_RT_U8 = 2,
  BURIN_RT_I8 = 3,
  BURIN_RT_U16 = 4,
  BURIN_RT_I16 = 5,
  BURIN_RT_I32 = 6,
  BURIN_RT_I64 = 7,
  BURIN_RT_BOOL = 9,
  BURIN_RT_F16 = 10,
  BURIN_RT_F64 = 11,
  BURIN_RT_U32 = 12,
  BURIN_RT_U64 = 13,
  BURIN_RT_BF16 = 16,
  BURIN_RT_U4 = 21,
  BURIN_RT_I4 = 22,
  BURIN_RT_U2 = 25,
  BURIN_RT_I2 = 26
};

/// What a call may return; anything but 0 means that the results are not to be used.
enum {
  BURIN_RT_OK = 0,
  BURIN_RT_BAD_SHAPE = 1, ///< ranks, extents or types do not fit together
  BURIN_RT_BAD_DATA = 2   ///< an operand's contents are malformed
};

/// Every call. inputs and outputs are in the order of Calls.def, an absent one has data
/// NULL or is left out at the end; outputs are allocated at their bound. int_attrs and
/// float_attrs are the two flat arrays of attributes. scratch holds as many bytes as
/// the function's _scratch says and is aligned to 16.
typedef int32_t (*burin_rt_callee)(const burin_rt_tensor *inputs, int32_t n_in,
                                   const burin_rt_tensor *outputs, int32_t n_out,
                                   const int64_t *int_attrs, const double *float_attrs,
                                   void *scratch);

/// The bytes of scratch of a call; reads shapes, types and attributes only.
typedef int64_t (*burin_rt_scratch)(const burin_rt_tensor *inputs, int32_t n_in,
                                    const int64_t *int_attrs);

#define BURIN_RT_CALL(name, outputs_, ints, floats, doc)                                           \
  int32_t burin_rt_##name(const burin_rt_tensor *inputs, int32_t n_in,                             \
                          const burin_rt_tensor *outputs, int32_t n_out, const int64_t *int_attrs, \
                          const double *float_attrs, void *scratch);                               \
  int64_t burin_rt_##name##_scratch(const burin_rt_tensor *inputs, int32_t n_in,                   \
                                    const int64_t *int_attrs);
#include "runtime-lib/Calls.def"

#ifdef __cplusplus
}
#endif

#endif // BURIN_RUNTIME_LIB_BURIN_RT_H
