//===- Scalars.cpp - Scalar functions: values and properties --------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/Scalars.h"

#include <cmath>

using namespace mlir;

namespace burin::nn {

// The rows are in the order of the enumerations.
enum UnaryOrder {
#define NN_UNARY(name, ...) kUnary_##name,
#include "dialects/nn/Scalars.def"
  kUnaryCount
};
enum BinaryOrder {
#define NN_BINARY(name, ...) kBinary_##name,
#include "dialects/nn/Scalars.def"
  kBinaryCount
};
#define NN_UNARY(name, ...)                                                                        \
  static_assert(static_cast<int>(UnaryFn::name) == kUnary_##name, "row of " #name);
#define NN_BINARY(name, ...)                                                                       \
  static_assert(static_cast<int>(BinaryFn::name) == kBinary_##name, "row of " #name);
#include "dialects/nn/Scalars.def"
static_assert(kUnaryCount == getMaxEnumValForUnaryFn() + 1);
static_assert(kBinaryCount == getMaxEnumValForBinaryFn() + 1);

//===----------------------------------------------------------------------===//
// Properties
//===----------------------------------------------------------------------===//

namespace {
enum Domain { F = 1, I = 2, B = 4 };
enum Flag { Zero = 1, Monotone = 2, Commutative = 4, Nothing = 8 };
} // namespace

static constexpr ScalarRow makeRow(llvm::StringLiteral name, int domains, int flags,
                                   llvm::StringLiteral runtime) {
  return {name,
          (domains & F) != 0,
          (domains & I) != 0,
          (domains & B) != 0,
          (flags & Zero) != 0,
          (flags & Monotone) != 0,
          (flags & Commutative) != 0,
          (flags & Nothing) != 0,
          runtime};
}

const ScalarRow &scalarRow(UnaryFn fn) {
  static constexpr ScalarRow rows[] = {
#define NN_UNARY(name, domains, flags, runtime, ...) makeRow(#name, domains, flags, runtime),
#include "dialects/nn/Scalars.def"
  };
  return rows[static_cast<unsigned>(fn)];
}

const ScalarRow &scalarRow(BinaryFn fn) {
  static constexpr ScalarRow rows[] = {
#define NN_BINARY(name, domains, flags, runtime, ...) makeRow(#name, domains, flags, runtime),
#include "dialects/nn/Scalars.def"
  };
  return rows[static_cast<unsigned>(fn)];
}

bool ScalarRow::accepts(Type type) const {
  if (type.isInteger(1))
    return onBool;
  if (isa<IntegerType>(type))
    return onInts;
  return onFloats && isa<FloatType>(type) && !isTinyFloat(type);
}

//===----------------------------------------------------------------------===//
// What the rows use
//===----------------------------------------------------------------------===//

static constexpr double kSqrtHalf = 0.70710678118654752440;
static constexpr double kSqrtTwoOverPi = 0.79788456080286535588;

static double softplus(double x) { return std::fmax(x, 0) + std::log1p(std::exp(-std::fabs(x))); }

static double clamp01(double x) { return x < 0 ? 0 : x > 1 ? 1 : x; }

static double floorMod(double x, double y) {
  double r = std::fmod(x, y);
  return r != 0 && (r < 0) != (y < 0) ? r + y : r;
}

// Signed overflow is undefined in C++, so integers wrap as unsigned ones.
static int64_t negate(int64_t x) { return static_cast<int64_t>(-static_cast<uint64_t>(x)); }
static int64_t add(int64_t x, int64_t y) {
  return static_cast<int64_t>(static_cast<uint64_t>(x) + static_cast<uint64_t>(y));
}
static int64_t multiply(int64_t x, int64_t y) {
  return static_cast<int64_t>(static_cast<uint64_t>(x) * static_cast<uint64_t>(y));
}

static bool isLess(int64_t x, int64_t y, bool isSigned) {
  return isSigned ? x < y : static_cast<uint64_t>(x) < static_cast<uint64_t>(y);
}

static int64_t remainder(int64_t x, int64_t y, bool isSigned) {
  if (y == 0 || (isSigned && y == -1))
    return 0;
  return isSigned ? x % y
                  : static_cast<int64_t>(static_cast<uint64_t>(x) % static_cast<uint64_t>(y));
}

static int64_t floorMod(int64_t x, int64_t y, bool isSigned) {
  int64_t r = remainder(x, y, isSigned);
  return isSigned && r != 0 && (r < 0) != (y < 0) ? r + y : r;
}

static uint64_t lowBits(int64_t x, unsigned width) {
  return static_cast<uint64_t>(x) & (~uint64_t(0) >> (64 - width));
}

int64_t powInt(int64_t base, int64_t exponent, bool exponentIsSigned) {
  if (exponentIsSigned && exponent < 0)
    return base == 1 ? 1 : base == -1 ? (exponent % 2 != 0 ? -1 : 1) : 0;
  uint64_t result = 1, power = base;
  for (uint64_t rest = exponent; rest != 0; rest >>= 1, power *= power)
    if (rest & 1)
      result *= power;
  return static_cast<int64_t>(result);
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

double evalUnary(UnaryFn fn, double x, double alpha, double beta) {
  switch (fn) {
#define NN_UNARY(name, domains, flags, runtime, real, integer)                                     \
  case UnaryFn::name:                                                                              \
    return real;
#include "dialects/nn/Scalars.def"
  }
  return 0;
}

double evalBinary(BinaryFn fn, double x, double y) {
  switch (fn) {
#define NN_BINARY(name, domains, flags, runtime, real, integer)                                    \
  case BinaryFn::name:                                                                             \
    return real;
#include "dialects/nn/Scalars.def"
  }
  return 0;
}

int64_t evalUnary(UnaryFn fn, int64_t x, IntFormat format) {
  bool isSigned = format.isSigned;
  switch (fn) {
#define NN_UNARY(name, domains, flags, runtime, real, integer)                                     \
  case UnaryFn::name:                                                                              \
    return wrapInt(integer, format);
#include "dialects/nn/Scalars.def"
  }
  return 0;
}

int64_t evalBinary(BinaryFn fn, int64_t x, int64_t y, IntFormat format) {
  auto [width, isSigned] = format;
  switch (fn) {
#define NN_BINARY(name, domains, flags, runtime, real, integer)                                    \
  case BinaryFn::name:                                                                             \
    return wrapInt(integer, format);
#include "dialects/nn/Scalars.def"
  }
  return 0;
}

template <typename T> static bool compare(CompareFn fn, T x, T y) {
  switch (fn) {
  case CompareFn::eq:
    return x == y;
  case CompareFn::ne:
    return x != y;
  case CompareFn::lt:
    return x < y;
  case CompareFn::le:
    return x <= y;
  case CompareFn::gt:
    return x > y;
  case CompareFn::ge:
    return x >= y;
  }
  return false;
}

bool evalCompare(CompareFn fn, double x, double y) { return compare(fn, x, y); }

bool evalCompare(CompareFn fn, int64_t x, int64_t y, IntFormat format) {
  return format.isSigned ? compare(fn, x, y)
                         : compare(fn, static_cast<uint64_t>(x), static_cast<uint64_t>(y));
}

} // namespace burin::nn
