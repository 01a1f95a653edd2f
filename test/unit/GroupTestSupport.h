//===- GroupTestSupport.h - Compile a group and run it ----------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_TEST_UNIT_GROUPTESTSUPPORT_H
#define BURIN_TEST_UNIT_GROUPTESTSUPPORT_H

#include "dialects/nn/interpreter/Tensor.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include <string>
#include <vector>

namespace burin::test {

/// A tensor of numbers that depend on `seed` only: floats in [lo, hi), integers
/// in [lo, hi] as far as the type allows.
nn::Tensor numbers(mlir::Type type, llvm::ArrayRef<int64_t> shape, unsigned seed, double lo = -4,
                   double hi = 4);

/// Compiles the one group function of `text` to an object for `target`, runs it
/// and the interpreter on the same inputs, and compares (floats: relative and
/// absolute `tolerance`). Inputs are made by numbers() unless given; dynamic
/// dims take their extent from `dims`, in the order of groupSymbols(). Returns
/// an empty string, or what went wrong.
struct GroupCase {
  std::string text;
  std::vector<nn::Tensor> inputs = {};
  std::vector<int64_t> dims = {};
  double tolerance = 1e-5;
  double lo = -4, hi = 4;
  std::string target = "native";
};
std::string checkGroup(const GroupCase &test);

/// The context with all dialects that groups and their lowering need.
mlir::MLIRContext &context();

} // namespace burin::test

#endif // BURIN_TEST_UNIT_GROUPTESTSUPPORT_H
