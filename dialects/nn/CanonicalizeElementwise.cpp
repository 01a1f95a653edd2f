//===- CanonicalizeElementwise.cpp - Folds of elementwise ops -------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// Only rewrites that keep every bit, NaN and signed zero: x + 0.0 stays (it
// turns -0.0 into 0.0), x - 0.0 goes.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/CanonicalizeUtils.h"
#include "dialects/nn/InferUtils.h"

using namespace mlir;
using namespace burin::nn;

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValue(); }

OpFoldResult CastOp::fold(FoldAdaptor) {
  return getX().getType() == getType() ? OpFoldResult(getX()) : nullptr;
}

/// Whether outer(inner(x)) is inner(x).
static bool absorbs(UnaryFn outer, UnaryFn inner) {
  auto isIntegral = [](UnaryFn fn) {
    return fn == UnaryFn::ceil || fn == UnaryFn::floor || fn == UnaryFn::round ||
           fn == UnaryFn::sign;
  };
  switch (outer) {
  case UnaryFn::ceil:
  case UnaryFn::floor:
  case UnaryFn::round:
    return isIntegral(inner);
  case UnaryFn::sign:
    return inner == UnaryFn::sign;
  case UnaryFn::abs:
    return inner == UnaryFn::abs;
  case UnaryFn::relu:
    return inner == UnaryFn::relu || inner == UnaryFn::sigmoid || inner == UnaryFn::exp ||
           inner == UnaryFn::softplus || inner == UnaryFn::hard_sigmoid;
  default:
    return false;
  }
}

LogicalResult UnaryOp::canonicalize(UnaryOp op, PatternRewriter &rewriter) {
  auto inner = op.getX().getDefiningOp<UnaryOp>();
  if (!inner)
    return failure();
  UnaryFn fn = op.getFn(), first = inner.getFn();
  if (absorbs(fn, first))
    return replaceValue(rewriter, op, inner.getResult());
  if (fn == first && (fn == UnaryFn::neg || fn == UnaryFn::not_))
    return replaceValue(rewriter, op, inner.getX());
  if (fn == UnaryFn::abs && first == UnaryFn::neg) {
    rewriter.modifyOpInPlace(op, [&] { op.getXMutable().assign(inner.getX()); });
    return success();
  }
  return failure();
}

static bool isCommutative(BinaryFn fn) {
  switch (fn) {
  case BinaryFn::add:
  case BinaryFn::mul:
  case BinaryFn::min:
  case BinaryFn::max:
  case BinaryFn::and_:
  case BinaryFn::or_:
  case BinaryFn::xor_:
    return true;
  default:
    return false;
  }
}

/// Whether (x fn c1) fn c2 is x fn (c1 fn c2) to the bit.
static bool isAssociative(BinaryFn fn, Type element) {
  if (fn == BinaryFn::min || fn == BinaryFn::max)
    return true;
  return isCommutative(fn) && isa<IntegerType>(element);
}

/// Whether x fn c is x to the bit.
static bool isRightIdentity(BinaryFn fn, Attribute c) {
  if (auto number = dyn_cast<FloatAttr>(c)) {
    const APFloat &value = number.getValue();
    switch (fn) {
    case BinaryFn::add:
      return value.isNegZero();
    case BinaryFn::sub:
      return value.isPosZero();
    case BinaryFn::mul:
    case BinaryFn::div:
    case BinaryFn::pow:
      return value.isExactlyValue(1.0);
    default:
      return false;
    }
  }
  auto number = dyn_cast<IntegerAttr>(c);
  if (!number)
    return false;
  const APInt &value = number.getValue();
  switch (fn) {
  case BinaryFn::add:
  case BinaryFn::sub:
  case BinaryFn::or_:
  case BinaryFn::xor_:
  case BinaryFn::shl:
  case BinaryFn::shr:
    return value.isZero();
  case BinaryFn::mul:
  case BinaryFn::div:
  case BinaryFn::pow:
    return value.isOne();
  case BinaryFn::and_:
    return value.isAllOnes();
  default:
    return false;
  }
}

LogicalResult BinaryOp::canonicalize(BinaryOp op, PatternRewriter &rewriter) {
  BinaryFn fn = op.getFn();
  Value a = op.getA(), b = op.getB();
  // Constants go right, so that patterns look at one side only.
  if (isCommutative(fn) && isConstant(a) && !isConstant(b)) {
    rewriter.modifyOpInPlace(op, [&] {
      op.getAMutable().assign(b);
      op.getBMutable().assign(a);
    });
    return success();
  }
  bool idempotent =
      fn == BinaryFn::min || fn == BinaryFn::max || fn == BinaryFn::and_ || fn == BinaryFn::or_;
  if (a == b && idempotent)
    return replaceValue(rewriter, op, a);
  Attribute splat = splatConstant(b);
  if (splat && isRightIdentity(fn, splat) && a.getType() == op.getType())
    return replaceValue(rewriter, op, a);
  // The constants' own product is folded by the interpreter.
  auto inner = a.getDefiningOp<BinaryOp>();
  if (inner && inner.getFn() == fn && isAssociative(fn, rankedType(a).getElementType()) &&
      isConstant(b) && isConstant(inner.getB()) && !isConstant(inner.getA())) {
    Value both = rewriter.create<BinaryOp>(op.getLoc(), fn, inner.getB(), b);
    rewriter.replaceOpWithNewOp<BinaryOp>(op, op.getType(), fn, inner.getA(), both);
    return success();
  }
  return failure();
}

LogicalResult SelectOp::canonicalize(SelectOp op, PatternRewriter &rewriter) {
  if (op.getA() == op.getB() && op.getA().getType() == op.getType())
    return replaceValue(rewriter, op, op.getA());
  if (auto condition = dyn_cast_or_null<IntegerAttr>(splatConstant(op.getC()))) {
    Value chosen = condition.getValue().isZero() ? op.getB() : op.getA();
    auto type = cast<RankedTensorType>(op.getType());
    if (chosen.getType() == type)
      return replaceValue(rewriter, op, chosen);
    if (!type.hasStaticShape())
      return failure();
    Value shape = createShape(rewriter, op.getLoc(), type.getShape());
    rewriter.replaceOpWithNewOp<BroadcastToOp>(op, type, chosen, shape);
    return success();
  }
  if (auto inverted = op.getC().getDefiningOp<UnaryOp>();
      inverted && inverted.getFn() == UnaryFn::not_) {
    Value whenTrue = op.getB(), whenFalse = op.getA();
    rewriter.modifyOpInPlace(op, [&] {
      op.getCMutable().assign(inverted.getX());
      op.getAMutable().assign(whenTrue);
      op.getBMutable().assign(whenFalse);
    });
    return success();
  }
  return failure();
}
