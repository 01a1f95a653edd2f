//===- ExpandAttention.cpp - attention as products and softmax ------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// Grouped heads need no copy: the query heads of one key head are neighbours,
// so [B, Hkv * G, S, D] is viewed as [B, Hkv, G * S, D] around the products.
// All inside is f32 (f64 for f64), as attention is one op with one rounding.
//
// Which keys a query sees is one bool tensor `visible` that broadcasts to the
// logits; it only exists where a mask, causality, a window or kv_len asks for
// it. A row that sees no key is 0.
//
//===----------------------------------------------------------------------===//

#include "passes/OpBuild.h"
#include "passes/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

#include <limits>

namespace burin {
#define GEN_PASS_DEF_EXPANDATTENTION
#include "passes/Passes.h.inc"
} // namespace burin

using namespace mlir;
using namespace burin;

namespace {

class Expansion {
public:
  Expansion(nn::AttentionOp op, OpBuilder &builder)
      : op(op), b(builder, op.getLoc()), batch(b.dim(op.getQ(), 0)), heads(b.dim(op.getQ(), 1)),
        rows(b.dim(op.getQ(), 2)), keys(b.dim(op.getK(), 2)), kvHeads(b.dim(op.getK(), 1)),
        compute(computeType(elementType(op.getQ()))) {}

  Value run() {
    Value logits = scores();
    Value bias = op.getMask();
    bool boolMask = bias && elementType(bias).isInteger(1);
    Value visible = boolMask ? bias : Value();
    if (bias && !boolMask) {
      bias = b.cast(bias, compute);
      logits = b.add(logits, bias);
      visible = b.compare(nn::CompareFn::ne, bias, infinity(bias));
    }
    visible = both(visible, positions());
    if (visible)
      logits = b.select(visible, logits, infinity(logits));
    Value result = b.cast(weightedValues(softmax(logits)), elementType(op.getQ()));
    if (visible && !everyRowSees)
      result = b.select(b.reduce(nn::ReduceFn::max, atLeastRank4(visible), 3, /*keepdims=*/true),
                        result, b.scalar(elementType(result), 0));
    return b.withType(result, op.getType());
  }

private:
  Value infinity(Value like) {
    return b.scalar(elementType(like), -std::numeric_limits<double>::infinity());
  }

  Value both(Value x, Value y) {
    if (!x || !y)
      return x ? x : y;
    return b.builder().create<nn::BinaryOp>(op.getLoc(), nn::BinaryFn::and_, x, y);
  }

  /// Leading extents of 1.
  Value atLeastRank4(Value x) {
    SmallVector<Extent> dims = b.dims(x);
    while (dims.size() < 4)
      dims.insert(dims.begin(), 1);
    return cast<RankedTensorType>(x.getType()).getRank() < 4 ? b.reshape(x, dims) : x;
  }

  bool grouped() {
    return !(heads.isKnown() && kvHeads.isKnown() && heads.known() == kvHeads.known());
  }
  /// [B, Hq, S, n] as [B, Hkv, G * S, n]; the last extent but one follows.
  Value toGroups(Value x, Extent n) {
    return grouped() ? b.reshape(x, {batch, kvHeads, groupRows(), n}) : x;
  }
  Value fromGroups(Value x, Extent n) {
    return grouped() ? b.reshape(x, {batch, heads, rows, n}) : x;
  }
  Extent groupRows() {
    if (heads.isKnown() && kvHeads.isKnown() && kvHeads.known() > 0)
      return b.product(heads.known() / kvHeads.known(), rows);
    Value group = b.binary(nn::BinaryFn::div, b.shape(heads), b.shape(kvHeads));
    return b.product(Extent(group), rows);
  }

