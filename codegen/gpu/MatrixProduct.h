//===- MatrixProduct.h - Tiles by matrix instructions -----------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_CODEGEN_GPU_MATRIXPRODUCT_H
#define BURIN_CODEGEN_GPU_MATRIXPRODUCT_H

#include "codegen/gpu/Cooperation.h"

namespace burin {

/// The instruction for the product's factors; null where the options have none.
const MatrixUnit *matrixUnitFor(const GroupOptions &options, const TiledProduct &product);

/// emitTiledProduct() by that instruction. f32 factors are split into two tf32 each, so that
/// the result is as good as one of f32 (Ootomo and Yokota, "Recovering single precision
/// accuracy from Tensor Cores while surpassing the FP32 theoretical peak performance", 2022).
void emitMatrixProduct(GroupEmitter &g, const TiledProduct &product, const MatrixUnit &unit);

} // namespace burin

#endif // BURIN_CODEGEN_GPU_MATRIXPRODUCT_H
