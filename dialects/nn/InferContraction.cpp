//===- InferContraction.cpp - Result types of products and windows --------===//
//
// Part of Burin, under the Apache License v2.0.
//
// attention and rnn have their own file, InferRecurrent.cpp.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/InferUtils.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace burin::nn;
using namespace burin::nn::infer;

/// Element type of a product: i32 for bytes, else the operands' type or `acc`.
static FailureOr<Type> productType(Loc loc, Type a, Type b, std::optional<Type> acc) {
  if (isByte(a) && isByte(b)) {
    if (acc && !acc->isSignlessInteger(32))
      return emitOptionalError(loc, "8-bit products accumulate in i32, 'acc' says ", *acc);
    return Type(IntegerType::get(a.getContext(), 32));
  }
  if (!isNumber(a) || a != b)
    return emitOptionalError(loc, "no product of elements ", a, " and ", b);
  if (acc && (!isNumber(*acc) || isFloat(*acc) != isFloat(a)))
    return emitOptionalError(loc, "'acc' ", *acc, " does not fit elements ", a);
  return acc.value_or(a);
}

/// Zero points come in pairs and have the type of what they are subtracted from.
static LogicalResult checkZeroPoints(Loc loc, Type a, Type b, Value aZp, Value bZp) {
  if (!aZp && !bZp)
    return success();
  if (!aZp || !bZp)
    return emitOptionalError(loc, "zero points must be given for both operands");
  if (!isByte(a) || !isByte(b))
    return emitOptionalError(loc, "zero points on elements ", a, " and ", b);
  for (auto [zp, element] : {std::pair(aZp, a), std::pair(bZp, b)}) {
    FailureOr<RankedTensorType> type = operandType(loc, zp, "zps");
    if (failed(type))
      return failure();
    if (type->getElementType() != element)
      return emitOptionalError(loc, "zero point of type ", type->getElementType(), " for elements ",
                               element);
  }
  return success();
}

LogicalResult MatMulOp::inferReturnTypes(MLIRContext *, Loc loc, Adaptor op,
                                         SmallVectorImpl<Type> &results) {
  FailureOr<RankedTensorType> a = operandType(loc, op.getA(), "a");
  FailureOr<RankedTensorType> b = operandType(loc, op.getB(), "b");
  if (failed(a) || failed(b))
    return failure();
  if (a->getRank() < 2 || b->getRank() < 2)
    return emitOptionalError(loc, "operands must have rank 2 or more, got ", a->getRank(), " and ",
                             b->getRank());
  FailureOr<Type> element = productType(loc, a->getElementType(), b->getElementType(), op.getAcc());
  if (failed(element) || failed(checkZeroPoints(loc, a->getElementType(), b->getElementType(),
                                                op.getAZp(), op.getBZp())))
    return failure();
  Dims left(a->getShape()), right(b->getShape());
  if (op.getTa())
    std::swap(left[left.size() - 1], left[left.size() - 2]);
  if (op.getTb())
    std::swap(right[right.size() - 1], right[right.size() - 2]);
  int64_t m = left[left.size() - 2], n = right.back();
  if (failed(unify(loc, left.back(), right[right.size() - 2], "inner extents of the product")))
    return failure();
  if (op.getAZp()) {
    left.back() = right[right.size() - 2] = 1;
    if (failed(broadcastTo(loc, cast<RankedTensorType>(op.getAZp().getType()).getShape(), left,
                           "a_zp")) ||
        failed(broadcastTo(loc, cast<RankedTensorType>(op.getBZp().getType()).getShape(), right,
                           "b_zp")))
      return failure();
  }
  FailureOr<Dims> dims = broadcast(loc, ArrayRef(left).drop_back(2), ArrayRef(right).drop_back(2));
  if (failed(dims))
    return failure();
  dims->append({m, n});
  return result(loc, *dims, *element, results);
}

/// Rank of x at least 3, and w of the same rank.
static LogicalResult checkConvRanks(Loc loc, RankedTensorType x, RankedTensorType w) {
  if (x.getRank() < 3 || x.getRank() != w.getRank())
    return emitOptionalError(loc, "operands 'x' and 'w' must have one rank of 3 or more, got ",
                             x.getRank(), " and ", w.getRank());
  return success();
}

/// [N, channels, spatial...] in the order of the layout.
static Dims placed(Layout layout, int64_t batch, int64_t channels, ArrayRef<int64_t> spatial) {
  Dims dims{batch};
  if (layout == Layout::nchw)
    dims.push_back(channels);
  llvm::append_range(dims, spatial);
  if (layout == Layout::nhwc)
    dims.push_back(channels);
  return dims;
}