  /// softcap(scale * q k^T), [B, Hq, S, T].
  Value scores() {
    Value q = b.cast(toGroups(op.getQ(), b.dim(op.getQ(), 3)), compute);
    Value x = b.matmul(q, b.cast(op.getK(), compute), /*ta=*/false, /*tb=*/true);
    double scale = op.getScale().convertToDouble(), cap = op.getSoftcap().convertToDouble();
    if (scale != 1)
      x = b.binary(nn::BinaryFn::mul, x, scale);
    if (cap > 0) {
      x = b.unary(nn::UnaryFn::tanh, b.binary(nn::BinaryFn::div, x, cap));
      x = b.binary(nn::BinaryFn::mul, x, cap);
    }
    return fromGroups(x, keys);
  }

  /// A [B] or 0-D operand, or a number, to compare positions with.
  Value perBatch(Value x) {
    return cast<RankedTensorType>(x.getType()).getRank() == 0 ? x : b.reshape(x, {batch, 1, 1, 1});
  }

  /// What causality, windows and kv_len let a query see; null for everything.
  Value positions() {
    auto left = static_cast<int64_t>(op.getWindowLeft());
    auto right = static_cast<int64_t>(op.getWindowRight());
    // A causal query sees itself, if no key is taken away besides.
    std::optional<SmallVector<int64_t>> offset =
        op.getOffset() ? nn::constantInts(op.getOffset()) : SmallVector<int64_t>{0};
    everyRowSees = !op.getMask() && !op.getKvLen() && left < 0 && right < 0 && offset &&
                   llvm::all_of(
                       *offset, [](int64_t value) { return value >= 0; }) &&
                   keys.isKnown() && keys.known() > 0;
    if (!op.getCausal() && left < 0 && right < 0 && !op.getKvLen())
      return nullptr;
    Type i64 = b.builder().getI64Type();
    Value key = b.reshape(b.iota(keys, i64), {1, 1, 1, keys});
    Value visible;
    if (op.getCausal() || left >= 0 || right >= 0) {
      Value query = b.reshape(b.iota(rows, i64), {1, 1, rows, 1});
      if (op.getOffset())
        query = b.add(query, perBatch(op.getOffset()));
      // Positive in the future.
      Value distance = b.sub(key, query);
      auto within = [&](nn::CompareFn fn, int64_t limit) {
        visible = both(visible, b.compare(fn, distance, b.scalar(i64, limit)));
      };
      if (op.getCausal())
        within(nn::CompareFn::le, 0);
      if (left >= 0)
        within(nn::CompareFn::ge, -left);
      if (right >= 0 && !(op.getCausal()))
        within(nn::CompareFn::le, right);
    }
    if (op.getKvLen())
      visible = both(visible, b.compare(nn::CompareFn::lt, key, perBatch(op.getKvLen())));
    return visible;
  }

  Value softmax(Value logits) {
    Type wide = op.getSoftmaxType().value_or(compute);
    if (wide.isF64())
      logits = b.cast(logits, wide);
    if (op.getSink()) {
      Value sink = b.reshape(b.cast(op.getSink(), elementType(logits)), {1, heads, 1, 1});
      logits = b.concat({logits, b.broadcastTo(sink, {batch, heads, rows, 1})}, 3);
    }
    Value weights = b.builder().create<nn::SoftmaxOp>(op.getLoc(), logits, ArrayRef<int64_t>{3});
    if (op.getSink())
      weights = b.slice(weights, 3, 0, keys);
    return b.cast(weights, compute);
  }

  Value weightedValues(Value weights) {
    Value y = b.matmul(toGroups(weights, keys), b.cast(op.getV(), compute));
    return fromGroups(y, b.dim(op.getV(), 3));
  }

  nn::AttentionOp op;
  OpBuild b;
  Extent batch, heads, rows, keys, kvHeads;
  Type compute;
  bool everyRowSees = false;
};

struct ExpandAttentionPattern : OpRewritePattern<nn::AttentionOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::AttentionOp op, PatternRewriter &rewriter) const override {
    rewriter.replaceOp(op, Expansion(op, rewriter).run());
    return success();
  }
};

struct ExpandAttention : burin::impl::ExpandAttentionBase<ExpandAttention> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<ExpandAttentionPattern>(&getContext());
    if (failed(applyPatternsAndFoldGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
