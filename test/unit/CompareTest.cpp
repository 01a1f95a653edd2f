//===- CompareTest.cpp - Comparing outputs --------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/verify/Compare.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <limits>

using namespace burin;
using namespace burin::onnx;
using namespace burin::verify;

template <typename T>
static TensorData tensor(int32_t type, std::vector<int64_t> dims, std::vector<T> values) {
  auto owned = std::make_shared<std::vector<T>>(std::move(values));
  TensorData data;
  data.dataType = type;
  data.dims = std::move(dims);
  data.bytes = reinterpret_cast<const uint8_t *>(owned->data());
  data.size = owned->size() * sizeof(T);
  data.owner = owned;
  return data;
}

static TensorData floats(std::vector<float> values) {
  int64_t size = static_cast<int64_t>(values.size());
  return tensor<float>(kFloat, {size}, std::move(values));
}

static bool same(const TensorData &got, const TensorData &expected,
                 Tolerance tolerance = Tolerance::backend()) {
  return compareTensors(got, expected, tolerance).matches;
}

TEST_CASE("floats follow ONNX's rule", "[verify]") {
  CHECK(same(floats({1.0009f}), floats({1})));
  CHECK_FALSE(same(floats({1.0011f}), floats({1})));
  CHECK(same(floats({0.9e-7f}), floats({0})));
  CHECK_FALSE(same(floats({1.1e-7f}), floats({0})));
}

TEST_CASE("the model rule looks at the largest magnitude", "[verify]") {
  TensorData expected = floats({0.001f, -100});
  CHECK_FALSE(same(floats({0.010f, -100}), expected));
  CHECK(same(floats({0.010f, -100}), expected, Tolerance::model()));
  CHECK_FALSE(same(floats({0.012f, -100}), expected, Tolerance::model()));
  // 1.0 and 1.0039 in half precision beside 1.0.
  auto half = [](std::vector<uint16_t> bits) {
    return tensor<uint16_t>(kFloat16, {2}, std::move(bits));
  };
  CHECK_FALSE(same(half({0x3c00, 0x3c04}), half({0x3c00, 0x3c00})));
  CHECK(same(half({0x3c00, 0x3c04}), half({0x3c00, 0x3c00}), Tolerance::model()));
}

TEST_CASE("special floats", "[verify]") {
  float nan = std::numeric_limits<float>::quiet_NaN();
  float inf = std::numeric_limits<float>::infinity();
  CHECK(same(floats({nan, -nan}), floats({-nan, nan})));
  CHECK_FALSE(same(floats({nan}), floats({1}), Tolerance::model()));
  CHECK_FALSE(same(floats({1}), floats({nan}), Tolerance::model()));
  CHECK(same(floats({inf, -inf}), floats({inf, -inf})));
  CHECK_FALSE(same(floats({inf}), floats({-inf}), Tolerance::model()));
  CHECK_FALSE(same(floats({3e38f}), floats({inf}), Tolerance::model()));
  CHECK(same(floats({-0.f}), floats({0.f})));
  // An infinity says nothing about the size of the others.
  CHECK_FALSE(same(floats({inf, 1.1f}), floats({inf, 1}), Tolerance::model()));
}

TEST_CASE("integers and bools are exact", "[verify]") {
  auto ints = [](std::vector<int8_t> values) { return tensor<int8_t>(kInt8, {2}, values); };
  CHECK(same(ints({1, -2}), ints({1, -2})));
  CHECK_FALSE(same(ints({1, -2}), ints({1, -3}), Tolerance::model()));
  auto wide = [](int64_t value) { return tensor<int64_t>(kInt64, {}, {value}); };
  CHECK_FALSE(same(wide((int64_t(1) << 60) + 1), wide(int64_t(1) << 60), Tolerance::model()));
  auto bools = [](uint8_t value) { return tensor<uint8_t>(kBool, {1}, {value}); };
  CHECK(same(bools(1), bools(1)));
  CHECK(same(bools(255), bools(1)));
  CHECK_FALSE(same(bools(0), bools(1)));
}

TEST_CASE("types and shapes must agree", "[verify]") {
  Comparison result = compareTensors(tensor<float>(kFloat, {2, 1}, {1, 2}),
                                     tensor<float>(kFloat, {2}, {1, 2}), Tolerance::model());
  CHECK_FALSE(result.matches);
  CHECK(result.message == "is float[2, 1], expected float[2]");
  CHECK_FALSE(same(tensor<uint8_t>(kUint8, {1}, {1}), tensor<int8_t>(kInt8, {1}, {1})));
  CHECK(same(tensor<float>(kFloat, {0, 3}, {}), tensor<float>(kFloat, {0, 3}, {})));
}

TEST_CASE("the message names the first difference", "[verify]") {
  Comparison result =
      compareTensors(tensor<float>(kFloat, {2, 2}, {1, 2, 5, 4}),
                     tensor<float>(kFloat, {2, 2}, {1, 2, 3, 8}), Tolerance::backend());
  CHECK(result.mismatches == 2);
  CHECK(result.maxError == 4);
  CHECK(result.message == "2 of 4 elements differ, first at [1, 0]: got 5, expected 3; largest "
                          "error 4 (0.5 of the largest magnitude)");
  result = compareTensors(tensor<int8_t>(kInt8, {}, {-7}), tensor<int8_t>(kInt8, {}, {7}),
                          Tolerance::backend());
  CHECK(result.message == "1 of 1 elements differ, first at []: got -7, expected 7");
}

TEST_CASE("complex numbers and strings", "[verify]") {
  auto complex = [](float re, float im) { return tensor<float>(kComplex64, {1}, {re, im}); };
  CHECK(same(complex(1, 2), complex(1, 2)));
  CHECK_FALSE(same(complex(1, 2.1f), complex(1, 2)));
  TensorData a, b;
  a.dataType = b.dataType = kString;
  a.dims = b.dims = {1};
  a.strings = b.strings = {"x"};
  CHECK(same(a, b));
  b.strings = {"y"};
  CHECK(compareTensors(a, b, Tolerance::model()).message ==
        "1 of 1 elements differ, first at [0]: got \"x\", expected \"y\"");
}

TEST_CASE("every float type can be read", "[verify]") {
  CHECK(floatElement(tensor<uint16_t>(kBfloat16, {1}, {0x3fc0}), 0) == 1.5);
  CHECK(floatElement(tensor<uint8_t>(kFloat8E4M3FN, {1}, {0x38}), 0) == 1);
  CHECK(floatElement(tensor<uint8_t>(kFloat8E4M3FNUZ, {1}, {0x40}), 0) == 1);
  CHECK(floatElement(tensor<uint8_t>(kFloat8E5M2, {1}, {0x3c}), 0) == 1);
  CHECK(floatElement(tensor<uint8_t>(kFloat8E5M2FNUZ, {1}, {0x40}), 0) == 1);
  CHECK(floatElement(tensor<uint8_t>(kFloat4E2M1, {1}, {7}), 0) == 6);
  CHECK(floatElement(tensor<uint8_t>(kFloat8E8M0, {1}, {128}), 0) == 2);
  CHECK(std::isnan(floatElement(tensor<uint8_t>(kFloat8E8M0, {1}, {255}), 0)));
}
