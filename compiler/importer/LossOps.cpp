//===- LossOps.cpp - Negative log likelihood and cross entropy ------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/OperatorFamilies.h"
#include "compiler/importer/ShapeMath.h"

using namespace mlir;
using namespace burin;
using nn::CompareFn;
using nn::ReduceFn;
using nn::UnaryFn;

namespace {
enum class Reduction { None, Sum, Mean };
} // namespace

static Reduction reductionAttr(NodeBinder &n) {
  std::string name = n.stringAttr("reduction", "mean");
  if (name == "none")
    return Reduction::None;
  if (name == "sum")
    return Reduction::Sum;
  if (name != "mean")
    n.emitError() << "reduction is '" << name << "', expected 'none', 'sum' or 'mean'";
  return Reduction::Mean;
}

/// The loss of log probabilities [N, C, D...] (f32 or f64) for the classes in
/// operand 1 [N, D...], with weights [C] in operand 2 or none.
static Value likelihoodLoss(NodeBinder &n, Value logProbs) {
  Reduction reduction = reductionAttr(n);
  std::optional<int64_t> ignored = n.optionalInt("ignore_index");
  int64_t rank = NNBuilder::rank(logProbs);
  if (!n.requireMinRank(logProbs, 2, "the input") ||
      !n.requireRank(n.operand(1), rank - 1, "the target") || n.failed())
    return logProbs;
  Type type = NNBuilder::elementType(logProbs);
  Value target = n.cast(n.operand(1), n.b.getI64Type());
  // The ignored class may lie outside of 0..C-1: it reads class 0 instead.
  Value isIgnored;
  if (ignored) {
    isIgnored = n.compare(CompareFn::eq, target, n.index(*ignored));
    target = n.select(isIgnored, n.index(0), target);
  }
  SmallVector<int64_t> classLast{0};
  for (int64_t i = 2; i < rank; ++i)
    classLast.push_back(i);
  classLast.push_back(1);
  Value byClass = rank == 2 ? logProbs : n.transpose(logProbs, classLast);
  Value loss = n.unary(UnaryFn::neg, n.gather(byClass, target, rank - 1, rank - 1));
  Value zero = n.scalar(type, 0);
  Value weight;
  if (n.hasOperand(2)) {
    if (!n.requireRank(n.operand(2), 1, "the weight"))
      return logProbs;
    weight = n.gather(n.cast(n.operand(2), type), target, 0);
    loss = n.mul(loss, weight);
  }
  if (isIgnored) {
    loss = n.select(isIgnored, zero, loss);
    weight = n.select(isIgnored, zero, weight ? weight : n.scalar(type, 1));
  }
  if (reduction == Reduction::None)
    return loss;
  SmallVector<int64_t> all = llvm::to_vector(llvm::seq<int64_t>(0, rank - 1));
  if (reduction == Reduction::Mean && !weight)
    return n.reduce(ReduceFn::mean, loss, all, false);
  Value sum = n.reduce(ReduceFn::sum, loss, all, false);
  if (reduction == Reduction::Sum)
    return sum;
  return n.div(sum, n.reduce(ReduceFn::sum, weight, all, false));
}

/// x itself, or in f32 where its own type is too narrow for sums.
static Value widen(NodeBinder &n, Value x) {
  Type type = NNBuilder::elementType(x);
  return type.isF16() || type.isBF16() ? n.cast(x, n.b.getF32Type()) : x;
}

static LogicalResult importNegativeLogLikelihoodLoss(NodeBinder &n) {
  n.setResult(0, n.cast(likelihoodLoss(n, widen(n, n.operand(0))), n.elementType(0)));
  return success();
}

static LogicalResult importSoftmaxCrossEntropyLoss(NodeBinder &n) {
  if (!n.requireMinRank(n.operand(0), 2, "the scores"))
    return failure();
  Value logProbs = n.create<nn::SoftmaxOp>(widen(n, n.operand(0)), n.b.getDenseI64ArrayAttr({1}),
                                           n.b.getBoolAttr(true));
  n.setResult(0, n.cast(likelihoodLoss(n, logProbs), n.elementType(0)));
  if (n.hasResult(1))
    n.setResult(1, n.cast(logProbs, n.elementType(0)));
  return success();
}

void burin::registerLossOps(OpRegistry &registry) {
  for (int64_t since : {12, 13, 22})
    registry.add("NegativeLogLikelihoodLoss", since, {2, 3}, importNegativeLogLikelihoodLoss);
  for (int64_t since : {12, 13})
    registry.add("SoftmaxCrossEntropyLoss", since, {2, 3}, importSoftmaxCrossEntropyLoss);
}
