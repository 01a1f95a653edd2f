//===- ModelDescription.h - From IR to the model's interface ----*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_DRIVER_MODELDESCRIPTION_H
#define BURIN_COMPILER_DRIVER_MODELDESCRIPTION_H

#include "codegen/object/ModelInterface.h"
#include "dialects/nn/SymbolicShapes.h"
#include "passes/memory/ArenaPlan.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace burin {

/// Fills inputs, outputs and symbols of `model` from the entry, while it still is a
/// function on tensors. Fails, after a diagnostic, on types that cannot cross the
/// border.
llvm::LogicalResult describeBorder(mlir::func::FuncOp entry, const nn::SymbolicShapes &shapes,
                                   object::ModelInterface &model);

/// Fills the groups of `model`: their ONNX nodes, multiplications and bytes, where
/// shapes are static (dynamic extents count as 1).
void describeGroups(mlir::ModuleOp module, object::ModelInterface &model);

/// Fills the arena's size, or its bound where all dimensions have one, and its map.
void describeArena(const ArenaPlan &plan, object::ModelInterface &model);

/// Fills what of the library goes to read-only memory: code, tables, weights.
llvm::Error describeFlash(llvm::StringRef modelObject, object::ModelInterface &model);

} // namespace burin

#endif // BURIN_COMPILER_DRIVER_MODELDESCRIPTION_H
