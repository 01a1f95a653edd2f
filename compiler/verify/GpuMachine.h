//===- GpuMachine.h - A library with kernels --------------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_VERIFY_GPUMACHINE_H
#define BURIN_COMPILER_VERIFY_GPUMACHINE_H

#include "compiler/verify/GpuEmulator.h"
#include "compiler/verify/Machine.h"

namespace burin::verify {

/// The library runs in this process; its kernels on the GPU, or emulated on the CPU.
class GpuMachine : public Machine {
public:
  static llvm::Error check(const Target &target, const MachineOptions &options);
  static llvm::Expected<std::unique_ptr<Machine>>
  make(Compilation &compilation, const Target &target, const MachineOptions &options);

  std::vector<llvm::Expected<RunResult>> run(llvm::ArrayRef<DataSet> sets) override;
  const object::Descriptor *descriptor() const override { return &library.descriptor(); }

private:
  GpuMachine(LoadedLibrary library, std::unique_ptr<GpuEmulator> emulator)
      : library(std::move(library)), emulator(std::move(emulator)) {}

  LoadedLibrary library;
  std::unique_ptr<GpuEmulator> emulator;
};

} // namespace burin::verify

#endif // BURIN_COMPILER_VERIFY_GPUMACHINE_H
