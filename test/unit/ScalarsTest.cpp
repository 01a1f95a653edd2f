//===- ScalarsTest.cpp - The scalar table's values and properties ---------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/Scalars.h"
#include "InterpreterTestSupport.h"

#include <catch2/catch.hpp>
#include <cmath>

using namespace burin::nn;

static constexpr IntFormat kI8{8, true}, kU8{8, false}, kI64{64, true}, kU64{64, false},
    kBool{1, false};

TEST_CASE("float functions of one argument", "[scalars]") {
  auto f = [](UnaryFn fn, double x, double alpha = 0, double beta = 0) {
    return evalUnary(fn, x, alpha, beta);
  };
  CHECK(f(UnaryFn::abs, -2) == 2);
  CHECK(f(UnaryFn::neg, 3) == -3);
  CHECK(f(UnaryFn::sign, -0.5) == -1);
  CHECK(f(UnaryFn::sign, -0.0) == 0);
  CHECK(std::isnan(f(UnaryFn::sign, NAN)));
  CHECK(f(UnaryFn::ceil, -1.5) == -1);
  CHECK(f(UnaryFn::floor, -1.5) == -2);
  CHECK(f(UnaryFn::round, 2.5) == 2);
  CHECK(f(UnaryFn::round, -3.5) == -4);
  CHECK(f(UnaryFn::sqrt, 9) == 3);
  CHECK(std::isnan(f(UnaryFn::sqrt, -1)));
  CHECK(f(UnaryFn::rsqrt, 4) == 0.5);
  CHECK(f(UnaryFn::recip, 0) == INFINITY);
  CHECK(f(UnaryFn::exp, 1) == Approx(2.718281828459045));
  CHECK(f(UnaryFn::log, 0) == -INFINITY);
  CHECK(f(UnaryFn::log1p, 1e-10) == Approx(1e-10));
  CHECK(f(UnaryFn::expm1, 1e-10) == Approx(1e-10));
  CHECK(f(UnaryFn::sin, 1) == Approx(0.8414709848));
  CHECK(f(UnaryFn::cos, 1) == Approx(0.5403023059));
  CHECK(f(UnaryFn::tan, 1) == Approx(1.5574077247));
  CHECK(f(UnaryFn::asin, 0.5) == Approx(0.5235987756));
  CHECK(std::isnan(f(UnaryFn::acos, 1.5)));
  CHECK(f(UnaryFn::atan, INFINITY) == Approx(1.5707963268));
  CHECK(f(UnaryFn::sinh, 1) == Approx(1.1752011936));
  CHECK(f(UnaryFn::cosh, 1) == Approx(1.5430806348));
  CHECK(f(UnaryFn::tanh, 1) == Approx(0.7615941560));
  CHECK(f(UnaryFn::asinh, 1) == Approx(0.8813735870));
  CHECK(std::isnan(f(UnaryFn::acosh, 0.5)));
  CHECK(f(UnaryFn::atanh, 1) == INFINITY);
  CHECK(f(UnaryFn::erf, 0.5) == Approx(0.5204998778));
  CHECK(f(UnaryFn::sigmoid, -1000) == 0);
  CHECK(f(UnaryFn::sigmoid, 2) == Approx(0.8807970780));
  CHECK(f(UnaryFn::relu, -2) == 0);
  CHECK(std::isnan(f(UnaryFn::relu, NAN)));
  CHECK(f(UnaryFn::leaky_relu, -2, 0.1) == Approx(-0.2));
  CHECK(f(UnaryFn::elu, -1, 2) == Approx(2 * std::expm1(-1)));
  CHECK(f(UnaryFn::selu, -1, 1.5, 2) == Approx(3 * std::expm1(-1)));
  CHECK(f(UnaryFn::selu, 1, 1.5, 2) == 2);
  CHECK(f(UnaryFn::celu, -1, 2) == Approx(2 * std::expm1(-0.5)));
  CHECK(f(UnaryFn::gelu, 1) == Approx(0.8413447461));
  CHECK(f(UnaryFn::gelu, -10) == Approx(-7.6198530242e-23));
  CHECK(f(UnaryFn::gelu_tanh, 1) == Approx(0.8411919906));
  CHECK(f(UnaryFn::swish, 2, 1) == Approx(1.7615941560));
  CHECK(f(UnaryFn::swish, -1000, 1) == 0);
  CHECK(f(UnaryFn::softplus, 1000) == 1000);
  CHECK(f(UnaryFn::softplus, 0) == Approx(0.6931471806));
  CHECK(f(UnaryFn::softsign, -3) == -0.75);
  CHECK(f(UnaryFn::mish, 1) == Approx(0.8650983883));
  CHECK(f(UnaryFn::hard_sigmoid, 10, 0.2, 0.5) == 1);
  CHECK(f(UnaryFn::hard_sigmoid, 1, 0.2, 0.5) == Approx(0.7));
  CHECK(f(UnaryFn::hard_swish, 1) == Approx(2.0 / 3));
  CHECK(f(UnaryFn::thresholded_relu, 1, 1) == 0);
  CHECK(f(UnaryFn::thresholded_relu, 2, 1) == 2);
  CHECK(f(UnaryFn::shrink, -2, 1.5, 0.5) == -1.5);
  CHECK(f(UnaryFn::shrink, 1.5, 1.5, 0.5) == 0);
  CHECK(f(UnaryFn::shrink, 2, 1.5, 0.5) == 1.5);
  CHECK(f(UnaryFn::affine, 3, 2, 1) == 7);
  CHECK(f(UnaryFn::scaled_tanh, 1, 2, 0.5) == Approx(2 * std::tanh(0.5)));
}

