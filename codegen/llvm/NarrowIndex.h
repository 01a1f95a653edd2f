//===- NarrowIndex.h - Indices of fewer than 64 bits ------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_CODEGEN_LLVM_NARROWINDEX_H
#define BURIN_CODEGEN_LLVM_NARROWINDEX_H

#include "mlir/Pass/Pass.h"
#include <memory>

namespace burin {

/// Integers that become indices, and constant indices, saturate where an index of
/// `indexBits` does not hold them: out of every range stays out of every range, and
/// a count becomes as many as can be counted. Integers that fit by their type, and
/// indices of 64 bits, cost nothing.
std::unique_ptr<mlir::Pass> createNarrowIndexPass(unsigned indexBits);

} // namespace burin

#endif // BURIN_CODEGEN_LLVM_NARROWINDEX_H
