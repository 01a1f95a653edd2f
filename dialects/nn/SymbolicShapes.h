//===- SymbolicShapes.h - What is known of every extent ---------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// One forward analysis over a function: every tensor value gets a vector of
// DimExpr extents, every small integer tensor (at most 64 elements) a vector of
// DimExpr contents. The contents turn exporters' Shape -> Gather -> Mul ->
// Concat -> Reshape chains into static or symbolic reshapes.
//
// What is assumed: two extents that must be equal are equal (lowering guards
// it), an extent by which the model divides is not 0, and integer arithmetic on
// shapes does not wrap.
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
  /// name; an expression over symbols that no argument has by themselves is one
  /// opaque symbol of that text); ranges of symbols from the function's
  /// `nn.dim_ranges` dictionary attribute {N = [1, 512]} where present. Unnamed
  /// dynamic dims get their own symbol. Op results without other knowledge may
  /// carry a discardable `nn.dims` too (one array, or one per result).
  SymbolicShapes(mlir::FunctionOpInterface function, DimContext &context);

  /// One expression per dimension of a ranked tensor value; never null ones.
  /// Empty for a value that was not analysed.
  llvm::ArrayRef<DimExpr> dims(mlir::Value value) const;
  /// One expression per element, where all elements are tracked; an element
  /// known at run time only is a symbol of kind Element. Nothing for tensors
  /// whose elements no extent or contents depend on.
  std::optional<llvm::ArrayRef<DimExpr>> contents(mlir::Value value) const;
  DimContext &context() const { return ctx; }
  /// After a rewrite: `fresh` has `old`'s extents and contents.
  void replace(mlir::Value old, mlir::Value fresh) {
    extents[fresh] = extents.lookup(old);
    if (auto it = elements.find(old); it != elements.end())
      elements[fresh] = llvm::SmallVector<DimExpr>(it->second);
  }

  struct Analysis; ///< the walk, in SymbolicShapesImpl.h

private:
  DimContext &ctx;
  llvm::DenseMap<mlir::Value, llvm::SmallVector<DimExpr>> extents;
  llvm::DenseMap<mlir::Value, llvm::SmallVector<DimExpr>> elements;
};

} // namespace burin::nn

#endif // BURIN_DIALECTS_NN_SYMBOLICSHAPES_H
