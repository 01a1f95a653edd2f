//===- Compare.cpp - Is this output the expected one? ---------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/verify/Compare.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/APInt.h"

#include <cmath>
#include <cstring>
#include <fmt/format.h>

using namespace burin;
using namespace burin::onnx;
using namespace burin::verify;

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

template <typename T> static T load(const TensorData &tensor, int64_t i) {
  T value;
  std::memcpy(&value, tensor.bytes + i * sizeof(T), sizeof(T));
  return value;
}

static bool isComplex(int32_t dataType) {
  return dataType == kComplex64 || dataType == kComplex128;
}

static bool isFloat(int32_t dataType) {
  switch (dataType) {
  case kFloat:
  case kDouble:
  case kFloat16:
  case kBfloat16:
  case kFloat8E4M3FN:
  case kFloat8E4M3FNUZ:
  case kFloat8E5M2:
  case kFloat8E5M2FNUZ:
  case kFloat4E2M1:
  case kFloat8E8M0:
    return true;
  default:
    return isComplex(dataType);
  }
}

static bool isWide(int32_t dataType) {
  return dataType == kFloat || dataType == kDouble || isComplex(dataType);
}

static double decode(const llvm::fltSemantics &semantics, uint64_t bits) {
  unsigned width = llvm::APFloat::semanticsSizeInBits(semantics);
  llvm::APFloat value(semantics, llvm::APInt(width, bits));
  bool losesInfo;
  value.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  return value.convertToDouble();
}

double verify::floatElement(const TensorData &tensor, int64_t i) {
  switch (tensor.dataType) {
  case kFloat:
  case kComplex64:
    return load<float>(tensor, i);
  case kDouble:
  case kComplex128:
    return load<double>(tensor, i);
  case kFloat16:
    return decode(llvm::APFloat::IEEEhalf(), load<uint16_t>(tensor, i));
  case kBfloat16:
    return decode(llvm::APFloat::BFloat(), load<uint16_t>(tensor, i));
  case kFloat8E4M3FN:
    return decode(llvm::APFloat::Float8E4M3FN(), load<uint8_t>(tensor, i));
  case kFloat8E4M3FNUZ:
    return decode(llvm::APFloat::Float8E4M3FNUZ(), load<uint8_t>(tensor, i));
  case kFloat8E5M2:
    return decode(llvm::APFloat::Float8E5M2(), load<uint8_t>(tensor, i));
  case kFloat8E5M2FNUZ:
    return decode(llvm::APFloat::Float8E5M2FNUZ(), load<uint8_t>(tensor, i));
  case kFloat4E2M1:
    return decode(llvm::APFloat::Float4E2M1FN(), load<uint8_t>(tensor, i) & 15);
  case kFloat8E8M0: {
    uint8_t bits = load<uint8_t>(tensor, i);
    return bits == 255 ? std::nan("") : std::ldexp(1.0, bits - 127);
  }
  default:
    return 0;
  }
}

/// Element `i` as messages show it.
static std::string show(const TensorData &tensor, int64_t i) {
  switch (tensor.dataType) {
  case kString:
    return fmt::format("\"{}\"", tensor.strings[i]);
  case kBool:
    return load<uint8_t>(tensor, i) ? "true" : "false";
  case kUint8:
  case kUint4:
  case kUint2:
    return fmt::format("{}", load<uint8_t>(tensor, i));
  case kInt8:
  case kInt4:
  case kInt2:
    return fmt::format("{}", load<int8_t>(tensor, i));
  case kUint16:
    return fmt::format("{}", load<uint16_t>(tensor, i));
  case kInt16:
    return fmt::format("{}", load<int16_t>(tensor, i));
  case kUint32:
    return fmt::format("{}", load<uint32_t>(tensor, i));
  case kInt32:
    return fmt::format("{}", load<int32_t>(tensor, i));
  case kUint64:
    return fmt::format("{}", load<uint64_t>(tensor, i));
  case kInt64:
    return fmt::format("{}", load<int64_t>(tensor, i));
  default:
    if (isComplex(tensor.dataType))
      return fmt::format("{:.9g}{:+.9g}i", floatElement(tensor, 2 * i),
                         floatElement(tensor, 2 * i + 1));
    return fmt::format("{:.9g}", floatElement(tensor, i));
  }
}

