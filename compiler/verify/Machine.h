//===- Machine.h - Where a compiled model runs ------------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_VERIFY_MACHINE_H
#define BURIN_COMPILER_VERIFY_MACHINE_H

#include "compiler/driver/Compile.h"
#include "compiler/verify/DataSet.h"
#include "compiler/verify/LoadedLibrary.h"
#include "targets/Target.h"

namespace burin::verify {

/// What one inference gave and took.
struct RunResult {
  std::vector<onnx::TensorData> outputs;
  uint64_t arenaBytes = 0;
  /// Counted where the machine can.
  std::optional<uint64_t> instructions, stackBytes;
};

/// Runs one compiled library.
class Machine {
public:
  virtual ~Machine();
  /// Runs once per set, on fresh memory between guard bytes. A result per set, in order;
  /// after a crash or a time-out the rest are errors.
  virtual std::vector<llvm::Expected<RunResult>> run(llvm::ArrayRef<DataSet> sets) = 0;
  /// How many sets to hand over at once.
  virtual size_t setsAtOnce() const { return 1; }
  /// The library, where it is in this process; else null.
  virtual const object::Descriptor *descriptor() const { return nullptr; }
};

/// In which order the threads of an emulated GPU's block run, between two barriers each.
enum class ThreadOrder : uint8_t { Forward, Reverse, Shuffled };

struct MachineOptions {
  /// Use the target's emulator even where this process could run the code.
  bool emulate = false;
  /// Of an emulated GPU.
  ThreadOrder threadOrder = ThreadOrder::Forward;
  double timeoutSeconds = 600; ///< of the emulator, per run
  /// Where folders for temporary files are made; empty for the system's place.
  std::string scratch;
};

/// Runs a library that is in this process on one set.
llvm::Expected<RunResult> runHere(const object::Descriptor &model, const DataSet &set);

/// Whether libraries for `target` can run here, and if not, why: no way to run them is
/// known, or a program is not installed.
llvm::Error checkMachine(const Target &target, const MachineOptions &options);

/// Links the library of `compilation` (compiled to its object) where it can run: into
/// this process, or with the target's harness for its emulator.
llvm::Expected<std::unique_ptr<Machine>> makeMachine(Compilation &compilation, const Target &target,
                                                     const MachineOptions &options);

} // namespace burin::verify

#endif // BURIN_COMPILER_VERIFY_MACHINE_H
