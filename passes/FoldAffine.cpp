//===- FoldAffine.cpp - Scales and offsets into weights -------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// A linear op with constant weights (conv, conv_transpose, matmul) followed by
// a per-channel scale is the op with scaled weights. Batch normalisation is
// such a scale and an offset behind a bias:
//
//   ((x * w) + b) * s + t  =  x * (w s) + (b s + t)
//
// The rules move scales towards the op and merge the offsets behind it; each
// only fires above a linear op that can take the scale in the end.
//
//===----------------------------------------------------------------------===//

#include "passes/OpBuild.h"
#include "passes/Passes.h"

#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace burin {
#define GEN_PASS_DEF_FOLDAFFINE
#include "passes/Passes.h.inc"
} // namespace burin

using namespace mlir;
using namespace burin;

static RankedTensorType rankedType(Value value) { return cast<RankedTensorType>(value.getType()); }

static bool isConstant(Value value) { return matchPattern(value, m_Constant()); }

/// The op's weights: the operand that is scaled, or null.
static Value weightsOf(Operation *op) {
  if (auto conv = dyn_cast_or_null<nn::ConvOp>(op))
    return conv.getW();
  if (auto conv = dyn_cast_or_null<nn::ConvTransposeOp>(op))
    return conv.getGroup() == 1 ? conv.getW() : Value();
  if (auto product = dyn_cast_or_null<nn::MatMulOp>(op))
    return product.getB();
  return nullptr;
}

/// Axis of the result that the weights' rows make.
static int64_t channelAxis(Operation *op) {
  int64_t last = rankedType(op->getResult(0)).getRank() - 1;
  nn::Layout layout = nn::Layout::nhwc;
  if (auto conv = dyn_cast<nn::ConvOp>(op))
    layout = conv.getLayout();
  if (auto conv = dyn_cast<nn::ConvTransposeOp>(op))
    layout = conv.getLayout();
  return layout == nn::Layout::nchw ? 1 : last;
}

/// A float linear op with constant weights of which `value` is the only result
/// and which nobody else reads.
static Operation *linearOp(Value value) {
  Operation *op = value.getDefiningOp();
  Value weights = weightsOf(op);
  if (!weights || !value.hasOneUse() || !isConstant(weights) ||
      !isa<FloatType>(elementType(weights)) || elementType(weights) != elementType(value))
    return nullptr;
  return op;
}

/// Whether the constant has one value, or one per channel, of the result.
static bool isPerChannel(Value constant, Operation *op) {
  RankedTensorType type = rankedType(constant), result = rankedType(op->getResult(0));
  int64_t axis = channelAxis(op) - (result.getRank() - type.getRank());
  if (!isConstant(constant) || type.getRank() > result.getRank())
    return false;
  for (int64_t i = 0, e = type.getRank(); i < e; ++i)
    if (type.getDimSize(i) != 1 &&
        (i != axis || type.getDimSize(i) != result.getDimSize(channelAxis(op))))
      return false;
  return true;
}

/// The constant in the shape in which it broadcasts to the op's weights.
static Value besideWeights(OpBuild &b, Value constant, Operation *op) {
  RankedTensorType type = rankedType(constant), weights = rankedType(weightsOf(op));
  if (type.getNumElements() == 1)
    return b.folded(b.reshape(constant, {}));
  int64_t axis = 0;
  if (isa<nn::ConvTransposeOp>(op))
    axis = 1;
  if (auto product = dyn_cast<nn::MatMulOp>(op))
    axis = weights.getRank() - (product.getTb() ? 2 : 1);
  SmallVector<Extent> dims(weights.getRank(), Extent(1));
  dims[axis] = type.getNumElements();
  return b.folded(b.reshape(constant, dims));
}

