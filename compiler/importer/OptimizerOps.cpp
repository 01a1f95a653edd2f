//===- OptimizerOps.cpp - Training steps: Adagrad, Adam, Momentum ---------===//
//
// Part of Burin, under the Apache License v2.0.
//
// Operators of ai.onnx.preview.training. Inputs: learning rate R, number of
// updates T, then all X, all gradients, and each kind of state for all of them.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/NodeBinder.h"
#include "compiler/importer/OperatorFamilies.h"

using namespace mlir;
using namespace burin;
using nn::BinaryFn;
using nn::CompareFn;
using nn::UnaryFn;

static constexpr llvm::StringLiteral kTrainingDomain = "ai.onnx.preview.training";

namespace {
/// One optimised tensor with what belongs to it; `state` becomes the new one.
struct Step {
  Value rate, count; ///< 0-D; count as i64
  Value x, gradient;
  SmallVector<Value> states;
};
} // namespace

/// Calls `apply` for each of the tensors and sets the results: all new X, then
/// each kind of state.
template <typename Fn> static LogicalResult forEachTensor(NodeBinder &n, size_t states, Fn apply) {
  size_t kinds = 2 + states, given = n.numOperands() - 2;
  if (given % kinds != 0)
    return n.emitError() << "has " << given << " tensors, expected " << kinds
                         << " for each optimised one";
  size_t tensors = given / kinds;
  for (size_t i = 0; i < tensors; ++i) {
    for (size_t kind = 0; kind < kinds; ++kind)
      if (!n.hasOperand(2 + kind * tensors + i))
        return n.emitError() << "input " << 2 + kind * tensors + i << " is missing";
    auto operand = [&](size_t kind) { return n.operand(2 + kind * tensors + i); };
    Type type = NNBuilder::elementType(operand(0));
    Step step;
    step.x = operand(0);
    step.gradient =
        n.add(n.mul(n.scalar(type, n.floatAttr("norm_coefficient", 0)), step.x), operand(1));
    step.rate = n.reshape(n.cast(n.operand(0), type), ArrayRef<int64_t>{});
    step.count = n.reshape(n.operand(1), ArrayRef<int64_t>{});
    for (size_t kind = 0; kind < states; ++kind)
      step.states.push_back(operand(2 + kind));
    apply(step);
    n.setResult(i, step.x);
    for (size_t kind = 0; kind < states; ++kind)
      n.setResult((1 + kind) * tensors + i, step.states[kind]);
  }
  return success();
}

static LogicalResult importAdagrad(NodeBinder &n) {
  return forEachTensor(n, 1, [&](Step &step) {
    auto number = [&](double value) { return n.scalarLike(step.x, value); };
    Value count = n.cast(step.count, NNBuilder::elementType(step.x));
    Value decay = n.add(number(1), n.mul(count, number(n.floatAttr("decay_factor", 0))));
    Value rate = n.div(step.rate, decay);
    Value squares = n.add(step.states[0], n.mul(step.gradient, step.gradient));
    Value root = n.add(n.unary(UnaryFn::sqrt, squares), number(n.floatAttr("epsilon", 1e-6f)));
    step.x = n.sub(step.x, n.div(n.mul(rate, step.gradient), root));
    step.states[0] = squares;
  });
}

static LogicalResult importAdam(NodeBinder &n) {
  double alpha = n.floatAttr("alpha", 0.9f), beta = n.floatAttr("beta", 0.999f);
  double post = n.floatAttr("norm_coefficient_post", 0), epsilon = n.floatAttr("epsilon", 1e-6f);
  return forEachTensor(n, 2, [&](Step &step) {
    auto number = [&](double value) { return n.scalarLike(step.x, value); };
    Value mean =
        n.add(n.mul(number(alpha), step.states[0]), n.mul(number(1 - alpha), step.gradient));
    Value squares = n.add(n.mul(number(beta), step.states[1]),
                          n.mul(number(1 - beta), n.mul(step.gradient, step.gradient)));
    Value root = n.add(n.unary(UnaryFn::sqrt, squares), number(epsilon));
    // From the second update on the averages' bias to 0 is taken out.
    Value count = n.cast(step.count, NNBuilder::elementType(step.x));
    auto unbiased = [&](double base) {
      return n.sub(number(1), n.binary(BinaryFn::pow, number(base), count));
    };
    Value corrected =
        n.div(n.mul(step.rate, n.unary(UnaryFn::sqrt, unbiased(beta))), unbiased(alpha));
    Value rate = n.select(n.compare(CompareFn::gt, step.count, n.index(0)), corrected, step.rate);
    step.x = n.mul(number(1 - post), n.sub(step.x, n.mul(rate, n.div(mean, root))));
    step.states[0] = mean;
    step.states[1] = squares;
  });
}

static LogicalResult importMomentum(NodeBinder &n) {
  double alpha = n.floatAttr("alpha", 0), beta = n.floatAttr("beta", 0);
  std::string mode = n.stringAttr("mode", "standard");
  if (mode != "standard" && mode != "nesterov")
    return n.emitError() << "mode is '" << mode << "', expected 'standard' or 'nesterov'";
  return forEachTensor(n, 1, [&](Step &step) {
    auto number = [&](double value) { return n.scalarLike(step.x, value); };
    // The first gradient counts in full.
    Value share =
        n.select(n.compare(CompareFn::gt, step.count, n.index(0)), number(beta), number(1));
    Value momentum = n.add(n.mul(number(alpha), step.states[0]), n.mul(share, step.gradient));
    Value direction =
        mode == "standard" ? momentum : n.add(step.gradient, n.mul(number(alpha), momentum));
    step.x = n.sub(step.x, n.mul(step.rate, direction));
    step.states[0] = momentum;
  });
}

void burin::registerOptimizerOps(OpRegistry &registry) {
  Arity arity = Arity::atLeast(3);
  registry.addTo(kTrainingDomain, "Adagrad", 1, arity, importAdagrad);
  registry.addTo(kTrainingDomain, "Adam", 1, arity, importAdam);
  registry.addTo(kTrainingDomain, "Momentum", 1, arity, importMomentum);
}
