//===- VerifyModel.cpp - Does the compiled model compute right? -----------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/verify/VerifyModel.h"

#include "compiler/verify/GeneratedInputs.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"

#include <chrono>
#include <fmt/format.h>

using namespace burin;
using namespace burin::onnx;
using namespace burin::verify;

//===----------------------------------------------------------------------===//
// Preparing
//===----------------------------------------------------------------------===//

/// Inputs of which a model does not even tell the rank take it from the data; the
/// sizes stay open, as they may differ between data sets.
static void addMissingShapes(CompileOptions &options, const std::string &folder) {
  Diagnostics quiet;
  auto model = LoadedModel::load(options.modelPath, quiet);
  if (!model)
    return;
  llvm::StringSet<> initialized;
  for (const TensorProto &tensor : model->proto().graph().initializer())
    initialized.insert(tensor.name());
  std::vector<Wanted> wanted;
  bool anyMissing = false;
  for (const ValueInfoProto &input : model->proto().graph().input()) {
    if (initialized.contains(input.name()))
      continue;
    wanted.push_back({input.name(), input.type().tensor_type().elem_type(), {}});
    anyMissing |= input.type().has_tensor_type() && !input.type().tensor_type().has_shape();
  }
  if (!anyMissing)
    return;
  std::optional<DataSet> data = readDataSet(folder, quiet);
  std::string error;
  auto inputs = data ? matchTensors(data->inputs, wanted, "input", error) : std::nullopt;
  if (!inputs)
    return;
  size_t next = 0;
  for (const ValueInfoProto &input : model->proto().graph().input()) {
    if (initialized.contains(input.name()))
      continue;
    const TensorData &tensor = (*inputs)[next++];
    if (!input.type().has_tensor_type() || input.type().tensor_type().has_shape())
      continue;
    std::vector<std::string> dims;
    for (size_t axis = 0; axis < tensor.dims.size(); ++axis)
      dims.push_back(fmt::format("{}_{}", object::makeIdentifier(input.name()), axis));
    options.shapes.push_back(fmt::format("{}={}", input.name(), fmt::join(dims, ",")));
  }
}

std::optional<PreparedModel> PreparedModel::make(const CompileOptions &options,
                                                 const std::vector<std::string> &data,
                                                 unsigned seeds,
                                                 const MachineOptions &machineOptions,
                                                 Diagnostics &diagnostics) {
  PreparedModel model;
  model.seedCount = seeds;
  model.dataFolders = data.empty() ? findDataSets(options.modelPath) : data;
  CompileOptions compile = options;
  compile.emulate = machineOptions.emulate;
  if (!model.dataFolders.empty())
    addMissingShapes(compile, model.dataFolders.front());
  model.compilation = std::make_unique<Compilation>(std::move(compile), diagnostics);
  if (failed(model.compilation->compileToObject()))
    return std::nullopt;
  auto machine = makeMachine(*model.compilation, *findTarget(options.target), machineOptions);
  if (!machine) {
    diagnostics.error(options.modelPath, llvm::toString(machine.takeError()));
    return std::nullopt;
  }
  model.linked = std::move(*machine);
  return model;
}

static std::vector<Wanted> wantedOf(llvm::ArrayRef<object::TensorInfo> tensors) {
  std::vector<Wanted> wanted;
  for (const object::TensorInfo &tensor : tensors) {
    wanted.push_back({tensor.onnxName, tensor.elementType, {}});
    for (const object::Dim &dim : tensor.dims)
      wanted.back().dims.push_back(dim.isStatic() ? dim.size : 1);
  }
  return wanted;
}

