//===- GpuEmulator.h - Kernels on the CPU -----------------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// Stands in for the CUDA driver and the GPU behind it. The library of a GPU target runs as
// it is shipped: its launcher finds this driver instead of libcuda. The kernels are the
// module that went to the PTX backend, compiled for the host (codegen/gpu/DeviceModule.h).
// Blocks run after each other; within a block, every thread is a fiber that runs up to the
// next barrier. At a matrix instruction, the threads of a warp wait for each other only.
//
// What this finds: wrong results, barriers that are missing (where some order of threads
// shows it) or not reached by all, matrix instructions without the whole warp, shared memory
// that is read before it is written. What it does not cover: the PTX backend, ptxas, the
// driver, the memory model, speed.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_VERIFY_GPUEMULATOR_H
#define BURIN_COMPILER_VERIFY_GPUEMULATOR_H

#include "compiler/verify/Machine.h"

#include <memory>
#include <string>
#include <vector>

namespace burin::verify {

class GpuEmulator {
public:
  explicit GpuEmulator(ThreadOrder order);
  ~GpuEmulator();
  GpuEmulator(const GpuEmulator &) = delete;
  GpuEmulator &operator=(const GpuEmulator &) = delete;

  /// What the library and the kernels import. One emulator at a time serves a thread: the
  /// one that was made last.
  static std::vector<Import> imports();
  /// The library whose kernels run, their names, and the GPU that they are for. Code and
  /// description must outlive the runs.
  void attach(LoadedLibrary &library, llvm::ArrayRef<std::string> kernels, const Target &device);
  /// What a run did wrong that its outputs may not show, or empty.
  const std::string &problem() const;
  /// Kernels started so far.
  uint64_t launches() const;

  struct State;

private:
  std::unique_ptr<State> state;
};

} // namespace burin::verify

#endif // BURIN_COMPILER_VERIFY_GPUEMULATOR_H
