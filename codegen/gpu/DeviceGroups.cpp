//===- DeviceGroups.cpp - Which groups run on the GPU ---------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/gpu/DeviceGroups.h"
#include "dialects/nn/Groups.h"
#include "dialects/nn/NN.h"
#include "dialects/nn/RuntimeCall.h"

using namespace mlir;

namespace burin {

static DeviceBuffer describe(RankedTensorType type, ArrayRef<std::string> dims,
                             ArrayRef<std::string> symbols) {
  DeviceBuffer buffer;
  buffer.elementBytes = nn::storageType(type.getElementType()).getIntOrFloatBitWidth() / 8;
  buffer.bytes = buffer.elementBytes;
  for (int64_t i = 0; i < type.getRank(); ++i) {
    if (!type.isDynamicDim(i)) {
      buffer.bytes *= type.getDimSize(i);
      continue;
    }
    const auto *known = llvm::find(symbols, dims[i]);
    if (known == symbols.end() || dims[i].empty())
      buffer.isUnbounded = true;
    else
      buffer.symbols.push_back(known - symbols.begin());
  }
  return buffer;
}

std::vector<DeviceGroup> chooseDeviceGroups(ModuleOp module) {
  std::vector<DeviceGroup> groups;
  for (func::FuncOp group : module.getOps<func::FuncOp>()) {
    if (!group->hasAttr(nn::kGroupAttr))
      continue;
    DeviceGroup &info = groups.emplace_back();
    info.name = group.getName().str();
    SmallVector<std::string> symbols = nn::groupSymbols(group);
    info.symbols = symbols.size();
    for (auto [i, type] : llvm::enumerate(group.getArgumentTypes()))
      info.inputs.push_back(describe(cast<RankedTensorType>(type), nn::argDims(group, i), symbols));
    for (auto [i, type] : llvm::enumerate(group.getResultTypes()))
      info.results.push_back(
          describe(cast<RankedTensorType>(type), nn::resultDims(group, i), symbols));
    if (auto call = nn::runtimeCallOf(group)) {
      info.hasScratch = true;
      info.hostReason = ("calls " + call->callee + " of the runtime library").str();
    }
    if (info.isKernel())
      group->setAttr(kKernelAttr, UnitAttr::get(group.getContext()));
  }
  return groups;
}

} // namespace burin
