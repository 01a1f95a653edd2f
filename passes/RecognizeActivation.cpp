//===- RecognizeActivation.cpp - Activations that were spelled out --------===//
//
// Part of Burin, under the Apache License v2.0.
//
// Exporters write gelu as 0.5 * x * (1 + erf(x / sqrt(2))), with the factors in
// any order, or multiplied out. So the arithmetic is not matched as a tree: it
// is read as a polynomial in x and t, where t is the one transcendental value
// in it, and the coefficients are compared:
//
//   gelu      0.5 x + 0.5 x t     t = erf(a),  a = 0.7071 x
//   gelu_tanh 0.5 x + 0.5 x t     t = tanh(a), a = 0.79788 x + 0.035677 x^3
//   swish     x t                 t = sigmoid(a), a = alpha x
//   mish      x t                 t = tanh(softplus(x))
//   hard_swish x t / 6            t = min(max(x + 3, 0), 6); or x hard_sigmoid(x)
//
// x itself may be a sum or a product; every value below t is tried as x.
//
//===----------------------------------------------------------------------===//

#include "passes/OpBuild.h"
#include "passes/Passes.h"

#include "dialects/nn/interpreter/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

#include <cmath>

namespace burin {
#define GEN_PASS_DEF_RECOGNIZEACTIVATION
#include "passes/Passes.h.inc"
} // namespace burin

using namespace mlir;
using namespace burin;
using nn::BinaryFn;
using nn::UnaryFn;

namespace {

/// The number of a constant with one element.
std::optional<double> constantNumber(Value value) {
  ElementsAttr attr;
  if (!matchPattern(value, m_Constant(&attr)) || attr.getNumElements() != 1 ||
      !isa<FloatType>(attr.getElementType()))
    return std::nullopt;
  return nn::Tensor::fromAttr(attr).floatAt(0);
}

/// A polynomial in x (up to x^3) and t (up to t^1).
struct Polynomial {
  static constexpr int kX = 4, kT = 2;
  double at[kX][kT] = {};

  bool isConstant() const {
    for (int i = 0; i < kX; ++i)
      for (int j = 0; j < kT; ++j)
        if (i + j > 0 && at[i][j] != 0)
          return false;
    return true;
  }
  /// Equal up to what exporters round (constants of f16 models included).
  bool is(std::initializer_list<std::tuple<int, int, double>> terms) const {
    Polynomial wanted;
    for (auto [i, j, value] : terms)
      wanted.at[i][j] = value;
    for (int i = 0; i < kX; ++i)
      for (int j = 0; j < kT; ++j)
        if (std::fabs(at[i][j] - wanted.at[i][j]) > 1e-3 * std::fabs(wanted.at[i][j]))
          return false;
    return true;
  }
};

using MaybePolynomial = std::optional<Polynomial>;

MaybePolynomial multiply(const Polynomial &a, const Polynomial &b) {
  Polynomial result;
  for (int i = 0; i < Polynomial::kX; ++i)
    for (int j = 0; j < Polynomial::kT; ++j)
      for (int k = 0; k < Polynomial::kX; ++k)
        for (int l = 0; l < Polynomial::kT; ++l) {
          double term = a.at[i][j] * b.at[k][l];
          if (term == 0)
            continue;
          if (i + k >= Polynomial::kX || j + l >= Polynomial::kT)
            return std::nullopt;
          result.at[i + k][j + l] += term;
        }
  return result;
}

/// Reads a value as polynomial in x and t.
class Reader {
public:
  Reader(Value x, Value t) : x(x), t(t) {}

  MaybePolynomial read(Value value) {
    Polynomial result;
    if (value == x || value == t) {
      result.at[value == x][value != x] = 1;
      return result;
    }
    if (std::optional<double> number = constantNumber(value)) {
      result.at[0][0] = *number;
      return result;
    }
    // The trees are small; anything else is no activation.
    if (++visited > 32)
      return std::nullopt;
    if (auto unary = value.getDefiningOp<nn::UnaryOp>())
      return readUnary(unary);
    if (auto binary = value.getDefiningOp<nn::BinaryOp>())
      return readBinary(binary);
    return std::nullopt;
  }

private:
  MaybePolynomial readUnary(nn::UnaryOp op) {
    double alpha = op.getFn() == UnaryFn::affine ? op.getAlpha().convertToDouble() : -1;
    double beta = op.getFn() == UnaryFn::affine ? op.getBeta().convertToDouble() : 0;
    if (op.getFn() != UnaryFn::neg && op.getFn() != UnaryFn::affine)
      return std::nullopt;
    MaybePolynomial inner = read(op.getX());
    if (!inner)
      return std::nullopt;
    for (auto &row : inner->at)
      for (double &value : row)
        value *= alpha;
    inner->at[0][0] += beta;
    return inner;
  }

