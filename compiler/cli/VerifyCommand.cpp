//===- VerifyCommand.cpp - burin verify -----------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/cli/Commands.h"
#include "compiler/cli/Terminal.h"
#include "compiler/verify/ScratchFolder.h"
#include "compiler/verify/VerifyModel.h"

#include "llvm/Support/JSON.h"

#include <CLI/CLI.hpp>
#include <csignal>
#include <fmt/format.h>
#include <thread>
#include <unistd.h>

using namespace burin;
using namespace burin::cli;
using namespace burin::verify;

static constexpr const char *kFooter = R"(
Compiles the model, loads the very object that 'burin compile' ships into this process, runs
it between guard bytes and compares the outputs. For a --target that is another machine it
links the library with a small harness and runs it in the target's emulator.

Examples:
  burin verify kws.onnx
      with the folders test_data_set_* beside the model; where there are none, with
      inputs made from seeds, against the reference interpreter
  burin verify kws.onnx --data recordings/a --data recordings/b
      folders with input_0.pb, ..., output_0.pb, ... (ONNX TensorProto each)
  burin verify --suite onnx/backend/test/data/node --filter 'test_conv*' -j4
      every folder below with a model.onnx, each in a process of its own

Tolerances: 'backend' is ONNX's rule |a - b| <= 1e-7 + 1e-3 |b| (default of --suite); 'model'
also accepts an error of 1e-4 of the tensor's largest magnitude in f32, 5e-3 in f16 (default
otherwise). Integers and bools are always exact.

Exit codes: 0 all match, 1 a mismatch or a failed case, 2 cannot compile or bad input.)";

static constexpr double kSuiteSeconds = 60;

namespace {

struct VerifyArguments : ModelArguments {
  std::vector<std::string> data;
  std::string tolerance;
  std::string json;
  unsigned seeds = 3;
  // Suites
  std::string suite;
  std::vector<std::string> filters;
  unsigned jobs = 0;
  std::optional<double> timeout;
  bool emulate = false;
  std::string junit;
  std::vector<std::string> expected;
  bool updateExpected = false;
  bool strict = false;
  std::string threadOrder = "forward";

  VerifyOptions verifyOptions() const {
    VerifyOptions result;
    result.compile = resolved();
    result.data = data;
    result.seeds = seeds;
    result.machine.threadOrder = threadOrder == "reverse"    ? ThreadOrder::Reverse
                                 : threadOrder == "shuffled" ? ThreadOrder::Shuffled
                                                             : ThreadOrder::Forward;
    bool backend = tolerance.empty() ? !suite.empty() : tolerance == "backend";
    result.machine.emulate = emulate;
    if (timeout)
      result.machine.timeoutSeconds = *timeout;
    result.tolerance = backend ? Tolerance::backend() : Tolerance::model();
    return result;
  }
};

} // namespace

static int error(const std::string &text) {
  llvm::errs() << "burin: error: " << text << '\n';
  return kExitCannotCompile;
}

//===----------------------------------------------------------------------===//
// One model
//===----------------------------------------------------------------------===//

/// Generated code runs in this process: where it crashes, at least say so.
static void crashed(int signal) {
  static constexpr char text[] = "burin: error: the compiled code crashed\n";
  [[maybe_unused]] ssize_t written = write(STDERR_FILENO, text, sizeof(text) - 1);
  std::signal(signal, SIG_DFL);
  _exit(kExitMismatch);
}

static void writeJson(llvm::raw_ostream &out, const VerifyReport &report) {
  llvm::json::OStream json(out, 2);
  json.object([&] {
    json.attribute("outcome", outcomeName(report.outcome));
    if (!report.message.empty())
      json.attribute("message", llvm::json::fixUTF8(report.message));
    json.attribute("compile_seconds", report.compileSeconds);
    json.attribute("arena_bytes", static_cast<int64_t>(report.arenaBytes));
    json.attribute("weights_bytes", static_cast<int64_t>(report.weightsBytes));
    json.attribute("flash_bytes", static_cast<int64_t>(report.flashBytes));
    json.attributeArray("sets", [&] {
      for (const SetReport &set : report.sets)
        json.object([&] {
          json.attribute("data", llvm::json::fixUTF8(set.name));
          json.attribute("passed", set.passed());
          if (!set.error.empty())
            json.attribute("error", llvm::json::fixUTF8(set.error));
          if (set.instructions)
            json.attribute("instructions", static_cast<int64_t>(*set.instructions));
          if (set.stackBytes)
            json.attribute("stack_bytes", static_cast<int64_t>(*set.stackBytes));
          json.attributeArray("outputs", [&] {
            for (const OutputReport &output : set.outputs)
              json.object([&] {
                const Comparison &comparison = output.comparison;
                json.attribute("name", llvm::json::fixUTF8(output.name));
                json.attribute("matches", comparison.matches);
                if (!comparison.message.empty())
                  json.attribute("message", llvm::json::fixUTF8(comparison.message));
                json.attribute("mismatches", comparison.mismatches);
                json.attribute("max_error", comparison.maxError);
                json.attribute("max_error_of_largest", comparison.maxErrorOfLargest);
              });
          });
        });
    });
  });
  out << '\n';
}

