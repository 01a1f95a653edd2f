//===- Quantization.h - Building quantised arithmetic -----------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_IMPORTER_QUANTIZATION_H
#define BURIN_COMPILER_IMPORTER_QUANTIZATION_H

#include "compiler/importer/NodeBinder.h"

namespace burin {

/// Scale (f32) and zero point of a tensor; of shape [] where one is for all.
struct QuantParams {
  mlir::Value scale;
  mlir::Value zp; ///< null where there is none
};

struct QuantizedTensor {
  mlir::Value value;
  QuantParams params;
};

/// Zero points may be missing in the middle of the inputs; these may not.
/// Reports the first missing one.
bool requireOperands(NodeBinder &n, llvm::ArrayRef<size_t> operands);
/// Operands `first` and `first + 1`; missing ones are null.
QuantParams readQuantParams(NodeBinder &n, size_t first);
/// The zero point, or 0 of the type where there is none.
mlir::Value zeroPointOr(NodeBinder &n, mlir::Value zp, mlir::Type type);

/// To and from f32; parameters of rank 1 go along `axis`.
mlir::Value dequantize(NodeBinder &n, mlir::Value q, QuantParams params, int64_t axis = 0);
mlir::Value quantize(NodeBinder &n, mlir::Value x, QuantParams params, mlir::Type to,
                     int64_t axis = 0);
/// An i32 accumulator times an f32 factor, rounded half to even, plus `zp` (0
/// where null), saturated to the type `to`.
mlir::Value requantize(NodeBinder &n, mlir::Value acc, mlir::Value multiplier, mlir::Value zp,
                       mlir::Type to);
/// a * b / y in f32, in this order.
mlir::Value multiplier(NodeBinder &n, mlir::Value a, mlir::Value b, mlir::Value y);

/// DynamicQuantizeLinear: ui8 with a range that holds x and 0.
QuantizedTensor dynamicQuantize(NodeBinder &n, mlir::Value x);

} // namespace burin

#endif // BURIN_COMPILER_IMPORTER_QUANTIZATION_H
