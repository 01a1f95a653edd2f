//===- Runner.h - Compiled code against the interpreter ---------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_TOOLS_OPCASES_RUNNER_H
#define BURIN_COMPILER_TOOLS_OPCASES_RUNNER_H

#include "compiler/tools/opcases/CaseBuilder.h"

namespace burin::opcases {

struct RunOptions {
  std::string target = "native";
  bool compile = true; ///< else only the interpreter runs
  bool print = false;  ///< also print the module
};

enum class Verdict : char {
  Passed = 'P',
  Failed = 'F',  ///< the outputs differ, or the case could not even be evaluated
  Skipped = 'S', ///< the compiler rejected the module
};

struct Outcome {
  Verdict verdict = Verdict::Passed;
  std::string message;
};

/// Makes the case of `seed`, evaluates it, compiles it and runs the library, in this
/// process (which it may crash) or in the target's emulator, and compares.
Outcome runCase(const NamedGenerator &generator, uint64_t seed, const RunOptions &options);

} // namespace burin::opcases

#endif // BURIN_COMPILER_TOOLS_OPCASES_RUNNER_H