/// Splits `fn(a, c)`, c constant, for one of the functions.
static Value scaled(Value value, nn::BinaryFn fn, Value &constant) {
  auto op = value.getDefiningOp<nn::BinaryOp>();
  if (!op || op.getFn() != fn)
    return nullptr;
  Value a = op.getA(), c = op.getB();
  if (isConstant(a) && fn != nn::BinaryFn::sub && fn != nn::BinaryFn::div)
    std::swap(a, c);
  if (!isConstant(c) || isConstant(a) || a.getType() != op.getType())
    return nullptr;
  constant = c;
  return a;
}

namespace {

/// x - c is x + (-c), x / c is x * (1 / c): only in front of a linear op.
struct Normalize : OpRewritePattern<nn::BinaryOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::BinaryOp op, PatternRewriter &rewriter) const override {
    bool isSub = op.getFn() == nn::BinaryFn::sub;
    Value constant, x = scaled(op.getResult(), op.getFn(), constant);
    if (!x || (!isSub && op.getFn() != nn::BinaryFn::div) ||
        !isa<FloatType>(elementType(op.getResult())))
      return failure();
    Value ignored;
    Value base = scaled(x, nn::BinaryFn::add, ignored);
    if (!linearOp(x) && !(base && x.hasOneUse() && linearOp(base)))
      return failure();
    OpBuild b(rewriter, op.getLoc());
    Value other = b.folded(b.unary(isSub ? nn::UnaryFn::neg : nn::UnaryFn::recip, constant));
    rewriter.replaceOp(op, b.binary(isSub ? nn::BinaryFn::add : nn::BinaryFn::mul, x, other));
    return success();
  }
};

/// (x * w) * s = x * (w s)
struct ScaleWeights : OpRewritePattern<nn::BinaryOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::BinaryOp op, PatternRewriter &rewriter) const override {
    Value scale, x = scaled(op.getResult(), nn::BinaryFn::mul, scale);
    Operation *linear = x ? linearOp(x) : nullptr;
    if (!linear || !isPerChannel(scale, linear))
      return failure();
    rewriter.setInsertionPoint(linear);
    OpBuild b(rewriter, op.getLoc());
    Value weights = weightsOf(linear);
    Value product = b.folded(b.mul(weights, besideWeights(b, scale, linear)));
    rewriter.modifyOpInPlace(linear, [&] { linear->replaceUsesOfWith(weights, product); });
    rewriter.replaceOp(op, x);
    return success();
  }
};

/// (y + b) * s = y * s + b s, above a linear op.
struct ScaleBeforeOffset : OpRewritePattern<nn::BinaryOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::BinaryOp op, PatternRewriter &rewriter) const override {
    Value scale, offset, x = scaled(op.getResult(), nn::BinaryFn::mul, scale);
    Value y = x && x.hasOneUse() ? scaled(x, nn::BinaryFn::add, offset) : Value();
    Operation *linear = y ? linearOp(y) : nullptr;
    if (!linear || !isPerChannel(scale, linear))
      return failure();
    OpBuild b(rewriter, op.getLoc());
    Value both = b.folded(b.mul(offset, scale));
    rewriter.replaceOp(op, b.add(b.mul(y, scale), both));
    return success();
  }
};

/// (y + b) + t = y + (b + t), above a linear op.
struct MergeOffsets : OpRewritePattern<nn::BinaryOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::BinaryOp op, PatternRewriter &rewriter) const override {
    Value second, first, x = scaled(op.getResult(), nn::BinaryFn::add, second);
    Value y = x && x.hasOneUse() ? scaled(x, nn::BinaryFn::add, first) : Value();
    if (!y || !linearOp(y))
      return failure();
    OpBuild b(rewriter, op.getLoc());
    rewriter.replaceOp(op, b.add(y, b.folded(b.add(first, second))));
    return success();
  }
};

struct FoldAffine : burin::impl::FoldAffineBase<FoldAffine> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<Normalize, ScaleWeights, ScaleBeforeOffset, MergeOffsets>(&getContext());
    if (failed(applyPatternsAndFoldGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
