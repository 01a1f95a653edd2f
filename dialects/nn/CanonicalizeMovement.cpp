//===- CanonicalizeMovement.cpp - Folds of ops that move elements ---------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/CanonicalizeUtils.h"

#include "llvm/Support/CheckedArithmetic.h"

using namespace mlir;
using namespace burin::nn;

using Dims = SmallVector<int64_t>;

/// A shape operand that is not yet a constant, though the result is static.
static LogicalResult makeShapeConstant(PatternRewriter &rewriter, Operation *op, OpOperand &shape) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  if (!type.hasStaticShape())
    return failure();
  std::optional<Dims> now = constantInts(shape.get());
  if (now && ArrayRef(*now) == type.getShape())
    return failure();
  Value constant = createShape(rewriter, op->getLoc(), type.getShape());
  rewriter.modifyOpInPlace(op, [&] { shape.set(constant); });
  return success();
}

static bool isShapeOf(Value shape, Value x) {
  auto source = shape.getDefiningOp<ShapeOfOp>();
  return source && source.getX() == x;
}

/// Whether one of the elements of a shape is an extent of some tensor as it is.
static bool copiesExtent(Value shape) {
  Operation *op = shape.getDefiningOp();
  if (isa_and_nonnull<ConcatOp>(op))
    return llvm::any_of(op->getOperands(), copiesExtent);
  return isa_and_nonnull<SliceOp, GatherOp>(op) && op->getOperand(0).getDefiningOp<ShapeOfOp>();
}

OpFoldResult ReshapeOp::fold(FoldAdaptor) {
  RankedTensorType type = rankedType(getResult());
  if (getX().getType() != type)
    return nullptr;
  // One unknown extent follows from the others.
  bool determined = type.getNumDynamicDims() <= 1 && !llvm::is_contained(type.getShape(), 0);
  return type.hasStaticShape() || determined || isShapeOf(getShape(), getX()) ? OpFoldResult(getX())
                                                                              : nullptr;
}

LogicalResult ReshapeOp::canonicalize(ReshapeOp op, PatternRewriter &rewriter) {
  if (auto inner = op.getX().getDefiningOp<ReshapeOp>()) {
    rewriter.modifyOpInPlace(op, [&] { op.getXMutable().assign(inner.getX()); });
    return success();
  }
  if (succeeded(makeShapeConstant(rewriter, op, op.getShapeMutable())))
    return success();
  // One unknown extent follows from the others: nobody needs to compute the shape.
  RankedTensorType type = rankedType(op.getResult());
  if (type.getNumDynamicDims() != 1 || llvm::is_contained(type.getShape(), 0) ||
      constantInts(op.getShape()))
    return failure();
  // Squeezing an unknown extent: the shape says which of x's is kept, and that
  // the other must be 1.
  if (rankedType(op.getX()).getNumDynamicDims() > 1 && copiesExtent(op.getShape()))
    return failure();
  Dims dims(type.getShape());
  std::replace(dims.begin(), dims.end(), ShapedType::kDynamic, int64_t(-1));
  Value shape = createShape(rewriter, op.getLoc(), dims);
  rewriter.modifyOpInPlace(op, [&] { op.getShapeMutable().assign(shape); });
  return success();
}

OpFoldResult TransposeOp::fold(FoldAdaptor) {
  bool identity = true;
  for (auto [i, axis] : llvm::enumerate(getPerm()))
    identity &= static_cast<int64_t>(i) == axis;
  return identity && getX().getType() == getType() ? OpFoldResult(getX()) : nullptr;
}

LogicalResult TransposeOp::canonicalize(TransposeOp op, PatternRewriter &rewriter) {
  ArrayRef<int64_t> perm = op.getPerm();
  if (auto inner = op.getX().getDefiningOp<TransposeOp>()) {
    Dims composed;
    for (int64_t axis : perm)
      composed.push_back(inner.getPerm()[axis]);
    rewriter.replaceOpWithNewOp<TransposeOp>(op, op.getType(), inner.getX(), composed);
    return success();
  }
  // Where only unit extents change place, no element moves.
  RankedTensorType x = rankedType(op.getX()), type = rankedType(op.getResult());
  if (type.getNumDynamicDims() > 1)
    return failure();
  int64_t last = -1;
  for (int64_t axis : perm) {
    if (x.getDimSize(axis) == 1)
      continue;
    if (axis < last)
      return failure();
    last = axis;
  }
  if (!type.hasStaticShape() && llvm::is_contained(type.getShape(), 0))
    return failure();
  Dims dims(type.getShape());
  std::replace(dims.begin(), dims.end(), ShapedType::kDynamic, int64_t(-1));
  Value shape = createShape(rewriter, op.getLoc(), dims);
  rewriter.replaceOpWithNewOp<ReshapeOp>(op, type, op.getX(), shape);
  return success();
}

OpFoldResult BroadcastToOp::fold(FoldAdaptor) {
  RankedTensorType type = rankedType(getResult());
  bool identity =
      getX().getType() == type && (type.hasStaticShape() || isShapeOf(getShape(), getX()));
  return identity ? OpFoldResult(getX()) : nullptr;
}

OpFoldResult SliceOp::fold(FoldAdaptor) {
  RankedTensorType type = rankedType(getResult());
  if (getX().getType() != type || !type.hasStaticShape())
    return nullptr;
  // All indices are in range, so a full slice starts at 0, or runs backwards.
  for (auto [i, stride] : llvm::enumerate(getStrides()))
    if (stride < 0 && type.getDimSize(i) > 1)
      return nullptr;
  return getX();
}

