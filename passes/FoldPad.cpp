//===- FoldPad.cpp - Padding in front of windows into their attributes ----===//
//
// Part of Burin, under the Apache License v2.0.
//
// A convolution pads with its zero point, a sum pool with nothing (0), a max
// pool with the lowest value; a pad with just that value on spatial axes only
// becomes `pads`. Not under `ceil`, whose windows depend on which side of D a
// padded element lies.
//
//===----------------------------------------------------------------------===//

#include "passes/OpBuild.h"
#include "passes/Passes.h"

#include "dialects/nn/interpreter/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace burin {
#define GEN_PASS_DEF_FOLDPAD
#include "passes/Passes.h.inc"
} // namespace burin

using namespace mlir;
using namespace burin;

/// The only element of a constant, or nothing.
static std::optional<nn::Tensor> constantScalar(Value value) {
  ElementsAttr attr;
  if (!matchPattern(value, m_Constant(&attr)) || attr.getNumElements() != 1)
    return std::nullopt;
  return nn::Tensor::fromAttr(attr);
}

/// The value with which elements outside count.
static bool isNeutral(Value padding, Operation *op) {
  std::optional<nn::Tensor> value = constantScalar(padding);
  if (!value)
    return false;
  Type element = value->elementType();
  if (auto conv = dyn_cast<nn::ConvOp>(op); conv && conv.getXZp()) {
    std::optional<nn::Tensor> zp = constantScalar(conv.getXZp());
    return zp && zp->intAt(0) == value->intAt(0);
  }
  auto pool = dyn_cast<nn::PoolOp>(op);
  if (!pool || pool.getFn() == nn::PoolFn::sum)
    return isa<FloatType>(element) ? value->floatAt(0) == 0 : value->intAt(0) == 0;
  nn::Tensor lowest(element, {});
  lowest.setFloat(0, -std::numeric_limits<double>::infinity());
  return isa<FloatType>(element) ? value->floatAt(0) == lowest.floatAt(0)
                                 : value->intAt(0) == lowest.intAt(0);
}

/// `pads` with what the pad op adds on spatial axes; nothing where it pads
/// others or by amounts known at run time only.
static std::optional<SmallVector<int64_t>> merged(nn::PadOp pad, ArrayRef<int64_t> pads,
                                                  nn::Layout layout) {
  std::optional<SmallVector<int64_t>> low = nn::constantInts(pad.getLow());
  std::optional<SmallVector<int64_t>> high = nn::constantInts(pad.getHigh());
  if (!low || !high)
    return std::nullopt;
  size_t rank = low->size(), spatial = rank - 2, first = layout == nn::Layout::nchw ? 2 : 1;
  SmallVector<int64_t> sum(pads);
  for (size_t i = 0; i < rank; ++i) {
    if (i >= first && i < first + spatial) {
      sum[i - first] += (*low)[i];
      sum[spatial + i - first] += (*high)[i];
    } else if ((*low)[i] != 0 || (*high)[i] != 0) {
      return std::nullopt;
    }
  }
  // Beyond that, inference refuses the op.
  if (llvm::any_of(sum, [](int64_t value) { return value >= int64_t(1) << 31; }))
    return std::nullopt;
  return sum;
}

namespace {

template <typename OpTy> struct Fold : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op, PatternRewriter &rewriter) const override {
    auto pad = op.getX().template getDefiningOp<nn::PadOp>();
    if (!pad || !isNeutral(pad.getValue(), op))
      return failure();
    if constexpr (std::is_same_v<OpTy, nn::PoolOp>)
      if (op.getCeil())
        return failure();
    auto pads = merged(pad, op.getPads(), op.getLayout());
    if (!pads)
      return failure();
    rewriter.modifyOpInPlace(op, [&] {
      op.getXMutable().assign(pad.getX());
      op.setPads(*pads);
    });
    return success();
  }
};

struct FoldPad : burin::impl::FoldPadBase<FoldPad> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<Fold<nn::ConvOp>, Fold<nn::PoolOp>>(&getContext());
    if (failed(applyPatternsAndFoldGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
