//===- Bench.cpp - The time of an inference -------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/verify/Bench.h"

#include "compiler/verify/ModelRunner.h"
#include "compiler/verify/VerifyModel.h"

#include "llvm/ADT/STLExtras.h"

#include <chrono>

using namespace burin;
using namespace burin::verify;
using Clock = std::chrono::steady_clock;

/// Runs before measuring starts: caches, page tables, clock frequency.
static constexpr unsigned kWarmUpRuns = 3;
static constexpr unsigned kMinRuns = 10;
static constexpr unsigned kMaxRuns = 1000000;
/// Shorter inferences are measured several at a time.
static constexpr double kMinMeasurement = 2e-6;

static double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Sorted times of single runs, in seconds.
static std::vector<double> measure(ModelRunner &runner, double seconds, unsigned &perSample) {
  Clock::time_point start = Clock::now();
  for (unsigned i = 0; i < kWarmUpRuns; ++i)
    runner.call();
  double one = secondsSince(start) / kWarmUpRuns;
  perSample = one < kMinMeasurement ? static_cast<unsigned>(kMinMeasurement / (one + 1e-9)) + 1 : 1;
  std::vector<double> times;
  start = Clock::now();
  while (times.size() < kMaxRuns && (times.size() < kMinRuns || secondsSince(start) < seconds)) {
    Clock::time_point before = Clock::now();
    for (unsigned i = 0; i < perSample; ++i)
      runner.call();
    times.push_back(secondsSince(before) / perSample);
  }
  llvm::sort(times);
  return times;
}

std::optional<BenchReport> verify::benchModel(const BenchOptions &options,
                                              Diagnostics &diagnostics) {
  Clock::time_point start = Clock::now();
  const Target *target = findTarget(options.compile.target);
  if (target && !runsInProcess(*target)) {
    diagnostics.error("", "times on '" + target->name +
                              "' cannot be measured on this machine; of firmware, verify counts "
                              "the instructions");
    return std::nullopt;
  }
  auto model = PreparedModel::make(options.compile, options.data, /*seeds=*/1, MachineOptions(),
                                   diagnostics);
  if (!model)
    return std::nullopt;
  BenchReport report;
  report.compileSeconds = secondsSince(start);
  report.model = model->interface().name;
  report.target = model->interface().target;
  report.weightsBytes = model->interface().weightsBytes;
  for (const object::GroupInfo &group : model->interface().groups)
    report.macs += group.macs;
  for (size_t index = 0; index < model->setCount(); ++index) {
    auto data = model->dataSet(index, /*withOutputs=*/false, diagnostics);
    if (!data)
      return std::nullopt;
    auto runner = ModelRunner::prepare(*model->machine().descriptor(), data->inputs, data->outputs);
    // The first run checks that the model runs at all.
    llvm::Error failed = runner ? runner->run().takeError() : runner.takeError();
    if (failed) {
      diagnostics.error(data->name, llvm::toString(std::move(failed)));
      return std::nullopt;
    }
    unsigned perSample = 1;
    std::vector<double> times = measure(*runner, options.seconds, perSample);
    BenchSet &set = report.sets.emplace_back();
    set.name = data->name;
    double median = times[times.size() / 2];
    set.medianMicroseconds = median * 1e6;
    set.minMicroseconds = times.front() * 1e6;
    set.spread = (times[times.size() * 9 / 10] - times[times.size() / 10]) / median;
    set.runs = times.size() * perSample;
    set.arenaBytes = runner->arenaBytes();
  }
  return report;
}
