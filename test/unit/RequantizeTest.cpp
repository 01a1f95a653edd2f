//===- RequantizeTest.cpp - Scaling of sums in integers ---------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "runtime-lib/burin_rt.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>

TEST_CASE("requantisation in integers equals the one in floating point", "[runtime]") {
  uint64_t state = 88172645463325252;
  auto next = [&state] {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
  };
  for (int i = 0; i < 2000000; ++i) {
    int32_t sum = static_cast<int32_t>(next()) >> (next() % 31);
    // 2^-37 to 2^8; every other mantissa has few bits, so that halves are met.
    auto bits = static_cast<uint32_t>((90 + next() % 46) << 23 | (next() & 0x7fffff));
    bits |= next() & 1 ? 0x80000000 : 0;
    if (next() & 1)
      bits &= 0xffff0000;
    float multiplier;
    std::memcpy(&multiplier, &bits, sizeof bits);
    float scaled = static_cast<float>(sum) * multiplier;
    float expected = std::clamp(std::nearbyint(scaled), -131072.0f, 131072.0f);
    int32_t actual = burin_rt_requantize(sum, multiplier);
    if (actual != static_cast<int32_t>(expected))
      FAIL(sum << " * " << multiplier << ": " << actual << " instead of " << expected);
  }
  CHECK(burin_rt_requantize(INT32_MIN, 0.5f) == -131072);
  CHECK(burin_rt_requantize(5, 0.5f) == 2);
  CHECK(burin_rt_requantize(7, 0.5f) == 4);
  CHECK(burin_rt_requantize(-5, 0.5f) == -2);
  CHECK(burin_rt_requantize(123, 0.0f) == 0);
}
