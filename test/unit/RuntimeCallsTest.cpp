//===- RuntimeCallsTest.cpp - The functions behind nn.call ------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "runtime-lib/burin_rt.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

namespace {

using Shape = std::vector<int64_t>;
const float NaN = std::numeric_limits<float>::quiet_NaN();
const float Inf = std::numeric_limits<float>::infinity();

template <typename T> constexpr int32_t typeOf() {
  if (std::is_same_v<T, float>)
    return BURIN_RT_F32;
  if (std::is_same_v<T, double>)
    return BURIN_RT_F64;
  if (std::is_same_v<T, int64_t>)
    return BURIN_RT_I64;
  if (std::is_same_v<T, uint64_t>)
    return BURIN_RT_U64;
  if (std::is_same_v<T, int32_t>)
    return BURIN_RT_I32;
  return std::is_same_v<T, int8_t> ? BURIN_RT_I8 : BURIN_RT_U8;
}

template <typename T> struct Tensor {
  Shape shape;
  std::vector<T> values;
  Tensor(Shape shape, std::vector<T> values) : shape(shape), values(values) {}
  Tensor(Shape shape) : shape(shape) {
    size_t size = 1;
    for (int64_t n : shape)
      size *= size_t(n);
    values.assign(size, T(77));
  }
  operator burin_rt_tensor() {
    return {values.data(), shape.data(), int32_t(shape.size()), typeOf<T>()};
  }
};

const burin_rt_tensor Absent = {nullptr, nullptr, 0, 0};

/// Runs a call with exactly the scratch that it asks for, followed by a guard.
int32_t run(burin_rt_callee callee, burin_rt_scratch scratch, std::vector<burin_rt_tensor> inputs,
            std::vector<burin_rt_tensor> outputs, std::vector<int64_t> ints = {},
            std::vector<double> floats = {}) {
  int64_t bytes = scratch(inputs.data(), int32_t(inputs.size()), ints.data());
  std::vector<uint64_t> space(size_t(bytes + 7) / 8 + 9, 0xabababababababab);
  uint8_t *start = reinterpret_cast<uint8_t *>(space.data());
  start += -reinterpret_cast<uintptr_t>(start) & 15;
  int32_t status = callee(inputs.data(), int32_t(inputs.size()), outputs.data(),
                          int32_t(outputs.size()), ints.data(), floats.data(), start);
  for (int i = 0; i < 16; ++i)
    REQUIRE(start[bytes + i] == 0xab);
  return status;
}

#define RUN(name, ...) run(burin_rt_##name, burin_rt_##name##_scratch, __VA_ARGS__)

template <typename T> std::vector<T> some(const Tensor<T> &t, int64_t n) {
  return {t.values.begin(), t.values.begin() + n};
}

void checkClose(const std::vector<float> &got, const std::vector<float> &want) {
  REQUIRE(got.size() == want.size());
  for (size_t i = 0; i < got.size(); ++i)
    CHECK(got[i] == Approx(want[i]).margin(1e-5));
}

} // namespace

TEST_CASE("top_k", "[runtime]") {
  Tensor<float> x({2, 4}, {1, 3, 3, 2, NaN, -1, Inf, 0.0f});
  Tensor<float> values({2, 3});
  Tensor<int64_t> indices({2, 3});
  REQUIRE(RUN(top_k, {x}, {values, indices}, {1, 1}) == 0);
  CHECK(indices.values == std::vector<int64_t>{1, 2, 3, 0, 2, 3});
  CHECK(some(values, 3) == std::vector<float>{3, 3, 2});
  CHECK(std::isnan(values.values[3]));
  // Smallest: NaN comes last.
  REQUIRE(RUN(top_k, {x}, {values, indices}, {1, 0}) == 0);
  CHECK(indices.values == std::vector<int64_t>{0, 3, 1, 1, 3, 2});
  // -0 equals 0; along the first axis; unsigned beyond the signed range.
  Tensor<double> zeros({3, 2}, {-0.0, 1, 0.0, 2, -0.0, 3});
  Tensor<double> top({3, 2});
  Tensor<int64_t> where({3, 2});
  REQUIRE(RUN(top_k, {zeros}, {top, where}, {0, 1}) == 0);
  CHECK(where.values == std::vector<int64_t>{0, 2, 1, 1, 2, 0});
  Tensor<uint64_t> big({3}, {5, uint64_t(1) << 63, 7}), most({1});
  Tensor<int64_t> index({1});
  REQUIRE(RUN(top_k, {big}, {most, index}, {0, 1}) == 0);
  CHECK(index.values[0] == 1);
  Tensor<uint64_t> none({0});
  Tensor<int64_t> nowhere({0});
  CHECK(RUN(top_k, {big}, {none, nowhere}, {0, 1}) == 0);
  Tensor<uint64_t> tooMany({4});
  CHECK(RUN(top_k, {big}, {tooMany, nowhere}, {0, 1}) == BURIN_RT_BAD_SHAPE);
}

