//===- InferElementwise.cpp - Result types of elementwise ops -------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/InferUtils.h"
#include "dialects/nn/Scalars.h"

using namespace mlir;
using namespace burin::nn;
using namespace burin::nn::infer;

LogicalResult ConstantOp::inferReturnTypes(MLIRContext *, Loc loc, Adaptor op,
                                           SmallVectorImpl<Type> &results) {
  auto type = dyn_cast<RankedTensorType>(op.getValue().getShapedType());
  if (!type || !type.hasStaticShape())
    return emitOptionalError(loc, "value must be of static tensor type, got ",
                             op.getValue().getShapedType());
  if (!isElement(type.getElementType()))
    return emitOptionalError(loc, "value has element type ", type.getElementType(),
                             ", which the nn dialect does not know");
  return result(loc, type.getShape(), type.getElementType(), results);
}

// Not part of inference, which the parser calls before it knows the resources.
LogicalResult ConstantOp::verify() {
  if (isa<DenseResourceElementsAttr>(getValue()))
    return Tensor::verifyAttr(getValue(), getLoc());
  return success();
}

/// Whether a row of the scalar table is defined on elements of this type;
/// sub-byte integers only convert.
template <typename Fn> static bool acceptsElement(Fn fn, Type type) {
  return scalarRow(fn).accepts(type) && !isSubByteInt(type);
}

LogicalResult UnaryOp::inferReturnTypes(MLIRContext *, Loc loc, Adaptor op,
                                        SmallVectorImpl<Type> &results) {
  FailureOr<RankedTensorType> x = operandType(loc, op.getX(), "x");
  if (failed(x))
    return failure();
  if (!scalarRow(op.getFn()).accepts(x->getElementType()))
    return emitOptionalError(loc, "'", stringifyUnaryFn(op.getFn()), "' is not defined on ",
                             x->getElementType());
  results.push_back(*x);
  return success();
}

LogicalResult BinaryOp::inferReturnTypes(MLIRContext *, Loc loc, Adaptor op,
                                         SmallVectorImpl<Type> &results) {
  FailureOr<RankedTensorType> a = operandType(loc, op.getA(), "a");
  FailureOr<RankedTensorType> b = operandType(loc, op.getB(), "b");
  if (failed(a) || failed(b))
    return failure();
  Type element = a->getElementType();
  if (!scalarRow(op.getFn()).accepts(element))
    return emitOptionalError(loc, "'", stringifyBinaryFn(op.getFn()), "' is not defined on ",
                             element);
  bool typesFit =
      op.getFn() == BinaryFn::pow ? isNumber(b->getElementType()) : element == b->getElementType();
  if (!typesFit)
    return emitOptionalError(loc, "operands of '", stringifyBinaryFn(op.getFn()),
                             "' have element types ", element, " and ", b->getElementType());
  FailureOr<Dims> dims = broadcast(loc, a->getShape(), b->getShape());
  return failed(dims) ? failure() : result(loc, *dims, element, results);
}

LogicalResult CompareOp::inferReturnTypes(MLIRContext *context, Loc loc, Adaptor op,
                                          SmallVectorImpl<Type> &results) {
  FailureOr<RankedTensorType> a = operandType(loc, op.getA(), "a");
  FailureOr<RankedTensorType> b = operandType(loc, op.getB(), "b");
  if (failed(a) || failed(b))
    return failure();
  Type element = a->getElementType();
  if (element != b->getElementType())
    return emitOptionalError(loc, "compared operands have element types ", element, " and ",
                             b->getElementType());
  bool equality = op.getFn() == CompareFn::eq || op.getFn() == CompareFn::ne;
  if (!isNumber(element) && !(equality && isBool(element)))
    return emitOptionalError(loc, "'", stringifyCompareFn(op.getFn()), "' is not defined on ",
                             element);
  FailureOr<Dims> dims = broadcast(loc, a->getShape(), b->getShape());
  return failed(dims) ? failure() : result(loc, *dims, IntegerType::get(context, 1), results);
}

