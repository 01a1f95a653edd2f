//===- ProcessPool.h - Jobs that may crash ----------------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// Every job runs in a forked child, so that whatever generated code does stays there.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_VERIFY_PROCESSPOOL_H
#define BURIN_COMPILER_VERIFY_PROCESSPOOL_H

#include "llvm/ADT/ArrayRef.h"

#include <functional>
#include <string>

namespace burin::verify {

/// How a child ended.
struct ChildResult {
  enum class End : uint8_t {
    Returned, ///< the job came back; `output` is its text
    Exited,   ///< the process ended by itself with `code`
    Killed,   ///< by signal `code`
    TimedOut,
  };
  End end = End::Returned;
  int code = 0;
  std::string output;
  std::string errors; ///< the last bytes of what it wrote to stdout and stderr
  double seconds = 0;

  /// One line for every end but Returned.
  std::string explain() const;
};

struct PoolOptions {
  unsigned workers = 1;
  double timeoutSeconds = 60;
  /// Bytes of address space per child; 0 for no limit.
  uint64_t memoryLimit = 0;
};

/// Runs `job(0) .. job(count - 1)` in children and calls `done` in this process as they
/// end, in any order. Call it before starting threads. False when `done` asked to stop
/// by returning false.
bool runInChildren(size_t count, const std::function<std::string(size_t)> &job,
                   const std::function<bool(size_t, ChildResult)> &done,
                   const PoolOptions &options);

/// Runs a program (a path and its arguments) in `folder` without input; waits for its
/// end. Never `Returned`: a program that is content exits with code 0.
ChildResult runProgram(llvm::ArrayRef<std::string> command, const std::string &folder,
                       double timeoutSeconds);

} // namespace burin::verify

#endif // BURIN_COMPILER_VERIFY_PROCESSPOOL_H
