//===- HostLaunch.h - The host's side of kernels ----------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_CODEGEN_GPU_HOSTLAUNCH_H
#define BURIN_CODEGEN_GPU_HOSTLAUNCH_H

#include "codegen/gpu/DeviceGroups.h"
#include "targets/Target.h"

#include "llvm/IR/Module.h"

namespace burin {

struct HostLaunch {
  std::string entry;  ///< the function that calls the groups
  std::string prefix; ///< of the symbols to add
  llvm::StringRef ptx;
  /// Constants of the weights object, in its order, with their sizes.
  std::vector<std::pair<std::string, uint64_t>> weights;
};

/// Rewrites the entry of a module that splitDevice() has taken the kernels from: it takes
/// a context (runtime-lib/GpuLauncher.h) as first argument; calls of kernels become
/// launches; and what the host reads or writes itself, in the entry or in groups that
/// stay there, goes through to_host() and to_device(). An error of the device returns at
/// once. Adds the constant `<prefix>_gpu_model` and returns it.
llvm::GlobalVariable *launchGroups(llvm::Module &module, llvm::ArrayRef<DeviceGroup> groups,
                                   const Target &device, const HostLaunch &launch);

} // namespace burin

#endif // BURIN_CODEGEN_GPU_HOSTLAUNCH_H
