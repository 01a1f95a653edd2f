//===- Machine.cpp - Where a compiled model runs --------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/verify/Machine.h"

#include "compiler/verify/EmulatedMachine.h"
#include "compiler/verify/GpuMachine.h"
#include "compiler/verify/ModelRunner.h"

using namespace burin;
using namespace burin::verify;
using llvm::Expected;

Machine::~Machine() = default;

namespace {

/// This process.
class HostMachine : public Machine {
public:
  explicit HostMachine(LoadedLibrary library) : library(std::move(library)) {}

  std::vector<Expected<RunResult>> run(llvm::ArrayRef<DataSet> sets) override {
    std::vector<Expected<RunResult>> results;
    for (const DataSet &set : sets)
      results.push_back(runHere(library.descriptor(), set));
    return results;
  }
  const object::Descriptor *descriptor() const override { return &library.descriptor(); }

private:
  LoadedLibrary library;
};

} // namespace

Expected<RunResult> verify::runHere(const object::Descriptor &model, const DataSet &set) {
  auto runner = ModelRunner::prepare(model, set.inputs, set.outputs);
  if (!runner)
    return runner.takeError();
  auto outputs = runner->run();
  if (!outputs)
    return outputs.takeError();
  RunResult result;
  result.outputs = std::move(*outputs);
  result.arenaBytes = runner->arenaBytes();
  return result;
}

llvm::Error verify::checkMachine(const Target &target, const MachineOptions &options) {
  if (target.device)
    return GpuMachine::check(target, options);
  if (runsInProcess(target) && !options.emulate)
    return llvm::Error::success();
  return EmulatedMachine::check(target);
}

Expected<std::unique_ptr<Machine>>
verify::makeMachine(Compilation &compilation, const Target &target, const MachineOptions &options) {
  if (target.device)
    return GpuMachine::make(compilation, target, options);
  if (!runsInProcess(target) || options.emulate)
    return EmulatedMachine::make(compilation, target, options);
  auto library = LoadedLibrary::link(compilation.interface().name, compilation.takeObjects());
  if (!library)
    return library.takeError();
  return std::make_unique<HostMachine>(std::move(*library));
}