TEST_CASE("nonzero", "[runtime]") {
  Tensor<float> x({2, 3}, {0, 1, -0.0f, NaN, 0, -2});
  Tensor<int64_t> positions({6}), count({});
  REQUIRE(RUN(nonzero, {x}, {positions, count}) == 0);
  CHECK(count.values[0] == 3);
  CHECK(some(positions, 3) == std::vector<int64_t>{1, 3, 5});
  Tensor<uint8_t> scalar({}, {1});
  Tensor<int64_t> position({1});
  REQUIRE(RUN(nonzero, {scalar}, {position, count}) == 0);
  CHECK(count.values[0] == 1);
  CHECK(position.values[0] == 0);
}

TEST_CASE("unique", "[runtime]") {
  Tensor<float> x({6}, {2, 1, 1, 3, 4, 3});
  Tensor<int64_t> first({6}), inverse({6}), counts({6}), count({});
  REQUIRE(RUN(unique, {x}, {first, inverse, counts, count}, {1}) == 0);
  CHECK(count.values[0] == 4);
  CHECK(some(first, 4) == std::vector<int64_t>{1, 0, 3, 4});
  CHECK(inverse.values == std::vector<int64_t>{1, 0, 0, 2, 3, 2});
  CHECK(some(counts, 4) == std::vector<int64_t>{2, 1, 2, 1});
  REQUIRE(RUN(unique, {x}, {first, inverse, counts, count}, {0}) == 0);
  CHECK(some(first, 4) == std::vector<int64_t>{0, 1, 3, 4});
  CHECK(inverse.values == std::vector<int64_t>{0, 1, 1, 2, 3, 2});
  CHECK(some(counts, 4) == std::vector<int64_t>{1, 2, 2, 1});
  // Rows; NaN differs from NaN and sorts last.
  Tensor<int32_t> rows({4, 2}, {1, 2, 0, 9, 1, 2, 1, 1});
  REQUIRE(RUN(unique, {rows}, {first, inverse, counts, count}, {1}) == 0);
  CHECK(count.values[0] == 3);
  CHECK(some(first, 3) == std::vector<int64_t>{1, 3, 0});
  Tensor<float> nans({3}, {NaN, 1, NaN});
  REQUIRE(RUN(unique, {nans}, {first, inverse, counts, count}, {1}) == 0);
  CHECK(count.values[0] == 3);
  CHECK(some(first, 3) == std::vector<int64_t>{1, 0, 2});
}

TEST_CASE("nms", "[runtime]") {
  // The second box covers 90 % of the first, corners flipped; the third is elsewhere.
  Tensor<float> boxes({1, 3, 4}, {0, 0, 1, 1, 1, 1, 0, 0.1f, 5, 5, 6, 6});
  Tensor<float> scores({1, 2, 3}, {0.9f, 0.95f, 0.3f, 0.5f, 0.5f, 0.0f});
  Tensor<int64_t> most({1}, {3}), selected({6, 3}), count({});
  Tensor<float> iou({1}, {0.5f}), least({1}, {0.0f});
  REQUIRE(RUN(nms, {boxes, scores, most, iou, least}, {selected, count}, {0}) == 0);
  CHECK(count.values[0] == 3);
  CHECK(some(selected, 9) == std::vector<int64_t>{0, 0, 1, 0, 0, 2, 0, 1, 0});
  // Without a maximum nothing is selected.
  REQUIRE(RUN(nms, {boxes, scores}, {selected, count}, {0}) == 0);
  CHECK(count.values[0] == 0);
  // An overlap equal to the threshold stays: centres 0 and 0.5, width 1: 0.5 / 1.5.
  Tensor<float> centers({1, 2, 4}, {0, 0, 1, 1, 0.5f, 0, 1, 1}), same({1, 1, 2}, {1, 1});
  Tensor<float> third({1}, {0.5f / 1.5f});
  REQUIRE(RUN(nms, {centers, same, most, third}, {selected, count}, {1}) == 0);
  CHECK(count.values[0] == 2);
}

