//===- LayoutNhwc.cpp - Channels last inside the model --------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// Convolutions and pools are rewritten to channels last between two transposes.
// The one behind is then moved down through every op that does not care, until
// it meets the next convolution's transpose and vanishes, or until a reshape or
// the border of the model needs the written order. So a network keeps one
// transpose at each end.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/NN.h"
#include "passes/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace burin::nn;

namespace burin {
#define GEN_PASS_DEF_LAYOUTNHWC
#include "passes/Passes.h.inc"

namespace {

RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

/// Permutation from channels-first to channels-last: [0, 2, 3, 1].
SmallVector<int64_t> toLast(int64_t rank) {
  SmallVector<int64_t> perm{0};
  for (int64_t i = 2; i < rank; ++i)
    perm.push_back(i);
  perm.push_back(1);
  return perm;
}
/// Its inverse: [0, 3, 1, 2].
SmallVector<int64_t> toFirst(int64_t rank) {
  SmallVector<int64_t> perm{0, rank - 1};
  for (int64_t i = 1; i < rank - 1; ++i)
    perm.push_back(i);
  return perm;
}

/// The channels-last tensor behind a transpose to channels first, or null. At rank 3 the
/// permutation is its own inverse, so a sunk transpose would come up again for ever.
Value lastBehind(Value value) {
  auto transpose = value.getDefiningOp<TransposeOp>();
  if (!transpose || typeOf(value).getRank() < 4 ||
      transpose.getPerm() != ArrayRef<int64_t>(toFirst(typeOf(value).getRank())))
    return nullptr;
  return transpose.getX();
}

Value transposed(OpBuilder &builder, Location loc, Value value, ArrayRef<int64_t> perm) {
  return builder.create<TransposeOp>(loc, value, builder.getDenseI64ArrayAttr(perm));
}

/// `value` in channels-last order.
Value asLast(OpBuilder &builder, Location loc, Value value) {
  if (Value behind = lastBehind(value))
    return behind;
  return transposed(builder, loc, value, toLast(typeOf(value).getRank()));
}

/// Whether an operand can be had in channels-last order without moving a big
/// tensor at run time.
bool isCheap(Value value) {
  return lastBehind(value) || matchPattern(value, m_Constant()) ||
         (typeOf(value).hasStaticShape() && typeOf(value).getNumElements() == 1);
}

/// The type of a channels-first value in channels-last order.
RankedTensorType permuted(RankedTensorType type) {
  SmallVector<int64_t> shape;
  for (int64_t i : toLast(type.getRank()))
    shape.push_back(type.getDimSize(i));
  return type.clone(shape);
}

/// Axes of the written order as axes of the channels-last order.
SmallVector<int64_t> mapAxes(ArrayRef<int64_t> axes, int64_t rank) {
  SmallVector<int64_t> result;
  for (auto [i, from] : llvm::enumerate(toLast(rank)))
    if (llvm::is_contained(axes, from))
      result.push_back(i);
  return result;
}
int64_t mapAxis(uint64_t axis, int64_t rank) {
  return mapAxes({static_cast<int64_t>(axis)}, rank).front();
}

/// Replaces `op`, whose result has the rank of its operand x, by itself on channels-last
/// operands: `change` sets them and the axes.
template <class OpTy>
void redoAsLast(OpTy op, PatternRewriter &rewriter, function_ref<void(OpTy)> change) {
  RankedTensorType type = typeOf(op.getResult());
  auto redone = cast<OpTy>(rewriter.clone(*op));
  rewriter.modifyOpInPlace(redone, [&] {
    redone.getResult().setType(permuted(type));
    change(redone);
  });
  rewriter.replaceOp(
      op, transposed(rewriter, op.getLoc(), redone.getResult(), toFirst(type.getRank())));
}

struct ConvToLast : OpRewritePattern<ConvOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ConvOp op, PatternRewriter &rewriter) const override {
    int64_t rank = typeOf(op.getX()).getRank();
    if (op.getLayout() != Layout::nchw || (rank != 3 && rank != 4) ||
        !matchPattern(op.getW(), m_Constant()))
      return failure();
    Location loc = op.getLoc();
    Value x = asLast(rewriter, loc, op.getX());
    Value w = transposed(rewriter, loc, op.getW(), toLast(rank));
    redoAsLast<ConvOp>(op, rewriter, [&](ConvOp conv) {
      conv.getXMutable().assign(x);
      conv.getWMutable().assign(w);
      conv.setLayout(Layout::nhwc);
    });
    return success();
  }
};

