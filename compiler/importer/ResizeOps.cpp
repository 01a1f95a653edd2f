//===- ResizeOps.cpp - Resize and Upsample --------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// Resizing is separable: every axis that changes becomes a gather (nearest) or
// a nn.resample (linear, cubic) with tables of indices and weights. The tables
// are arithmetic on iota in f64, which folds where extents and scales are
// known and runs otherwise. Nearest takes its coordinates in f32, in which ties
// fall as in ONNX Runtime.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/OperatorFamilies.h"
#include "compiler/importer/ShapeMath.h"
#include "compiler/importer/Windows.h"

using namespace mlir;
using namespace burin;
using nn::BinaryFn;
using nn::CompareFn;
using nn::UnaryFn;

namespace {

/// How one axis is resized. Values are of shape [1].
struct Axis {
  Extent in = 0, out = 0;
  Value scale;            ///< f32 or f64
  Value roiBegin, roiEnd; ///< f32 or f64, under tf_crop_and_resize
  bool unchanged = false;
};

class Resize {
public:
  explicit Resize(NodeBinder &n) : n(n), math(n), x(n.operand(0)) {}

  /// The attributes of Resize-11 and later.
  LogicalResult readAttributes();
  /// Upsample and Resize-10: asymmetric coordinates, nearest rounds down (up
  /// where it shrinks).
  LogicalResult readOldAttributes();
  LogicalResult import(Value scales, Value sizes, Value roi);

private:
  bool prepareAxes(Value scales, Value sizes, Value roi);
  void setScale(Axis &axis, Value scale, std::optional<int64_t> declared);
  void setSizes(ArrayRef<Extent> sizes);
  Value number(Extent extent) { return n.cast(math.vector(extent), coordinateType()); }
  Value scalar(double value) { return n.scalar(coordinateType(), value); }
  Type coordinateType() {
    return mode == Mode::Nearest ? Type(n.b.getF32Type()) : Type(n.b.getF64Type());
  }
  Value coordinates(const Axis &axis);
  Value nearestIndices(const Axis &axis, Value at);
  std::pair<Value, Value> table(const Axis &axis, Value at);
  std::optional<double> leastScale(const Axis &axis);
  bool isExtentOf(Extent size, int64_t axis);

  enum class Mode { Nearest, Linear, Cubic };
  NodeBinder &n;
  ShapeMath math;
  Value x;
  SmallVector<Axis> axes;      ///< one per axis of x
  SmallVector<int64_t> chosen; ///< the axes that scales, sizes and roi speak of
  Mode mode = Mode::Nearest;
  std::string transformation = "asymmetric", nearestMode = "simple", policy = "stretch";
  double cubicA = -0.75, extrapolation = 0;
  bool excludeOutside = false, antialias = false;
};

} // namespace

LogicalResult Resize::readOldAttributes() {
  std::string name = n.stringAttr("mode", "nearest");
  if (name != "nearest" && name != "linear" && name != "bilinear")
    return n.emitError() << "unknown mode '" << name << "'";
  mode = name == "nearest" ? Mode::Nearest : Mode::Linear;
  chosen = llvm::to_vector(llvm::seq<int64_t>(0, n.rank(x)));
  return success();
}