std::optional<DataSet> PreparedModel::dataSet(size_t index, bool withOutputs,
                                              Diagnostics &diagnostics) {
  DataSet set;
  if (dataFolders.empty()) {
    set.name = fmt::format("seed {}", index + 1);
    auto inputs = generateInputs(interface(), index + 1);
    if (!inputs) {
      diagnostics.error("", llvm::toString(inputs.takeError()));
      return std::nullopt;
    }
    set.inputs = std::move(*inputs);
    if (withOutputs) {
      auto outputs = compilation->interpret(set.inputs);
      if (!outputs)
        return std::nullopt;
      set.outputs = std::move(*outputs);
    }
    return set;
  }
  std::vector<Wanted> wantedInputs = wantedOf(interface().inputs);
  std::optional<DataSet> read = readDataSet(dataFolders[index], diagnostics, wantedInputs);
  if (!read)
    return std::nullopt;
  std::string error;
  auto inputs = matchTensors(read->inputs, wantedInputs, "input", error);
  auto outputs = inputs && withOutputs
                     ? matchTensors(read->outputs, wantedOf(interface().outputs), "output", error)
                     : read->outputs;
  if (!inputs || !outputs) {
    diagnostics.error(dataFolders[index], error);
    return std::nullopt;
  }
  set.name = read->name;
  set.inputs = std::move(*inputs);
  set.outputs = std::move(*outputs);
  return set;
}

//===----------------------------------------------------------------------===//
// Verifying
//===----------------------------------------------------------------------===//

bool SetReport::passed() const {
  return error.empty() && llvm::all_of(outputs, [](const OutputReport &output) {
           return output.comparison.matches;
         });
}

std::string SetReport::message() const {
  if (!error.empty())
    return fmt::format("{}: {}", name, error);
  for (const OutputReport &output : outputs)
    if (!output.comparison.matches)
      return fmt::format("{}: output \"{}\": {}", name, output.name, output.comparison.message);
  return "";
}

static SetReport judge(const DataSet &data, llvm::Expected<RunResult> result,
                       const Tolerance &tolerance) {
  SetReport report;
  report.name = data.name;
  if (!result) {
    report.error = llvm::toString(result.takeError());
    return report;
  }
  report.instructions = result->instructions;
  report.stackBytes = result->stackBytes;
  for (const auto &[got, expected] : llvm::zip(result->outputs, data.outputs))
    report.outputs.push_back({got.name, compareTensors(got, expected, tolerance)});
  return report;
}

/// Sets that run together do not take more memory than this, or are alone.
static constexpr size_t kMaxTogether = size_t(64) << 20;

static size_t inputBytes(const DataSet &data) {
  size_t bytes = 0;
  for (const TensorData &input : data.inputs)
    bytes += input.size;
  return bytes;
}

VerifyReport verify::verifyModel(const VerifyOptions &options, Diagnostics &diagnostics,
                                 const std::function<void(const SetReport &)> &onSet) {
  VerifyReport report;
  auto fail = [&](Outcome outcome, std::string message) {
    if (report.outcome == Outcome::Passed) {
      report.outcome = outcome;
      report.message = std::move(message);
    }
  };
  auto firstError = [&]() -> std::string {
    for (const Message &message : diagnostics.messages())
      if (message.severity == Severity::Error)
        return llvm::StringRef(message.str()).split('\n').first.str();
    return "failed without a message";
  };
  auto start = std::chrono::steady_clock::now();
  auto model = PreparedModel::make(options.compile, options.data, options.seeds, options.machine,
                                   diagnostics);
  report.compileSeconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (!model) {
    fail(Outcome::Unsupported, firstError());
    return report;
  }
  report.weightsBytes = model->interface().weightsBytes;
  for (const auto &[kind, size] : model->interface().flash)
    report.flashBytes += size;
  std::vector<DataSet> sets;
  size_t bytes = 0;
  auto runSets = [&] {
    std::vector<llvm::Expected<RunResult>> results = model->machine().run(sets);
    for (auto [data, result] : llvm::zip_equal(sets, results)) {
      if (result)
        report.arenaBytes = std::max(report.arenaBytes, result->arenaBytes);
      SetReport set = judge(data, std::move(result), options.tolerance);
      if (!set.passed())
        fail(Outcome::Mismatch, set.message());
      onSet(set);
      report.sets.push_back(std::move(set));
    }
    sets.clear();
    bytes = 0;
  };
  for (size_t index = 0; index < model->setCount(); ++index) {
    auto data = model->dataSet(index, /*withOutputs=*/true, diagnostics);
    if (!data) {
      fail(Outcome::BadData, firstError());
      continue;
    }
    bytes += inputBytes(*data);
    if (!sets.empty() && bytes > kMaxTogether)
      runSets();
    sets.push_back(std::move(*data));
    if (sets.size() >= model->machine().setsAtOnce())
      runSets();
  }
  runSets();
  return report;
}