/// Strides of the slice, spelled out.
static Dims stridesOf(SliceOp op) {
  Dims strides(op.getStrides());
  if (strides.empty())
    strides.assign(rankedType(op.getX()).getRank(), 1);
  return strides;
}

/// The operand of a concat that holds all elements of the slice, and where
/// that operand starts along the axis.
static std::optional<std::pair<Value, int64_t>> sourceInConcat(SliceOp op, ConcatOp concat,
                                                               const Dims &offsets) {
  int64_t axis = concat.getAxis(), size = rankedType(op.getResult()).getDimSize(axis);
  int64_t first = offsets[axis];
  if (ShapedType::isDynamic(size) || size == 0)
    return std::nullopt;
  std::optional<int64_t> end = llvm::checkedMulAdd(size - 1, stridesOf(op)[axis], first);
  if (!end)
    return std::nullopt;
  int64_t last = std::max(first, *end);
  first = std::min(first, *end);
  int64_t start = 0;
  for (Value x : concat.getXs()) {
    int64_t extent = rankedType(x).getDimSize(axis);
    if (ShapedType::isDynamic(extent))
      return std::nullopt;
    if (first >= start && last < start + extent)
      return std::pair(x, start);
    start += extent;
  }
  return std::nullopt;
}

LogicalResult SliceOp::canonicalize(SliceOp op, PatternRewriter &rewriter) {
  RankedTensorType type = rankedType(op.getResult());
  // The step of a single element does not matter; steps of 1 are not written.
  Dims strides = stridesOf(op);
  for (auto [stride, size] : llvm::zip(strides, type.getShape()))
    if (size == 1)
      stride = 1;
  bool plain = llvm::all_of(strides, [](int64_t stride) { return stride == 1; });
  Dims written = plain ? Dims() : strides;
  if (op.getStrides() != ArrayRef(written)) {
    rewriter.modifyOpInPlace(op, [&] { op.setStrides(written); });
    return success();
  }
  if (succeeded(makeShapeConstant(rewriter, op, op.getSizesMutable())))
    return success();
  std::optional<Dims> offsets = constantInts(op.getOffsets());
  if (!offsets)
    return failure();
  if (auto inner = op.getX().getDefiningOp<SliceOp>()) {
    std::optional<Dims> base = constantInts(inner.getOffsets());
    if (!base)
      return failure();
    Dims innerStrides = stridesOf(inner), sum, product;
    for (size_t i = 0; i < strides.size(); ++i) {
      // Offsets of an empty slice may be anything.
      std::optional<int64_t> offset =
          llvm::checkedMulAdd((*offsets)[i], innerStrides[i], (*base)[i]);
      std::optional<int64_t> stride = llvm::checkedMul(innerStrides[i], strides[i]);
      if (!offset || !stride || *offset < 0)
        return failure();
      sum.push_back(*offset);
      product.push_back(*stride);
    }
    Value start = createShape(rewriter, op.getLoc(), sum);
    rewriter.replaceOpWithNewOp<SliceOp>(op, type, inner.getX(), start, op.getSizes(), product);
    return success();
  }
  if (auto concat = op.getX().getDefiningOp<ConcatOp>()) {
    auto source = sourceInConcat(op, concat, *offsets);
    if (!source)
      return failure();
    (*offsets)[concat.getAxis()] -= source->second;
    Value start = createShape(rewriter, op.getLoc(), *offsets);
    rewriter.replaceOpWithNewOp<SliceOp>(op, type, source->first, start, op.getSizes(),
                                         op.getStrides());
    return success();
  }
  return failure();
}

OpFoldResult ConcatOp::fold(FoldAdaptor) {
  return getXs().size() == 1 && getXs().front().getType() == getType()
             ? OpFoldResult(getXs().front())
             : nullptr;
}

LogicalResult ConcatOp::canonicalize(ConcatOp op, PatternRewriter &rewriter) {
  SmallVector<Value> operands;
  for (Value x : op.getXs()) {
    auto inner = x.getDefiningOp<ConcatOp>();
    if (rankedType(x).getDimSize(op.getAxis()) == 0)
      continue;
    if (inner && inner.getAxis() == op.getAxis())
      llvm::append_range(operands, inner.getXs());
    else
      operands.push_back(x);
  }
  if (operands.empty() || operands.size() > 4096 || llvm::equal(operands, op.getXs()))
    return failure();
  if (operands.size() == 1)
    return replaceValue(rewriter, op, operands.front());
  rewriter.replaceOpWithNewOp<ConcatOp>(op, op.getType(), operands, op.getAxis());
  return success();
}

OpFoldResult PadOp::fold(FoldAdaptor) {
  auto isZero = [](Value counts) {
    std::optional<Dims> values = constantInts(counts);
    return values && llvm::all_of(*values, [](int64_t value) { return value == 0; });
  };
  RankedTensorType type = rankedType(getResult());
  bool identity = getX().getType() == type &&
                  (type.hasStaticShape() || (isZero(getLow()) && isZero(getHigh())));
  return identity ? OpFoldResult(getX()) : nullptr;
}

OpFoldResult ShapeOfOp::fold(FoldAdaptor) {
  RankedTensorType x = rankedType(getX());
  if (!x.hasStaticShape() || x.getRank() > kMaxDenseElements)
    return nullptr;
  return DenseElementsAttr::get(cast<RankedTensorType>(getType()), x.getShape());
}