LogicalResult Resize::readAttributes() {
  std::string name = n.stringAttr("mode", "nearest");
  if (name != "nearest" && name != "linear" && name != "cubic")
    return n.emitError() << "unknown mode '" << name << "'";
  mode = name == "nearest" ? Mode::Nearest : name == "linear" ? Mode::Linear : Mode::Cubic;
  transformation = n.stringAttr("coordinate_transformation_mode", "half_pixel");
  nearestMode = n.stringAttr("nearest_mode", "round_prefer_floor");
  policy = n.stringAttr("keep_aspect_ratio_policy", "stretch");
  cubicA = n.floatAttr("cubic_coeff_a", -0.75);
  extrapolation = n.floatAttr("extrapolation_value", 0);
  excludeOutside = n.boolAttr("exclude_outside", false);
  antialias = n.boolAttr("antialias", false) && mode != Mode::Nearest;
  static constexpr StringRef kTransformations[] = {
      "half_pixel", "half_pixel_symmetric", "pytorch_half_pixel",  "align_corners",
      "asymmetric", "tf_crop_and_resize",   "tf_half_pixel_for_nn"};
  if (!llvm::is_contained(kTransformations, transformation))
    return n.emitError() << "unknown coordinate_transformation_mode '" << transformation << "'";
  static constexpr StringRef kNearest[] = {"round_prefer_floor", "round_prefer_ceil", "floor",
                                           "ceil"};
  if (!llvm::is_contained(kNearest, nearestMode))
    return n.emitError() << "unknown nearest_mode '" << nearestMode << "'";
  if (policy != "stretch" && policy != "not_larger" && policy != "not_smaller")
    return n.emitError() << "unknown keep_aspect_ratio_policy '" << policy << "'";
  chosen = llvm::to_vector(llvm::seq<int64_t>(0, n.rank(x)));
  if (auto given = n.optionalInts("axes"))
    chosen = n.normalizeAxes(*given, n.rank(x));
  return success(!n.failed());
}

/// Whether a size was read from x's own extent of this axis.
bool Resize::isExtentOf(Extent size, int64_t axis) {
  if (size.isStatic())
    return n.dim(x, axis) == size.value;
  auto slice = size.dynamic.getDefiningOp<nn::SliceOp>();
  auto shape = slice ? slice.getX().getDefiningOp<nn::ShapeOfOp>() : nullptr;
  if (!shape || shape.getX() != x)
    return false;
  auto offset = NNBuilder::constantInts(slice.getOffsets());
  return offset && offset->size() == 1 && offset->front() == axis;
}

/// out = floor(in * (roi) * scale) in f32; or what the model declares where
/// only the run knows the scale.
void Resize::setScale(Axis &axis, Value scale, std::optional<int64_t> declared) {
  axis.scale = scale;
  auto known = NNBuilder::constantFloats(scale);
  bool crops = transformation == "tf_crop_and_resize";
  if (!known && declared) {
    axis.out = *declared;
    return;
  }
  if (known && known->front() == 1 && !crops) {
    axis.out = axis.in;
    axis.unchanged = true;
    return;
  }
  Type f32 = n.b.getF32Type();
  Value extent = n.cast(math.vector(axis.in), f32);
  if (crops)
    extent = n.mul(extent, n.cast(n.sub(axis.roiEnd, axis.roiBegin), f32));
  Value size = n.unary(UnaryFn::floor, n.mul(extent, n.cast(scale, f32)));
  axis.out = math.fromValue(n.cast(size, n.b.getI64Type()));
}

void Resize::setSizes(ArrayRef<Extent> sizes) {
  // One scale for all axes, the smallest or the largest one.
  Value common;
  Type f64 = n.b.getF64Type();
  auto wide = [&](Extent extent) { return n.cast(math.vector(extent), f64); };
  for (auto [axis, size] : llvm::zip(chosen, sizes)) {
    if (policy == "stretch")
      break;
    Value ratio = n.div(wide(size), wide(axes[axis].in));
    BinaryFn fn = policy == "not_larger" ? BinaryFn::min : BinaryFn::max;
    common = common ? n.binary(fn, common, ratio) : ratio;
  }
  for (auto [number, size] : llvm::zip(chosen, sizes)) {
    Axis &axis = axes[number];
    if (common) {
      // Rounds halves up.
      Value exact = n.add(n.mul(wide(axis.in), common), n.scalar(f64, 0.5));
      axis.out = math.fromValue(n.cast(n.unary(UnaryFn::floor, exact), n.b.getI64Type()));
      axis.scale = common;
    } else {
      axis.out = size;
      axis.scale = n.div(this->number(size), this->number(axis.in));
    }
    axis.unchanged = transformation != "tf_crop_and_resize" && isExtentOf(axis.out, number);
    if (axis.unchanged)
      axis.out = axis.in;
  }
}

