//===- RecognizeSoftmax.cpp - Softmax that was spelled out ----------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// exp(d) / sum(exp(d)) and d - log(sum(exp(d))), where d is x, or x minus its
// maximum over the same axes (which softmax subtracts itself).
//
//===----------------------------------------------------------------------===//

#include "passes/OpBuild.h"
#include "passes/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace burin {
#define GEN_PASS_DEF_RECOGNIZESOFTMAX
#include "passes/Passes.h.inc"
} // namespace burin

using namespace mlir;
using namespace burin;
using nn::BinaryFn;
using nn::UnaryFn;

/// The reduction over `axes` that keeps them, or null.
static nn::ReduceOp keptReduce(Value value, nn::ReduceFn fn) {
  auto op = value.getDefiningOp<nn::ReduceOp>();
  return op && op.getFn() == fn && op.getKeepdims() ? op : nn::ReduceOp();
}

static nn::UnaryOp unaryOf(Value value, UnaryFn fn) {
  auto op = value.getDefiningOp<nn::UnaryOp>();
  return op && op.getFn() == fn ? op : nn::UnaryOp();
}

/// x of x - max(x), or the value itself.
static Value withoutMaximum(Value value, ArrayRef<int64_t> axes) {
  auto sub = value.getDefiningOp<nn::BinaryOp>();
  if (!sub || sub.getFn() != BinaryFn::sub)
    return value;
  nn::ReduceOp maximum = keptReduce(sub.getB(), nn::ReduceFn::max);
  return maximum && maximum.getX() == sub.getA() && maximum.getAxes() == axes &&
                 sub.getA().getType() == sub.getType()
             ? sub.getA()
             : value;
}

namespace {

struct Recognize : OpRewritePattern<nn::BinaryOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::BinaryOp op, PatternRewriter &rewriter) const override {
    Value a = op.getA(), b = op.getB();
    nn::ReduceOp sum;
    bool isLog = op.getFn() == BinaryFn::sub;
    if (op.getFn() == BinaryFn::mul) {
      // exp * (1 / sum), either way round
      if (unaryOf(a, UnaryFn::recip))
        std::swap(a, b);
      if (nn::UnaryOp recip = unaryOf(b, UnaryFn::recip))
        sum = keptReduce(recip.getX(), nn::ReduceFn::sum);
    } else if (op.getFn() == BinaryFn::div) {
      sum = keptReduce(b, nn::ReduceFn::sum);
    } else if (isLog) {
      if (nn::UnaryOp log = unaryOf(b, UnaryFn::log))
        sum = keptReduce(log.getX(), nn::ReduceFn::sum);
    }
    if (!sum)
      return failure();
    nn::UnaryOp exp = unaryOf(sum.getX(), UnaryFn::exp);
    if (!exp || (isLog ? exp.getX() != a : exp.getResult() != a) || a.getType() != op.getType())
      return failure();
    Value x = withoutMaximum(exp.getX(), sum.getAxes());
    if (x.getType() != op.getType())
      return failure();
    rewriter.replaceOpWithNewOp<nn::SoftmaxOp>(op, x, sum.getAxes(), isLog);
    return success();
  }
};

struct RecognizeSoftmax : burin::impl::RecognizeSoftmaxBase<RecognizeSoftmax> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<Recognize>(&getContext());
    if (failed(applyPatternsAndFoldGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