struct PoolToLast : OpRewritePattern<PoolOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(PoolOp op, PatternRewriter &rewriter) const override {
    Value behind = lastBehind(op.getX());
    if (op.getLayout() != Layout::nchw || !behind)
      return failure();
    redoAsLast<PoolOp>(op, rewriter, [&](PoolOp pool) {
      pool.getXMutable().assign(behind);
      pool.setLayout(Layout::nhwc);
    });
    return success();
  }
};

/// Elementwise ops: a transpose of any operand moves behind the op.
struct SinkThroughElementwise : RewritePattern {
  explicit SinkThroughElementwise(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), 1, context) {}

  LogicalResult matchAndRewrite(Operation *op, PatternRewriter &rewriter) const override {
    if (!isa<UnaryOp, BinaryOp, CompareOp, SelectOp, CastOp, RequantizeOp>(op) && !isPerTensor(op))
      return failure();
    int64_t rank = typeOf(op->getResult(0)).getRank();
    bool any = false;
    for (Value operand : op->getOperands()) {
      if (typeOf(operand).getRank() == rank && lastBehind(operand))
        any = true;
      else if (!isCheap(operand) && !isResidual(operand))
        return failure();
    }
    if (!any)
      return failure();
    Location loc = op->getLoc();
    SmallVector<Value> operands;
    for (Value operand : op->getOperands()) {
      RankedTensorType type = typeOf(operand);
      if (type.getRank() == 0) {
        operands.push_back(operand);
        continue;
      }
      if (type.getRank() < rank) {
        // Broadcasting aligns the last axes; the channel moves among them.
        SmallVector<int64_t> shape(rank - type.getRank(), 1);
        shape.append(type.getShape().begin(), type.getShape().end());
        operand = rewriter.create<ReshapeOp>(loc, operand, createShape(rewriter, loc, shape));
      }
      operands.push_back(asLast(rewriter, loc, operand));
    }
    Operation *moved = rewriter.clone(*op);
    rewriter.modifyOpInPlace(moved, [&] {
      moved->setOperands(operands);
      moved->getResult(0).setType(permuted(typeOf(op->getResult(0))));
    });
    rewriter.replaceOp(op, transposed(rewriter, loc, moved->getResult(0), toFirst(rank)));
    return success();
  }

  static bool isPerTensor(Operation *op) {
    if (!isa<QuantizeOp, DequantizeOp>(op))
      return false;
    return llvm::all_of(op->getOperands().drop_front(), [](Value value) {
      return typeOf(value).hasStaticShape() && typeOf(value).getNumElements() == 1;
    });
  }
  /// A full-size operand in the written order costs one transpose, which is
  /// what moving saves. In three dimensions that transpose is its own inverse: it would
  /// look like one to sink, without end.
  static bool isResidual(Value value) { return typeOf(value).getRank() >= 4; }
};

struct SinkThroughConcat : OpRewritePattern<ConcatOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ConcatOp op, PatternRewriter &rewriter) const override {
    int64_t rank = typeOf(op.getResult()).getRank();
    if (!llvm::any_of(op.getXs(), lastBehind) || !llvm::all_of(op.getXs(), isCheap))
      return failure();
    SmallVector<Value> operands;
    for (Value operand : op.getXs())
      operands.push_back(asLast(rewriter, op.getLoc(), operand));
    int64_t axis = mapAxis(op.getAxis(), rank);
    Value joined = rewriter.create<ConcatOp>(op.getLoc(), operands, axis);
    rewriter.replaceOp(op, transposed(rewriter, op.getLoc(), joined, toFirst(rank)));
    return success();
  }
};

SmallVector<int64_t> permuteList(ArrayRef<int64_t> list) {
  SmallVector<int64_t> result;
  for (int64_t i : toLast(list.size()))
    result.push_back(list[i]);
  return result;
}

struct SinkThroughPad : OpRewritePattern<PadOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(PadOp op, PatternRewriter &rewriter) const override {
    Value behind = lastBehind(op.getX());
    auto low = constantInts(op.getLow()), high = constantInts(op.getHigh());
    if (!behind || !low || !high)
      return failure();
    Location loc = op.getLoc();
    Value padded =
        rewriter.create<PadOp>(loc, behind, createShape(rewriter, loc, permuteList(*low)),
                               createShape(rewriter, loc, permuteList(*high)), op.getValue());
    rewriter.replaceOp(op, transposed(rewriter, loc, padded, toFirst(low->size())));
    return success();
  }
};

