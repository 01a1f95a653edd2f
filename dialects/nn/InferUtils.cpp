//===- InferUtils.cpp - What type inference shares ------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/InferUtils.h"

using namespace mlir;

namespace burin::nn::infer {

/// Attributes of windows beyond this are nonsense, and would overflow.
static constexpr int64_t kMaxWindow = int64_t(1) << 31;

bool isFloat(Type type) { return type.isF16() || type.isBF16() || type.isF32() || type.isF64(); }

bool isNumberInt(Type type) {
  auto integer = dyn_cast<IntegerType>(type);
  if (!integer || integer.isSigned())
    return false;
  unsigned width = integer.getWidth();
  return width == 8 || width == 16 || width == 32 || width == 64;
}

bool isNumber(Type type) { return isFloat(type) || isNumberInt(type); }
bool isBool(Type type) { return type.isSignlessInteger(1); }

bool isSubByteInt(Type type) {
  auto integer = dyn_cast<IntegerType>(type);
  return integer && !integer.isSigned() && (integer.getWidth() == 2 || integer.getWidth() == 4);
}

bool isByte(Type type) { return type.isSignlessInteger(8) || type.isUnsignedInteger(8); }

bool isElement(Type type) {
  if (auto complex = dyn_cast<ComplexType>(type))
    return complex.getElementType().isF32() || complex.getElementType().isF64();
  return isNumber(type) || isBool(type) || isSubByteInt(type) || isa<StrType>(type) ||
         isa<F4E2M1Type, F8E8M0Type>(type) || type.isFloat8E4M3FN() || type.isFloat8E4M3FNUZ() ||
         type.isFloat8E5M2() || type.isFloat8E5M2FNUZ();
}

std::string show(ArrayRef<int64_t> dims) {
  std::string text;
  for (auto [i, dim] : llvm::enumerate(dims)) {
    text += i ? "x" : "";
    text += dim == kDynamic ? "?" : std::to_string(dim);
  }
  return dims.empty() ? "scalar" : text;
}

FailureOr<RankedTensorType> operandType(Loc loc, Value value, StringRef name) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type)
    return emitOptionalError(loc, "operand '", name, "' must be a tensor of known rank, got ",
                             value.getType());
  if (!isElement(type.getElementType()))
    return emitOptionalError(loc, "operand '", name, "' has element type ", type.getElementType(),
                             ", which the nn dialect does not know");
  if (failed(staticProduct(loc, type.getShape())))
    return failure();
  return type;
}

FailureOr<RankedTensorType> operandOfRank(Loc loc, Value value, StringRef name, int64_t rank) {
  FailureOr<RankedTensorType> type = operandType(loc, value, name);
  if (failed(type))
    return failure();
  if (type->getRank() != rank)
    return emitOptionalError(loc, "operand '", name, "' must have rank ", rank, ", got rank ",
                             type->getRank());
  return type;
}

FailureOr<int64_t> shapeLength(Loc loc, Value shape, StringRef name) {
  if (!isShapeType(shape.getType()))
    return emitOptionalError(loc, "operand '", name, "' must be a 1-D tensor of i64, got ",
                             shape.getType());
  auto type = cast<RankedTensorType>(shape.getType());
  if (type.isDynamicDim(0))
    return emitOptionalError(loc, "operand '", name,
                             "' has an unknown number of elements, so the rank is unknown");
  if (type.getDimSize(0) > 1024)
    return emitOptionalError(loc, "operand '", name, "' has ", type.getDimSize(0),
                             " elements; tensors have at most 1024 dimensions");
  return type.getDimSize(0);
}

/// Appends what is known of the elements of a 1-D tensor: constants, parts of a
/// concat, static extents.
static void appendContents(Value shape, Dims &contents, unsigned depth) {
  auto type = cast<RankedTensorType>(shape.getType());
  if (std::optional<Dims> values = constantInts(shape)) {
    contents.append(*values);
    return;
  }
  Operation *op = depth > 0 ? shape.getDefiningOp() : nullptr;
  if (auto concat = dyn_cast_or_null<ConcatOp>(op)) {
    bool allKnown = llvm::all_of(concat.getXs(), [](Value part) {
      auto partType = dyn_cast<RankedTensorType>(part.getType());
      return partType && partType.getRank() == 1 && partType.hasStaticShape();
    });
    if (allKnown) {
      for (Value part : concat.getXs())
        appendContents(part, contents, depth - 1);
      return;
    }
  }
  if (auto shapeOf = dyn_cast_or_null<ShapeOfOp>(op))
    if (auto source = dyn_cast<RankedTensorType>(shapeOf.getX().getType())) {
      llvm::append_range(contents, source.getShape());
      return;
    }
  contents.append(type.getDimSize(0), kDynamic);
}

FailureOr<Dims> shapeContents(Loc loc, Value shape, StringRef name, int64_t lowest) {
  FailureOr<int64_t> length = shapeLength(loc, shape, name);
  if (failed(length))
    return failure();
  Dims values;
  appendContents(shape, values, /*depth=*/4);
  values.resize(*length, kDynamic);
  for (auto [i, value] : llvm::enumerate(values))
    if (value != kDynamic && (value < lowest || value > kMaxElements))
      return emitOptionalError(loc, "operand '", name, "' has value ", value, " at index ", i);
  return values;
}

FailureOr<int64_t> staticProduct(Loc loc, ArrayRef<int64_t> dims) {
  int64_t product = 1, nonZero = 1;
  for (int64_t dim : dims) {
    if (dim == kDynamic)
      continue;
    if (dim < 0)
      return emitOptionalError(loc, "negative extent ", dim, " in shape ", show(dims));
    // A zero hides other factors from the product, not from the check.
    if (dim > kMaxElements || (dim > 0 && nonZero > kMaxElements / dim))
      return emitOptionalError(loc, "shape ", show(dims), " exceeds 2^40 elements");
    product *= dim;
    nonZero *= std::max<int64_t>(dim, 1);
  }
  return product;
}

