//===- Trace.cpp - What every pass did ------------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/driver/Trace.h"

#include "mlir/Pass/PassInstrumentation.h"

#include <fmt/format.h>

using namespace burin;
using namespace mlir;

/// Kinds of ops whose counts changed that a line of the trace names.
static constexpr size_t kShownChanges = 5;

std::string burin::printIR(Operation *op) {
  std::string text;
  llvm::raw_string_ostream out(text);
  OpPrintingFlags flags;
  flags.elideLargeElementsAttrs(64).elideLargeResourceString(64);
  op->print(out, flags);
  out << '\n';
  return text;
}

Trace::Running Trace::begin(Operation *op) {
  Running running;
  if (out && op)
    op->walk([&](Operation *inner) { ++running.ops[inner->getName().getStringRef()]; });
  running.start = std::chrono::steady_clock::now();
  return running;
}

/// "nn.unary 12 -> 3, nn.constant +4"
static std::string describeChange(llvm::StringMap<int64_t> before, Operation *op) {
  llvm::StringMap<int64_t> after;
  op->walk([&](Operation *inner) { ++after[inner->getName().getStringRef()]; });
  for (auto &entry : after)
    before.try_emplace(entry.getKey(), 0);
  std::vector<std::pair<int64_t, std::string>> changes;
  for (auto &entry : before) {
    int64_t was = entry.getValue(), is = after.lookup(entry.getKey());
    if (was != is)
      changes.emplace_back(-std::abs(is - was),
                           fmt::format("{} {} -> {}", entry.getKey().str(), was, is));
  }
  if (changes.empty())
    return "-";
  llvm::sort(changes);
  std::string text;
  for (size_t i = 0; i < std::min(changes.size(), kShownChanges); ++i)
    text += (i ? ", " : "") + changes[i].second;
  if (changes.size() > kShownChanges)
    text += fmt::format(", and {} more", changes.size() - kShownChanges);
  return text;
}

void Trace::end(llvm::StringRef name, const Running &running, Operation *op) {
  double ms =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - running.start)
          .count();
  seen.push_back(name.str());
  if (out)
    *out << fmt::format("{:9.2f} ms  {:<24} {}\n", ms, name.str(),
                        op ? describeChange(running.ops, op) : "");
  if (isWanted(name) && op) {
    found = true;
    dump = printIR(op);
  }
}

LogicalResult Trace::step(llvm::StringRef name, Operation *before,
                          const std::function<Operation *()> &run) {
  Running running = begin(before);
  Operation *op = run();
  if (!op)
    return failure();
  end(name, running, op);
  return success();
}

LogicalResult Trace::stepWithoutIR(llvm::StringRef name,
                                   const std::function<LogicalResult()> &run) {
  Running running = begin(nullptr);
  if (failed(run()))
    return failure();
  end(name, running, nullptr);
  return success();
}

//===----------------------------------------------------------------------===//
// Passes
//===----------------------------------------------------------------------===//

namespace burin {
class TraceInstrumentation : public PassInstrumentation {
public:
  explicit TraceInstrumentation(Trace &trace) : trace(trace) {}

  void runBeforePass(Pass *pass, Operation *op) override {
    if (isAdaptor(pass))
      return;
    running[pass] = trace.begin(moduleOf(op));
  }
  void runAfterPass(Pass *pass, Operation *op) override {
    if (isAdaptor(pass))
      return;
    llvm::StringRef name = pass->getArgument();
    trace.end(name.empty() ? pass->getName() : name, running[pass], moduleOf(op));
  }

private:
  /// Pass managers of nested ops are passes as well.
  static bool isAdaptor(Pass *pass) { return pass->getName().contains("Adaptor"); }
  static Operation *moduleOf(Operation *op) {
    while (Operation *parent = op->getParentOp())
      op = parent;
    return op;
  }

  Trace &trace;
  llvm::DenseMap<Pass *, Trace::Running> running;
};
} // namespace burin

void Trace::attach(PassManager &manager) {
  if (out || !wanted.empty())
    manager.addInstrumentation(std::make_unique<TraceInstrumentation>(*this));
}