bool Resize::prepareAxes(Value scales, Value sizes, Value roi) {
  int64_t count = chosen.size();
  axes.resize(n.rank(x));
  for (auto [i, axis] : llvm::enumerate(axes)) {
    axis.in = axis.out = n.extent(x, i);
    axis.unchanged = true;
  }
  auto part = [&](Value values, int64_t i) { return n.slice(values, n.ints({i}), n.ints({1})); };
  if (transformation == "tf_crop_and_resize") {
    if (!roi || n.dim(roi, 0) != 2 * count) {
      n.emitError() << "tf_crop_and_resize needs a 'roi' of " << 2 * count << " entries";
      return false;
    }
    for (auto [i, number] : llvm::enumerate(chosen)) {
      axes[number].roiBegin = n.cast(part(roi, i), coordinateType());
      axes[number].roiEnd = n.cast(part(roi, count + i), coordinateType());
    }
  }
  for (int64_t number : chosen)
    axes[number].unchanged = false;
  if (sizes) {
    auto wanted = math.elements(sizes);
    if (wanted && llvm::any_of(*wanted, [](const Extent &e) { return !e.isStatic(); }))
      // What the model declares spares the arithmetic at run time.
      if (auto declared = math.declaredShape(0);
          declared && declared->size() == axes.size() && policy == "stretch")
        for (auto [number, size] : llvm::zip(chosen, *wanted))
          size = (*declared)[number];
    if (!wanted || static_cast<int64_t>(wanted->size()) != count) {
      n.emitError() << "'sizes' must have " << count << " entries";
      return false;
    }
    for (const Extent &size : *wanted)
      if (size.isStatic() && size.value < 0) {
        n.emitError() << "'sizes' has the negative entry " << size.value;
        return false;
      }
    setSizes(*wanted);
    return !n.failed();
  }
  if (!scales || n.rank(scales) != 1 || n.dim(scales, 0) != count) {
    n.emitError() << "needs 'sizes', or 'scales' with " << count << " entries";
    return false;
  }
  if (auto known = NNBuilder::constantFloats(scales))
    for (double scale : *known)
      if (!(scale > 0) || scale > 0x1p31) {
        n.emitError() << "'scales' has the entry " << scale;
        return false;
      }
  auto declared = math.declaredShape(0);
  bool fits = declared && declared->size() == axes.size();
  for (auto [i, number] : llvm::enumerate(chosen))
    setScale(axes[number], part(scales, i),
             fits ? std::optional((*declared)[number]) : std::nullopt);
  return !n.failed();
}

/// The position in x of every element of the result along one axis: [out].
Value Resize::coordinates(const Axis &axis) {
  Type type = coordinateType();
  Value at = n.cast(math.iota(axis.out), type), scale = n.cast(axis.scale, type);
  Value half = scalar(0.5), one = scalar(1), zero = scalar(0);
  Value last = n.sub(number(axis.in), one);
  auto whenOne = [&](Value extent, Value ifOne, Value otherwise) {
    return n.select(n.compare(CompareFn::eq, extent, one), ifOne, otherwise);
  };
  if (transformation == "asymmetric")
    return n.div(at, scale);
  if (transformation == "align_corners") {
    Value extent = n.mul(scale, number(axis.in));
    return whenOne(extent, zero, n.div(n.mul(at, last), n.sub(extent, one)));
  }
  if (transformation == "tf_crop_and_resize") {
    Value extent = number(axis.out), size = n.mul(n.sub(axis.roiEnd, axis.roiBegin), last);
    Value offset = whenOne(extent, n.mul(size, half), n.div(n.mul(at, size), n.sub(extent, one)));
    return n.add(offset, n.mul(axis.roiBegin, last));
  }
  Value centre = n.div(n.add(at, half), scale);
  if (transformation == "tf_half_pixel_for_nn")
    return centre;
  centre = n.sub(centre, half);
  if (transformation == "pytorch_half_pixel")
    return whenOne(number(axis.out), scalar(-0.5), centre);
  if (transformation == "half_pixel_symmetric") {
    // The middle of the exact extent stays the middle of the rounded one.
    Value adjustment = n.div(number(axis.out), n.mul(scale, number(axis.in)));
    Value middle = n.mul(number(axis.in), half);
    return n.add(n.mul(middle, n.sub(one, adjustment)), centre);
  }
  return centre;
}