LogicalResult SelectOp::inferReturnTypes(MLIRContext *, Loc loc, Adaptor op,
                                         SmallVectorImpl<Type> &results) {
  FailureOr<RankedTensorType> c = operandType(loc, op.getC(), "c");
  FailureOr<RankedTensorType> a = operandType(loc, op.getA(), "a");
  FailureOr<RankedTensorType> b = operandType(loc, op.getB(), "b");
  if (failed(c) || failed(a) || failed(b) ||
      failed(checkElement(loc, isBool(c->getElementType()), "c", "i1", c->getElementType())))
    return failure();
  if (a->getElementType() != b->getElementType())
    return emitOptionalError(loc, "selected operands have element types ", a->getElementType(),
                             " and ", b->getElementType());
  FailureOr<Dims> values = broadcast(loc, a->getShape(), b->getShape());
  if (failed(values))
    return failure();
  FailureOr<Dims> dims = broadcast(loc, c->getShape(), *values);
  return failed(dims) ? failure() : result(loc, *dims, a->getElementType(), results);
}

/// Whether values of the type convert: everything but complex and strings.
static bool isCastable(Type type) { return isElement(type) && !isa<ComplexType, StrType>(type); }

LogicalResult CastOp::inferReturnTypes(MLIRContext *, Loc loc, Adaptor op,
                                       SmallVectorImpl<Type> &results) {
  FailureOr<RankedTensorType> x = operandType(loc, op.getX(), "x");
  if (failed(x))
    return failure();
  if (!isCastable(x->getElementType()) || !isCastable(op.getTo()))
    return emitOptionalError(loc, "no cast from ", x->getElementType(), " to ", op.getTo());
  return result(loc, x->getShape(), op.getTo(), results);
}

LogicalResult BitcastOp::inferReturnTypes(MLIRContext *, Loc loc, Adaptor op,
                                          SmallVectorImpl<Type> &results) {
  FailureOr<RankedTensorType> x = operandType(loc, op.getX(), "x");
  if (failed(x) || failed(checkTypeAttr(loc, op.getTo(), "to")))
    return failure();
  Type from = x->getElementType();
  if (isa<StrType>(from) != isa<StrType>(op.getTo()) ||
      elementBits(from) != elementBits(op.getTo()))
    return emitOptionalError(loc, "bitcast from ", from, " to ", op.getTo(),
                             " changes the width of elements");
  return result(loc, x->getShape(), op.getTo(), results);
}

/// Types that quantize can produce and dequantize can read.
static bool isQuantized(Type type) {
  return isSubByteInt(type) || isTinyFloat(type) ||
         (isNumberInt(type) && elementBits(type) <= 32 && !type.isUnsignedInteger(32));
}

/// Checks `scale` or `zp` against x: 0-D, 1-D along `axis`, or blocks along it.
static LogicalResult checkScaleShape(Loc loc, RankedTensorType x, RankedTensorType scale,
                                     StringRef name, int64_t axis, int64_t block) {
  if (block < 0)
    return emitOptionalError(loc, "'block' is negative: ", block);
  if (block == 0 && scale.getRank() == 0)
    return success();
  if (failed(checkAxis(loc, axis, x.getRank())))
    return failure();
  if (block == 0 && scale.getRank() != 1)
    return emitOptionalError(loc, "operand '", name, "' must have rank 0 or 1 without blocks, got ",
                             scale.getRank());
  if (block > 0 && scale.getRank() != x.getRank())
    return emitOptionalError(loc, "operand '", name, "' must have rank ", x.getRank(),
                             " with blocks, got ", scale.getRank());
  for (int64_t i = 0, e = scale.getRank(); i < e; ++i) {
    int64_t extent = x.getDimSize(block ? i : axis), got = scale.getDimSize(i);
    if (extent == kDynamic || got == kDynamic)
      continue;
    if (block && i == axis)
      extent = extent / block + (extent % block != 0);
    if (extent != got)
      return emitOptionalError(loc, "operand '", name, "' has ", got, " entries in dimension ", i,
                               ", needs ", extent);
  }
  return success();
}

