//===- LowerEntry.h - The entry as pointer arithmetic and calls -*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_CODEGEN_ENTRY_LOWERENTRY_H
#define BURIN_CODEGEN_ENTRY_LOWERENTRY_H

#include "passes/memory/ArenaPlan.h"

#include "mlir/IR/BuiltinOps.h"

#include <string>

namespace burin {

/// A constant that the generated code refers to by symbol.
struct WeightConstant {
  std::string symbol;
  mlir::ElementsAttr value;
};

/// What the entry became.
struct LoweredEntry {
  /// `i32 run(i8 *arena, i8 *inputs..., i8 *outputs..., (i64 *shape, index
  /// capacity) per data-dependent output..., index symbols...)`, a status.
  std::string runName;
  /// `index bytes(index symbols...)`, 0 where the size overflows; empty for a
  /// static arena.
  std::string arenaBytesName;
  /// `index dim(index symbols...)` per output and dimension that is neither
  /// static nor data-dependent; empty strings else.
  llvm::SmallVector<llvm::SmallVector<std::string>> outputDimNames;
  llvm::SmallVector<bool> dataDependent;  ///< per output
  llvm::SmallVector<std::string> symbols; ///< named dimensions in argument order
  llvm::SmallVector<WeightConstant> weights;
};

/// Replaces the tensor function `entry` (after form-groups, with its plan) by
/// functions on bytes of the arena. The groups' call sites take their lowered
/// form (dialects/nn/Groups.h), whether the groups are lowered yet or not.
/// `prefix` starts the names of all symbols that other objects see. `indexBits` is the
/// target's width of an index.
llvm::FailureOr<LoweredEntry> lowerEntry(mlir::func::FuncOp entry, const ArenaPlan &plan,
                                         nn::SymbolicShapes &shapes, llvm::StringRef prefix,
                                         unsigned indexBits);

} // namespace burin

#endif // BURIN_CODEGEN_ENTRY_LOWERENTRY_H
