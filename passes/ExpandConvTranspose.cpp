//===- ExpandConvTranspose.cpp - Transposed convolution as phase convs ----===//
//
// Part of Burin, under the Apache License v2.0.
//
// Along one axis with stride s, dilation d and begin padding p,
//
//   y[o] = sum over k of x[i] * w[k],   i * s + k * d = o + p.
//
// Write o + p = s * m + r. Only taps with k * d = s * q + r contribute to phase
// r, each with x[m - q]: an ordinary convolution over m with the flipped taps
// of that phase. With g = gcd(s, d) these taps are s / g apart, their q are
// d / g apart, and phases that g does not divide have none. So s convolutions
// on the small input replace one on an input stuffed with zeros, and
//
//   y[s * m + r - p] = phase_r[m]
//
// is a stack of the phases, a transpose and a slice. All axes are treated alike,
// so there are s^axes phases.
//
// With D the input extent, m runs from floor(p / s) to D - 1 + c, c constant;
// hence paddings are constants even where D is known at run time only.
//
//===----------------------------------------------------------------------===//

#include "passes/OpBuild.h"
#include "passes/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

#include <numeric>

namespace burin {
#define GEN_PASS_DEF_EXPANDCONVTRANSPOSE
#include "passes/Passes.h.inc"
} // namespace burin

using namespace mlir;
using namespace burin;

using Dims = SmallVector<int64_t>;

static int64_t floorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0); }

namespace {

/// The taps of one phase along one axis.
struct Taps {
  int64_t first = 0, step = 1, count = 0; ///< tap k = first + j * step
  int64_t shift = 0, dilation = 1;        ///< its q = shift + j * dilation
  int64_t reach() const { return shift + (count - 1) * dilation; }
};

/// One spatial axis.
struct Axis {
  int64_t stride, dilation, kernel, begin, end, extra;
  int64_t extent;      ///< of x, or kDynamic
  int64_t first, over; ///< m runs from `first` to D - 1 + `over`

  Taps taps(int64_t phase) const {
    Taps taps;
    int64_t g = std::gcd(stride, dilation);
    taps.step = stride / g;
    taps.dilation = dilation / g;
    for (int64_t k = 0; k < kernel && k < taps.step; ++k)
      if ((k * dilation) % stride == phase) {
        taps.first = k;
        taps.count = (kernel - 1 - k) / taps.step + 1;
        taps.shift = k * dilation / stride;
      }
    return taps;
  }

  void setRange() {
    first = floorDiv(begin, stride);
    over = floorDiv(extra + (kernel - 1) * dilation - end, stride);
    if (!ShapedType::isDynamic(extent))
      return;
    // No phase may crop an input whose extent may be small: compute more, and
    // crop the result.
    for (int64_t phase = 0; phase < stride; ++phase)
      if (Taps taps = this->taps(phase); taps.count) {
        first = std::min(first, taps.reach());
        over = std::max(over, taps.shift);
      }
  }
};

class Expansion {
public:
  Expansion(nn::ConvTransposeOp op, OpBuilder &builder)
      : op(op), b(builder, op.getLoc()), w(cast<RankedTensorType>(op.getW().getType())),
        rank(w.getRank()), spatialAt(op.getLayout() == nn::Layout::nchw ? 2 : 1),
        filters(w.getDimSize(1) * static_cast<int64_t>(op.getGroup())) {
    auto x = cast<RankedTensorType>(op.getX().getType());
    for (int64_t i = 0, e = rank - 2; i < e; ++i) {
      Axis axis{op.getStrides()[i],
                op.getDilations()[i],
                w.getDimSize(2 + i),
                op.getPads()[i],
                op.getPads()[e + i],
                op.getOutputPadding()[i],
                x.getDimSize(spatialAt + i),
                0,
                0};
      axis.setRange();
      axes.push_back(axis);
    }
  }

  /// Phases are worth it up to a point; a stride beyond is nonsense.
  bool isReasonable() const {
    int64_t phases = 1;
    for (const Axis &axis : axes)
      phases = axis.stride > 1024 ? 1 << 20 : phases * axis.stride;
    return phases <= 4096;
  }

  Value run() {
    auto type = cast<RankedTensorType>(op.getType());
    if (type.hasStaticShape() && type.getNumElements() == 0)
      return b.broadcastTo(b.scalar(type.getElementType(), 0), b.dims(op.getResult()));
    SmallVector<Value> phases;
    Dims strides;
    for (const Axis &axis : axes)
      strides.push_back(axis.stride);
    Dims phase(axes.size(), 0);
    do
      phases.push_back(convolve(phase));
    while (next(phase, strides));
    return b.withType(interleave(phases, strides), type);
  }

private:
  /// Counts up in mixed radix, the last digit fastest.
  static bool next(Dims &digits, ArrayRef<int64_t> bases) {
    for (size_t i = digits.size(); i-- > 0;) {
      if (++digits[i] < bases[i])
        return true;
      digits[i] = 0;
    }
    return false;
  }

  /// Number of values of m along axis i.
  Extent count(size_t i) {
    return b.plus(b.dim(op.getX(), spatialAt + i), axes[i].over - axes[i].first);
  }

  /// The batch, channels and m extents in the order of the layout.
  SmallVector<Extent> phaseDims() {
    SmallVector<Extent> dims(rank, Extent(filters));
    dims[0] = b.dim(op.getX(), 0);
    for (size_t i = 0; i < axes.size(); ++i)
      dims[spatialAt + i] = count(i);
    return dims;
  }

