//===- VerifyModel.h - Does the compiled model compute right? ---*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_VERIFY_VERIFYMODEL_H
#define BURIN_COMPILER_VERIFY_VERIFYMODEL_H

#include "compiler/driver/Compile.h"
#include "compiler/verify/Compare.h"
#include "compiler/verify/DataSet.h"
#include "compiler/verify/Machine.h"
#include "compiler/verify/Suite.h"

namespace burin::verify {

struct VerifyOptions {
  CompileOptions compile;
  /// Folders of data; empty for those beside the model, and where there are none,
  /// for inputs made from seeds and the reference interpreter's outputs.
  std::vector<std::string> data;
  Tolerance tolerance = Tolerance::model();
  unsigned seeds = 3;
  MachineOptions machine;
};

struct OutputReport {
  std::string name;
  Comparison comparison;
};

/// One data set's result.
struct SetReport {
  std::string name;
  std::string error; ///< why it did not run to its end, or empty
  std::vector<OutputReport> outputs;
  /// Of the inference, where the machine counts them.
  std::optional<uint64_t> instructions, stackBytes;
  bool passed() const;
  /// One line for what is wrong.
  std::string message() const;
};

struct VerifyReport {
  Outcome outcome = Outcome::Passed;
  std::string message; ///< of the first problem
  std::vector<SetReport> sets;
  uint64_t weightsBytes = 0;
  uint64_t flashBytes = 0; ///< of the library: code, tables and weights
  uint64_t arenaBytes = 0; ///< the largest that a data set took
  double compileSeconds = 0;
};

/// Compiles the model, links it where its target's code can run, and runs every data set.
/// `onSet` sees each result as it comes.
VerifyReport verifyModel(const VerifyOptions &options, Diagnostics &diagnostics,
                         const std::function<void(const SetReport &)> &onSet);

/// A model compiled and linked, with its data: what verify and bench share.
class PreparedModel {
public:
  /// Fails after a diagnostic.
  static std::optional<PreparedModel> make(const CompileOptions &options,
                                           const std::vector<std::string> &data, unsigned seeds,
                                           const MachineOptions &machineOptions,
                                           Diagnostics &diagnostics);

  Machine &machine() const { return *linked; }
  const object::ModelInterface &interface() const { return compilation->interface(); }
  /// Paths of data folders, or empty where inputs are generated.
  const std::vector<std::string> &folders() const { return dataFolders; }
  size_t setCount() const { return dataFolders.empty() ? seedCount : dataFolders.size(); }
  /// Reads or makes a data set, in the model's order. `withOutputs` also reads the
  /// expected outputs, or evaluates the model for them.
  std::optional<DataSet> dataSet(size_t index, bool withOutputs, Diagnostics &diagnostics);

private:
  std::unique_ptr<Compilation> compilation;
  std::unique_ptr<Machine> linked;
  std::vector<std::string> dataFolders;
  unsigned seedCount = 0;
};

} // namespace burin::verify

#endif // BURIN_COMPILER_VERIFY_VERIFYMODEL_H