TEST_CASE("roi_align and max_roi_pool", "[runtime]") {
  Tensor<float> x({1, 1, 4, 4}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15});
  Tensor<float> roi({1, 4}, {0, 0, 4, 4}), y({1, 1, 2, 2});
  Tensor<int64_t> batch({1}, {0});
  REQUIRE(RUN(roi_align, {x, roi, batch}, {y}, {0, 2, 1}, {1.0}) == 0);
  // With half pixels the samples hit the pixels: means of the quadrants.
  checkClose(y.values, {2.5f, 4.5f, 10.5f, 12.5f});
  REQUIRE(RUN(roi_align, {x, roi, batch}, {y}, {1, 2, 1}, {1.0}) == 0);
  checkClose(y.values, {5, 7, 13, 15});
  Tensor<int64_t> bad({1}, {3});
  CHECK(RUN(roi_align, {x, roi, bad}, {y}, {0, 2, 1}, {1.0}) == BURIN_RT_BAD_DATA);
  // Corners 0..2 in each direction, then a box that is all outside.
  Tensor<float> rois({2, 5}, {0, 0, 0, 2, 2, 0, 9, 9, 12, 12}), pooled({2, 1, 2, 2});
  REQUIRE(RUN(max_roi_pool, {x, rois}, {pooled}, {}, {1.0}) == 0);
  checkClose(pooled.values, {5, 6, 9, 10, 0, 0, 0, 0});
}

TEST_CASE("grid_sample", "[runtime]") {
  Tensor<float> x({1, 1, 2, 2}, {1, 2, 3, 4});
  // (x, y): the centre, a corner of the image, outside.
  Tensor<float> grid({1, 1, 3, 2}, {0, 0, -1, -1, 3, 0}), y({1, 1, 1, 3});
  REQUIRE(RUN(grid_sample, {x, grid}, {y}, {0, 0, 1}) == 0);
  checkClose(y.values, {2.5f, 1, 0});
  REQUIRE(RUN(grid_sample, {x, grid}, {y}, {0, 0, 0}) == 0);
  checkClose(y.values, {2.5f, 0.25f, 0});
  REQUIRE(RUN(grid_sample, {x, grid}, {y}, {0, 1, 0}) == 0);
  checkClose(y.values, {2.5f, 1, 3});
  REQUIRE(RUN(grid_sample, {x, grid}, {y}, {1, 2, 1}) == 0);
  // At the centre both coordinates are 0.5, which rounds to 0; 3 reflects onto 0.
  checkClose(y.values, {1, 1, 1});
  REQUIRE(RUN(grid_sample, {x, grid}, {y}, {2, 1, 1}) == 0);
  checkClose(some(y, 2), {2.5f, 1});
  // Whatever the grid holds, nothing outside is read.
  Tensor<float> wild({1, 1, 3, 2}, {NaN, Inf, -Inf, 1e30f, NaN, NaN});
  for (int64_t mode = 0; mode < 3; ++mode)
    for (int64_t padding = 0; padding < 3; ++padding)
      CHECK(RUN(grid_sample, {x, wild}, {y}, {mode, padding, 0}) == 0);
}

TEST_CASE("deform_im2col", "[runtime]") {
  Tensor<float> x({1, 1, 2, 2}, {1, 2, 3, 4});
  // A kernel of one tap: half a row down everywhere, the last half out of the image.
  Tensor<float> offset({1, 2, 2, 2}, {0.5f, 0.5f, 0.5f, 0.5f, 0, 0, 0, 0});
  Tensor<float> mask({1, 1, 2, 2}, {1, 1, 1, 2}), columns({1, 1, 4});
  std::vector<int64_t> ints = {1, 1, 1, 1, 1, 1, 0, 0, 1};
  REQUIRE(RUN(deform_im2col, {x, offset, mask}, {columns}, ints) == 0);
  checkClose(columns.values, {2, 3, 1.5f, 4});
  REQUIRE(RUN(deform_im2col, {x, offset, Absent}, {columns}, ints) == 0);
  checkClose(columns.values, {2, 3, 1.5f, 2});
}

