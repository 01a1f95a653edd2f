//===- InferMovement.cpp - Result types of ops that move elements ---------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/InferUtils.h"

using namespace mlir;
using namespace burin::nn;
using namespace burin::nn::infer;

LogicalResult ReshapeOp::inferReturnTypes(MLIRContext *, Loc loc, Adaptor op,
                                          SmallVectorImpl<Type> &results) {
  FailureOr<RankedTensorType> x = operandType(loc, op.getX(), "x");
  if (failed(x))
    return failure();
  FailureOr<Dims> shape = shapeContents(loc, op.getShape(), "shape", -1);
  if (failed(shape))
    return failure();
  Dims dims = *shape;
  bool known = constantInts(op.getShape()).has_value();
  if (llvm::count(dims, -1) > 1)
    return emitOptionalError(loc, "more than one -1 in the target shape");
  auto wildcard = llvm::find(dims, -1);
  bool hasWildcard = wildcard != dims.end();
  if (hasWildcard)
    *wildcard = kDynamic;
  FailureOr<int64_t> others = staticProduct(loc, dims);
  if (failed(others))
    return failure();
  if (known && hasWildcard && *others == 0)
    return emitOptionalError(loc, "-1 beside an extent of 0 in the target shape");
  if (known && x->hasStaticShape()) {
    int64_t count = x->getNumElements();
    if (hasWildcard) {
      if (count % *others != 0)
        return emitOptionalError(loc, "cannot reshape ", show(x->getShape()), " to ", show(dims),
                                 ": ", count, " elements are no multiple of ", *others);
      *wildcard = count / *others;
    } else if (count != *others) {
      return emitOptionalError(loc, "cannot reshape ", show(x->getShape()), " to ", show(dims),
                               ": ", count, " elements against ", *others);
    }
  }
  return result(loc, dims, x->getElementType(), results);
}

LogicalResult TransposeOp::inferReturnTypes(MLIRContext *, Loc loc, Adaptor op,
                                            SmallVectorImpl<Type> &results) {
  FailureOr<RankedTensorType> x = operandType(loc, op.getX(), "x");
  if (failed(x))
    return failure();
  ArrayRef<int64_t> perm = op.getPerm();
  int64_t rank = x->getRank();
  if (static_cast<int64_t>(perm.size()) != rank)
    return emitOptionalError(loc, "'perm' has ", perm.size(), " entries for rank ", rank);
  SmallVector<bool> seen(rank, false);
  Dims dims;
  for (int64_t axis : perm) {
    if (axis < 0 || axis >= rank || seen[axis])
      return emitOptionalError(loc, "'perm' is no permutation of 0 to ", rank - 1);
    seen[axis] = true;
    dims.push_back(x->getDimSize(axis));
  }
  return result(loc, dims, x->getElementType(), results);
}

LogicalResult BroadcastToOp::inferReturnTypes(MLIRContext *, Loc loc, Adaptor op,
                                              SmallVectorImpl<Type> &results) {
  FailureOr<RankedTensorType> x = operandType(loc, op.getX(), "x");
  if (failed(x))
    return failure();
  FailureOr<Dims> shape = shapeContents(loc, op.getShape(), "shape");
  if (failed(shape))
    return failure();
  FailureOr<Dims> dims = broadcastTo(loc, x->getShape(), *shape, "x");
  return failed(dims) ? failure() : result(loc, *dims, x->getElementType(), results);
}