  MaybePolynomial readBinary(nn::BinaryOp op) {
    MaybePolynomial a = read(op.getA()), b = read(op.getB());
    if (!a || !b)
      return std::nullopt;
    switch (op.getFn()) {
    case BinaryFn::add:
    case BinaryFn::sub:
      for (int i = 0; i < Polynomial::kX; ++i)
        for (int j = 0; j < Polynomial::kT; ++j)
          a->at[i][j] += op.getFn() == BinaryFn::add ? b->at[i][j] : -b->at[i][j];
      return a;
    case BinaryFn::mul:
      return multiply(*a, *b);
    case BinaryFn::div:
      if (!b->isConstant() || b->at[0][0] == 0)
        return std::nullopt;
      b->at[0][0] = 1 / b->at[0][0];
      return multiply(*a, *b);
    case BinaryFn::pow: {
      if (!b->isConstant() || (b->at[0][0] != 2 && b->at[0][0] != 3))
        return std::nullopt;
      MaybePolynomial square = multiply(*a, *a);
      return !square || b->at[0][0] == 2 ? square : multiply(*square, *a);
    }
    default:
      return std::nullopt;
    }
  }

  Value x, t;
  int visited = 0;
};

/// The unary op of one of these functions that made the value.
nn::UnaryOp unaryOf(Value value, std::initializer_list<UnaryFn> fns) {
  auto op = value.getDefiningOp<nn::UnaryOp>();
  return op && llvm::is_contained(fns, op.getFn()) ? op : nn::UnaryOp();
}

/// min(max(value, 0), 6) in either order; the value, or null.
Value clippedTo6(Value value) {
  auto outer = value.getDefiningOp<nn::BinaryOp>();
  auto inner = outer ? outer.getA().getDefiningOp<nn::BinaryOp>() : nn::BinaryOp();
  if (!outer)
    return nullptr;
  if (auto relu = unaryOf(outer.getA(), {UnaryFn::relu}))
    return outer.getFn() == BinaryFn::min && constantNumber(outer.getB()) == 6.0 ? relu.getX()
                                                                                 : Value();
  if (!inner)
    return nullptr;
  auto low = constantNumber(inner.getB()), high = constantNumber(outer.getB());
  BinaryFn first = inner.getFn(), second = outer.getFn();
  if (first == BinaryFn::min && second == BinaryFn::max) {
    std::swap(low, high);
    std::swap(first, second);
  }
  return first == BinaryFn::max && second == BinaryFn::min && low == 0.0 && high == 6.0
             ? inner.getA()
             : Value();
}

/// The transcendental value of the tree, if there is just one.
Value findAtom(Value root) {
  Value found;
  SmallVector<Value> work{root};
  for (int budget = 32; !work.empty() && budget > 0; --budget) {
    Value value = work.pop_back_val();
    if (unaryOf(value, {UnaryFn::erf, UnaryFn::tanh, UnaryFn::sigmoid, UnaryFn::hard_sigmoid}) ||
        clippedTo6(value)) {
      if (found && found != value)
        return nullptr;
      found = value;
      continue;
    }
    if (auto unary = unaryOf(value, {UnaryFn::neg, UnaryFn::affine}))
      work.push_back(unary.getX());
    auto binary = value.getDefiningOp<nn::BinaryOp>();
    if (binary && llvm::is_contained({BinaryFn::add, BinaryFn::sub, BinaryFn::mul, BinaryFn::div},
                                     binary.getFn()))
      work.append({binary.getA(), binary.getB()});
  }
  return found;
}

/// Values that may be x: what the argument of t is made of.
SmallVector<Value> candidates(Value argument) {
  SmallVector<Value> values{argument};
  for (size_t i = 0; i < values.size() && values.size() < 16; ++i) {
    if (auto unary = unaryOf(values[i], {UnaryFn::neg, UnaryFn::affine}))
      values.push_back(unary.getX());
    if (auto binary = values[i].getDefiningOp<nn::BinaryOp>())
      for (Value operand : {binary.getA(), binary.getB()})
        if (!constantNumber(operand))
          values.push_back(operand);
  }
  return values;
}

struct Activation {
  UnaryFn fn;
  Value x;
  double alpha = 0;
};

/// The activation that `root` computes from x and t.
std::optional<Activation> readActivation(Value root, Value t) {
  Value clipped = clippedTo6(t);
  auto unary = t.getDefiningOp<nn::UnaryOp>();
  Value argument = clipped ? clipped : unary.getX();
  auto softplus = clipped ? nn::UnaryOp() : unaryOf(argument, {UnaryFn::softplus});
  if (softplus)
    argument = softplus.getX();
  for (Value x : candidates(argument)) {
    if (x.getType() != root.getType())
      continue;
    MaybePolynomial inner = Reader(x, Value()).read(argument);
    MaybePolynomial outer = Reader(x, t).read(root);
    if (!inner || !outer)
      continue;
    bool half = outer->is({{1, 0, 0.5}, {1, 1, 0.5}}), product = outer->is({{1, 1, 1}});
    if (clipped) {
      if (inner->is({{0, 0, 3}, {1, 0, 1}}) && outer->is({{1, 1, 1.0 / 6}}))
        return Activation{UnaryFn::hard_swish, x};
      continue;
    }
    switch (unary.getFn()) {
    case UnaryFn::erf:
      if (half && inner->is({{1, 0, M_SQRT1_2}}))
        return Activation{UnaryFn::gelu, x};
      break;
    case UnaryFn::tanh:
      if (softplus && product && inner->is({{1, 0, 1}}))
        return Activation{UnaryFn::mish, x};
      if (!softplus && half &&
          inner->is({{1, 0, std::sqrt(M_2_PI)}, {3, 0, 0.044715 * std::sqrt(M_2_PI)}}))
        return Activation{UnaryFn::gelu_tanh, x};
      break;
    case UnaryFn::sigmoid:
      if (product && inner->at[1][0] != 0 && inner->is({{1, 0, inner->at[1][0]}}))
        return Activation{UnaryFn::swish, x, inner->at[1][0]};
      break;
    case UnaryFn::hard_sigmoid:
      if (product && inner->is({{1, 0, 1}}) &&
          std::fabs(unary.getAlpha().convertToDouble() - 1.0 / 6) < 1e-4 &&
          unary.getBeta().convertToDouble() == 0.5)
        return Activation{UnaryFn::hard_swish, x};
      break;
    default:
      break;
    }
  }
  return std::nullopt;
}

struct Recognize : OpRewritePattern<nn::BinaryOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::BinaryOp op, PatternRewriter &rewriter) const override {
    if (!isa<FloatType>(elementType(op.getResult())))
      return failure();
    Value root = op.getResult();
    Value t = findAtom(root);
    std::optional<Activation> found = t ? readActivation(root, t) : std::nullopt;
    if (!found)
      return failure();
    OpBuild b(rewriter, op.getLoc());
    rewriter.replaceOp(op, b.unary(found->fn, found->x, found->alpha));
    return success();
  }
};

