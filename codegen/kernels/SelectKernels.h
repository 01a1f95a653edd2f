//===- SelectKernels.h - Which groups get a named kernel --------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_CODEGEN_KERNELS_SELECTKERNELS_H
#define BURIN_CODEGEN_KERNELS_SELECTKERNELS_H

#include "targets/Target.h"

#include "mlir/IR/BuiltinOps.h"

namespace burin {

/// Replaces the root of groups (after form-groups) by a kernel op where it is an
/// f32 product or channels-last convolution with constant weights, and packs
/// these for the target's register tile. All other groups stay as they are.
void selectKernels(mlir::ModuleOp module, const Target &target);

} // namespace burin

#endif // BURIN_CODEGEN_KERNELS_SELECTKERNELS_H