LogicalResult SliceOp::inferReturnTypes(MLIRContext *, Loc loc, Adaptor op,
                                        SmallVectorImpl<Type> &results) {
  FailureOr<RankedTensorType> x = operandType(loc, op.getX(), "x");
  if (failed(x))
    return failure();
  int64_t rank = x->getRank();
  FailureOr<Dims> offsets = shapeContents(loc, op.getOffsets(), "offsets");
  FailureOr<Dims> sizes = shapeContents(loc, op.getSizes(), "sizes");
  if (failed(offsets) || failed(sizes))
    return failure();
  ArrayRef<int64_t> strides = op.getStrides();
  if (static_cast<int64_t>(offsets->size()) != rank ||
      static_cast<int64_t>(sizes->size()) != rank ||
      (!strides.empty() && static_cast<int64_t>(strides.size()) != rank))
    return emitOptionalError(loc, "slice of rank ", rank, " with ", offsets->size(), " offsets, ",
                             sizes->size(), " sizes and ", strides.size(), " strides");
  for (int64_t i = 0; i < rank; ++i) {
    int64_t stride = strides.empty() ? 1 : strides[i];
    if (stride == 0 || stride > kMaxElements || stride < -kMaxElements)
      return emitOptionalError(loc, "stride ", stride, " of dimension ", i, " is not allowed");
    int64_t extent = x->getDimSize(i), size = (*sizes)[i], offset = (*offsets)[i];
    if (extent == kDynamic || size == kDynamic || size == 0)
      continue;
    // Within 2^80 in exact arithmetic, so compare by division.
    int64_t steps = offset == kDynamic ? extent - 1 : stride > 0 ? extent - 1 - offset : offset;
    if ((offset != kDynamic && offset >= extent) || steps / std::abs(stride) < size - 1 ||
        steps < 0)
      return emitOptionalError(loc, "slice of ", size, " elements ",
                               offset == kDynamic ? "" : "from " + std::to_string(offset) + " ",
                               "with stride ", stride, " leaves extent ", extent, " of dimension ",
                               i);
  }
  return result(loc, *sizes, x->getElementType(), results);
}

LogicalResult ConcatOp::inferReturnTypes(MLIRContext *, Loc loc, Adaptor op,
                                         SmallVectorImpl<Type> &results) {
  if (op.getXs().empty())
    return emitOptionalError(loc, "concat needs at least one operand");
  int64_t axis = op.getAxis(), sum = 0;
  Dims dims;
  Type element;
  for (auto [i, value] : llvm::enumerate(op.getXs())) {
    FailureOr<RankedTensorType> x = operandType(loc, value, "xs");
    if (failed(x) || failed(checkAxis(loc, axis, x->getRank())))
      return failure();
    if (i == 0) {
      dims.assign(x->getShape().begin(), x->getShape().end());
      element = x->getElementType();
    }
    if (x->getElementType() != element)
      return emitOptionalError(loc, "operand ", i, " has element type ", x->getElementType(),
                               ", the first one ", element);
    if (x->getRank() != static_cast<int64_t>(dims.size()))
      return emitOptionalError(loc, "operand ", i, " has rank ", x->getRank(), ", the first one ",
                               dims.size());
    for (int64_t d = 0, e = x->getRank(); d < e; ++d) {
      if (d == axis)
        continue;
      FailureOr<int64_t> extent =
          unify(loc, dims[d], x->getDimSize(d), "extents of dimension " + Twine(d));
      if (failed(extent))
        return failure();
      dims[d] = *extent;
    }
    // Each summand is at most 2^40 and there are fewer than 2^20 operands.
    sum = sum == kDynamic || x->isDynamicDim(axis) ? kDynamic : sum + x->getDimSize(axis);
    if (sum > kMaxElements)
      return emitOptionalError(loc, "result of concat exceeds 2^40 elements");
  }
  dims[axis] = sum;
  return result(loc, dims, element, results);
}

LogicalResult PadOp::inferReturnTypes(MLIRContext *, Loc loc, Adaptor op,
                                      SmallVectorImpl<Type> &results) {
  FailureOr<RankedTensorType> x = operandType(loc, op.getX(), "x");
  FailureOr<RankedTensorType> value = operandOfRank(loc, op.getValue(), "value", 0);
  if (failed(x) || failed(value))
    return failure();
  if (value->getElementType() != x->getElementType())
    return emitOptionalError(loc, "operand 'value' has element type ", value->getElementType(),
                             ", x has ", x->getElementType());
  FailureOr<Dims> low = shapeContents(loc, op.getLow(), "low");
  FailureOr<Dims> high = shapeContents(loc, op.getHigh(), "high");
  if (failed(low) || failed(high))
    return failure();
  int64_t rank = x->getRank();
  if (static_cast<int64_t>(low->size()) != rank || static_cast<int64_t>(high->size()) != rank)
    return emitOptionalError(loc, "pad of rank ", rank, " with ", low->size(), " low and ",
                             high->size(), " high entries");
  Dims dims;
  for (auto [extent, before, after] : llvm::zip(x->getShape(), *low, *high))
    dims.push_back(extent == kDynamic || before == kDynamic || after == kDynamic
                       ? kDynamic
                       : extent + before + after);
  return result(loc, dims, x->getElementType(), results);
}

