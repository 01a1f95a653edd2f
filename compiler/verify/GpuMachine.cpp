//===- GpuMachine.cpp - A library with kernels ----------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/verify/GpuMachine.h"

#include <dlfcn.h>

using namespace burin;
using namespace burin::verify;
using llvm::Error;
using llvm::Expected;

/// Whether the driver is installed and knows a GPU.
static bool hasGpu() {
  void *driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!driver)
    return false;
  auto init = reinterpret_cast<int (*)(unsigned)>(dlsym(driver, "cuInit"));
  auto count = reinterpret_cast<int (*)(int *)>(dlsym(driver, "cuDeviceGetCount"));
  int devices = 0;
  return init && count && init(0) == 0 && count(&devices) == 0 && devices > 0;
}

Error GpuMachine::check(const Target &target, const MachineOptions &options) {
  if (options.emulate || hasGpu())
    return Error::success();
  return llvm::createStringError(std::make_error_code(std::errc::no_such_device),
                                 "target " + target.name +
                                     " needs an NVIDIA GPU and its driver, and there is none here; "
                                     "--emulate runs the kernels on the CPU");
}

Expected<std::unique_ptr<Machine>> GpuMachine::make(Compilation &compilation, const Target &target,
                                                    const MachineOptions &options) {
  if (Error error = check(target, options))
    return std::move(error);
  std::unique_ptr<GpuEmulator> emulator;
  std::vector<Import> imports{{"dlopen", reinterpret_cast<void *>(&dlopen)},
                              {"dlsym", reinterpret_cast<void *>(&dlsym)}};
  if (options.emulate) {
    emulator = std::make_unique<GpuEmulator>(options.threadOrder);
    imports = GpuEmulator::imports();
  }
  auto library =
      LoadedLibrary::link(compilation.interface().name, compilation.takeObjects(), imports);
  if (!library)
    return library.takeError();
  if (emulator)
    emulator->attach(*library, compilation.kernels(), *target.device);
  return std::unique_ptr<Machine>(new GpuMachine(std::move(*library), std::move(emulator)));
}

std::vector<Expected<RunResult>> GpuMachine::run(llvm::ArrayRef<DataSet> sets) {
  std::vector<Expected<RunResult>> results;
  for (const DataSet &set : sets) {
    results.push_back(runHere(library.descriptor(), set));
    if (!emulator || emulator->problem().empty())
      continue;
    // Says more than the status.
    if (!results.back())
      llvm::consumeError(results.back().takeError());
    results.back() =
        llvm::createStringError(std::make_error_code(std::errc::io_error), emulator->problem());
  }
  return results;
}