static void printSet(const SetReport &set) {
  if (!set.passed()) {
    llvm::outs() << red("FAIL") << ' ' << set.message() << '\n';
    return;
  }
  double worst = 0;
  for (const OutputReport &output : set.outputs)
    worst = std::max(worst, output.comparison.maxErrorOfLargest);
  llvm::outs() << green("ok") << "   "
               << fmt::format("{}: {} output{} match, largest error {:.2g} of the largest "
                              "magnitude",
                              set.name, set.outputs.size(), set.outputs.size() == 1 ? "" : "s",
                              worst);
  if (set.instructions)
    llvm::outs() << fmt::format(", {} instructions", *set.instructions);
  if (set.stackBytes)
    llvm::outs() << fmt::format(", {} bytes of stack", *set.stackBytes);
  llvm::outs() << '\n';
}

static int verifyOne(const VerifyArguments &arguments) {
  for (int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE})
    std::signal(signal, crashed);
  Diagnostics diagnostics(&llvm::errs(), colourOnStderr());
  bool quiet = arguments.json == "-";
  VerifyReport report =
      verifyModel(arguments.verifyOptions(), diagnostics, [&](const SetReport &set) {
        if (!quiet)
          printSet(set);
      });
  // Where instructions are counted, bytes count too.
  if (!quiet && !report.sets.empty() && report.sets.front().instructions)
    llvm::outs() << fmt::format(
        "     {} bytes of flash for code, tables and weights, {} of RAM for "
        "the arena\n",
        report.flashBytes, report.arenaBytes);
  diagnostics.finish();
  if (!arguments.json.empty() &&
      !writeFile(arguments.json, [&](llvm::raw_ostream &out) { writeJson(out, report); }))
    return kExitCannotCompile;
  switch (report.outcome) {
  case Outcome::Passed:
    return kExitOk;
  case Outcome::Mismatch:
    return kExitMismatch;
  default:
    return kExitCannotCompile;
  }
}

//===----------------------------------------------------------------------===//
// A suite
//===----------------------------------------------------------------------===//

/// The list as this run says it should be: what failed, without what passed and what
/// `others` list already. Cases that did not run stay.
static ExpectedFailures updated(ExpectedFailures list, const ExpectedFailures &others,
                                const SuiteResult &result) {
  for (const SuiteCase &test : result.cases) {
    const ExpectedFailures::Entry *elsewhere = others.find(test.name);
    if (test.result.outcome == Outcome::Passed ||
        (elsewhere && elsewhere->outcome == test.result.outcome)) {
      list.remove(test.name);
      continue;
    }
    // A reason that a person wrote says more than the message.
    const ExpectedFailures::Entry *entry = list.find(test.name);
    if (entry && entry->outcome == test.result.outcome &&
        test.result.outcome != Outcome::Unsupported)
      continue;
    llvm::StringRef reason = test.result.message;
    if (size_t at = reason.find("error: "); at != llvm::StringRef::npos)
      reason = reason.drop_front(at + 7);
    list.set(test.name, {test.result.outcome, reason.str()});
  }
  return list;
}

/// Reads the lists: the last one, and the others together.
static llvm::Error readExpected(const VerifyArguments &arguments, ExpectedFailures &last,
                                ExpectedFailures &others) {
  for (const std::string &path : arguments.expected) {
    others.add(last);
    last = ExpectedFailures();
    bool isNew = arguments.updateExpected && path == arguments.expected.back() &&
                 access(path.c_str(), F_OK) != 0;
    if (isNew)
      continue;
    auto list = ExpectedFailures::read(path);
    if (!list)
      return list.takeError();
    last = std::move(*list);
  }
  return llvm::Error::success();
}

