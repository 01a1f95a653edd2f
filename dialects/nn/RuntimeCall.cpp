//===- RuntimeCall.cpp - Ops that are C functions of runtime-lib ----------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/RuntimeCall.h"
#include "dialects/nn/NN.h"

using namespace mlir;

namespace burin::nn {

std::optional<RuntimeCall> runtimeCall(Operation *op) {
  RuntimeCall call;
  call.op = op;
  if (auto topK = dyn_cast<TopKOp>(op)) {
    call.callee = "top_k";
    call.inputs = {topK.getX()};
    call.ints = {static_cast<int64_t>(topK.getAxis()), topK.getLargest()};
    return call;
  }
  auto source = dyn_cast<CallOp>(op);
  if (!source)
    return std::nullopt;
  call.callee = source.getCallee();
  call.ints = SmallVector<int64_t>(source.getInts());
  call.floats = SmallVector<double>(source.getFloats());
  auto operands = source.getXs();
  if (source.getPresent().empty()) {
    call.inputs.append(operands.begin(), operands.end());
    return call;
  }
  size_t next = 0;
  for (bool present : source.getPresent())
    call.inputs.push_back(present && next < operands.size() ? operands[next++] : Value());
  return call;
}

std::optional<RuntimeCall> runtimeCallOf(func::FuncOp group) {
  if (group.isExternal())
    return std::nullopt;
  for (Operation &op : group.getBody().front())
    if (auto call = runtimeCall(&op))
      return call;
  return std::nullopt;
}

DimExpr scratchBytes(StringRef callee, ArrayRef<SmallVector<DimExpr>> inputs,
                     ArrayRef<int64_t> ints, DimContext &context) {
  auto constant = [&](int64_t value) { return context.constant(value); };
  auto scaled = [&](DimExpr count, int64_t bytes) { return context.mul(count, constant(bytes)); };
  auto rank = [&](size_t input) -> int64_t {
    return input < inputs.size() ? inputs[input].size() : 0;
  };
  auto integer = [&](size_t i) { return i < ints.size() ? ints[i] : 0; };
  // An axis that is out of range makes the call fail before it needs scratch.
  bool axisFits = integer(0) >= 0 && integer(0) < rank(0);
  if (callee == "top_k")
    return axisFits ? scaled(inputs[0][integer(0)], 16) : constant(0);
  if (callee == "fft")
    return axisFits ? scaled(inputs[0][integer(0)], integer(1) && integer(2) ? 96 : 48)
                    : constant(0);
  if (callee == "det" || callee == "inverse") {
    if (rank(0) < 2)
      return constant(0);
    DimExpr side = inputs[0].back();
    return scaled(context.mul(side, side), callee == "inverse" ? 16 : 8);
  }
  if (callee == "nms")
    return rank(1) == 3 ? scaled(inputs[1][2], 16) : constant(0);
  if (callee == "unique")
    return rank(0) >= 1 ? scaled(inputs[0][0], 16) : constant(0);
  if (callee == "svm_vote")
    return scaled(context.mul(constant(integer(0)), constant(integer(0) + 1)), 16);
  if (callee == "tree_ensemble")
    return inputs.size() < 2 ? constant(0)
                             : context.add(scaled(context.product(inputs[1]), 8),
                                           scaled(constant(integer(1)), 9));
  // Rows that need none.
  static constexpr StringLiteral kWithout[] = {"nonzero",          "roi_align",     "max_roi_pool",
                                               "grid_sample",      "deform_im2col", "tfidf",
                                               "max_pool_indices", "map_lookup"};
  return llvm::is_contained(kWithout, callee) ? constant(0) : DimExpr();
}

} // namespace burin::nn
