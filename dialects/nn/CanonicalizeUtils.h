//===- CanonicalizeUtils.h - What canonicalisations share -------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_DIALECTS_NN_CANONICALIZEUTILS_H
#define BURIN_DIALECTS_NN_CANONICALIZEUTILS_H

#include "dialects/nn/NN.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

namespace burin::nn {

/// Replaces the op's only result; where the types know different extents, a
/// tensor.cast stands between.
inline mlir::LogicalResult replaceValue(mlir::PatternRewriter &rewriter, mlir::Operation *op,
                                        mlir::Value value) {
  mlir::Type wanted = op->getResult(0).getType();
  if (value.getType() != wanted) {
    if (!mlir::tensor::CastOp::areCastCompatible(value.getType(), wanted))
      return mlir::failure();
    value = rewriter.create<mlir::tensor::CastOp>(op->getLoc(), wanted, value);
  }
  rewriter.replaceOp(op, value);
  return mlir::success();
}

/// The one value of a constant whose elements are all equal (numbers and i1);
/// only `dense<>` constants are looked at.
inline mlir::Attribute splatConstant(mlir::Value value) {
  mlir::DenseElementsAttr attr;
  if (!mlir::matchPattern(value, mlir::m_Constant(&attr)) || !attr.isSplat())
    return nullptr;
  return attr.getSplatValue<mlir::Attribute>();
}

inline bool isConstant(mlir::Value value) { return mlir::matchPattern(value, mlir::m_Constant()); }

/// Result type of the single-result ops of this dialect.
inline mlir::RankedTensorType rankedType(mlir::Value value) {
  return llvm::cast<mlir::RankedTensorType>(value.getType());
}

} // namespace burin::nn

#endif // BURIN_DIALECTS_NN_CANONICALIZEUTILS_H
