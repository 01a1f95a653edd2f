//===- BenchCommand.cpp - burin bench -------------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/cli/Commands.h"
#include "compiler/cli/Terminal.h"
#include "compiler/verify/Bench.h"

#include "llvm/Support/JSON.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

using namespace burin;
using namespace burin::cli;
using namespace burin::verify;

static constexpr const char *kFooter = R"(
Compiles the model, loads its object into this process and measures single inferences: first
without counting, then as many as fit into the time given. The median tells what to expect,
the minimum what is possible; spread is the distance from the 10th to the 90th percentile as
share of the median.

Examples:
  burin bench mobilenet.onnx
      for every data set beside the model, else for inputs made from seeds
  burin bench bert.onnx --data short --data long --seconds 5 --json -
      {"sets": [{"data": "short", "median_us": 410.2, "min_us": 398.7, ...}], ...})";

namespace {

struct BenchArguments : ModelArguments {
  std::vector<std::string> data;
  std::string json;
  double seconds = 1;
  unsigned threads = 1;
};

} // namespace

static void writeJson(llvm::raw_ostream &out, const BenchReport &report) {
  llvm::json::OStream json(out, 2);
  json.object([&] {
    json.attributeArray("sets", [&] {
      for (const BenchSet &set : report.sets)
        json.object([&] {
          json.attribute("data", llvm::json::fixUTF8(set.name));
          json.attribute("median_us", set.medianMicroseconds);
          json.attribute("min_us", set.minMicroseconds);
          json.attribute("spread", set.spread);
          json.attribute("runs", static_cast<int64_t>(set.runs));
          json.attribute("arena_bytes", static_cast<int64_t>(set.arenaBytes));
        });
    });
    json.attribute("model", llvm::json::fixUTF8(report.model));
    json.attribute("target", report.target);
    json.attribute("threads", 1);
    json.attribute("compile_seconds", report.compileSeconds);
    json.attribute("macs", static_cast<int64_t>(report.macs));
    json.attribute("weights_bytes", static_cast<int64_t>(report.weightsBytes));
  });
  out << '\n';
}

static void printTable(const BenchReport &report) {
  llvm::outs() << bold(fmt::format("{:<24} {:>12} {:>12} {:>8} {:>8}\n", "data", "median us",
                                   "min us", "spread", "runs"));
  for (const BenchSet &set : report.sets)
    llvm::outs() << fmt::format("{:<24} {:>12.2f} {:>12.2f} {:>7.1f}% {:>8}\n", set.name,
                                set.medianMicroseconds, set.minMicroseconds, 100 * set.spread,
                                set.runs);
  llvm::outs() << fmt::format("{} for {}, compiled in {:.2f} s\n", report.model, report.target,
                              report.compileSeconds);
}

static int runBench(const BenchArguments &arguments) {
  Diagnostics diagnostics(&llvm::errs(), colourOnStderr());
  BenchOptions options;
  options.compile = arguments.resolved();
  options.data = arguments.data;
  options.seconds = arguments.seconds;
  auto report = benchModel(options, diagnostics);
  diagnostics.finish();
  if (!report)
    return kExitCannotCompile;
  if (arguments.json != "-")
    printTable(*report);
  if (!arguments.json.empty() &&
      !writeFile(arguments.json, [&](llvm::raw_ostream &out) { writeJson(out, *report); }))
    return kExitCannotCompile;
  return kExitOk;
}

void cli::addBenchCommand(CLI::App &app, Session &session) {
  CLI::App *command = app.add_subcommand("bench", "Measure the time of an inference");
  auto arguments = std::make_shared<BenchArguments>();
  addModelArguments(*command, *arguments);
  command->add_option("--data", arguments->data, "Folder with inputs; repeatable")
      ->type_name("DIR")
      ->allow_extra_args(false);
  command->add_option("--seconds", arguments->seconds, "Time to measure each data set")
      ->type_name("S")
      ->capture_default_str();
  command->add_option("--threads", arguments->threads, "Threads: 1, more to come")
      ->type_name("N")
      ->check(CLI::Range(1, 1));
  command->add_option("--json", arguments->json, "Write the results as JSON; '-' for stdout")
      ->type_name("FILE");
  command->footer(kFooter);
  command->callback([arguments, &session] { session.exitCode = runBench(*arguments); });
}
