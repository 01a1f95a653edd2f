//===- SymbolicShapesImpl.h - Parts of the shape analysis -------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_DIALECTS_NN_SYMBOLICSHAPESIMPL_H
#define BURIN_DIALECTS_NN_SYMBOLICSHAPESIMPL_H

#include "dialects/nn/NN.h"
#include "dialects/nn/SymbolicShapes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace burin::nn {

/// A list of extents or elements; a null entry is one that nothing is known of.
using DimList = llvm::SmallVector<DimExpr>;

struct SymbolicShapes::Analysis {
  SymbolicShapes &shapes;
  DimContext &ctx;
  mlir::FunctionOpInterface function;
  /// The call of the group that is being walked: its ops run together with it.
  mlir::Operation *groupCall = nullptr;

  explicit Analysis(SymbolicShapes &shapes, mlir::FunctionOpInterface function)
      : shapes(shapes), ctx(shapes.ctx), function(function) {}

  // SymbolicShapes.cpp: the walk over regions.
  void seedArguments();
  void visitBlock(mlir::Block &block);
  void visit(mlir::Operation *op);
  void visitIf(mlir::scf::IfOp op);
  void visitFor(mlir::scf::ForOp op);
  void visitWhile(mlir::scf::WhileOp op);
  bool confirm(mlir::SmallVectorImpl<DimList> &assumed, mlir::ValueRange back, unsigned round);
  void visitCall(mlir::func::CallOp op);
  void visitGroup(mlir::func::CallOp op, mlir::func::FuncOp group);

  /// Sets extents; static ones come from the type, null ones become symbols.
  void setDims(mlir::Value value, DimList dims);
  DimList dims(mlir::Value value);
  /// Sets contents, where the tensor is small enough; null elements become
  /// symbols.
  void setContents(mlir::Value value, DimList contents);
  /// Contents of a small integer tensor, as symbols where nothing is known;
  /// nullopt where the tensor is not small or not static.
  std::optional<DimList> contents(mlir::Value value);
  /// The same, if already known.
  bool hasContents(mlir::Value value) const { return shapes.elements.contains(value); }
  /// Extents that `user` reads from a shape-like operand. An element that only
  /// the run knows is never negative there and at most `bounds[i]`.
  DimList extentsFrom(mlir::Operation *user, mlir::Value shape,
                      llvm::ArrayRef<DimExpr> bounds = {});
  DimExpr constant(int64_t value) { return ctx.constant(value); }

  // SymbolicExtents.cpp: one formula per op; no entry for results that the
  // formula does not cover.
  llvm::SmallVector<DimList> extents(mlir::Operation *op);
  DimExpr broadcast(DimExpr a, DimExpr b);
  DimList broadcast(llvm::ArrayRef<DimExpr> a, llvm::ArrayRef<DimExpr> b);
  DimList reshape(ReshapeOp op);
  DimList slice(SliceOp op);
  DimList matmul(MatMulOp op);
  DimExpr window(DimExpr extent, DimExpr kernel, int64_t stride, int64_t dilation, int64_t low,
                 int64_t high, bool ceil);

  // SymbolicContents.cpp: elements of small integer tensors.
  std::optional<DimList> evaluate(mlir::Operation *op);
  std::optional<DimList> evaluateBinary(BinaryOp op);
  std::optional<DimList> evaluateSelect(SelectOp op);
  bool isClamped(DimExpr full, DimExpr x);
  std::optional<DimList> evaluateReduce(ReduceOp op);
  std::optional<DimList> evaluateSlice(SliceOp op);
  std::optional<DimList> evaluateGather(GatherOp op);
  std::optional<DimList> evaluateConcat(ConcatOp op);
  DimExpr binary(BinaryFn fn, DimExpr a, DimExpr b);
  DimExpr compare(CompareFn fn, DimExpr a, DimExpr b);
  /// The element of `value` that broadcasts to position `index` of `shape`.
  std::optional<DimList> broadcastContents(mlir::Value value, llvm::ArrayRef<int64_t> shape);
};

/// Whether contents of this type are tracked at all.
bool hasTrackedType(mlir::Value value);

} // namespace burin::nn

#endif // BURIN_DIALECTS_NN_SYMBOLICSHAPESIMPL_H