static ArrayRef<int64_t> spatialDims(Layout layout, ArrayRef<int64_t> shape) {
  return shape.slice(layout == Layout::nchw ? 2 : 1, shape.size() - 2);
}

static int64_t channelDim(Layout layout, ArrayRef<int64_t> shape) {
  return layout == Layout::nchw ? shape[1] : shape.back();
}

LogicalResult ConvOp::inferReturnTypes(MLIRContext *, Loc loc, Adaptor op,
                                       SmallVectorImpl<Type> &results) {
  FailureOr<RankedTensorType> x = operandType(loc, op.getX(), "x");
  FailureOr<RankedTensorType> w = operandType(loc, op.getW(), "w");
  if (failed(x) || failed(w) || failed(checkConvRanks(loc, *x, *w)))
    return failure();
  FailureOr<Type> element = productType(loc, x->getElementType(), w->getElementType(), op.getAcc());
  if (failed(element) || failed(checkZeroPoints(loc, x->getElementType(), w->getElementType(),
                                                op.getXZp(), op.getWZp())))
    return failure();
  Layout layout = op.getLayout();
  int64_t group = static_cast<int64_t>(op.getGroup());
  int64_t channels = channelDim(layout, x->getShape()), filters = w->getDimSize(0);
  int64_t perGroup = channelDim(layout, w->getShape());
  if (group < 1)
    return emitOptionalError(loc, "group ", group, " is not positive");
  if (channels != kDynamic && channels % group)
    return emitOptionalError(loc, "group ", group, " does not divide ", channels,
                             " input channels");
  if (filters != kDynamic && filters % group)
    return emitOptionalError(loc, "group ", group, " does not divide ", filters,
                             " output channels");
  if (channels != kDynamic && perGroup != kDynamic && channels / group != perGroup)
    return emitOptionalError(loc, "w has ", perGroup, " channels per group, x has ",
                             channels / group);
  if (op.getXZp()) {
    auto xZp = cast<RankedTensorType>(op.getXZp().getType());
    auto wZp = cast<RankedTensorType>(op.getWZp().getType());
    if (xZp.getRank() != 0)
      return emitOptionalError(loc, "operand 'x_zp' must have rank 0, got ", xZp.getRank());
    if (wZp.getRank() > 1 ||
        (wZp.getRank() == 1 && failed(verifyCompatibleShape(wZp.getShape(), {filters}))))
      return emitOptionalError(loc, "operand 'w_zp' must be a scalar or have one entry per filter");
  }
  ArrayRef<int64_t> spatial = spatialDims(layout, x->getShape());
  Window window{static_cast<int64_t>(spatial.size()), spatialDims(layout, w->getShape()),
                op.getStrides(), op.getDilations(), op.getPads()};
  if (failed(checkWindow(loc, window)))
    return failure();
  Dims out;
  for (auto [i, extent] : llvm::enumerate(spatial)) {
    FailureOr<int64_t> count = windowExtent(loc, window, i, extent);
    if (failed(count))
      return failure();
    out.push_back(*count);
  }
  return result(loc, placed(layout, x->getDimSize(0), filters, out), *element, results);
}

