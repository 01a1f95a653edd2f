//===- EmulatedMachine.h - A library in its target's emulator ---*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// Writes the library that `burin compile` ships, links it with the harness of the
// target (targets/harness, compiled when Burin was built), starts the emulator and
// talks to the harness through two files (targets/harness/run.c tells their format).
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_VERIFY_EMULATEDMACHINE_H
#define BURIN_COMPILER_VERIFY_EMULATEDMACHINE_H

#include "compiler/verify/Border.h"
#include "compiler/verify/Harness.h"
#include "compiler/verify/Machine.h"
#include "compiler/verify/ScratchFolder.h"

namespace burin::verify {

class EmulatedMachine : public Machine {
public:
  /// Fails where linker, emulator or harness are missing.
  static llvm::Error check(const Target &target);
  static llvm::Expected<std::unique_ptr<Machine>>
  make(Compilation &compilation, const Target &target, const MachineOptions &options);
  /// With objects or archives that hold the model.
  static llvm::Expected<std::unique_ptr<Machine>> make(const object::ModelInterface &model,
                                                       llvm::ArrayRef<std::string> library,
                                                       const Target &target,
                                                       const MachineOptions &options);

  std::vector<llvm::Expected<RunResult>> run(llvm::ArrayRef<DataSet> sets) override;
  size_t setsAtOnce() const override { return target.runner.setsAtOnce; }

private:
  EmulatedMachine(const object::ModelInterface &model, Harness harness, const Target &target,
                  const MachineOptions &options)
      : model(model), harness(std::move(harness)), target(target),
        timeoutSeconds(options.timeoutSeconds) {}

  /// A machine with its folder, before it has a program.
  static llvm::Expected<std::unique_ptr<EmulatedMachine>>
  start(const object::ModelInterface &model, const Target &target, const MachineOptions &options);

  InterfaceDescriptor model;
  Harness harness;
  const Target &target;
  double timeoutSeconds;
  const std::string &folder() const { return scratch.path(); }
  ScratchFolder scratch;
  std::string program;
};

} // namespace burin::verify

#endif // BURIN_COMPILER_VERIFY_EMULATEDMACHINE_H