static int verifySuite(const VerifyArguments &arguments) {
  std::vector<std::string> folders = findCases(arguments.suite, arguments.filters);
  if (folders.empty())
    return error("no folder below '" + arguments.suite + "' has a model.onnx" +
                 (arguments.filters.empty() ? "" : " and matches --filter"));
  SuiteOptions options;
  options.pool.workers =
      arguments.jobs ? arguments.jobs : std::max(1u, std::thread::hardware_concurrency());
  options.pool.timeoutSeconds = arguments.timeout.value_or(kSuiteSeconds);
  options.progress = progressOnStderr() ? &llvm::errs() : nullptr;
  options.log = &llvm::outs();
  ExpectedFailures last, others;
  if (llvm::Error failed = readExpected(arguments, last, others))
    return error(llvm::toString(std::move(failed)));
  options.expected = others;
  options.expected.add(last);

  VerifyOptions base = arguments.verifyOptions();
  const Target *target = findTarget(base.compile.target);
  if (!target)
    return error(unknownTargetMessage(base.compile.target));
  // Rather one message than one per case.
  if (llvm::Error missing = checkMachine(*target, base.machine))
    return error(llvm::toString(std::move(missing)));
  // Children that run out of time leave their files behind.
  auto scratch = ScratchFolder::create("burin-suite");
  if (!scratch)
    return error(llvm::toString(scratch.takeError()));
  base.machine.scratch = scratch->path();
  SuiteResult result = runSuite(folders, options, [&](const std::string &model) {
    VerifyOptions one = base;
    one.compile.modelPath = model;
    Diagnostics diagnostics;
    VerifyReport report = verifyModel(one, diagnostics, [](const SetReport &) {});
    return CaseResult{report.outcome, report.message, 0};
  });

  bool written = true;
  if (arguments.updateExpected)
    if (llvm::Error failed = updated(last, others, result).write(arguments.expected.back())) {
      llvm::errs() << "burin: error: " << llvm::toString(std::move(failed)) << '\n';
      written = false;
    }
  if (!arguments.junit.empty())
    written &= writeFile(arguments.junit, [&](llvm::raw_ostream &out) { writeJUnit(out, result); });
  if (!arguments.json.empty())
    written &=
        writeFile(arguments.json, [&](llvm::raw_ostream &out) { writeSuiteJson(out, result); });
  printSummary(llvm::outs(), result);
  if (!written)
    return kExitCannotCompile;
  bool shrinks = arguments.strict && result.count(Verdict::PassedUnexpectedly) > 0;
  return result.count(Verdict::Failed) > 0 || shrinks ? kExitMismatch : kExitOk;
}

void cli::addVerifyCommand(CLI::App &app, Session &session) {
  CLI::App *command = app.add_subcommand("verify", "Run a compiled model and compare its outputs");
  auto arguments = std::make_shared<VerifyArguments>();
  addModelArguments(*command, *arguments, /*modelIsRequired=*/false);
  command->add_option("--data", arguments->data, "Folder with inputs and outputs; repeatable")
      ->type_name("DIR")
      ->allow_extra_args(false);
  command->add_option("--tolerance", arguments->tolerance, "How far floats may be off")
      ->type_name("backend|model")
      ->check(CLI::IsMember({"backend", "model"}));
  command->add_option("--seeds", arguments->seeds, "How many inputs to make where there are none")
      ->type_name("N")
      ->capture_default_str();
  command->add_option("--json", arguments->json, "Write the results as JSON; '-' for stdout")
      ->type_name("FILE");
  command->add_option("--suite", arguments->suite, "Verify every case below a folder")
      ->type_name("ROOT");
  command->add_option("--filter", arguments->filters, "Only cases like this; repeatable")
      ->type_name("GLOB")
      ->allow_extra_args(false);
  command->add_option("-j,--jobs", arguments->jobs, "Cases at the same time; default: all cores")
      ->type_name("N");
  command
      ->add_option("--timeout", arguments->timeout,
                   "Seconds per case of a suite (60), and per run of an emulator (600)")
      ->type_name("S");
  command->add_flag("--emulate", arguments->emulate,
                    "Use the target's emulator even where this machine could run the code");
  command->add_option("--junit", arguments->junit, "Write the results as JUnit XML")
      ->type_name("FILE");
  command
      ->add_option("--expected-failures", arguments->expected,
                   "JSON list of cases that cannot pass yet; they count as skipped when they "
                   "end as listed; repeatable, the last one wins")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command->add_flag("--update-expected", arguments->updateExpected,
                    "Rewrite the last of those lists");
  command->add_flag("--strict", arguments->strict,
                    "Fail when a case on the list passes, so that the list shrinks (for CI)");
  command
      ->add_option("--thread-order", arguments->threadOrder,
                   "In which order an emulated block's threads run between barriers")
      ->type_name("forward|reverse|shuffled")
      ->check(CLI::IsMember({"forward", "reverse", "shuffled"}))
      ->capture_default_str();
  command->footer(kFooter);
  command->callback([arguments, &session] {
    const VerifyArguments &given = *arguments;
    if (given.suite.empty() == given.options.modelPath.empty())
      session.exitCode = error("give a MODEL or --suite ROOT");
    else if (given.updateExpected && given.expected.empty())
      session.exitCode = error("--update-expected needs --expected-failures FILE");
    else
      session.exitCode = given.suite.empty() ? verifyOne(given) : verifySuite(given);
  });
}
