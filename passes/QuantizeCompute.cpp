//===- QuantizeCompute.cpp - Quantised models compute in integers ---------===//
//
// Part of Burin, under the Apache License v2.0.
//
// Exporters write a quantised layer as dequantize -> conv or matmul -> bias ->
// activation -> quantize. Here it becomes an integer product with a requantised
// result, by ONNX Runtime's rule (QLinearConv):
//
//   y = saturate(rint(f32(acc) * (xs * ws / ys)) + yz),  acc in i32 with bias
//
// An activation that clamps is monotone, and so is rounding: it becomes a clamp
// of the quantised value. Per-tensor dequantization moves behind ops that only
// move elements, so that it meets the product.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/NN.h"
#include "dialects/nn/interpreter/Tensor.h"
#include "passes/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

#include <cmath>

using namespace mlir;
using namespace burin::nn;

namespace burin {
#define GEN_PASS_DEF_QUANTIZECOMPUTE
#include "passes/Passes.h.inc"

namespace {

RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

std::optional<Tensor> constantOf(Value value) {
  ElementsAttr attr;
  if (!value || !matchPattern(value, m_Constant(&attr)))
    return std::nullopt;
  return Tensor::fromAttr(attr);
}

/// A constant of one element.
std::optional<double> scalarOf(Value value) {
  std::optional<Tensor> tensor = constantOf(value);
  if (!tensor || tensor->size() != 1)
    return std::nullopt;
  return tensor->floatAt(0);
}

bool isByte(Value value) {
  Type type = typeOf(value).getElementType();
  return type.isInteger(8);
}

/// dequantize with one scale and zero point for the whole tensor of bytes.
struct PerTensor {
  Value q;
  float scale;
  int64_t zeroPoint;
};

std::optional<PerTensor> perTensor(Value value) {
  auto op = value.getDefiningOp<DequantizeOp>();
  if (!op || !isByte(op.getQ()) || !op.getTo().isF32())
    return std::nullopt;
  std::optional<double> scale = scalarOf(op.getScale());
  std::optional<double> zp = op.getZp() ? scalarOf(op.getZp()) : 0.0;
  if (!scale || !zp)
    return std::nullopt;
  return PerTensor{op.getQ(), static_cast<float>(*scale), static_cast<int64_t>(*zp)};
}

/// Constant bytes with a scale per tensor or per output channel `axis`, zero
/// points all 0.
struct Weights {
  Value q;
  Tensor scale;
};

std::optional<Weights> weightsOf(Value value, int64_t axis) {
  auto op = value.getDefiningOp<DequantizeOp>();
  if (!op || !isByte(op.getQ()) || !op.getTo().isF32() || op.getBlock() != 0 ||
      !constantOf(op.getQ()))
    return std::nullopt;
  std::optional<Tensor> scale = constantOf(op.getScale());
  if (!scale ||
      (scale->size() != 1 && (scale->rank() != 1 || static_cast<int64_t>(op.getAxis()) != axis)))
    return std::nullopt;
  if (op.getZp()) {
    std::optional<Tensor> zp = constantOf(op.getZp());
    if (!zp)
      return std::nullopt;
    for (int64_t i = 0; i < zp->size(); ++i)
      if (zp->intAt(i) != 0)
        return std::nullopt;
  }
  return Weights{op.getQ(), *scale};
}

/// reshape(constant), possibly dequantised: how importers align a bias.
bool isReshapedConstant(Value value) {
  auto reshape = value.getDefiningOp<ReshapeOp>();
  if (!reshape)
    return false;
  auto dequantize = reshape.getX().getDefiningOp<DequantizeOp>();
  return constantOf(dequantize ? dequantize.getQ() : reshape.getX()).has_value();
}

/// What stands between the product and the quantize.
struct Tail {
  Value product;
  Value bias;                         ///< null without
  std::optional<double> lower, upper; ///< clamp before quantization
};

/// Follows relu and min/max with constants, then one added constant, back.
Tail followTail(Value value) {
  Tail tail;
  auto clampBy = [&](Value &at, BinaryOp op) {
    std::optional<double> bound = scalarOf(op.getB());
    if (!bound)
      return false;
    if (op.getFn() == BinaryFn::max)
      tail.lower = tail.lower ? std::max(*tail.lower, *bound) : *bound;
    else
      tail.upper = tail.upper ? std::min(*tail.upper, *bound) : *bound;
    at = op.getA();
    return true;
  };
  while (Operation *op = value.getDefiningOp()) {
    auto unary = dyn_cast<UnaryOp>(op);
    auto binary = dyn_cast<BinaryOp>(op);
    if (unary && unary.getFn() == UnaryFn::relu) {
      tail.lower = std::max(tail.lower.value_or(0.0), 0.0);
      value = unary.getX();
      continue;
    }
    // max(min(x, hi), lo) and min(max(x, lo), hi) agree where lo <= hi.
    if (binary && (binary.getFn() == BinaryFn::max || binary.getFn() == BinaryFn::min) &&
        clampBy(value, binary))
      continue;
    if (binary && binary.getFn() == BinaryFn::add && !tail.bias) {
      for (auto [sum, other] :
           {std::pair(binary.getA(), binary.getB()), std::pair(binary.getB(), binary.getA())}) {
        auto dequantize = other.getDefiningOp<DequantizeOp>();
        if (isa_and_nonnull<ConvOp, MatMulOp>(sum.getDefiningOp()) &&
            (constantOf(other) || (dequantize && constantOf(dequantize.getQ())) ||
             isReshapedConstant(other))) {
          tail.product = sum;
          tail.bias = other;
          return tail;
        }
      }
    }
    break;
  }
  tail.product = value;
  return tail;
}

struct QuantizeProduct : OpRewritePattern<QuantizeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(QuantizeOp op, PatternRewriter &rewriter) const override {
    std::optional<double> outScale = scalarOf(op.getScale());
    std::optional<double> outZero = op.getZp() ? scalarOf(op.getZp()) : 0.0;
    if (!outScale || !outZero || !op.getTo().isInteger(8) || op.getBlock() != 0 ||
        !typeOf(op.getX()).getElementType().isF32())
      return failure();
    Tail tail = followTail(op.getX());
    if (tail.lower && tail.upper && *tail.lower > *tail.upper)
      return failure();
    auto conv = tail.product.getDefiningOp<ConvOp>();
    auto product = tail.product.getDefiningOp<MatMulOp>();
    if ((!conv || conv.getXZp() || conv.getLayout() != Layout::nchw) &&
        (!product || product.getAZp() || product.getTa() || typeOf(product.getB()).getRank() != 2))
      return failure();
    int64_t axis = conv ? 0 : product.getTb() ? 0 : 1;
    std::optional<PerTensor> x = perTensor(conv ? conv.getX() : product.getA());
    std::optional<Weights> w = weightsOf(conv ? conv.getW() : product.getB(), axis);
    if (!x || !w)
      return failure();