struct SinkThroughSlice : OpRewritePattern<SliceOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(SliceOp op, PatternRewriter &rewriter) const override {
    Value behind = lastBehind(op.getX());
    auto offsets = constantInts(op.getOffsets()), sizes = constantInts(op.getSizes());
    if (!behind || !offsets || !sizes)
      return failure();
    Location loc = op.getLoc();
    SmallVector<int64_t> strides(op.getStrides());
    if (!strides.empty())
      strides = permuteList(strides);
    Value part = rewriter.create<SliceOp>(
        loc, behind, createShape(rewriter, loc, permuteList(*offsets)),
        createShape(rewriter, loc, permuteList(*sizes)), rewriter.getDenseI64ArrayAttr(strides));
    rewriter.replaceOp(op, transposed(rewriter, loc, part, toFirst(offsets->size())));
    return success();
  }
};

struct SinkThroughReduce : OpRewritePattern<ReduceOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ReduceOp op, PatternRewriter &rewriter) const override {
    Value behind = lastBehind(op.getX());
    if (!behind)
      return failure();
    int64_t rank = typeOf(behind).getRank();
    SmallVector<int64_t> axes = mapAxes(op.getAxes(), rank);
    // Without kept dims the channel must stay where it is: alone, or gone.
    bool alone = static_cast<int64_t>(axes.size()) >= rank - 2 && !llvm::is_contained(axes, 0) &&
                 !llvm::is_contained(axes, rank - 1);
    if (!op.getKeepdims() && !alone)
      return failure();
    Value reduced = rewriter.create<ReduceOp>(op.getLoc(), op.getFnAttr(), behind,
                                              rewriter.getDenseI64ArrayAttr(axes),
                                              rewriter.getBoolAttr(op.getKeepdims()));
    if (op.getKeepdims())
      reduced = transposed(rewriter, op.getLoc(), reduced, toFirst(rank));
    rewriter.replaceOp(op, reduced);
    return success();
  }
};

struct SinkThroughResample : OpRewritePattern<ResampleOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ResampleOp op, PatternRewriter &rewriter) const override {
    Value behind = lastBehind(op.getX());
    if (!behind)
      return failure();
    redoAsLast<ResampleOp>(op, rewriter, [&](ResampleOp resample) {
      resample.getXMutable().assign(behind);
      resample.setAxis(mapAxis(op.getAxis(), typeOf(behind).getRank()));
    });
    return success();
  }
};

struct SinkThroughGather : OpRewritePattern<GatherOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(GatherOp op, PatternRewriter &rewriter) const override {
    Value behind = lastBehind(op.getX());
    // A 1-D index keeps the rank; other ranks would need another permutation.
    if (!behind || op.getBatchDims() != 0 || typeOf(op.getIdx()).getRank() != 1)
      return failure();
    redoAsLast<GatherOp>(op, rewriter, [&](GatherOp gather) {
      gather.getXMutable().assign(behind);
      gather.setAxis(mapAxis(op.getAxis(), typeOf(behind).getRank()));
    });
    return success();
  }
};

struct SinkThroughSoftmax : OpRewritePattern<SoftmaxOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(SoftmaxOp op, PatternRewriter &rewriter) const override {
    Value behind = lastBehind(op.getX());
    if (!behind)
      return failure();
    redoAsLast<SoftmaxOp>(op, rewriter, [&](SoftmaxOp softmax) {
      softmax.getXMutable().assign(behind);
      softmax.setAxes(mapAxes(op.getAxes(), typeOf(behind).getRank()));
    });
    return success();
  }
};

struct LayoutNhwc : impl::LayoutNhwcBase<LayoutNhwc> {
  void runOnOperation() override {
    MLIRContext *context = &getContext();
    RewritePatternSet patterns(context);
    patterns.add<ConvToLast, PoolToLast, SinkThroughElementwise, SinkThroughConcat, SinkThroughPad,
                 SinkThroughSlice, SinkThroughReduce, SinkThroughResample, SinkThroughGather,
                 SinkThroughSoftmax>(context);
    TransposeOp::getCanonicalizationPatterns(patterns, context);
    ReshapeOp::getCanonicalizationPatterns(patterns, context);
    if (failed(applyPatternsAndFoldGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
} // namespace burin
