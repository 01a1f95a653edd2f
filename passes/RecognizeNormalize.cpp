//===- RecognizeNormalize.cpp - Normalisation that was spelled out --------===//
//
// Part of Burin, under the Apache License v2.0.
//
//   layer  d / sqrt(mean(d^2) + eps),  d = x - mean(x)
//   rms    x / sqrt(mean(x^2) + eps)
//
// with the quotient also as a product with a reciprocal. Scale and bias behind
// it stay mul and add. Where all of it was done in f32 around f16 values, the
// casts go as well: normalize computes in f32 itself.
//
//===----------------------------------------------------------------------===//

#include "passes/OpBuild.h"
#include "passes/Passes.h"

#include "dialects/nn/interpreter/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace burin {
#define GEN_PASS_DEF_RECOGNIZENORMALIZE
#include "passes/Passes.h.inc"
} // namespace burin

using namespace mlir;
using namespace burin;
using nn::BinaryFn;
using nn::UnaryFn;

static std::optional<double> constantNumber(Value value) {
  ElementsAttr attr;
  if (!matchPattern(value, m_Constant(&attr)) || attr.getNumElements() != 1)
    return std::nullopt;
  return nn::Tensor::fromAttr(attr).floatAt(0);
}

static nn::UnaryOp unaryOf(Value value, UnaryFn fn) {
  auto op = value.getDefiningOp<nn::UnaryOp>();
  return op && op.getFn() == fn ? op : nn::UnaryOp();
}

static nn::BinaryOp binaryOf(Value value, BinaryFn fn) {
  auto op = value.getDefiningOp<nn::BinaryOp>();
  return op && op.getFn() == fn ? op : nn::BinaryOp();
}

static nn::ReduceOp meanOf(Value value) {
  auto op = value.getDefiningOp<nn::ReduceOp>();
  return op && op.getFn() == nn::ReduceFn::mean && op.getKeepdims() ? op : nn::ReduceOp();
}

/// v of v * v or pow(v, 2), or null.
static Value squareRoot(Value value) {
  if (nn::BinaryOp mul = binaryOf(value, BinaryFn::mul))
    return mul.getA() == mul.getB() ? mul.getA() : Value();
  nn::BinaryOp pow = binaryOf(value, BinaryFn::pow);
  return pow && constantNumber(pow.getB()) == 2.0 ? pow.getA() : Value();
}

/// x of numerator / sqrt(x), however it is written; null for anything else.
static Value radicand(nn::BinaryOp op, Value &numerator) {
  numerator = op.getA();
  if (op.getFn() == BinaryFn::div) {
    nn::UnaryOp root = unaryOf(op.getB(), UnaryFn::sqrt);
    return root ? root.getX() : Value();
  }
  if (op.getFn() != BinaryFn::mul)
    return nullptr;
  for (bool swapped : {false, true}) {
    numerator = swapped ? op.getB() : op.getA();
    Value factor = swapped ? op.getA() : op.getB();
    if (nn::UnaryOp root = unaryOf(factor, UnaryFn::rsqrt))
      return root.getX();
    if (nn::UnaryOp recip = unaryOf(factor, UnaryFn::recip))
      if (nn::UnaryOp root = unaryOf(recip.getX(), UnaryFn::sqrt))
        return root.getX();
    if (nn::BinaryOp div = binaryOf(factor, BinaryFn::div);
        div && constantNumber(div.getA()) == 1.0)
      if (nn::UnaryOp root = unaryOf(div.getB(), UnaryFn::sqrt))
        return root.getX();
    if (nn::BinaryOp pow = binaryOf(factor, BinaryFn::pow);
        pow && constantNumber(pow.getB()) == -0.5)
      return pow.getA();
  }
  return nullptr;
}

namespace {

struct Recognize : OpRewritePattern<nn::BinaryOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::BinaryOp op, PatternRewriter &rewriter) const override {
    Value numerator, sum = radicand(op, numerator);
    nn::BinaryOp add = sum ? binaryOf(sum, BinaryFn::add) : nn::BinaryOp();
    if (!add || !isa<FloatType>(elementType(op.getResult())))
      return failure();
    Value variance = add.getA();
    std::optional<double> epsilon = constantNumber(add.getB());
    if (!epsilon) {
      epsilon = constantNumber(add.getA());
      variance = add.getB();
    }
    nn::ReduceOp mean = meanOf(variance);
    if (!epsilon || !mean)
      return failure();
    Value d = squareRoot(mean.getX());
    if (!d || d.getType() != op.getType() || !isSame(d, numerator))
      return failure();
    Value x = centered(d, mean.getAxes());
    rewriter.replaceOpWithNewOp<nn::NormalizeOp>(op,
                                                 x ? nn::NormalizeFn::layer : nn::NormalizeFn::rms,
                                                 x ? x : d, mean.getAxes(), APFloat(*epsilon));
    return success();
  }

  /// x of x - mean(x), or null.
  static Value centered(Value d, ArrayRef<int64_t> axes) {
    nn::BinaryOp sub = binaryOf(d, BinaryFn::sub);
    nn::ReduceOp mean = sub ? meanOf(sub.getB()) : nn::ReduceOp();
    return mean && mean.getX() == sub.getA() && mean.getAxes() == axes &&
                   sub.getA().getType() == d.getType()
               ? sub.getA()
               : Value();
  }

  /// The same value, or the same subtraction written twice (old exports do).
  static bool isSame(Value a, Value b) {
    if (a == b)
      return true;
    nn::BinaryOp first = binaryOf(a, BinaryFn::sub), second = binaryOf(b, BinaryFn::sub);
    return first && second && first.getA() == second.getA() && first.getB() == second.getB();
  }
};

/// cast(normalize(cast(x to f32)) to f16) is normalize(x).
struct AbsorbCasts : OpRewritePattern<nn::CastOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::CastOp op, PatternRewriter &rewriter) const override {
    auto normalize = op.getX().getDefiningOp<nn::NormalizeOp>();
    auto widen = normalize ? normalize.getX().getDefiningOp<nn::CastOp>() : nn::CastOp();
    if (!widen || !normalize->hasOneUse() || widen.getX().getType() != op.getType() ||
        !elementType(normalize.getResult()).isF32() || elementType(op.getResult()).isF64() ||
        !isa<FloatType>(elementType(op.getResult())))
      return failure();
    rewriter.replaceOpWithNewOp<nn::NormalizeOp>(op, normalize.getFn(), widen.getX(),
                                                 normalize.getAxes(), normalize.getEpsilon());
    return success();
  }
};

struct RecognizeNormalize : burin::impl::RecognizeNormalizeBase<RecognizeNormalize> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<Recognize, AbsorbCasts>(&getContext());
    if (failed(applyPatternsAndFoldGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
