//===- Bits.h - The bits of floats --------------------------------*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_RUNTIME_LIB_BITS_H
#define BURIN_RUNTIME_LIB_BITS_H

#include <stdint.h>

static inline uint32_t bitsF32(float x) {
  union {
    float x;
    uint32_t w;
  } u = {x};
  return u.w;
}

static inline float fromBitsF32(uint32_t w) {
  union {
    uint32_t w;
    float x;
  } u = {w};
  return u.x;
}

static inline uint64_t bitsF64(double x) {
  union {
    double x;
    uint64_t w;
  } u = {x};
  return u.w;
}

static inline double fromBitsF64(uint64_t w) {
  union {
    uint64_t w;
    double x;
  } u = {w};
  return u.x;
}

#endif // BURIN_RUNTIME_LIB_BITS_H
