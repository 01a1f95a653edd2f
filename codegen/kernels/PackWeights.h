//===- PackWeights.h - Weights in the order that a kernel reads -*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_CODEGEN_KERNELS_PACKWEIGHTS_H
#define BURIN_CODEGEN_KERNELS_PACKWEIGHTS_H

#include "dialects/kernel/Kernel.h"
#include "dialects/nn/interpreter/Tensor.h"

namespace burin {

/// Where the weights of a product stand: element (column, run, tap, i) is at
/// column * columnStride + ((run * taps + tap) * depth + i) * depthStride.
struct WeightOrder {
  int64_t columns, columnStride;
  int64_t rows;  ///< of the kernel
  int64_t taps;  ///< of a row
  int64_t depth; ///< channels of a tap, or K
  int64_t depthStride;
};

/// f32 weights, or integers without their zero point: i8, or i16 where these do
/// not fit. `zeros` holds one zero point or one per column.
class IntegerWeights {
public:
  IntegerWeights(const nn::Tensor &from, const WeightOrder &order, llvm::ArrayRef<int64_t> zeros);
  bool fitsByte() const { return fits; }
  /// Element by element, in the order of the source.
  llvm::ArrayRef<int16_t> values() const { return data; }
  /// Whether f32 holds every partial sum of a column's products with bytes.
  bool sumsFitFloat() const { return exactInFloat; }

private:
  std::vector<int16_t> data;
  bool fits = true, exactInFloat = true;
};

/// Panels as kernel.gemm and kernel.conv take them (KernelOps.td): `joined` makes
/// one run of a kernel's row. Sums that undo `offset` come first unless it is 0.
nn::Tensor packFloats(const nn::Tensor &from, const WeightOrder &order, int64_t nr);
nn::Tensor packIntegers(mlir::MLIRContext *context, const IntegerWeights &from,
                        const WeightOrder &order, int64_t nr, kernel::Dot dot, bool joined,
                        int64_t offset);

/// [KH, KW, C] from one filter per channel, [C, KH, KW].
nn::Tensor transposeFloats(const nn::Tensor &from, int64_t channels, llvm::ArrayRef<int64_t> shape);
nn::Tensor transposeIntegers(mlir::MLIRContext *context, const IntegerWeights &from,
                             int64_t channels, llvm::ArrayRef<int64_t> shape);

} // namespace burin

#endif // BURIN_CODEGEN_KERNELS_PACKWEIGHTS_H
