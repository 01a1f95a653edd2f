//===- LowerGroups.h - Fused groups to loops on buffers ---------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_CODEGEN_LOWERING_LOWERGROUPS_H
#define BURIN_CODEGEN_LOWERING_LOWERGROUPS_H

#include "codegen/lowering/GroupEmitter.h"

#include "mlir/Pass/Pass.h"
#include <memory>

namespace burin {

/// Replaces every group function (attribute `nn.group`) that still works on
/// tensors by its destination-passing form on memrefs: inputs, then results as
/// buffers, then one index per symbol (nn::groupSymbols). The body becomes scf,
/// arith and memref ops without any allocation. Calls of groups are left as
/// they are. Errors are located at the nn ops. `deviceOptions` are for groups that are kernels of
/// a GPU (codegen/gpu/DeviceGroups.h).
mlir::LogicalResult lowerGroups(mlir::ModuleOp module, const GroupOptions &options = {},
                                const GroupOptions &deviceOptions = {});

/// The same as pass `lower-groups`.
std::unique_ptr<mlir::Pass> createLowerGroupsPass(const GroupOptions &options = {},
                                                  const GroupOptions &deviceOptions = {});
/// Makes the pass known to burin-opt.
void registerLowerGroupsPass();

} // namespace burin

#endif // BURIN_CODEGEN_LOWERING_LOWERGROUPS_H
