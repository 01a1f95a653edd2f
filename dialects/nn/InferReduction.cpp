//===- InferReduction.cpp - Result types of folds and orders --------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/InferUtils.h"

using namespace mlir;
using namespace burin::nn;
using namespace burin::nn::infer;

LogicalResult ReduceOp::inferReturnTypes(MLIRContext *, Loc loc, Adaptor op,
                                         SmallVectorImpl<Type> &results) {
  FailureOr<RankedTensorType> x = operandType(loc, op.getX(), "x");
  if (failed(x) || failed(checkAxes(loc, op.getAxes(), x->getRank())))
    return failure();
  Type element = x->getElementType();
  bool orderOnly = op.getFn() == ReduceFn::min || op.getFn() == ReduceFn::max;
  if (!isNumber(element) && !(orderOnly && isBool(element)))
    return emitOptionalError(loc, "'", stringifyReduceFn(op.getFn()), "' is not defined on ",
                             element);
  Dims dims;
  for (auto [i, extent] : llvm::enumerate(x->getShape())) {
    if (!llvm::is_contained(op.getAxes(), static_cast<int64_t>(i)))
      dims.push_back(extent);
    else if (op.getKeepdims())
      dims.push_back(1);
  }
  return result(loc, dims, element, results);
}

LogicalResult ArgReduceOp::inferReturnTypes(MLIRContext *context, Loc loc, Adaptor op,
                                            SmallVectorImpl<Type> &results) {
  FailureOr<RankedTensorType> x = operandType(loc, op.getX(), "x");
  if (failed(x) || failed(checkAxis(loc, op.getAxis(), x->getRank())) ||
      failed(checkElement(loc, isNumber(x->getElementType()) || isBool(x->getElementType()), "x",
                          "number", x->getElementType())))
    return failure();
  Dims dims(x->getShape());
  if (op.getKeepdims())
    dims[op.getAxis()] = 1;
  else
    dims.erase(dims.begin() + op.getAxis());
  return result(loc, dims, IntegerType::get(context, 64), results);
}

LogicalResult CumulateOp::inferReturnTypes(MLIRContext *, Loc loc, Adaptor op,
                                           SmallVectorImpl<Type> &results) {
  FailureOr<RankedTensorType> x = operandType(loc, op.getX(), "x");
  if (failed(x) || failed(checkAxis(loc, op.getAxis(), x->getRank())) ||
      failed(checkElement(loc, isNumber(x->getElementType()), "x", "number", x->getElementType())))
    return failure();
  results.push_back(*x);
  return success();
}

LogicalResult TopKOp::inferReturnTypes(MLIRContext *context, Loc loc, Adaptor op,
                                       SmallVectorImpl<Type> &results) {
  FailureOr<RankedTensorType> x = operandType(loc, op.getX(), "x");
  if (failed(x) || failed(checkAxis(loc, op.getAxis(), x->getRank())) ||
      failed(checkElement(loc, isNumber(x->getElementType()), "x", "number", x->getElementType())))
    return failure();
  if (!isIndexScalarType(op.getK().getType()))
    return emitOptionalError(loc, "operand 'k' must be a 0-D tensor of i64, got ",
                             op.getK().getType());
  Dims dims(x->getShape());
  int64_t extent = dims[op.getAxis()];
  dims[op.getAxis()] = kDynamic;
  if (std::optional<Dims> k = constantInts(op.getK())) {
    dims[op.getAxis()] = k->front();
    if (k->front() < 0 || (extent != kDynamic && k->front() > extent))
      return emitOptionalError(loc, "k = ", k->front(), " is out of range for extent ",
                               show(extent), " of axis ", op.getAxis());
  }
  if (failed(result(loc, dims, x->getElementType(), results)))
    return failure();
  return result(loc, dims, IntegerType::get(context, 64), results);
}

/// The type of a float operand whose `axes` are normalised together.
static LogicalResult inferRows(Loc loc, Value operand, ArrayRef<int64_t> axes,
                               SmallVectorImpl<Type> &results) {
  FailureOr<RankedTensorType> x = operandType(loc, operand, "x");
  if (failed(x) || failed(checkAxes(loc, axes, x->getRank())) ||
      failed(checkElement(loc, isFloat(x->getElementType()), "x", "float", x->getElementType())))
    return failure();
  results.push_back(*x);
  return success();
}

LogicalResult SoftmaxOp::inferReturnTypes(MLIRContext *, Loc loc, Adaptor op,
                                          SmallVectorImpl<Type> &results) {
  return inferRows(loc, op.getX(), op.getAxes(), results);
}

LogicalResult NormalizeOp::inferReturnTypes(MLIRContext *, Loc loc, Adaptor op,
                                            SmallVectorImpl<Type> &results) {
  return inferRows(loc, op.getX(), op.getAxes(), results);
}
