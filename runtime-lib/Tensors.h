//===- Tensors.h - Reading and writing tensors of any type --------*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_RUNTIME_LIB_TENSORS_H
#define BURIN_RUNTIME_LIB_TENSORS_H

#include "runtime-lib/burin_rt.h"

#include "runtime-lib/Bits.h"

/// Spatial axes that the windowed functions take.
enum { MaxSpatial = 6 };

/// The frame of a call and of its scratch function.
#define BURIN_CALL(name)                                                                           \
  int32_t burin_rt_##name(const burin_rt_tensor *inputs, int32_t n_in,                             \
                          const burin_rt_tensor *outputs, int32_t n_out, const int64_t *int_attrs, \
                          const double *float_attrs, void *scratch)
#define BURIN_SCRATCH(name)                                                                        \
  int64_t burin_rt_##name##_scratch(const burin_rt_tensor *inputs, int32_t n_in,                   \
                                    const int64_t *int_attrs)
#define BURIN_UNUSED (void)inputs, (void)n_in, (void)int_attrs
#define BURIN_UNUSED_CALL BURIN_UNUSED, (void)outputs, (void)n_out, (void)float_attrs, (void)scratch

/// Input i, or NULL when it is absent.
#define BURIN_INPUT(i) ((i) < n_in && inputs[i].data ? &inputs[i] : (const burin_rt_tensor *)0)
#define BURIN_OUTPUT(i) ((i) < n_out && outputs[i].data ? &outputs[i] : (const burin_rt_tensor *)0)

static inline int64_t product(const int64_t *shape, int32_t from, int32_t to) {
  int64_t n = 1;
  for (int32_t i = from; i < to; ++i)
    n *= shape[i];
  return n;
}

static inline int64_t elementCount(const burin_rt_tensor *t) {
  return product(t->shape, 0, t->rank);
}

/// Bytes of an element; 0 for a type that is not a number.
static inline int64_t elementBytes(int32_t type) {
  switch (type) {
  case BURIN_RT_F32:
  case BURIN_RT_I32:
  case BURIN_RT_U32:
    return 4;
  case BURIN_RT_F64:
  case BURIN_RT_I64:
  case BURIN_RT_U64:
    return 8;
  case BURIN_RT_F16:
  case BURIN_RT_BF16:
  case BURIN_RT_I16:
  case BURIN_RT_U16:
    return 2;
  case BURIN_RT_U8:
  case BURIN_RT_I8:
  case BURIN_RT_BOOL:
  case BURIN_RT_U4:
  case BURIN_RT_I4:
  case BURIN_RT_U2:
  case BURIN_RT_I2:
    return 1;
  default:
    return 0;
  }
}

static inline bool isFloat(int32_t type) {
  return type == BURIN_RT_F32 || type == BURIN_RT_F64 || type == BURIN_RT_F16 ||
         type == BURIN_RT_BF16;
}

/// Element i of an integer or bool tensor.
static inline int64_t loadInt(const burin_rt_tensor *t, int64_t i) {
  switch (t->type) {
  case BURIN_RT_I64:
  case BURIN_RT_U64:
    return ((const int64_t *)t->data)[i];
  case BURIN_RT_I32:
    return ((const int32_t *)t->data)[i];
  case BURIN_RT_U32:
    return ((const uint32_t *)t->data)[i];
  case BURIN_RT_I16:
    return ((const int16_t *)t->data)[i];
  case BURIN_RT_U16:
    return ((const uint16_t *)t->data)[i];
  case BURIN_RT_I8:
  case BURIN_RT_I4:
  case BURIN_RT_I2:
    return ((const int8_t *)t->data)[i];
  default:
    return ((const uint8_t *)t->data)[i];
  }
}

static inline float loadF32(const burin_rt_tensor *t, int64_t i) {
  switch (t->type) {
  case BURIN_RT_F32:
    return ((const float *)t->data)[i];
  case BURIN_RT_F64:
    return (float)((const double *)t->data)[i];
  case BURIN_RT_F16:
    return burin_rt_f16_to_f32(((const uint16_t *)t->data)[i]);
  case BURIN_RT_BF16:
    return burin_rt_bf16_to_f32(((const uint16_t *)t->data)[i]);
  case BURIN_RT_U64:
    return (float)((const uint64_t *)t->data)[i];
  default:
    return (float)loadInt(t, i);
  }
}

