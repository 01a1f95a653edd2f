//===- LowerGroups.cpp - Fused groups to loops on buffers -----------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/lowering/LowerGroups.h"
#include "codegen/gpu/DeviceGroups.h"
#include "codegen/kernels/KernelEmitter.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace burin {

static bool worksOnTensors(func::FuncOp function) {
  auto isTensor = [](Type type) { return isa<TensorType>(type); };
  return llvm::any_of(function.getArgumentTypes(), isTensor) ||
         llvm::any_of(function.getResultTypes(), isTensor);
}

LogicalResult lowerGroups(ModuleOp module, const GroupOptions &options,
                          const GroupOptions &deviceOptions) {
  SmallVector<func::FuncOp> groups;
  for (auto function : module.getOps<func::FuncOp>())
    if (function->hasAttr(nn::kGroupAttr) && !function.isExternal() && worksOnTensors(function))
      groups.push_back(function);
  bool failedAny = false; // report all groups that fail, not the first one
  for (func::FuncOp group : groups) {
    const GroupOptions &chosen = group->hasAttr(kKernelAttr) ? deviceOptions : options;
    failedAny |= failed(kernelRoot(group) ? lowerKernelGroup(group, chosen)
                                          : GroupEmitter(group, chosen).run());
  }
  return failure(failedAny);
}

namespace {
struct LowerGroupsPass : PassWrapper<LowerGroupsPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(LowerGroupsPass)
  LowerGroupsPass() = default;
  LowerGroupsPass(const GroupOptions &options, const GroupOptions &deviceOptions)
      : options(options), deviceOptions(deviceOptions) {}
  StringRef getArgument() const override { return "lower-groups"; }
  StringRef getDescription() const override {
    return "Turn fused groups of nn ops into loops on caller-owned buffers";
  }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect, memref::MemRefDialect, scf::SCFDialect, math::MathDialect,
                    func::FuncDialect, vector::VectorDialect, LLVM::LLVMDialect>();
  }
  void runOnOperation() override {
    if (failed(lowerGroups(getOperation(), options, deviceOptions)))
      signalPassFailure();
  }
  GroupOptions options, deviceOptions;
};
} // namespace

std::unique_ptr<Pass> createLowerGroupsPass(const GroupOptions &options,
                                            const GroupOptions &deviceOptions) {
  return std::make_unique<LowerGroupsPass>(options, deviceOptions);
}

void registerLowerGroupsPass() { PassRegistration<LowerGroupsPass>(); }

} // namespace burin
