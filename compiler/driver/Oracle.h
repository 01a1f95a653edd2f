//===- Oracle.h - What a model should give ----------------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_DRIVER_ORACLE_H
#define BURIN_COMPILER_DRIVER_ORACLE_H

#include "compiler/onnx/TensorData.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace burin {

/// Evaluates a function of nn ops with the reference interpreter. Problems are
/// diagnostics of the function's context. Tensors are shared, not copied.
std::optional<std::vector<onnx::TensorData>> evaluate(mlir::func::FuncOp function,
                                                      llvm::ArrayRef<onnx::TensorData> inputs);

} // namespace burin

#endif // BURIN_COMPILER_DRIVER_ORACLE_H
