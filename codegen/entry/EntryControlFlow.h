//===- EntryControlFlow.h - Branches and loops of the entry -----*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_CODEGEN_ENTRY_ENTRYCONTROLFLOW_H
#define BURIN_CODEGEN_ENTRY_ENTRYCONTROLFLOW_H

#include "codegen/entry/EntryBuilder.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"

namespace burin {

/// Turns scf.if, scf.for and scf.while on tensors into blocks, so that an error
/// leaves the run function from wherever it is found. Tensors move through the
/// buffers of the plan, scalars through block arguments. The insertion point is
/// the open end of a block, before and after.
class EntryControlFlow {
protected:
  EntryControlFlow(mlir::func::FuncOp entry, const ArenaPlan &plan, nn::SymbolicShapes &shapes,
                   llvm::StringRef prefix, unsigned indexBits)
      : plan(plan), shapes(shapes), builder(entry), emit(builder, plan, prefix, indexBits) {}
  virtual ~EntryControlFlow() = default;

  /// Lowers all ops but the terminator.
  virtual mlir::LogicalResult lowerBlock(mlir::Block &block) = 0;
  /// Reads the elements of an integer tensor on which extents depend.
  virtual void readElements(mlir::Value value) = 0;

  mlir::LogicalResult lowerIf(mlir::scf::IfOp branch);
  mlir::LogicalResult lowerFor(mlir::scf::ForOp loop);
  mlir::LogicalResult lowerWhile(mlir::scf::WhileOp loop);

  mlir::Type indexType() { return builder.getIndexType(); }
  mlir::Value byteCount(mlir::Location loc, mlir::Value value);

  const ArenaPlan &plan;
  nn::SymbolicShapes &shapes;
  mlir::OpBuilder builder;
  EntryBuilder emit;
  mlir::IRMapping scalars;

private:
  /// A block behind all others of the run function.
  mlir::Block *newBlock(mlir::Location loc, mlir::TypeRange arguments = {});
  void branchTo(mlir::Location loc, mlir::Block *block, mlir::ValueRange arguments);
  void copyTo(mlir::Location loc, mlir::Value source, unsigned target);
  void copyInits(mlir::Location loc, mlir::ValueRange inits, mlir::ValueRange carried);
  void copyYields(mlir::Operation *yield, mlir::ValueRange carried);
  llvm::SmallVector<mlir::Value> mapScalars(mlir::ValueRange values);
  void mapArguments(mlir::ValueRange old, mlir::ValueRange fresh);
  llvm::SmallVector<std::pair<unsigned, unsigned>> branchExtents(mlir::scf::IfOp branch);
};

} // namespace burin

#endif // BURIN_CODEGEN_ENTRY_ENTRYCONTROLFLOW_H