LogicalResult result(Loc loc, ArrayRef<int64_t> dims, Type element,
                     SmallVectorImpl<Type> &results) {
  if (failed(staticProduct(loc, dims)))
    return failure();
  results.push_back(RankedTensorType::get(dims, element));
  return success();
}

LogicalResult checkAxis(Loc loc, int64_t axis, int64_t rank) {
  if (axis < 0 || axis >= rank)
    return emitOptionalError(loc, "axis ", axis, " is out of range for rank ", rank);
  return success();
}

LogicalResult checkAxes(Loc loc, ArrayRef<int64_t> axes, int64_t rank) {
  for (auto [i, axis] : llvm::enumerate(axes)) {
    if (failed(checkAxis(loc, axis, rank)))
      return failure();
    if (i && axes[i - 1] >= axis)
      return emitOptionalError(loc, "axes must be distinct and ascending");
  }
  return success();
}

LogicalResult checkElement(Loc loc, bool ok, StringRef name, StringRef wanted, Type got) {
  if (ok)
    return success();
  return emitOptionalError(loc, "operand '", name, "' must have ", wanted, " elements, got ", got);
}

LogicalResult checkTypeAttr(Loc loc, Type type, StringRef name) {
  if (!isElement(type))
    return emitOptionalError(loc, "attribute '", name, "' names ", type,
                             ", which is no element type of the nn dialect");
  return success();
}

FailureOr<int64_t> unify(Loc loc, int64_t a, int64_t b, const Twine &what) {
  if (a == kDynamic)
    return b;
  if (b != kDynamic && a != b)
    return emitOptionalError(loc, what, " differ: ", a, " and ", b);
  return a;
}

FailureOr<Dims> broadcast(Loc loc, ArrayRef<int64_t> a, ArrayRef<int64_t> b) {
  Dims dims(std::max(a.size(), b.size()));
  for (size_t i = 0, e = dims.size(); i < e; ++i) {
    int64_t left = i < e - a.size() ? 1 : a[i - (e - a.size())];
    int64_t right = i < e - b.size() ? 1 : b[i - (e - b.size())];
    if (left == 1)
      dims[i] = right;
    else if (right == 1 || left == right)
      dims[i] = left;
    else if (left == kDynamic || right == kDynamic)
      dims[i] = left == kDynamic ? right : left;
    else
      return emitOptionalError(loc, "shapes ", show(a), " and ", show(b),
                               " do not broadcast: ", left, " against ", right);
  }
  return dims;
}

FailureOr<Dims> broadcastTo(Loc loc, ArrayRef<int64_t> from, ArrayRef<int64_t> to, StringRef name) {
  if (from.size() > to.size())
    return emitOptionalError(loc, "operand '", name, "' of rank ", from.size(),
                             " does not broadcast to rank ", to.size());
  Dims dims(to);
  for (size_t i = 0, lead = to.size() - from.size(); i < from.size(); ++i) {
    int64_t extent = from[i];
    if (extent == 1 || extent == kDynamic)
      continue;
    if (dims[lead + i] == kDynamic)
      dims[lead + i] = extent;
    else if (dims[lead + i] != extent)
      return emitOptionalError(loc, "operand '", name, "' of shape ", show(from),
                               " does not broadcast to ", show(to));
  }
  return dims;
}

static LogicalResult checkList(Loc loc, ArrayRef<int64_t> list, int64_t count, int64_t lowest,
                               StringRef name) {
  if (static_cast<int64_t>(list.size()) != count)
    return emitOptionalError(loc, "'", name, "' must have ", count, " entries, got ", list.size());
  for (int64_t value : list)
    if (value != kDynamic && (value < lowest || value > kMaxWindow))
      return emitOptionalError(loc, "'", name, "' has the entry ", value,
                               lowest > 0 ? ", which is not positive or too large"
                                          : ", which is negative or too large");
  return success();
}

LogicalResult checkWindow(Loc loc, const Window &window) {
  int64_t lowestPad = window.negativePads ? -kMaxWindow : 0;
  if (failed(checkList(loc, window.kernel, window.spatial, 1, "kernel")) ||
      failed(checkList(loc, window.strides, window.spatial, 1, "strides")) ||
      failed(checkList(loc, window.dilations, window.spatial, 1, "dilations")) ||
      failed(checkList(loc, window.pads, 2 * window.spatial, lowestPad, "pads")))
    return failure();
  return success();
}

FailureOr<int64_t> windowExtent(Loc loc, const Window &window, int64_t i, int64_t extent,
                                bool ceil) {
  if (extent == kDynamic || window.kernel[i] == kDynamic)
    return kDynamic;
  int64_t begin = window.pads[i], end = window.pads[window.spatial + i];
  int64_t stride = window.strides[i];
  // At most 2^62: kernel and dilation are limited to 2^31.
  int64_t reach = (window.kernel[i] - 1) * window.dilations[i] + 1;
  int64_t room = extent + begin + end - reach;
  if (room < 0)
    return emitOptionalError(loc, "window of ", reach, " exceeds the padded extent ",
                             extent + begin + end, " of spatial dimension ", i);
  int64_t count = room / stride + 1;
  // A window that would start in the end padding is dropped.
  if (ceil && room % stride != 0 && count * stride < extent + begin)
    ++count;
  return count;
}

} // namespace burin::nn::infer