TEST_CASE("NaN passes through float functions", "[scalars]") {
  for (unsigned i = 0; i <= getMaxEnumValForUnaryFn(); ++i) {
    auto fn = static_cast<UnaryFn>(i);
    // Tests with an ordered comparison give 0, as ONNX's own definitions do.
    if (!scalarRow(fn).onFloats || fn == UnaryFn::thresholded_relu || fn == UnaryFn::shrink)
      continue;
    INFO(scalarRow(fn).name.str());
    CHECK(std::isnan(evalUnary(fn, NAN, 0.5, 0.5)));
  }
  for (BinaryFn fn : {BinaryFn::add, BinaryFn::sub, BinaryFn::mul, BinaryFn::div, BinaryFn::rem,
                      BinaryFn::mod, BinaryFn::min, BinaryFn::max}) {
    CHECK(std::isnan(evalBinary(fn, NAN, 1.0)));
    CHECK(std::isnan(evalBinary(fn, 1.0, NAN)));
  }
}

TEST_CASE("flags tell the truth", "[scalars]") {
  for (unsigned i = 0; i <= getMaxEnumValForUnaryFn(); ++i) {
    auto fn = static_cast<UnaryFn>(i);
    const ScalarRow &row = scalarRow(fn);
    if (!row.onFloats)
      continue;
    INFO(row.name.str());
    if (row.zeroPreserving)
      CHECK(evalUnary(fn, 0.0, 0.7, 0.3) == 0);
    double last = -INFINITY;
    for (double x = -4; x <= 4; x += 0.125) {
      double y = evalUnary(fn, x, 0.7, 0.3);
      if (row.idempotent)
        CHECK(evalUnary(fn, y, 0.7, 0.3) == y);
      if (std::isnan(y))
        continue;
      if (row.monotone)
        CHECK(y >= last);
      last = y;
    }
  }
  for (unsigned i = 0; i <= getMaxEnumValForBinaryFn(); ++i) {
    auto fn = static_cast<BinaryFn>(i);
    const ScalarRow &row = scalarRow(fn);
    INFO(row.name.str());
    for (int64_t x = -5; x <= 5; ++x)
      for (int64_t y = -5; y <= 5; ++y) {
        if (row.commutative)
          CHECK(evalBinary(fn, x, y, kI8) == evalBinary(fn, y, x, kI8));
        if (row.zeroPreserving)
          CHECK(evalBinary(fn, int64_t(0), y, kI8) == 0);
        if (row.idempotent)
          CHECK(evalBinary(fn, x, x, kI8) == x);
      }
  }
}

TEST_CASE("float functions of two arguments", "[scalars]") {
  CHECK(evalBinary(BinaryFn::rem, -7.0, 3.0) == -1);
  CHECK(evalBinary(BinaryFn::mod, -7.0, 3.0) == 2);
  CHECK(evalBinary(BinaryFn::mod, 7.0, -3.0) == -2);
  CHECK(evalBinary(BinaryFn::div, 1.0, 0.0) == INFINITY);
  CHECK(evalBinary(BinaryFn::pow, 2.0, -1.0) == 0.5);
}