TEST_CASE("max_pool_indices", "[runtime]") {
  Tensor<float> x({1, 1, 3, 3}, {1, 9, 2, 9, 5, 6, 7, 8, 9}), y({1, 1, 2, 2});
  Tensor<int64_t> indices({1, 1, 2, 2});
  std::vector<int64_t> ints = {2, 2, 1, 1, 1, 1, 0, 0, 0};
  REQUIRE(RUN(max_pool_indices, {x}, {y, indices}, ints) == 0);
  CHECK(y.values == std::vector<float>{9, 9, 9, 9});
  CHECK(indices.values == std::vector<int64_t>{1, 1, 3, 8});
  ints.back() = 1; // column-major: (0,1) is 3, (1,0) is 1, (2,2) is 8
  REQUIRE(RUN(max_pool_indices, {x}, {y, indices}, ints) == 0);
  CHECK(indices.values == std::vector<int64_t>{3, 3, 1, 8});
  // Padding never wins.
  Tensor<int8_t> negative({1, 1, 2}, {-5, -3}), padded({1, 1, 2});
  Tensor<int64_t> where({1, 1, 2});
  REQUIRE(RUN(max_pool_indices, {negative}, {padded, where}, {2, 1, 1, 1, 0}) == 0);
  CHECK(padded.values == std::vector<int8_t>{-5, -3});
  CHECK(where.values == std::vector<int64_t>{0, 1});
}

TEST_CASE("fft", "[runtime]") {
  // Against the definition for lengths with small, repeated and large prime factors.
  for (int64_t n : {1, 2, 3, 4, 6, 8, 12, 15, 16, 25, 31, 64, 90, 97}) {
    Tensor<double> x({2, n, 2}), y({2, n, 2}), back({2, n, 2});
    for (size_t i = 0; i < x.values.size(); ++i)
      x.values[i] = std::sin(double(i * i)) + 0.3;
    REQUIRE(RUN(fft, {x}, {y}, {1, 0, 0}) == 0);
    for (int64_t b = 0; b < 2; ++b)
      for (int64_t k = 0; k < n; ++k) {
        double re = 0, im = 0;
        for (int64_t j = 0; j < n; ++j) {
          double angle = -2 * M_PI * double(j * k % n) / double(n);
          double a = x.values[2 * (b * n + j)], c = x.values[2 * (b * n + j) + 1];
          re += a * std::cos(angle) - c * std::sin(angle);
          im += a * std::sin(angle) + c * std::cos(angle);
        }
        CHECK(y.values[2 * (b * n + k)] == Approx(re).margin(1e-11));
        CHECK(y.values[2 * (b * n + k) + 1] == Approx(im).margin(1e-11));
      }
    REQUIRE(RUN(fft, {y}, {back}, {1, 1, 0}) == 0);
    for (size_t i = 0; i < x.values.size(); ++i)
      CHECK(back.values[i] == Approx(x.values[i]).margin(1e-13));
    // Real and onesided there and back, odd lengths too, along a middle axis.
    Tensor<float> real({n, 3, 1}), half({n / 2 + 1, 3, 2}), again({n, 3, 1});
    for (size_t i = 0; i < real.values.size(); ++i)
      real.values[i] = float(std::cos(double(i * i)));
    REQUIRE(RUN(fft, {real}, {half}, {0, 0, 1}) == 0);
    REQUIRE(RUN(fft, {half}, {again}, {0, 1, 1}) == 0);
    checkClose(again.values, real.values);
  }
}

TEST_CASE("det and inverse", "[runtime]") {
  Tensor<float> x({2, 2, 2}, {0, 2, 3, 4, 1, 2, 2, 4}), d({2}), inverse({2, 2, 2});
  REQUIRE(RUN(det, {x}, {d}) == 0);
  checkClose(d.values, {-6, 0});
  REQUIRE(RUN(inverse, {x}, {inverse}) == 0);
  checkClose(some(inverse, 4), {-2.0f / 3, 1.0f / 3, 0.5f, 0});
  CHECK(std::isnan(inverse.values[4]));
  Tensor<double> empty({1, 0, 0}), one({1});
  REQUIRE(RUN(det, {empty}, {one}) == 0);
  CHECK(one.values[0] == 1);
}