    RankedTensorType type = typeOf(tail.product);
    int64_t channels = typeOf(w->q).getDimSize(axis);
    // Parameters per channel, as they broadcast against the product.
    SmallVector<int64_t> channelShape{channels};
    if (conv)
      channelShape.append(type.getRank() - 2, 1);
    auto scaleAt = [&](int64_t channel) {
      return x->scale * static_cast<float>(w->scale.floatAt(w->scale.size() == 1 ? 0 : channel));
    };
    std::optional<Tensor> bias;
    if (tail.bias && !(bias = integerBias(tail.bias, channels, channelShape, scaleAt)))
      return failure();

    Location loc = op.getLoc();
    Type i32 = rewriter.getI32Type();
    auto zero = [&](Value like, int64_t value) -> Value {
      Tensor tensor(typeOf(like).getElementType(), {});
      tensor.setInt(0, value);
      return rewriter.create<ConstantOp>(loc, tensor.toAttr());
    };
    Value xZero = zero(x->q, x->zeroPoint), wZero = zero(w->q, 0);
    Value acc;
    if (conv)
      acc = rewriter.create<ConvOp>(conv.getLoc(), x->q, w->q, xZero, wZero, conv.getStridesAttr(),
                                    conv.getDilationsAttr(), conv.getPadsAttr(),
                                    conv.getGroupAttr(), conv.getLayoutAttr(), TypeAttr());
    else
      acc = rewriter.create<MatMulOp>(product.getLoc(), x->q, w->q, xZero, wZero,
                                      product.getTaAttr(), product.getTbAttr(), TypeAttr());
    if (typeOf(acc).getElementType() != i32)
      return failure();
    if (bias)
      acc = rewriter.create<BinaryOp>(loc, BinaryFnAttr::get(rewriter.getContext(), BinaryFn::add),
                                      acc, rewriter.create<ConstantOp>(loc, bias->toAttr()));

