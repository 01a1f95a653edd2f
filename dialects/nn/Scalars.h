//===- Scalars.h - Scalar functions: values and properties ------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// Access to the rows of Scalars.def, which documents them.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_DIALECTS_NN_SCALARS_H
#define BURIN_DIALECTS_NN_SCALARS_H

#include "dialects/nn/NN.h"
#include "dialects/nn/interpreter/Tensor.h"

namespace burin::nn {

/// The properties of a scalar function.
struct ScalarRow {
  llvm::StringLiteral name;
  bool onFloats, onInts, onBool;
  bool zeroPreserving; ///< f(0) = 0
  bool monotone;       ///< never decreases
  bool commutative;
  bool idempotent;             ///< f(x, x) = x, or f(f(x)) = f(x)
  llvm::StringLiteral runtime; ///< runtime-lib function without type suffix, or empty

  /// Whether the function is defined on this element type. 8- and 4-bit
  /// floats know no arithmetic, only casts.
  bool accepts(mlir::Type elementType) const;
};

const ScalarRow &scalarRow(UnaryFn fn);
const ScalarRow &scalarRow(BinaryFn fn);

/// Values on floats, in double. A function without a float domain gives 0.
double evalUnary(UnaryFn fn, double x, double alpha, double beta);
double evalBinary(BinaryFn fn, double x, double y);
bool evalCompare(CompareFn fn, double x, double y);

/// Values on integers and bool: operands are extended from `format` to 64
/// bits, and so is the result.
int64_t evalUnary(UnaryFn fn, int64_t x, IntFormat format);
int64_t evalBinary(BinaryFn fn, int64_t x, int64_t y, IntFormat format);
bool evalCompare(CompareFn fn, int64_t x, int64_t y, IntFormat format);

/// base^exponent modulo 2^64; a negative exponent gives 0 but for the bases 1
/// and -1.
int64_t powInt(int64_t base, int64_t exponent, bool exponentIsSigned);

} // namespace burin::nn

#endif // BURIN_DIALECTS_NN_SCALARS_H