static inline double loadF64(const burin_rt_tensor *t, int64_t i) {
  if (t->type == BURIN_RT_F64)
    return ((const double *)t->data)[i];
  if (isFloat(t->type))
    return loadF32(t, i);
  return t->type == BURIN_RT_U64 ? (double)((const uint64_t *)t->data)[i] : (double)loadInt(t, i);
}

/// Stores into a float tensor, rounding once.
static inline void storeF32(const burin_rt_tensor *t, int64_t i, float x) {
  switch (t->type) {
  case BURIN_RT_F64:
    ((double *)t->data)[i] = x;
    return;
  case BURIN_RT_F16:
    ((uint16_t *)t->data)[i] = burin_rt_f32_to_f16(x);
    return;
  case BURIN_RT_BF16:
    ((uint16_t *)t->data)[i] = burin_rt_f32_to_bf16(x);
    return;
  default:
    ((float *)t->data)[i] = x;
  }
}

static inline void storeF64(const burin_rt_tensor *t, int64_t i, double x) {
  if (t->type == BURIN_RT_F64)
    ((double *)t->data)[i] = x;
  else if (t->type == BURIN_RT_F32)
    ((float *)t->data)[i] = (float)x;
  else
    storeF32(t, i, burin_rt_f64_to_f32_odd(x));
}

/// A number whose unsigned order is the order of the elements of any numeric type:
/// -0 equals 0, NaN is the largest and equals itself.
static inline uint64_t orderKey(const burin_rt_tensor *t, int64_t i) {
  if (isFloat(t->type)) {
    double x = loadF64(t, i);
    if (x != x)
      return ~(uint64_t)0;
    uint64_t w = x == 0.0 ? 0 : bitsF64(x);
    return w >> 63 ? ~w : w | (uint64_t)1 << 63;
  }
  uint64_t w = (uint64_t)loadInt(t, i);
  return t->type == BURIN_RT_U64 ? w : w ^ (uint64_t)1 << 63;
}

/// x towards zero as an index; out of range and NaN give something far outside.
static inline int64_t toIndexF32(float x) {
  float low = x >= -0x1p30f ? x : -0x1p30f;
  return (int64_t)(int32_t)(low > 0x1p30f ? 0x1p30f : low);
}

static inline int64_t toIndexF64(double x) {
  double low = x >= -0x1p40 ? x : -0x1p40;
  return (int64_t)(low > 0x1p40 ? 0x1p40 : low);
}

/// Runs a function in f64 for f64 tensors and in f32 for all narrower ones.
#define BURIN_BY_PRECISION(name, type)                                                             \
  ((type) == BURIN_RT_F64                                                                          \
       ? name##F64(inputs, n_in, outputs, n_out, int_attrs, float_attrs, scratch)                  \
       : name##F32(inputs, n_in, outputs, n_out, int_attrs, float_attrs, scratch))
#define BURIN_ARGUMENTS                                                                            \
  const burin_rt_tensor *inputs, int32_t n_in, const burin_rt_tensor *outputs, int32_t n_out,      \
      const int64_t *int_attrs, const double *float_attrs, void *scratch

/// Copies element i of from to element j of to, both of elements of bytes bytes.
static inline void copyElement(void *to, int64_t j, const void *from, int64_t i, int64_t bytes) {
  switch (bytes) {
  case 8:
    ((uint64_t *)to)[j] = ((const uint64_t *)from)[i];
    return;
  case 4:
    ((uint32_t *)to)[j] = ((const uint32_t *)from)[i];
    return;
  case 2:
    ((uint16_t *)to)[j] = ((const uint16_t *)from)[i];
    return;
  default:
    ((uint8_t *)to)[j] = ((const uint8_t *)from)[i];
  }
}

/// Is the element at index a before the one at b?
typedef bool (*burin_rt_before)(const void *context, int64_t a, int64_t b);

/// Sorts n indices, keeping the order of equals. spare holds n more.
void burin_rt_sort(int64_t *indices, int64_t *spare, int64_t n, burin_rt_before before,
                   const void *context);

#endif // BURIN_RUNTIME_LIB_TENSORS_H