/// log(1 + exp(x)) and log1p(exp(x)); without the overflow of the original.
struct Softplus : OpRewritePattern<nn::UnaryOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::UnaryOp op, PatternRewriter &rewriter) const override {
    nn::UnaryOp exp;
    if (op.getFn() == UnaryFn::log1p)
      exp = unaryOf(op.getX(), {UnaryFn::exp});
    if (auto sum = op.getX().getDefiningOp<nn::BinaryOp>(); op.getFn() == UnaryFn::log && sum &&
                                                            sum.getFn() == BinaryFn::add &&
                                                            constantNumber(sum.getB()) == 1.0)
      exp = unaryOf(sum.getA(), {UnaryFn::exp});
    if (!exp || exp.getType() != op.getType())
      return failure();
    OpBuild b(rewriter, op.getLoc());
    rewriter.replaceOp(op, b.unary(UnaryFn::softplus, exp.getX()));
    return success();
  }
};

/// 1 / (1 + exp(-x))
struct Sigmoid : RewritePattern {
  Sigmoid(MLIRContext *context) : RewritePattern(MatchAnyOpTypeTag(), 1, context) {}

  LogicalResult matchAndRewrite(Operation *op, PatternRewriter &rewriter) const override {
    Value below;
    if (auto recip = dyn_cast<nn::UnaryOp>(op); recip && recip.getFn() == UnaryFn::recip)
      below = recip.getX();
    if (auto div = dyn_cast<nn::BinaryOp>(op);
        div && div.getFn() == BinaryFn::div && constantNumber(div.getA()) == 1.0)
      below = div.getB();
    auto sum = below ? below.getDefiningOp<nn::BinaryOp>() : nn::BinaryOp();
    if (!sum || sum.getFn() != BinaryFn::add || constantNumber(sum.getB()) != 1.0)
      return failure();
    auto exp = unaryOf(sum.getA(), {UnaryFn::exp});
    auto neg = exp ? unaryOf(exp.getX(), {UnaryFn::neg}) : nn::UnaryOp();
    if (!neg || neg.getType() != op->getResult(0).getType())
      return failure();
    OpBuild b(rewriter, op->getLoc());
    rewriter.replaceOp(op, b.unary(UnaryFn::sigmoid, neg.getX()));
    return success();
  }
};

struct RecognizeActivation : burin::impl::RecognizeActivationBase<RecognizeActivation> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<Recognize, Softplus, Sigmoid>(&getContext());
    // Constants stand on the right behind this.
    nn::BinaryOp::getCanonicalizationPatterns(patterns, &getContext());
    if (failed(applyPatternsAndFoldGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
