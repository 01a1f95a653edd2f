//===- Compare.h - Is this output the expected one? -------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_VERIFY_COMPARE_H
#define BURIN_COMPILER_VERIFY_COMPARE_H

#include "compiler/onnx/TensorData.h"

namespace burin::verify {

/// How far a float may be off. Integers, bools and strings are always exact.
struct Tolerance {
  /// |got - expected| <= absolute + relative * |expected|: ONNX's own rule.
  double absolute = 1e-7;
  double relative = 1e-3;
  /// Also accepted: an error of this share of the largest finite magnitude in the
  /// expected tensor, for 32 and 64 bits, and for 16 bits and fewer.
  double ofLargest = 0;
  double ofLargestHalf = 0;

  static Tolerance backend() { return {}; }
  static Tolerance model() { return {1e-7, 1e-3, 1e-4, 5e-3}; }
};

struct Comparison {
  bool matches = true;
  /// Why not, in one line: the type, the shape, or the first element that differs.
  std::string message;
  int64_t mismatches = 0;
  /// Over all finite elements, also the accepted ones.
  double maxError = 0;
  /// The same as share of the largest finite magnitude expected.
  double maxErrorOfLargest = 0;
};

/// NaN equals NaN whatever its bits; infinities must agree in sign; 0 and -0 are equal.
Comparison compareTensors(const onnx::TensorData &got, const onnx::TensorData &expected,
                          const Tolerance &tolerance);

/// "float[2, 3]"
std::string describe(const onnx::TensorData &tensor);

/// Element `i` of a float tensor; of a complex one, the real and imaginary parts are
/// elements 2*i and 2*i + 1. 0 for other types.
double floatElement(const onnx::TensorData &tensor, int64_t i);

} // namespace burin::verify

#endif // BURIN_COMPILER_VERIFY_COMPARE_H
