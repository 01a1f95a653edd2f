//===- Suite.h - Folders of test cases --------------------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// A case is a folder with `model.onnx` and `test_data_set_*`. A case that cannot pass
// yet stands on a list that is checked in, with how it ends and why; the list can only
// shrink.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_VERIFY_SUITE_H
#define BURIN_COMPILER_VERIFY_SUITE_H

#include "compiler/verify/ProcessPool.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <map>
#include <vector>

namespace burin::verify {

/// How one case ended.
enum class Outcome : uint8_t {
  Passed,
  Mismatch,    ///< wrong numbers, or the library returned an error
  Unsupported, ///< the compiler said that it cannot, with a message
  BadData,     ///< the test data cannot be read
  Crashed,     ///< the compiler or the code died
  TimedOut,
};

llvm::StringRef outcomeName(Outcome outcome);
std::optional<Outcome> parseOutcome(llvm::StringRef name);

struct CaseResult {
  Outcome outcome = Outcome::Passed;
  std::string message; ///< the first line of why, empty when passed
  double seconds = 0;
};

/// A line of text for results that cross a process border.
std::string encodeResult(const CaseResult &result);
CaseResult decodeResult(const ChildResult &child);

/// Finds the cases under `root`: itself, or its subfolders at any depth, by name. Those
/// whose name matches one of the shell patterns `filters`, if any.
std::vector<std::string> findCases(const std::string &root, llvm::ArrayRef<std::string> filters);

/// The list: case name -> "outcome: reason".
class ExpectedFailures {
public:
  struct Entry {
    Outcome outcome;
    std::string reason;
  };

  static llvm::Expected<ExpectedFailures> read(const std::string &path);
  llvm::Error write(const std::string &path) const;

  const Entry *find(llvm::StringRef name) const;
  void set(llvm::StringRef name, Entry entry) { entries[name.str()] = std::move(entry); }
  /// Adds the entries of `other`, which win.
  void add(const ExpectedFailures &other);
  void remove(llvm::StringRef name) { entries.erase(name.str()); }
  size_t size() const { return entries.size(); }

private:
  std::map<std::string, Entry> entries;
};

/// A case's verdict once the list was asked.
enum class Verdict : uint8_t {
  Passed,
  PassedUnexpectedly, ///< passes and is listed: to be removed from the list
  Failed,
  Skipped, ///< ends as the list says
};

struct SuiteCase {
  std::string name; ///< the folder's name
  std::string path; ///< of model.onnx
  CaseResult result;
  Verdict verdict = Verdict::Passed;
};

struct SuiteOptions {
  PoolOptions pool;
  ExpectedFailures expected;
  /// Shows progress on this terminal; null for none.
  llvm::raw_ostream *progress = nullptr;
  /// Gets a line per case that did not pass.
  llvm::raw_ostream *log = nullptr;
};

struct SuiteResult {
  std::vector<SuiteCase> cases;
  unsigned count(Verdict verdict) const;
};

/// Runs `verifyCase(path of model.onnx)` for every folder, in children.
SuiteResult runSuite(llvm::ArrayRef<std::string> folders, const SuiteOptions &options,
                     const std::function<CaseResult(const std::string &)> &verifyCase);

/// Failed and skipped cases by reason, the most frequent first, then
/// `N passed, N failed, N skipped`.
void printSummary(llvm::raw_ostream &out, const SuiteResult &result);
void writeJUnit(llvm::raw_ostream &out, const SuiteResult &result);
void writeSuiteJson(llvm::raw_ostream &out, const SuiteResult &result);

} // namespace burin::verify

#endif // BURIN_COMPILER_VERIFY_SUITE_H
