//===- SymbolicShapes.h - What is known of every extent ---------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// One forward analysis over a function: every tensor value gets a vector of
// DimExpr extents, every small integer tensor (at most 64 elements) a vector of
// DimExpr contents. The contents turn exporters' Shape -> Gather -> Mul ->
// Concat -> Reshape chains into static or symbolic reshapes.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_DIALECTS_NN_SYMBOLICSHAPES_H
#define BURIN_DIALECTS_NN_SYMBOLICSHAPES_H

#include "dialects/nn/DimExpr.h"

#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"

namespace burin::nn {

class SymbolicShapes {
public:
  static constexpr int64_t kMaxContents = 64;

  /// Analyses the whole function. Arguments take their symbols from `nn.dims`
  /// (a string entry is an expression as DimExpr::str prints it, usually a
  /// name); ranges of symbols from the function's `nn.dim_ranges` dictionary
  /// attribute {N = [1, 512]} where present. Unnamed dynamic dims get their own
  /// symbol.
  SymbolicShapes(mlir::FunctionOpInterface function, DimContext &context);

  /// One expression per dimension of a ranked tensor value.
  llvm::ArrayRef<DimExpr> dims(mlir::Value value) const;
  /// One expression per element, where all elements are tracked; an element
  /// known at run time only is a symbol of kind Element.
  std::optional<llvm::ArrayRef<DimExpr>> contents(mlir::Value value) const;
  DimContext &context() const { return ctx; }

private:
  struct Analysis;
  DimContext &ctx;
  llvm::DenseMap<mlir::Value, llvm::SmallVector<DimExpr>> extents;
  llvm::DenseMap<mlir::Value, llvm::SmallVector<DimExpr>> elements;
};

} // namespace burin::nn

#endif // BURIN_DIALECTS_NN_SYMBOLICSHAPES_H
