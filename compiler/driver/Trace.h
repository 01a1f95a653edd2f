//===- Trace.h - What every pass did ----------------------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_DRIVER_TRACE_H
#define BURIN_COMPILER_DRIVER_TRACE_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/StringMap.h"

#include <chrono>
#include <functional>
#include <string>

namespace burin {

/// Follows the steps of a compilation: prints each with its time and how the counts of
/// ops changed, and keeps the IR after the one that somebody wants to see.
class Trace {
public:
  /// `out` may be null. `wanted` is a pass's argument or a step's name, or empty.
  Trace(llvm::raw_ostream *out, std::string wanted) : out(out), wanted(std::move(wanted)) {}

  /// Follows the passes of a manager too. Passes behind the wanted one still run, but
  /// the steps behind it do not.
  void attach(mlir::PassManager &manager);
  /// Runs a step that is no pass: from `before`, which may be null, to the IR that it
  /// returns; null where it failed.
  llvm::LogicalResult step(llvm::StringRef name, mlir::Operation *before,
                           const std::function<mlir::Operation *()> &run);
  /// The same for steps that leave nothing to look at.
  llvm::LogicalResult stepWithoutIR(llvm::StringRef name,
                                    const std::function<llvm::LogicalResult()> &run);

  bool isWanted(llvm::StringRef name) const { return !wanted.empty() && name == wanted; }
  /// Whether the wanted step is over, and the IR then.
  bool reached() const { return found; }
  const std::string &text() const { return dump; }
  /// Names of all steps so far, for messages.
  llvm::ArrayRef<std::string> names() const { return seen; }

private:
  friend class TraceInstrumentation;
  struct Running {
    std::chrono::steady_clock::time_point start;
    llvm::StringMap<int64_t> ops;
  };
  Running begin(mlir::Operation *op);
  void end(llvm::StringRef name, const Running &running, mlir::Operation *op);

  llvm::raw_ostream *out;
  std::string wanted;
  bool found = false;
  std::string dump;
  std::vector<std::string> seen;
};

/// The IR as text, big constants shortened.
std::string printIR(mlir::Operation *op);

} // namespace burin

#endif // BURIN_COMPILER_DRIVER_TRACE_H