static std::string showIndex(int64_t i, llvm::ArrayRef<int64_t> dims) {
  std::vector<int64_t> index(dims.size());
  for (size_t axis = dims.size(); axis-- > 0;) {
    index[axis] = i % dims[axis];
    i /= dims[axis];
  }
  return fmt::format("[{}]", fmt::join(index, ", "));
}

std::string verify::describe(const TensorData &tensor) {
  return fmt::format("{}[{}]", elementTypeName(tensor.dataType), fmt::join(tensor.dims, ", "));
}

//===----------------------------------------------------------------------===//
// Comparison
//===----------------------------------------------------------------------===//

namespace {

struct FloatRule {
  double absolute, relative, ofLargest;

  /// `error` is set where it is finite.
  bool accepts(double got, double expected, double &error) const {
    if (std::isnan(expected) || std::isnan(got))
      return std::isnan(expected) && std::isnan(got);
    if (std::isinf(expected) || std::isinf(got))
      return got == expected;
    error = std::fabs(got - expected);
    return error <= absolute + relative * std::fabs(expected) || error <= ofLargest;
  }
};

} // namespace

static double largestMagnitude(const TensorData &tensor, int64_t count) {
  double largest = 0;
  for (int64_t i = 0; i < count; ++i)
    if (double value = std::fabs(floatElement(tensor, i)); std::isfinite(value))
      largest = std::max(largest, value);
  return largest;
}

static bool equalElements(const TensorData &a, const TensorData &b, int64_t i) {
  if (a.dataType == kString)
    return a.strings[i] == b.strings[i];
  if (a.dataType == kBool) // any byte that is not zero is true
    return (a.bytes[i] != 0) == (b.bytes[i] != 0);
  size_t width = elementTypeInfo(a.dataType)->memoryBytes;
  return std::memcmp(a.bytes + i * width, b.bytes + i * width, width) == 0;
}

Comparison verify::compareTensors(const TensorData &got, const TensorData &expected,
                                  const Tolerance &tolerance) {
  Comparison result;
  auto differ = [&](std::string message) {
    result.matches = false;
    result.message = std::move(message);
    return result;
  };
  if (got.dataType != expected.dataType || got.dims != expected.dims)
    return differ(fmt::format("is {}, expected {}", describe(got), describe(expected)));
  if (!elementTypeInfo(got.dataType))
    return differ(fmt::format("cannot compare {}", describe(got)));

  int64_t count = got.elementCount();
  int64_t first = -1;
  auto mismatch = [&](int64_t i) {
    if (first < 0)
      first = i;
    ++result.mismatches;
  };
  if (!isFloat(got.dataType)) {
    for (int64_t i = 0; i < count; ++i)
      if (!equalElements(got, expected, i))
        mismatch(i);
  } else {
    int64_t parts = isComplex(got.dataType) ? 2 : 1;
    double largest = largestMagnitude(expected, count * parts);
    FloatRule rule{tolerance.absolute, tolerance.relative,
                   largest *
                       (isWide(got.dataType) ? tolerance.ofLargest : tolerance.ofLargestHalf)};
    for (int64_t i = 0; i < count; ++i) {
      bool ok = true;
      for (int64_t part = i * parts; part < (i + 1) * parts; ++part) {
        double error = 0;
        ok &= rule.accepts(floatElement(got, part), floatElement(expected, part), error);
        result.maxError = std::max(result.maxError, error);
      }
      if (!ok)
        mismatch(i);
    }
    result.maxErrorOfLargest = largest > 0 ? result.maxError / largest : 0;
  }
  if (first < 0)
    return result;
  std::string message =
      fmt::format("{} of {} elements differ, first at {}: got {}, expected {}", result.mismatches,
                  count, showIndex(first, got.dims), show(got, first), show(expected, first));
  if (isFloat(got.dataType))
    message += fmt::format("; largest error {:.3g} ({:.3g} of the largest magnitude)",
                           result.maxError, result.maxErrorOfLargest);
  return differ(std::move(message));
}