template <typename Adaptor>
static LogicalResult checkScaleAndZp(Loc loc, Adaptor op, RankedTensorType x, Type quantized) {
  FailureOr<RankedTensorType> scale = operandType(loc, op.getScale(), "scale");
  if (failed(scale))
    return failure();
  Type scaleElement = scale->getElementType();
  if (failed(checkElement(loc, isFloat(scaleElement) || isa<F8E8M0Type>(scaleElement), "scale",
                          "float", scaleElement)) ||
      failed(checkScaleShape(loc, x, *scale, "scale", op.getAxis(), op.getBlock())))
    return failure();
  if (!op.getZp())
    return success();
  FailureOr<RankedTensorType> zp = operandType(loc, op.getZp(), "zp");
  if (failed(zp))
    return failure();
  if (zp->getElementType() != quantized)
    return emitOptionalError(loc, "operand 'zp' has element type ", zp->getElementType(),
                             ", needs ", quantized);
  return checkScaleShape(loc, x, *zp, "zp", op.getAxis(), op.getBlock());
}

LogicalResult QuantizeOp::inferReturnTypes(MLIRContext *, Loc loc, Adaptor op,
                                           SmallVectorImpl<Type> &results) {
  FailureOr<RankedTensorType> x = operandType(loc, op.getX(), "x");
  if (failed(x))
    return failure();
  Type element = x->getElementType();
  if (failed(checkElement(loc, isFloat(element) || element.isInteger(32), "x", "float or i32",
                          element)))
    return failure();
  if (!isQuantized(op.getTo()))
    return emitOptionalError(loc, "cannot quantize to ", op.getTo());
  if (op.getPrecision() && !isFloat(*op.getPrecision()))
    return emitOptionalError(loc, "'precision' must be a float type, got ", *op.getPrecision());
  if (failed(checkScaleAndZp(loc, op, *x, op.getTo())))
    return failure();
  return result(loc, x->getShape(), op.getTo(), results);
}

LogicalResult DequantizeOp::inferReturnTypes(MLIRContext *, Loc loc, Adaptor op,
                                             SmallVectorImpl<Type> &results) {
  FailureOr<RankedTensorType> q = operandType(loc, op.getQ(), "q");
  if (failed(q))
    return failure();
  if (!isQuantized(q->getElementType()) || !isFloat(op.getTo()))
    return emitOptionalError(loc, "cannot dequantize ", q->getElementType(), " to ", op.getTo());
  if (failed(checkScaleAndZp(loc, op, *q, q->getElementType())))
    return failure();
  return result(loc, q->getShape(), op.getTo(), results);
}

LogicalResult RequantizeOp::inferReturnTypes(MLIRContext *, Loc loc, Adaptor op,
                                             SmallVectorImpl<Type> &results) {
  FailureOr<RankedTensorType> acc = operandType(loc, op.getAcc(), "acc");
  FailureOr<RankedTensorType> multiplier = operandType(loc, op.getMultiplier(), "multiplier");
  FailureOr<RankedTensorType> zp = operandType(loc, op.getZp(), "zp");
  if (failed(acc) || failed(multiplier) || failed(zp))
    return failure();
  if (failed(checkElement(loc, acc->getElementType().isSignlessInteger(32), "acc", "i32",
                          acc->getElementType())) ||
      failed(checkElement(loc, multiplier->getElementType().isF32(), "multiplier", "f32",
                          multiplier->getElementType())))
    return failure();
  Type to = op.getTo();
  if (!isSubByteInt(to) && !(isNumberInt(to) && elementBits(to) <= 16))
    return emitOptionalError(loc, "cannot requantize to ", to);
  if (zp->getElementType() != to)
    return emitOptionalError(loc, "operand 'zp' has element type ", zp->getElementType(),
                             ", needs ", to);
  FailureOr<Dims> dims = broadcastTo(loc, multiplier->getShape(), acc->getShape(), "multiplier");
  if (failed(dims))
    return failure();
  dims = broadcastTo(loc, zp->getShape(), *dims, "zp");
  return failed(dims) ? failure() : result(loc, *dims, to, results);
}
