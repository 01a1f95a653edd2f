//===- RuntimeCall.h - Ops that are C functions of runtime-lib --*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// nn.call and nn.top_k become calls of a row of runtime-lib/Calls.def. Such a
// function needs scratch memory and may refuse what it gets. A group with one
// takes the scratch memory as pointer behind its results and returns a status,
// 0 for success.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_DIALECTS_NN_RUNTIMECALL_H
#define BURIN_DIALECTS_NN_RUNTIMECALL_H

#include "dialects/nn/DimExpr.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace burin::nn {

struct RuntimeCall {
  mlir::Operation *op = nullptr;
  llvm::StringRef callee;                ///< a row of Calls.def
  llvm::SmallVector<mlir::Value> inputs; ///< in the row's order, null if absent
  llvm::SmallVector<int64_t> ints;
  llvm::SmallVector<double> floats;
};

/// The call that an op becomes; nothing for other ops.
std::optional<RuntimeCall> runtimeCall(mlir::Operation *op);
/// The call in a group that works on tensors.
std::optional<RuntimeCall> runtimeCallOf(mlir::func::FuncOp group);

/// The bytes of scratch of burin_rt_<callee>, equal to burin_rt_<callee>_scratch
/// for all extents that its operands may have. `inputs` are the operands'
/// extents, empty for absent ones. Null for an unknown callee and where an
/// extent in it is null.
DimExpr scratchBytes(llvm::StringRef callee, llvm::ArrayRef<llvm::SmallVector<DimExpr>> inputs,
                     llvm::ArrayRef<int64_t> ints, DimContext &context);

} // namespace burin::nn

#endif // BURIN_DIALECTS_NN_RUNTIMECALL_H
