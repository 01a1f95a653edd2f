//===- Interpreter.h - The reference interpreter ----------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// One plain kernel per nn op. It defines the dialect's meaning, folds
// constants and is the oracle of `burin verify` without expected outputs.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_DIALECTS_NN_INTERPRETER_INTERPRETER_H
#define BURIN_DIALECTS_NN_INTERPRETER_INTERPRETER_H

#include "dialects/nn/interpreter/Tensor.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Operation.h"

namespace burin::nn {

/// Limits of one evaluation: exceeding them is an error, not an abort.
struct EvalLimits {
  int64_t maxElements = int64_t(1) << 31; ///< per result
  int64_t maxLoopTrips = int64_t(1) << 24;
  int maxCallDepth = 64;
};

/// Evaluates one nn op (no regions) on operand values, in operand order.
/// Emits an error at the op and fails where the op cannot be evaluated.
llvm::FailureOr<llvm::SmallVector<Tensor>>
evaluateOp(mlir::Operation *op, llvm::ArrayRef<Tensor> operands, const EvalLimits &limits = {});

/// Evaluates a whole function: nn ops, scf.if/for/while on tensors, func.call,
/// tensor.cast, and arith/tensor/index ops on scalars that control flow needs.
llvm::FailureOr<llvm::SmallVector<Tensor>> evaluateFunction(mlir::func::FuncOp function,
                                                            llvm::ArrayRef<Tensor> arguments,
                                                            const EvalLimits &limits = {});

/// The results of a pure op whose operands are all constants, as attributes;
/// fails silently where it cannot or should not be folded (not constant,
/// result bigger than maxElements).
llvm::FailureOr<llvm::SmallVector<mlir::ElementsAttr>> foldOp(mlir::Operation *op,
                                                              int64_t maxElements);

} // namespace burin::nn

#endif // BURIN_DIALECTS_NN_INTERPRETER_INTERPRETER_H