    bool single = w->scale.size() == 1;
    Tensor multiplier(rewriter.getF32Type(), single ? ArrayRef<int64_t>{} : channelShape);
    for (int64_t i = 0; i < multiplier.size(); ++i)
      multiplier.mutableAs<float>()[i] = scaleAt(i) / static_cast<float>(*outScale);
    Tensor outZp(op.getTo(), {});
    outZp.setInt(0, static_cast<int64_t>(*outZero));
    Value result = rewriter.create<RequantizeOp>(
        loc, acc, rewriter.create<ConstantOp>(loc, multiplier.toAttr()),
        rewriter.create<ConstantOp>(loc, outZp.toAttr()), op.getTo());

    auto clamp = [&](std::optional<double> bound, BinaryFn fn) {
      if (!bound)
        return;
      // The same steps as quantize, so that the bound rounds as the value does.
      double quotient =
          std::nearbyint(static_cast<float>(*bound) / static_cast<float>(*outScale)) + *outZero;
      Tensor limit(op.getTo(), {});
      limit.setFloat(0, quotient);
      result = rewriter.create<BinaryOp>(loc, BinaryFnAttr::get(rewriter.getContext(), fn), result,
                                         rewriter.create<ConstantOp>(loc, limit.toAttr()));
    };
    clamp(tail.lower, BinaryFn::max);
    clamp(tail.upper, BinaryFn::min);
    rewriter.replaceOp(op, result);
    return success();
  }

  /// The bias in units of xs * ws, shaped to broadcast; nullopt where it does not
  /// fit i32 or is not per channel.
  template <typename Scale>
  static std::optional<Tensor> integerBias(Value value, int64_t channels, ArrayRef<int64_t> shape,
                                           Scale scaleAt) {
    // As the addition sees it, it must vary along the channels only.
    auto significant = [](ArrayRef<int64_t> list) {
      return list.drop_while([](int64_t extent) { return extent == 1; });
    };
    if (!typeOf(value).hasStaticShape() ||
        (typeOf(value).getNumElements() != 1 &&
         significant(typeOf(value).getShape()) != significant(shape)))
      return std::nullopt;
    if (auto reshape = value.getDefiningOp<ReshapeOp>())
      value = reshape.getX();
    std::optional<Tensor> given;
    bool integral = false;
    if (auto dequantize = value.getDefiningOp<DequantizeOp>();
        dequantize && typeOf(dequantize.getQ()).getElementType().isInteger(32)) {
      given = constantOf(dequantize.getQ());
      integral = true;
    } else {
      given = constantOf(value);
    }
    if (!given || (given->size() != channels && given->size() != 1))
      return std::nullopt;
    Tensor result(IntegerType::get(given->elementType().getContext(), 32), shape);
    for (int64_t i = 0; i < channels; ++i) {
      int64_t at = given->size() == 1 ? 0 : i;
      double units = integral ? static_cast<double>(given->intAt(at))
                              : std::nearbyint(given->floatAt(at) / scaleAt(i));
      if (!(std::abs(units) < 2147483648.0))
        return std::nullopt;
      result.setInt(i, static_cast<int64_t>(units));
    }
    return result;
  }
};

/// movement(dequantize(q)) -> dequantize(movement(q)).
template <typename MovementOp> struct MoveDequantize : OpRewritePattern<MovementOp> {
  using OpRewritePattern<MovementOp>::OpRewritePattern;
  LogicalResult matchAndRewrite(MovementOp op, PatternRewriter &rewriter) const override {
    auto dequantize = op.getX().template getDefiningOp<DequantizeOp>();
    if (!dequantize || !perTensor(op.getX()) || !dequantize->hasOneUse())
      return failure();
    Operation *moved = rewriter.clone(*op);
    auto from = typeOf(dequantize.getQ());
    rewriter.modifyOpInPlace(moved, [&] {
      moved->setOperand(0, dequantize.getQ());
      moved->getResult(0).setType(typeOf(op.getResult()).clone(from.getElementType()));
    });
    rewriter.replaceOpWithNewOp<DequantizeOp>(op, moved->getResult(0), dequantize.getScale(),
                                              dequantize.getZp(), dequantize.getAxisAttr(),
                                              dequantize.getBlockAttr(), dequantize.getToAttr());
    return success();
  }
};

struct QuantizeCompute : impl::QuantizeComputeBase<QuantizeCompute> {
  void runOnOperation() override {
    MLIRContext *context = &getContext();
    RewritePatternSet patterns(context);
    patterns.add<QuantizeProduct, MoveDequantize<ReshapeOp>, MoveDequantize<TransposeOp>>(context);
    if (failed(applyPatternsAndFoldGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
} // namespace burin
