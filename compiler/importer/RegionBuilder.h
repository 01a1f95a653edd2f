//===- RegionBuilder.h - Pieces of structured control flow ------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// What If, Loop and Scan share. A body is imported into a draft op first,
// because the types of an scf op's results are known only then; its region
// moves to the final op afterwards.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_IMPORTER_REGIONBUILDER_H
#define BURIN_COMPILER_IMPORTER_REGIONBUILDER_H

#include "compiler/importer/NodeBinder.h"
#include "compiler/importer/ShapeMath.h"

namespace burin {

/// The element of a tensor with one element, as a scalar.
mlir::Value extractScalar(NodeBinder &n, mlir::Value tensor);
/// A trip count (a number, or i64 [1]) as index.
mlir::Value toIndex(NodeBinder &n, Extent count);
/// A loop's counter (index) as 0-D i64 tensor.
mlir::Value counterTensor(NodeBinder &n, mlir::Value counter);

/// x under a type that knows more or less of the extents.
mlir::Value castTo(NodeBinder &n, mlir::Value x, mlir::Type type);
/// What both types agree on; null, after a message about `what`, where element
/// type or rank differ.
mlir::Type joinTypes(NodeBinder &n, mlir::Type a, mlir::Type b, const llvm::Twine &what);

/// Ends a block with scf.yield of these values, cast to these types.
void finishBlock(NodeBinder &n, mlir::Block &block, llvm::ArrayRef<mlir::Value> values,
                 mlir::TypeRange types);

/// A tensor of zeros of type [count, element's extents...], which collects what
/// a loop gives per trip. Extents that the element's type does not tell come from
/// `declared` (the whole result's type, may be null). Null after a message where
/// they are unknown.
mlir::Value makeAccumulator(NodeBinder &n, mlir::RankedTensorType element, Extent count,
                            mlir::RankedTensorType declared);
/// accumulator[at] := x, for a 0-D i64 position.
mlir::Value storeRow(NodeBinder &n, mlir::Value accumulator, mlir::Value at, mlir::Value x);

} // namespace burin

#endif // BURIN_COMPILER_IMPORTER_REGIONBUILDER_H
