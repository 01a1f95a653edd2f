//===- Groups.h - Conventions of fused groups -------------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// A group is a private function with the attribute `nn.group`. Lowered, it
// takes its inputs, then its results as buffers, then one index per symbol; with
// a call of the runtime library see RuntimeCall.h too.
//
// In place. `nn.inplace` lists pairs [argument, result] that may share one
// buffer: the group reads the argument's element for nothing but the result's
// element of the same index, before that is stored (passes/memory/InPlace.h).
// It is permission only. The arena plan decides, and where the entry really
// passes one buffer for both, `nn.overwrites` lists the pair; then the lowered
// group stores the result through the argument's pointer. All other buffers of
// a group are disjoint from its results.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_DIALECTS_NN_GROUPS_H
#define BURIN_DIALECTS_NN_GROUPS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace burin::nn {

class ConcatOp;

/// The entries of `nn.dims` of an argument or result: an integer becomes its
/// decimal text. Static dims without attribute come from the type; a dynamic
/// dim without name is the empty string.
llvm::SmallVector<std::string> argDims(mlir::func::FuncOp function, unsigned arg);
llvm::SmallVector<std::string> resultDims(mlir::func::FuncOp function, unsigned result);

/// Symbols of a group in the order of its trailing index arguments: distinct
/// names of dynamic dims over arguments, then results, by first appearance.
llvm::SmallVector<std::string> groupSymbols(mlir::func::FuncOp function);

inline constexpr llvm::StringLiteral kInPlaceAttr = "nn.inplace";
inline constexpr llvm::StringLiteral kOverwritesAttr = "nn.overwrites";

struct InPlacePair {
  unsigned argument, result;
};
/// The pairs of one of the two attributes; malformed entries are left out.
llvm::SmallVector<InPlacePair> getPairs(mlir::func::FuncOp group, llvm::StringRef attribute);
/// Sets the attribute, or removes it where there is no pair.
void setPairs(mlir::func::FuncOp group, llvm::StringRef attribute,
              llvm::ArrayRef<InPlacePair> pairs);
/// The argument through whose pointer the result is stored (`nn.overwrites`).
std::optional<unsigned> overwrittenArgument(mlir::func::FuncOp group, unsigned result);

/// Whether every operand is one range of the result's bytes: extents before the
/// axis are 1. Such a concat stays in the entry, where producers write right
/// into their ranges.
bool joinsRanges(ConcatOp op);

/// How an element type is stored in memory by generated code (signless
/// integers and f32/f64 only).
mlir::Type storageType(mlir::Type elementType);
/// The memref type of a lowered group's argument for a tensor.
mlir::MemRefType bufferType(mlir::RankedTensorType type);

} // namespace burin::nn

#endif // BURIN_DIALECTS_NN_GROUPS_H
