//===- RuntimeMathTest.cpp - Scalar functions against libm ------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "runtime-lib/burin_rt.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <vector>

namespace {

template <typename T> T fromBits(uint64_t bits) {
  T value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

/// A fixed sequence of bits (xorshift).
struct Bits {
  uint64_t state = 0x9e3779b97f4a7c15ull;
  uint64_t next() {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
  }
};

/// Arguments: the specials, all exponents, and values of everyday size.
template <typename T> std::vector<T> samples(size_t count) {
  using Limits = std::numeric_limits<T>;
  std::vector<T> values = {T(0),
                           T(-0.0),
                           T(1),
                           T(-1),
                           T(0.5),
                           T(-0.5),
                           T(2),
                           Limits::infinity(),
                           -Limits::infinity(),
                           Limits::quiet_NaN(),
                           Limits::max(),
                           Limits::lowest(),
                           Limits::min(),
                           -Limits::min(),
                           Limits::denorm_min(),
                           -Limits::denorm_min(),
                           std::nextafter(T(1), T(2)),
                           std::nextafter(T(1), T(0)),
                           std::nextafter(T(-1), T(0))};
  // Multiples of pi / 2 and their neighbours.
  for (int i = 1; i < 400; ++i) {
    T x = T(i * 1.57079632679489661923132169163975144L);
    values.insert(values.end(), {x, std::nextafter(x, T(0)), -std::nextafter(x, T(1e9))});
  }
  Bits bits;
  for (size_t i = 0; i < count; ++i) {
    uint64_t raw = bits.next();
    values.push_back(fromBits<T>(sizeof(T) == 4 ? raw >> 32 : raw));
    T unit = T(int64_t(bits.next()) * 0x1p-63L);
    values.insert(values.end(), {unit, unit * 10, unit * 100, unit * 800});
  }
  return values;
}

/// The distance in units of the last place of the right result.
template <typename T> double ulps(T got, long double want) {
  T rounded = T(want);
  if (std::isnan(want))
    return std::isnan(got) ? 0 : INFINITY;
  if (std::isinf(rounded) || std::isinf(got) || want == 0)
    return got == rounded && std::signbit(got) == std::signbit(rounded) ? 0 : INFINITY;
  int exponent = std::max(std::ilogb(want), std::numeric_limits<T>::min_exponent - 1);
  return double(std::fabs((long double)got - want) /
                std::ldexp(1.0L, exponent - std::numeric_limits<T>::digits + 1));
}

template <typename T>
double worst(const char *name, T (*function)(T), long double (*reference)(long double)) {
  double most = 0;
  T at = 0;
  for (T x : samples<T>(60000)) {
    double error = ulps(function(x), reference(x));
    if (error > most) {
      most = error;
      at = x;
    }
  }
  std::printf("%-6s f%d  %.3f ulp at %a\n", name, int(8 * sizeof(T)), most, double(at));
  return most;
}

long double fmodReference(long double x, long double y) { return std::fmod(x, y); }

#define CHECK_UNARY(name, single, twofold)                                                         \
  CHECK(worst<float>(#name, burin_rt_##name##_f32, std::name) <= (single));                        \
  CHECK(worst<double>(#name, burin_rt_##name##_f64, std::name) <= (twofold));

} // namespace

TEST_CASE("elementary functions", "[runtime]"){
    CHECK_UNARY(exp, 1, 1) CHECK_UNARY(exp2, 1.1, 1) CHECK_UNARY(expm1, 2, 2) CHECK_UNARY(log, 1, 1)
        CHECK_UNARY(log1p, 2, 2) CHECK_UNARY(sin, 1, 1) CHECK_UNARY(cos, 1, 1)
            CHECK_UNARY(tan, 2, 4) CHECK_UNARY(asin, 2, 2) CHECK_UNARY(acos, 2, 2)
                CHECK_UNARY(atan, 2, 2) CHECK_UNARY(sinh, 2, 4) CHECK_UNARY(cosh, 2, 2)
                    CHECK_UNARY(tanh, 2, 4) CHECK_UNARY(asinh, 2, 4) CHECK_UNARY(acosh, 2, 4)
                        CHECK_UNARY(atanh, 2, 4) CHECK_UNARY(erf, 2, 2)}

TEST_CASE("rounding functions are exact", "[runtime]") {
  CHECK_UNARY(rint, 0, 0)
  CHECK_UNARY(floor, 0, 0)
  CHECK_UNARY(ceil, 0, 0)
  CHECK_UNARY(trunc, 0, 0)
  for (float x : samples<float>(60000))
    if (x >= 0 && burin_rt_sqrt_f32(x) != std::sqrt(x))
      FAIL("sqrt " << x);
  for (double x : samples<double>(60000))
    if (x >= 0 && burin_rt_sqrt_f64(x) != std::sqrt(x))
      FAIL("sqrt " << x);
  CHECK(std::isnan(burin_rt_sqrt_f32(-1)));
  CHECK(std::signbit(burin_rt_sqrt_f64(-0.0)));
  for (float x : {2.5f, 3.5f, -0.5f, 0.49999997f, 8388607.5f, 1.5f, -2.5f}) {
    CHECK(burin_rt_rint_f32(x) == std::nearbyint(x));
    CHECK(burin_rt_floor_f32(x) == std::floor(x));
    CHECK(burin_rt_ceil_f32(x) == std::ceil(x));
    CHECK(burin_rt_trunc_f32(x) == std::trunc(x));
  }
}

template <typename T>
static double worstBinary(const char *name, T (*function)(T, T),
                          long double (*reference)(long double, long double)) {
  std::vector<T> some = {0, T(-0.0), 1, -1, 2, -2, 3, -3, T(0.5), T(-0.5), T(1.5), 10};
  std::vector<T> specials = samples<T>(0);
  some.insert(some.end(), specials.begin(), specials.begin() + 19);
  std::vector<std::pair<T, T>> pairs;
  for (T x : some)
    for (T y : some)
      pairs.push_back({x, y});
  Bits bits;
  std::vector<T> values = samples<T>(20000);
  for (size_t i = 0; i < 200000; ++i) {
    T x = values[bits.next() % values.size()], y = values[bits.next() % values.size()];
    pairs.push_back({x, y});
    pairs.push_back({std::fabs(x), y});
    // A base near 1 with a large exponent, and a result near the ends of the range.
    T unit = T(int64_t(bits.next()) * 0x1p-63L);
    T base = 1 + unit * T(0.01);
    pairs.push_back({base, unit * 70000});
    pairs.push_back({std::fabs(x), T(unit * std::numeric_limits<T>::max_exponent /
                                     std::log2(std::fabs((long double)x)))});
  }
  double most = 0;
  std::pair<T, T> at;
  for (auto [x, y] : pairs) {
    double error = ulps(function(x, y), reference(x, y));
    if (error > most) {
      most = error;
      at = {x, y};
    }
  }
  std::printf("%-6s f%d  %.3f ulp at %a, %a\n", name, int(8 * sizeof(T)), most, double(at.first),
              double(at.second));
  return most;
}

TEST_CASE("pow and fmod", "[runtime]") {
  CHECK(worstBinary<float>("pow", burin_rt_pow_f32, std::pow) <= 2);
  CHECK(worstBinary<double>("pow", burin_rt_pow_f64, std::pow) <= 2);
  CHECK(worstBinary<float>("fmod", burin_rt_fmod_f32, fmodReference) == 0);
  CHECK(worstBinary<double>("fmod", burin_rt_fmod_f64, fmodReference) == 0);
}

TEST_CASE("f16 and bf16", "[runtime]") {
  for (uint32_t code = 0; code < 0x10000; ++code) {
    float x = burin_rt_f16_to_f32(uint16_t(code));
    int exponent = code >> 10 & 31, mantissa = code & 1023;
    float want = exponent == 31 ? (mantissa ? NAN : INFINITY)
                 : exponent     ? std::ldexp(float(mantissa + 1024), exponent - 25)
                                : std::ldexp(float(mantissa), -24);
    if (code & 0x8000)
      want = -want;
    bool same =
        std::isnan(want) ? std::isnan(x) : x == want && std::signbit(x) == bool(code & 0x8000);
    uint16_t back = burin_rt_f32_to_f16(x);
    same &= std::isnan(x) ? std::isnan(burin_rt_f16_to_f32(back)) : back == code;
    same &= std::isnan(x) || burin_rt_f64_to_f16(x) == code;
    float wide = burin_rt_bf16_to_f32(uint16_t(code));
    same &= std::isnan(wide)
                ? std::isnan(burin_rt_bf16_to_f32(burin_rt_f32_to_bf16(wide)))
                : burin_rt_f32_to_bf16(wide) == code && burin_rt_f64_to_bf16(wide) == code;
    // Half way to the next number goes to the even one, a little more goes up.
    float next = burin_rt_f16_to_f32(uint16_t(code + 1));
    if (std::isfinite(x) && std::isfinite(next)) {
      double middle = (double(x) + next) / 2;
      same &= burin_rt_f32_to_f16(float(middle)) == (code & 1 ? code + 1 : code);
      same &= burin_rt_f64_to_f16(middle * (1 + 1e-15)) == code + 1;
      same &= burin_rt_f64_to_f16(middle * (1 - 1e-15)) == code;
    }
    if (!same)
      FAIL("code " << code);
  }
  CHECK(burin_rt_f32_to_f16(65519.996f) == 0x7bff);
  CHECK(burin_rt_f32_to_f16(65520.0f) == 0x7c00);
  CHECK(burin_rt_f64_to_f16(1e300) == 0x7c00);
  CHECK(burin_rt_f64_to_f16(-1e-300) == 0x8000);
  CHECK(burin_rt_f32_to_bf16(3.4e38f) == 0x7f80);
  CHECK(burin_rt_f32_to_bf16(1.00390625f) == 0x3f80);
}

TEST_CASE("float8 and float4", "[runtime]") {
  struct Format {
    const char *name;
    uint8_t (*encode)(float, bool);
    float (*decode)(uint8_t);
    float largest;
    bool infinity, fnuz;
  };
  const Format formats[] = {
      {"e4m3fn", burin_rt_f32_to_f8e4m3fn, burin_rt_f8e4m3fn_to_f32, 448, false, false},
      {"e4m3fnuz", burin_rt_f32_to_f8e4m3fnuz, burin_rt_f8e4m3fnuz_to_f32, 240, false, true},
      {"e5m2", burin_rt_f32_to_f8e5m2, burin_rt_f8e5m2_to_f32, 57344, true, false},
      {"e5m2fnuz", burin_rt_f32_to_f8e5m2fnuz, burin_rt_f8e5m2fnuz_to_f32, 57344, false, true}};
  for (const Format &format : formats) {
    INFO(format.name);
    for (int code = 0; code < 256; ++code) {
      float x = format.decode(uint8_t(code));
      if (std::isnan(x)) {
        CHECK(std::isnan(format.decode(format.encode(x, true))));
        continue;
      }
      CHECK(int(format.encode(x, false)) == code);
      float next = format.decode(uint8_t(code + 1));
      if (code != 127 && code != 255 && std::isfinite(next) && std::isfinite(x))
        CHECK(int(format.encode((x + next) / 2, true)) == (code & 1 ? code + 1 : code));
    }
    for (float x : {1e6f, INFINITY}) {
      CHECK(format.decode(format.encode(x, true)) == format.largest);
      CHECK(format.decode(format.encode(-x, true)) == -format.largest);
      float free = format.decode(format.encode(x, false));
      CHECK((format.infinity ? free == INFINITY : std::isnan(free)));
    }
    CHECK(std::signbit(format.decode(format.encode(-0.0f, true))) == !format.fnuz);
    CHECK(std::signbit(format.decode(format.encode(-1e-9f, true))) == !format.fnuz);
  }
  // Known codes of the specification's examples.
  CHECK(burin_rt_f32_to_f8e4m3fn(0.47892547f, true) == 0x2f);
  CHECK(burin_rt_f32_to_f8e4m3fnuz(0.7229038f, true) == 0x3c);
  CHECK(burin_rt_f32_to_f8e5m2(0.8191055f, true) == 0x3b);
  const float values[] = {0, 0.5f, 1, 1.5f, 2, 3, 4, 6};
  for (int code = 0; code < 8; ++code) {
    CHECK(burin_rt_f4e2m1_to_f32(uint8_t(code)) == values[code]);
    CHECK(burin_rt_f32_to_f4e2m1(values[code]) == code);
    CHECK(burin_rt_f32_to_f4e2m1(-values[code]) == code + 8);
  }
  CHECK(burin_rt_f32_to_f4e2m1(-3.5f) == 14);
  CHECK(burin_rt_f32_to_f4e2m1(0.25f) == 0);
  CHECK(burin_rt_f32_to_f4e2m1(1e6f) == 7);
  CHECK(burin_rt_f32_to_f4e2m1(-INFINITY) == 15);
  CHECK(burin_rt_f32_to_f4e2m1(NAN) == 8);
  for (int code = 0; code < 255; ++code) {
    float x = burin_rt_f8e8m0_to_f32(uint8_t(code));
    CHECK(x == std::ldexp(1.0f, code - 127));
    for (int round : {BURIN_RT_ROUND_UP, BURIN_RT_ROUND_DOWN, BURIN_RT_ROUND_NEAREST})
      CHECK(burin_rt_f32_to_f8e8m0(-x, true, round) == code);
    if (code == 254)
      continue;
    CHECK(burin_rt_f32_to_f8e8m0(x * 1.25f, true, BURIN_RT_ROUND_UP) == code + 1);
    CHECK(burin_rt_f32_to_f8e8m0(x * 1.75f, true, BURIN_RT_ROUND_DOWN) == code);
    CHECK(burin_rt_f32_to_f8e8m0(x * 1.25f, true, BURIN_RT_ROUND_NEAREST) == code);
    CHECK(burin_rt_f32_to_f8e8m0(x * 1.5f, true, BURIN_RT_ROUND_NEAREST) == code + 1);
  }
  CHECK(burin_rt_f32_to_f8e8m0(3e38f, true, BURIN_RT_ROUND_UP) == 254);
  CHECK(burin_rt_f32_to_f8e8m0(3e38f, false, BURIN_RT_ROUND_UP) == 255);
  CHECK(burin_rt_f32_to_f8e8m0(INFINITY, true, BURIN_RT_ROUND_UP) == 255);
  CHECK(burin_rt_f32_to_f8e8m0(0.0f, true, BURIN_RT_ROUND_UP) == 0);
}
