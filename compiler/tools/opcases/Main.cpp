//===- Main.cpp - burin-opcases -------------------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// Thousands of random single-operator modules, compiled and run against the
// interpreter. Every failure prints the options that repeat it.
//
//===----------------------------------------------------------------------===//

#include "compiler/tools/opcases/Runner.h"
#include "compiler/verify/ProcessPool.h"

#include "llvm/Support/raw_ostream.h"
#include <map>

using namespace burin;
using namespace burin::opcases;

static constexpr const char *kHelp =
    "burin-opcases [options]: compares compiled code with the interpreter on random ops\n"
    "  --seed N      first seed (1)\n"
    "  --count N     number of cases (2200); case i has seed N + i\n"
    "  --op NAME     only this op of the nn dialect\n"
    "  --jobs N      processes at a time (2)\n"
    "  --target T    machine to compile for (native); a GPU is emulated\n"
    "  --no-compile  only generate and interpret\n"
    "  --print       print every module\n"
    "  --at-least N  fail unless as many cases pass (0)\n"
    "  --here        no child processes, for a debugger\n"
    "Ends with status 1 if a case failed. Rejected modules count as skipped.\n";

namespace {
struct Options : RunOptions {
  uint64_t seed = 1, count = 2200, jobs = 2, atLeast = 0;
  std::string op;
  bool here = false;
};
} // namespace

static bool parseOptions(int argc, char **argv, Options &options) {
  for (int i = 1; i < argc; ++i) {
    llvm::StringRef flag = argv[i], value = i + 1 < argc ? argv[i + 1] : "";
    bool takesValue = false;
    if (flag == "--no-compile")
      options.compile = false;
    else if (flag == "--print")
      options.print = true;
    else if (flag == "--here")
      options.here = true;
    else
      takesValue = true;
    if (!takesValue)
      continue;
    ++i;
    if (flag == "--op")
      options.op = value;
    else if (flag == "--target")
      options.target = value;
    else if (flag == "--seed"       ? value.getAsInteger(10, options.seed)
             : flag == "--count"    ? value.getAsInteger(10, options.count)
             : flag == "--at-least" ? value.getAsInteger(10, options.atLeast)
                                    : flag != "--jobs" || value.getAsInteger(10, options.jobs))
      return false;
  }
  return true;
}

static std::vector<NamedGenerator> selectGenerators(llvm::StringRef op) {
  std::vector<NamedGenerator> selected;
  for (auto family : {elementwiseGenerators(), movementGenerators(), reductionGenerators(),
                      contractionGenerators()})
    for (const NamedGenerator &generator : family)
      if (op.empty() || generator.name == op)
        selected.push_back(generator);
  return selected;
}

int main(int argc, char **argv) {
  Options options;
  if (!parseOptions(argc, argv, options)) {
    llvm::errs() << kHelp;
    return 2;
  }
  std::vector<NamedGenerator> generators = selectGenerators(options.op);
  if (generators.empty()) {
    llvm::errs() << "no cases of an op '" << options.op << "'\n";
    return 2;
  }
  // The seed alone selects the op, so that a case can be repeated alone.
  auto generatorOf = [&](uint64_t seed) -> const NamedGenerator & {
    return generators[Random(seed * 31 + 7).next() % generators.size()];
  };
  auto job = [&](size_t i) {
    Outcome outcome = runCase(generatorOf(options.seed + i), options.seed + i, options);
    return static_cast<char>(outcome.verdict) + outcome.message;
  };
  uint64_t counts[3] = {0, 0, 0}; // passed, failed, skipped
  std::map<std::string, unsigned> skips;
  auto done = [&](size_t i, verify::ChildResult result) {
    bool returned = result.end == verify::ChildResult::End::Returned && !result.output.empty();
    char verdict = returned ? result.output[0] : 'F';
    std::string text = returned ? result.output.substr(1) : result.explain();
    uint64_t seed = options.seed + i;
    std::string name = generatorOf(seed).name.str();
    ++counts[verdict == 'P' ? 0 : verdict == 'F' ? 1 : 2];
    if (verdict == 'F')
      llvm::outs() << "FAIL --seed " << seed << " --count 1"
                   << (options.op.empty() ? "" : " --op " + options.op) << " (" << name
                   << "): " << text << "\n";
    if (verdict == 'S')
      ++skips[name + ": " + text];
    return true;
  };
  if (options.here) {
    for (size_t i = 0; i < options.count; ++i) {
      verify::ChildResult result;
      result.output = job(i);
      done(i, result);
    }
  } else {
    verify::PoolOptions pool;
    pool.workers = static_cast<unsigned>(options.jobs);
    verify::runInChildren(options.count, job, done, pool);
  }
  for (const auto &[text, count] : skips)
    llvm::outs() << "skipped " << count << " x " << text << "\n";
  llvm::outs() << "seeds " << options.seed << " to " << options.seed + options.count - 1 << "\n"
               << counts[0] << " passed, " << counts[1] << " failed, " << counts[2] << " skipped\n";
  return counts[1] != 0 || counts[0] < options.atLeast;
}