TEST_CASE("tree_ensemble", "[runtime]") {
  // Node 0: x0 <= 1 ? leaf 0 : node 1. Node 1: x1 in {5, 7} ? leaf 1 : leaf 2.
  Tensor<int64_t> features({2}, {0, 1}), trueIds({2}, {0, 1}), falseIds({2}, {1, 2});
  Tensor<int64_t> trueLeafs({2}, {1, 1}), falseLeafs({2}, {0, 1}), missing({2}, {0, 1});
  Tensor<float> splits({2}, {1, 0}), members({3}, {5, 7, NaN}), weights({3}, {10, 20, 30});
  Tensor<uint8_t> modes({2}, {0, 6});
  Tensor<int64_t> roots({2}, {0, 1}), targets({3}, {0, 1, 0});
  Tensor<float> x({3, 2}, {1, 7, 2, 6, NaN, NaN}), y({3, 2});
  std::vector<burin_rt_tensor> inputs = {x,        features,  splits,     modes,   trueIds,
                                         falseIds, trueLeafs, falseLeafs, missing, members,
                                         roots,    targets,   weights};
  REQUIRE(RUN(tree_ensemble, inputs, {y}, {1, 2}) == 0);
  // Row 2: NaN goes right at node 0 and to the set at node 1, twice.
  checkClose(y.values, {10, 20, 60, 0, 0, 40});
  REQUIRE(RUN(tree_ensemble, inputs, {y}, {0, 2}) == 0);
  checkClose(y.values, {5, 10, 30, 0, 0, 20});
  // Leaves of several entries.
  Tensor<int64_t> first({4}, {0, 2, 3, 3});
  inputs.push_back(first);
  REQUIRE(RUN(tree_ensemble, inputs, {y}, {1, 2}) == 0);
  checkClose(y.values, {40, 20, 0, 0, 60, 0});
  inputs.pop_back();
  falseIds.values[0] = 0; // a cycle
  CHECK(RUN(tree_ensemble, inputs, {y}, {1, 2}) == BURIN_RT_BAD_DATA);
}

TEST_CASE("svm_vote", "[runtime]") {
  Tensor<float> scores({2, 3}, {1, 1, 1, -1, -1, -1}), votes({2, 3}), chances({2, 3});
  Tensor<float> a({3}, {-2, -2, -2}), b({3}, {0, 0, 0});
  Tensor<int64_t> winner({2});
  REQUIRE(RUN(svm_vote, {scores, a, b}, {votes, chances, winner}, {3}) == 0);
  CHECK(votes.values == std::vector<float>{2, 1, 0, 0, 1, 2});
  CHECK(winner.values == std::vector<int64_t>{0, 2});
  for (int64_t row = 0; row < 2; ++row) {
    const float *p = &chances.values[size_t(3 * row)];
    CHECK(p[0] + p[1] + p[2] == Approx(1));
    CHECK(p[winner.values[size_t(row)]] > 0.5f);
  }
  CHECK(chances.values[0] == Approx(chances.values[5]).margin(1e-2));
  REQUIRE(RUN(svm_vote, {scores}, {votes, Absent, winner}, {3}) == 0);
  REQUIRE(RUN(svm_vote, {scores}, {votes, chances, winner}, {3}) == 0);
  CHECK(chances.values == std::vector<float>(6, 0.0f));
}

TEST_CASE("map_lookup", "[runtime]") {
  Tensor<float> x({5}, {2, NaN, -0.0f, 7, 1}), keys({4}, {0, 1, 2, NaN});
  Tensor<int64_t> values({4}, {10, 11, 12, 13}), fallback({1}, {-1}), y({5});
  REQUIRE(RUN(map_lookup, {x, keys, values, fallback}, {y}) == 0);
  CHECK(y.values == std::vector<int64_t>{12, 13, 10, -1, 11});
}

TEST_CASE("tfidf", "[runtime]") {
  // Unigrams 2, 3, 5 and bigrams (5,6), (2,3), as in ONNX's own tests but shorter.
  Tensor<int64_t> pool({7}, {2, 3, 5, 5, 6, 2, 3}), starts({2}, {0, 3});
  Tensor<int64_t> columns({5}, {0, 1, 2, 3, 4});
  Tensor<int32_t> x({2, 4}, {2, 3, 5, 6, 5, 2, 6, 3});
  Tensor<float> y({2, 5}), weights({5}, {2, 2, 2, 3, 4});
  REQUIRE(RUN(tfidf, {x, pool, starts, columns}, {y}, {1, 2, 0, 0}) == 0);
  checkClose(y.values, {1, 1, 1, 1, 1, 1, 1, 1, 0, 0});
  REQUIRE(RUN(tfidf, {x, pool, starts, columns, weights}, {y}, {2, 2, 1, 2}) == 0);
  checkClose(y.values, {0, 0, 0, 3, 4, 0, 0, 0, 3, 4});
}
