//===- Products.h - Building matrix products --------------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_IMPORTER_PRODUCTS_H
#define BURIN_COMPILER_IMPORTER_PRODUCTS_H

#include "compiler/importer/NodeBinder.h"

namespace burin {

struct MatMulOptions {
  bool ta = false, tb = false; ///< swaps the last two axes
  mlir::Value aZp, bZp;        ///< both or none
};

/// Operands of rank 2 or more.
mlir::Value buildMatMul(NodeBinder &n, mlir::Value a, mlir::Value b, MatMulOptions options = {});
/// Numpy's matmul: vectors too, whose axis is not in the result.
mlir::Value buildNumpyMatMul(NodeBinder &n, mlir::Value a, mlir::Value b,
                             MatMulOptions options = {});
/// Zero points as ONNX has them ([], [1], one per row of a or column of b) in
/// the form of nn.matmul; where one is missing it becomes 0.
void normalizeZeroPoints(NodeBinder &n, mlir::Value a, mlir::Value b, mlir::Value &aZp,
                         mlir::Value &bZp);

} // namespace burin

#endif // BURIN_COMPILER_IMPORTER_PRODUCTS_H