LogicalResult ConvTransposeOp::inferReturnTypes(MLIRContext *, Loc loc, Adaptor op,
                                                SmallVectorImpl<Type> &results) {
  FailureOr<RankedTensorType> x = operandType(loc, op.getX(), "x");
  FailureOr<RankedTensorType> w = operandType(loc, op.getW(), "w");
  if (failed(x) || failed(w) || failed(checkConvRanks(loc, *x, *w)))
    return failure();
  Type element = x->getElementType();
  if (!isNumber(element) || w->getElementType() != element)
    return emitOptionalError(loc, "no product of elements ", element, " and ", w->getElementType());
  Layout layout = op.getLayout();
  int64_t group = static_cast<int64_t>(op.getGroup());
  int64_t channels = channelDim(layout, x->getShape());
  if (group < 1)
    return emitOptionalError(loc, "group ", group, " is not positive");
  if (channels != kDynamic && channels % group)
    return emitOptionalError(loc, "group ", group, " does not divide ", channels,
                             " input channels");
  if (failed(unify(loc, channels, w->getDimSize(0), "input channels of x and w")))
    return failure();
  ArrayRef<int64_t> spatial = spatialDims(layout, x->getShape());
  int64_t rank = spatial.size();
  Window window{rank,         w->getShape().drop_front(2), op.getStrides(), op.getDilations(),
                op.getPads(), /*negativePads=*/true};
  if (failed(checkWindow(loc, window)))
    return failure();
  ArrayRef<int64_t> extra = op.getOutputPadding();
  if (static_cast<int64_t>(extra.size()) != rank)
    return emitOptionalError(loc, "'output_padding' must have ", rank, " entries, got ",
                             extra.size());
  Dims out;
  for (auto [i, extent] : llvm::enumerate(spatial)) {
    if (extra[i] < 0 || extra[i] > kMaxElements)
      return emitOptionalError(loc, "'output_padding' has the entry ", extra[i]);
    if (extent == kDynamic || window.kernel[i] == kDynamic) {
      out.push_back(kDynamic);
      continue;
    }
    if (extent > kMaxElements / window.strides[i])
      return emitOptionalError(loc, "result of conv_transpose exceeds 2^40 elements");
    int64_t count = window.strides[i] * (extent - 1) + extra[i] +
                    (window.kernel[i] - 1) * window.dilations[i] + 1 - window.pads[i] -
                    window.pads[rank + i];
    if (count < 0 && extent == 0)
      count = 0;
    if (count < 0)
      return emitOptionalError(loc, "pads remove more than the whole spatial dimension ", i);
    out.push_back(count);
  }
  int64_t perGroup = w->getDimSize(1);
  if (perGroup != kDynamic && group > kMaxElements / std::max<int64_t>(perGroup, 1))
    return emitOptionalError(loc, "result of conv_transpose exceeds 2^40 elements");
  int64_t filters = perGroup == kDynamic ? kDynamic : perGroup * group;
  return result(loc, placed(layout, x->getDimSize(0), filters, out), element, results);
}

LogicalResult PoolOp::inferReturnTypes(MLIRContext *, Loc loc, Adaptor op,
                                       SmallVectorImpl<Type> &results) {
  FailureOr<RankedTensorType> x = operandType(loc, op.getX(), "x");
  if (failed(x) ||
      failed(checkElement(loc, isNumber(x->getElementType()), "x", "number", x->getElementType())))
    return failure();
  if (x->getRank() < 3)
    return emitOptionalError(loc, "operand 'x' must have rank 3 or more, got ", x->getRank());
  Layout layout = op.getLayout();
  ArrayRef<int64_t> spatial = spatialDims(layout, x->getShape());
  Window window{static_cast<int64_t>(spatial.size()), op.getKernel(), op.getStrides(),
                op.getDilations(), op.getPads()};
  if (failed(checkWindow(loc, window)))
    return failure();
  Dims out;
  for (auto [i, extent] : llvm::enumerate(spatial)) {
    FailureOr<int64_t> count = windowExtent(loc, window, i, extent, op.getCeil());
    if (failed(count))
      return failure();
    out.push_back(*count);
  }
  int64_t channels = channelDim(layout, x->getShape());
  return result(loc, placed(layout, x->getDimSize(0), channels, out), x->getElementType(), results);
}

LogicalResult ResampleOp::inferReturnTypes(MLIRContext *, Loc loc, Adaptor op,
                                           SmallVectorImpl<Type> &results) {
  FailureOr<RankedTensorType> x = operandType(loc, op.getX(), "x");
  FailureOr<RankedTensorType> idx = operandOfRank(loc, op.getIdx(), "idx", 2);
  FailureOr<RankedTensorType> w = operandOfRank(loc, op.getW(), "w", 2);
  if (failed(x) || failed(idx) || failed(w) || failed(checkAxis(loc, op.getAxis(), x->getRank())))
    return failure();
  Type weight = w->getElementType();
  if (failed(checkElement(loc, isFloat(x->getElementType()), "x", "float", x->getElementType())) ||
      failed(checkElement(loc, idx->getElementType().isSignlessInteger(64), "idx", "i64",
                          idx->getElementType())) ||
      failed(checkElement(loc, weight.isF32() || weight.isF64(), "w", "f32 or f64", weight)))
    return failure();
  if (failed(unify(loc, idx->getDimSize(1), w->getDimSize(1), "tap counts of idx and w")))
    return failure();
  FailureOr<int64_t> count =
      unify(loc, idx->getDimSize(0), w->getDimSize(0), "extents of idx and w");
  if (failed(count))
    return failure();
  Dims dims(x->getShape());
  dims[op.getAxis()] = *count;
  return result(loc, dims, x->getElementType(), results);
}
