//===- Bench.h - The time of an inference -----------------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_VERIFY_BENCH_H
#define BURIN_COMPILER_VERIFY_BENCH_H

#include "compiler/driver/Compile.h"

namespace burin::verify {

struct BenchOptions {
  CompileOptions compile;
  std::vector<std::string> data;
  double seconds = 1; ///< to measure each data set
};

struct BenchSet {
  std::string name;
  double medianMicroseconds = 0;
  double minMicroseconds = 0;
  double spread = 0; ///< from the 10th to the 90th percentile, as share of the median
  uint64_t runs = 0;
  uint64_t arenaBytes = 0;
};

struct BenchReport {
  std::string model;
  std::string target;
  double compileSeconds = 0;
  uint64_t weightsBytes = 0;
  uint64_t macs = 0;
  std::vector<BenchSet> sets;
};

/// Compiles, loads and measures; nothing, after a diagnostic, when any of it fails.
std::optional<BenchReport> benchModel(const BenchOptions &options, Diagnostics &diagnostics);

} // namespace burin::verify

#endif // BURIN_COMPILER_VERIFY_BENCH_H