/// The elements that nearest chooses, kept inside.
Value Resize::nearestIndices(const Axis &axis, Value at) {
  Value half = scalar(0.5), rounded;
  if (nearestMode == "round_prefer_floor") {
    rounded = n.unary(UnaryFn::ceil, n.sub(at, half));
  } else if (nearestMode == "round_prefer_ceil") {
    rounded = n.unary(UnaryFn::floor, n.add(at, half));
  } else if (nearestMode == "simple") {
    Value shrinks = n.compare(CompareFn::lt, n.cast(axis.scale, coordinateType()), scalar(1));
    rounded = n.select(shrinks, n.unary(UnaryFn::ceil, at), n.unary(UnaryFn::floor, at));
  } else {
    rounded = n.unary(nearestMode == "ceil" ? UnaryFn::ceil : UnaryFn::floor, at);
  }
  Value index = n.cast(rounded, n.b.getI64Type());
  return n.binary(BinaryFn::max, n.binary(BinaryFn::min, index, math.vector(math.sub(axis.in, 1))),
                  n.index(0));
}

/// A lower bound of min(scale, 1), which antialiasing widens the filter by. A
/// scale that only the run knows is bounded by the extents that it leads to.
std::optional<double> Resize::leastScale(const Axis &axis) {
  if (!antialias)
    return 1;
  double least = 0;
  if (auto scale = NNBuilder::constantFloats(axis.scale); scale && scale->size() == 1)
    least = scale->front();
  else if (axis.in.isStatic() && axis.out.isStatic() && axis.in.value > 0)
    least = static_cast<double>(axis.out.value) / static_cast<double>(axis.in.value);
  else
    n.emitError() << "antialias needs scales or extents that are known";
  if (!(least > 0x1p-16))
    n.emitError() << "a scale of " << least << " is too small for antialias";
  return n.failed() ? std::nullopt : std::optional(std::min(least, 1.0));
}

/// Indices and weights [out, taps] of linear and cubic.
std::pair<Value, Value> Resize::table(const Axis &axis, Value at) {
  auto least = leastScale(axis);
  if (!least)
    return {};
  // Taps lie symmetrically around the gap that holds the position; an exact
  // position belongs to the gap on its left.
  double support = mode == Mode::Linear ? 1 : 2;
  auto first = static_cast<int64_t>(std::floor(-support / *least)) + 1;
  int64_t count = 2 - 2 * first;
  SmallVector<int64_t> taps = llvm::to_vector(llvm::seq<int64_t>(first, first + count));
  SmallVector<Extent> column{n.extent(at, 0), Extent(1)};
  Value position = n.reshape(at, column);
  Value left = n.sub(n.unary(UnaryFn::ceil, position), scalar(1));
  Value row = n.reshape(n.ints(taps), ArrayRef<int64_t>{1, count});
  Value index = n.add(n.cast(left, n.b.getI64Type()), row);
  Value distance = n.sub(n.cast(row, coordinateType()), n.sub(position, left));
  Value one = scalar(1), zero = scalar(0), weight;
  if (antialias)
    distance = n.mul(distance, n.binary(BinaryFn::min, n.cast(axis.scale, coordinateType()), one));
  distance = n.unary(UnaryFn::abs, distance);
  if (mode == Mode::Linear) {
    weight = n.binary(BinaryFn::max, n.sub(one, distance), zero);
  } else {
    // Keys' kernel: ((A + 2) d - (A + 3)) d^2 + 1 up to 1, then
    // ((A d - 5 A) d + 8 A) d - 4 A up to 2.
    Value near = n.sub(n.mul(scalar(cubicA + 2), distance), scalar(cubicA + 3));
    near = n.add(n.mul(n.mul(near, distance), distance), one);
    Value far = n.sub(n.mul(scalar(cubicA), distance), scalar(5 * cubicA));
    far = n.add(n.mul(far, distance), scalar(8 * cubicA));
    far = n.sub(n.mul(far, distance), scalar(4 * cubicA));
    far = n.select(n.compare(CompareFn::lt, distance, scalar(2)), far, zero);
    weight = n.select(n.compare(CompareFn::le, distance, one), near, far);
  }
  Value last = math.vector(math.sub(axis.in, 1));
  if (excludeOutside) {
    Value inside = n.binary(BinaryFn::and_, n.compare(CompareFn::ge, index, n.index(0)),
                            n.compare(CompareFn::le, index, last));
    weight = n.select(inside, weight, zero);
  }
  if (excludeOutside || antialias)
    weight = n.div(weight, n.reduce(nn::ReduceFn::sum, weight, {1}, true));
  index = n.binary(BinaryFn::max, n.binary(BinaryFn::min, index, last), n.index(0));
  return {index, weight};
}