LogicalResult GatherOp::inferReturnTypes(MLIRContext *, Loc loc, Adaptor op,
                                         SmallVectorImpl<Type> &results) {
  FailureOr<RankedTensorType> x = operandType(loc, op.getX(), "x");
  FailureOr<RankedTensorType> idx = operandType(loc, op.getIdx(), "idx");
  if (failed(x) || failed(idx))
    return failure();
  Type index = idx->getElementType();
  if (failed(checkElement(loc, index.isSignlessInteger(32) || index.isSignlessInteger(64), "idx",
                          "i32 or i64", index)) ||
      failed(checkAxis(loc, op.getAxis(), x->getRank())))
    return failure();
  int64_t axis = op.getAxis(), batch = op.getBatchDims();
  if (batch < 0 || batch > axis || batch > idx->getRank())
    return emitOptionalError(loc, "batch_dims ", batch, " must be within axis ", axis,
                             " and the rank ", idx->getRank(), " of idx");
  Dims dims(x->getShape().take_front(axis));
  for (int64_t i = 0; i < batch; ++i) {
    FailureOr<int64_t> extent =
        unify(loc, dims[i], idx->getDimSize(i), "extents of batch dimension " + Twine(i));
    if (failed(extent))
      return failure();
    dims[i] = *extent;
  }
  llvm::append_range(dims, idx->getShape().drop_front(batch));
  llvm::append_range(dims, x->getShape().drop_front(axis + 1));
  return result(loc, dims, x->getElementType(), results);
}

LogicalResult ScatterOp::inferReturnTypes(MLIRContext *, Loc loc, Adaptor op,
                                          SmallVectorImpl<Type> &results) {
  FailureOr<RankedTensorType> data = operandType(loc, op.getData(), "data");
  FailureOr<RankedTensorType> idx = operandType(loc, op.getIdx(), "idx");
  FailureOr<RankedTensorType> upd = operandType(loc, op.getUpd(), "upd");
  if (failed(data) || failed(idx) || failed(upd))
    return failure();
  if (data->getRank() == 0)
    return emitOptionalError(loc, "operand 'data' must have rank 1 or more");
  Type element = data->getElementType();
  if (failed(checkElement(loc, idx->getElementType().isSignlessInteger(64), "idx", "i64",
                          idx->getElementType())))
    return failure();
  if (upd->getElementType() != element)
    return emitOptionalError(loc, "operand 'upd' has element type ", upd->getElementType(),
                             ", data has ", element);
  bool orderOnly = op.getFn() == ScatterFn::min || op.getFn() == ScatterFn::max;
  if (op.getFn() != ScatterFn::none && !isNumber(element) && !(orderOnly && isBool(element)))
    return emitOptionalError(loc, "'", stringifyScatterFn(op.getFn()), "' is not defined on ",
                             element);
  Dims wanted(idx->getShape());
  llvm::append_range(wanted, data->getShape().drop_front());
  if (failed(verifyCompatibleShape(wanted, upd->getShape())))
    return emitOptionalError(loc, "operand 'upd' must have shape ", show(wanted), ", got ",
                             show(upd->getShape()));
  Dims dims(data->getShape());
  for (int64_t i = 1, e = data->getRank(); i < e; ++i)
    if (dims[i] == kDynamic)
      dims[i] = upd->getDimSize(idx->getRank() + i - 1);
  return result(loc, dims, element, results);
}

LogicalResult IotaOp::inferReturnTypes(MLIRContext *, Loc loc, Adaptor op,
                                       SmallVectorImpl<Type> &results) {
  if (!isIndexScalarType(op.getN().getType()))
    return emitOptionalError(loc, "operand 'n' must be a 0-D tensor of i64, got ",
                             op.getN().getType());
  if (!isNumber(op.getType()))
    return emitOptionalError(loc, "cannot count in ", op.getType());
  int64_t extent = kDynamic;
  if (std::optional<Dims> n = constantInts(op.getN())) {
    extent = n->front();
    if (extent < 0)
      return emitOptionalError(loc, "negative count ", extent);
  }
  return result(loc, extent, op.getType(), results);
}

LogicalResult ShapeOfOp::inferReturnTypes(MLIRContext *context, Loc loc, Adaptor op,
                                          SmallVectorImpl<Type> &results) {
  FailureOr<RankedTensorType> x = operandType(loc, op.getX(), "x");
  if (failed(x))
    return failure();
  return result(loc, x->getRank(), IntegerType::get(context, 64), results);
}
