//===- IndexMath.h - Indices of gather and scatter --------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// gather and scatter index one axis; ONNX's multi-dimensional indices become
// linear ones over merged axes.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_IMPORTER_INDEXMATH_H
#define BURIN_COMPILER_IMPORTER_INDEXMATH_H

#include "compiler/importer/NodeBinder.h"

namespace burin {

/// Row-major strides of a shape, in elements.
llvm::SmallVector<Extent> rowMajorExtents(NodeBinder &n, llvm::ArrayRef<Extent> extents);

/// The last axis of `indices` holds one index per extent, negative ones from
/// the end; the result lacks it and holds row-major positions.
mlir::Value linearIndex(NodeBinder &n, mlir::Value indices, llvm::ArrayRef<Extent> extents);

} // namespace burin

#endif // BURIN_COMPILER_IMPORTER_INDEXMATH_H