LogicalResult Resize::import(Value scales, Value sizes, Value roi) {
  if (!prepareAxes(scales, sizes, roi))
    return failure();
  Type type = n.elementType(0);
  // Integers interpolate in f32 and truncate.
  Type wide = NNBuilder::isFloat(x) ? wideType(n, type) : Type(n.b.getF32Type());
  Value y = mode == Mode::Nearest ? x : n.cast(x, wide), inside;
  for (auto [number, axis] : llvm::enumerate(axes)) {
    if (axis.unchanged)
      continue;
    Value at = coordinates(axis);
    if (axis.roiBegin) {
      Value last = n.sub(this->number(axis.in), scalar(1));
      Value valid = n.binary(BinaryFn::and_, n.compare(CompareFn::ge, at, scalar(0)),
                             n.compare(CompareFn::le, at, last));
      SmallVector<Extent> column(axes.size(), Extent(1));
      column[number] = axis.out;
      valid = n.reshape(valid, column);
      inside = inside ? n.binary(BinaryFn::and_, inside, valid) : valid;
    }
    if (mode == Mode::Nearest) {
      y = n.gather(y, nearestIndices(axis, at), number);
      continue;
    }
    auto [index, weight] = table(axis, at);
    if (!index || n.failed())
      return failure();
    y = n.create<nn::ResampleOp>(y, index, weight, n.b.getI64IntegerAttr(number));
  }
  if (inside)
    y = n.select(inside, y, n.scalarLike(y, extrapolation));
  n.setResult(0, n.cast(y, type));
  return success();
}

//===----------------------------------------------------------------------===//
// The versions
//===----------------------------------------------------------------------===//

/// An optional operand, for which old files give an empty tensor.
static Value givenOperand(NodeBinder &n, size_t i) {
  Value value = n.operand(i);
  return value && n.rank(value) == 1 && n.dim(value, 0) == 0 ? Value() : value;
}

static Value floatConstants(NodeBinder &n, ArrayRef<double> values) {
  SmallVector<Value> parts;
  for (double value : values)
    parts.push_back(n.reshape(n.scalar(n.b.getF32Type(), value), ArrayRef<int64_t>{1}));
  return parts.empty() ? Value() : n.concat(parts, 0);
}

static LogicalResult importUpsample(NodeBinder &n) {
  Resize resize(n);
  if (failed(resize.readOldAttributes()))
    return failure();
  Value scales;
  if (n.since() >= 9) {
    scales = n.operand(1);
  } else if (n.since() >= 7) {
    scales = floatConstants(n, n.floatsAttr("scales"));
  } else {
    auto height = n.optionalFloat("height_scale"), width = n.optionalFloat("width_scale");
    if (!height || !width)
      return n.emitError() << "needs the attributes 'height_scale' and 'width_scale'";
    scales = floatConstants(n, {1, 1, *height, *width});
  }
  return resize.import(scales, Value(), Value());
}

static LogicalResult importResize10(NodeBinder &n) {
  Resize resize(n);
  if (failed(resize.readOldAttributes()))
    return failure();
  return resize.import(n.operand(1), Value(), Value());
}

static LogicalResult importResize(NodeBinder &n) {
  Resize resize(n);
  if (failed(resize.readAttributes()))
    return failure();
  return resize.import(givenOperand(n, 2), givenOperand(n, 3), givenOperand(n, 1));
}

void burin::registerResizeOps(OpRegistry &registry) {
  registry.add("Upsample", 1, 1, importUpsample);
  registry.add("Upsample", 7, 1, importUpsample);
  registry.add("Upsample", 9, 2, importUpsample);
  registry.remove(OpRegistry::kOnnxDomain, "Upsample", 10, "Resize");
  registry.add("Resize", 10, 2, importResize10);
  registry.add("Resize", 11, {1, 4}, importResize);
}