TEST_CASE("integer functions wrap and are total", "[scalars]") {
  auto f = [](BinaryFn fn, int64_t x, int64_t y, IntFormat format) {
    return evalBinary(fn, x, y, format);
  };
  CHECK(evalUnary(UnaryFn::abs, int64_t(-128), kI8) == -128);
  CHECK(evalUnary(UnaryFn::abs, int64_t(200), kU8) == 200);
  CHECK(evalUnary(UnaryFn::neg, int64_t(1), kU8) == 255);
  CHECK(evalUnary(UnaryFn::neg, INT64_MIN, kI64) == INT64_MIN);
  CHECK(evalUnary(UnaryFn::sign, int64_t(-5), kI8) == -1);
  CHECK(evalUnary(UnaryFn::sign, int64_t(200), kU8) == 1);
  CHECK(evalUnary(UnaryFn::relu, int64_t(-5), kI8) == 0);
  CHECK(evalUnary(UnaryFn::not_, int64_t(1), kBool) == 0);
  CHECK(evalUnary(UnaryFn::not_, int64_t(0), kBool) == 1);
  CHECK(evalUnary(UnaryFn::not_, int64_t(5), kI8) == -6);
  CHECK(f(BinaryFn::add, 127, 1, kI8) == -128);
  CHECK(f(BinaryFn::sub, 0, 1, kU8) == 255);
  CHECK(f(BinaryFn::mul, 16, 17, kU8) == 16);
  CHECK(f(BinaryFn::div, -7, 2, kI8) == -3);
  CHECK(f(BinaryFn::div, 7, 0, kI8) == 0);
  CHECK(f(BinaryFn::div, -128, -1, kI8) == -128);
  CHECK(f(BinaryFn::div, INT64_MIN, -1, kI64) == INT64_MIN);
  CHECK(f(BinaryFn::div, -1, 2, kU64) == INT64_MAX);
  CHECK(f(BinaryFn::rem, -7, 3, kI8) == -1);
  CHECK(f(BinaryFn::rem, 5, 0, kI8) == 0);
  CHECK(f(BinaryFn::mod, -7, 3, kI8) == 2);
  CHECK(f(BinaryFn::mod, 7, -3, kI8) == -2);
  CHECK(f(BinaryFn::mod, 5, 0, kU8) == 0);
  CHECK(f(BinaryFn::mod, INT64_MIN, -1, kI64) == 0);
  CHECK(f(BinaryFn::pow, 2, 7, kI8) == -128);
  CHECK(f(BinaryFn::pow, 2, -1, kI8) == 0);
  CHECK(f(BinaryFn::pow, -1, -3, kI8) == -1);
  CHECK(f(BinaryFn::pow, 0, 0, kI8) == 1);
  CHECK(f(BinaryFn::min, -1, 1, kU64) == 1);
  CHECK(f(BinaryFn::max, -1, 1, kI8) == 1);
  CHECK(f(BinaryFn::shl, 1, 7, kI8) == -128);
  CHECK(f(BinaryFn::shl, 1, 8, kI8) == 0);
  CHECK(f(BinaryFn::shl, 1, -1, kI8) == 0);
  CHECK(f(BinaryFn::shr, -1, 4, kI8) == 15);
  CHECK(f(BinaryFn::shr, 128, 63, kU64) == 0);
  CHECK(f(BinaryFn::xor_, 1, 1, kBool) == 0);
  CHECK(evalCompare(CompareFn::lt, int64_t(-1), int64_t(1), kI64));
  CHECK_FALSE(evalCompare(CompareFn::lt, int64_t(-1), int64_t(1), kU64));
  CHECK(evalCompare(CompareFn::ne, double(NAN), double(NAN)));
  CHECK_FALSE(evalCompare(CompareFn::ge, double(NAN), 0.0));
}

TEST_CASE("domains", "[scalars]") {
  auto context = burin::test::makeContext();
  mlir::Builder b(context.get());
  CHECK(scalarRow(UnaryFn::exp).accepts(b.getF16Type()));
  CHECK_FALSE(scalarRow(UnaryFn::exp).accepts(b.getI32Type()));
  CHECK_FALSE(scalarRow(UnaryFn::abs).accepts(b.getFloat8E5M2Type()));
  CHECK(scalarRow(UnaryFn::not_).accepts(b.getI1Type()));
  CHECK_FALSE(scalarRow(BinaryFn::and_).accepts(b.getF32Type()));
  CHECK(scalarRow(UnaryFn::exp).runtime == "burin_rt_exp");
  CHECK(scalarRow(UnaryFn::not_).name == "not_");
}