  Value convolve(ArrayRef<int64_t> phase) {
    Value x = op.getX();
    SmallVector<Taps> taps;
    Dims low, high, dilations;
    bool reads = true;
    for (auto [i, axis] : llvm::enumerate(axes)) {
      Taps t = axis.taps(phase[i]);
      taps.push_back(t);
      dilations.push_back(t.dilation);
      low.push_back(t.reach() - axis.first);
      high.push_back(axis.over - t.shift);
      reads &= t.count > 0;
      if (!ShapedType::isDynamic(axis.extent))
        reads &= -low.back() < axis.extent && -high.back() < axis.extent && axis.extent > 0 &&
                 -low.back() - high.back() < axis.extent;
    }
    if (!reads)
      return b.broadcastTo(b.scalar(w.getElementType(), 0), phaseDims());
    for (size_t i = 0; i < axes.size(); ++i) {
      int64_t skip = std::max<int64_t>(-low[i], 0), drop = std::max<int64_t>(-high[i], 0);
      if (skip || drop)
        x = b.slice(x, spatialAt + i, skip, b.plus(b.dim(x, spatialAt + i), -skip - drop));
    }
    Dims pads;
    for (ArrayRef<int64_t> side : {ArrayRef(low), ArrayRef(high)})
      for (int64_t pad : side)
        pads.push_back(std::max<int64_t>(pad, 0));
    return b.builder().create<nn::ConvOp>(
        op.getLoc(), x, weights(taps), Value(), Value(), Dims(axes.size(), 1), dilations, pads,
        static_cast<int64_t>(op.getGroup()), op.getLayout(), TypeAttr());
  }

  /// [C, M/group, K...] to conv's [M, C/group, taps...], taps flipped.
  Value weights(ArrayRef<Taps> taps) {
    auto group = static_cast<int64_t>(op.getGroup());
    int64_t in = w.getDimSize(0) / group, out = w.getDimSize(1);
    Dims offsets{0, 0}, sizes{w.getDimSize(0), out}, strides{1, 1};
    for (const Taps &t : taps) {
      offsets.push_back(t.first + (t.count - 1) * t.step);
      sizes.push_back(t.count);
      strides.push_back(-t.step);
    }
    OpBuilder &builder = b.builder();
    Value part = builder.create<nn::SliceOp>(op.getLoc(), op.getW(),
                                             nn::createShape(builder, op.getLoc(), offsets),
                                             nn::createShape(builder, op.getLoc(), sizes), strides);
    SmallVector<Extent> split{group, in, out}, merged{group * out};
    Dims perm{0, 2};
    bool nchw = op.getLayout() == nn::Layout::nchw;
    if (nchw) {
      perm.push_back(1);
      merged.push_back(in);
    }
    for (auto [i, t] : llvm::enumerate(taps)) {
      split.push_back(t.count);
      merged.push_back(t.count);
      perm.push_back(3 + i);
    }
    if (!nchw) {
      perm.push_back(1);
      merged.push_back(in);
    }
    return b.reshape(b.transpose(b.reshape(part, split), perm), merged);
  }

  /// y[s * m + r - p] = phases[r][m]
  Value interleave(ArrayRef<Value> phases, ArrayRef<int64_t> strides) {
    SmallVector<Extent> dims = phaseDims();
    Value y = phases.front();
    if (phases.size() > 1) {
      SmallVector<Extent> single(dims), split, merged(dims);
      single.insert(single.begin(), 1);
      SmallVector<Value> rows;
      for (Value phase : phases)
        rows.push_back(b.reshape(phase, single));
      Dims perm;
      auto count = static_cast<int64_t>(axes.size());
      for (int64_t stride : strides)
        split.push_back(stride);
      split.append(dims);
      for (int64_t i = 0; i < rank; ++i) {
        perm.push_back(count + i);
        int64_t axis = i - spatialAt;
        if (axis < 0 || axis >= count)
          continue;
        perm.push_back(axis);
        merged[i] = b.product(dims[i], strides[axis]);
      }
      y = b.reshape(b.transpose(b.reshape(b.concat(rows, 0), split), perm), merged);
    }
    for (auto [i, axis] : llvm::enumerate(axes)) {
      // O = s * (D - 1) + constant
      Extent size = b.plus(b.product(b.dim(op.getX(), spatialAt + i), axis.stride),
                           axis.extra + (axis.kernel - 1) * axis.dilation + 1 - axis.begin -
                               axis.end - axis.stride);
      y = b.slice(y, spatialAt + i, axis.begin - axis.first * axis.stride, size);
    }
    return y;
  }

  nn::ConvTransposeOp op;
  OpBuild b;
  RankedTensorType w;
  int64_t rank, spatialAt, filters;
  SmallVector<Axis> axes;
};

struct ExpandPattern : OpRewritePattern<nn::ConvTransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::ConvTransposeOp op, PatternRewriter &rewriter) const override {
    if (!cast<RankedTensorType>(op.getW().getType()).hasStaticShape())
      return failure();
    Expansion expansion(op, rewriter);
    if (!expansion.isReasonable())
      return failure();
    rewriter.replaceOp(op, expansion.run());
    return success();
  }
};

struct ExpandConvTranspose : burin::impl::ExpandConvTransposeBase<ExpandConvTranspose> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<ExpandPattern>(&getContext());
    if (failed(applyPatternsAndFoldGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
    WalkResult rest = getOperation().walk([](nn::ConvTransposeOp op) {
      op.emitError("a transposed convolution needs weights of known shape and strides whose "
                   "product is at most 4096");
      return WalkResult::interrupt();
    });
    if (rest.wasInterrupted())
      signalPassFailure();
  }
};

} // namespace
