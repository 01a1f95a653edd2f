//===- DeviceModule.h - Kernels as a module of their own --------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_CODEGEN_GPU_DEVICEMODULE_H
#define BURIN_CODEGEN_GPU_DEVICEMODULE_H

#include "codegen/gpu/DeviceGroups.h"
#include "codegen/gpu/EmulatedRegister.h"
#include "targets/Target.h"

#include "llvm/IR/Module.h"
#include <memory>

namespace burin {

/// The entry points of a device module, one per group that is a kernel, in order.
std::vector<std::string> kernelNames(llvm::ArrayRef<DeviceGroup> groups);

/// Takes the kernels out of a translated module: the result holds them, with the tables
/// that they read, as entry points of `device`; `module` keeps declarations.
std::unique_ptr<llvm::Module> splitDevice(llvm::Module &module, llvm::ArrayRef<DeviceGroup> groups,
                                          const Target &device);

/// The same code for the host: a copy in which everything that only a GPU has is a call.
///   i32 burin_emu_register(i32 which)   which: see EmulatedRegister.h
///   void burin_emu_barrier(i32 site)    a number per place in the code
///   void burin_emu_multiply(i32 site, i32 unit, ptr words)
///                                       unit: its number in device.matrixUnits; words: those of
///                                       the left and right factor and of the sums, in room for
///                                       four, two and four; the sums are replaced
/// Each kernel `k` gets `void k.emulated(ptr parameters)`, which takes them as
/// cuLaunchKernel does; `burin_emu_shared` lists the blocks' memory as {ptr, i64 bytes},
/// up to a null pointer.
std::unique_ptr<llvm::Module> emulatedForm(const llvm::Module &kernelModule, const Target &device);

} // namespace burin

#endif // BURIN_CODEGEN_GPU_DEVICEMODULE_H
