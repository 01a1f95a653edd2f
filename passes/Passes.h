//===- Passes.h - All passes on the nn dialect ------------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// Declares create<Pass>() and <Pass>Options of every pass of Passes.td, and
// registerBurinPasses() for burin-opt.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_PASSES_PASSES_H
#define BURIN_PASSES_PASSES_H

#include "dialects/nn/NN.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace burin {

#define GEN_PASS_DECL
#include "passes/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "passes/Passes.h.inc"

} // namespace burin

#endif // BURIN_PASSES_PASSES_H
