//===- SoftFloatTest.cpp - Floating point in integers -----------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "runtime-lib/SoftFloat.h"

#include <catch2/catch.hpp>
#include <cstring>

namespace {

template <typename To, typename From> To as(From from) {
  To to;
  static_assert(sizeof to == sizeof from);
  std::memcpy(&to, &from, sizeof to);
  return to;
}

uint64_t state = 88172645463325252;
uint64_t next() {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

/// Numbers of like size, subnormal ones, zeros, infinities, NaNs, few and many bits.
template <typename Bits> Bits number(int mantissa) {
  constexpr int kWidth = sizeof(Bits) * 8;
  const Bits sign = Bits(1) << (kWidth - 1);
  const Bits most = (Bits(1) << (kWidth - 1 - mantissa)) - 1;
  auto bits = static_cast<Bits>(next());
  auto exponent = [&](Bits value) {
    bits = static_cast<Bits>((bits & ~(most << mantissa)) | value << mantissa);
  };
  switch (next() % 8) {
  case 0:
    bits &= sign;
    exponent(next() & 1 ? most : 0);
    break;
  case 1:
    exponent(0);
    break;
  case 2:
    bits &= static_cast<Bits>(~Bits(0) << (next() % mantissa));
    [[fallthrough]];
  case 3:
  case 4:
    exponent(static_cast<Bits>((most >> 1) - 30 + next() % 60));
    break;
  default:
    break;
  }
  return bits;
}

template <typename Real, typename Bits> bool isResult(Real expected, Bits actual) {
  return expected == expected ? as<Bits>(expected) == actual : as<Real>(actual) != as<Real>(actual);
}

template <typename Real> int order(Real x, Real y) {
  if (x != x || y != y)
    return 2;
  return x < y ? -1 : x > y ? 1 : 0;
}

#define SAME(expression)                                                                           \
  if (!(expression))                                                                               \
    FAIL(#expression << " for " << x << " and " << y);

} // namespace

#define CHECK_WIDTH(width, Real, Bits)                                                             \
  for (int i = 0; i < 1000000; ++i) {                                                              \
    Bits a = number<Bits>(MANTISSA);                                                               \
    Bits b = next() % 4 ? number<Bits>(MANTISSA) : static_cast<Bits>(a ^ (next() % 5));            \
    auto x = as<Real>(a), y = as<Real>(b);                                                         \
    SAME(isResult(x + y, width##_add(a, b)));                                                      \
    SAME(isResult(x *y, width##_multiply(a, b)));                                                  \
    SAME(isResult(x / y, width##_divide(a, b)));                                                   \
    SAME(order(x, y) == width##_compare(a, b));                                                    \
    uint64_t whole = next() >> (next() % 64);                                                      \
    SAME(isResult(static_cast<Real>(whole), width##_fromU64(whole, false)));                       \
    auto word = static_cast<uint32_t>(whole);                                                      \
    SAME(isResult(-static_cast<Real>(word), width##_fromU32(word, true)) || word == 0);            \
    Real magnitude = x < 0 ? -x : x;                                                               \
    SAME(!(magnitude < Real(1.8e19)) || static_cast<uint64_t>(magnitude) == width##_toU64(a));     \
    SAME(!(magnitude < Real(4.29e9)) || static_cast<uint32_t>(magnitude) == width##_toU32(a));     \
  }

TEST_CASE("f32 in integers equals the FPU's", "[runtime]") {
  constexpr int MANTISSA = 23;
  CHECK_WIDTH(f32, float, uint32_t)
}

TEST_CASE("f64 in integers equals the FPU's", "[runtime]") {
  constexpr int MANTISSA = 52;
  CHECK_WIDTH(f64, double, uint64_t)
}

TEST_CASE("conversions between f32 and f64 in integers equal the FPU's", "[runtime]") {
  for (int i = 0; i < 1000000; ++i) {
    auto narrow = number<uint32_t>(23);
    auto x = as<float>(narrow);
    double y = as<double>(number<uint64_t>(52));
    if (next() & 1) // near an f32, halves included
      y = as<double>(as<uint64_t>(static_cast<double>(x)) ^ (next() >> (34 + next() % 20)));
    SAME(isResult(static_cast<double>(x), extendFloat(narrow)));
    SAME(isResult(static_cast<float>(y), truncateDouble(as<uint64_t>(y))));
  }
}
