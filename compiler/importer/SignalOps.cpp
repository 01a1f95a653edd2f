//===- SignalOps.cpp - Fourier transforms, windows, determinants ----------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/OperatorFamilies.h"
#include "compiler/importer/ShapeMath.h"
#include <cmath>

using namespace mlir;
using namespace burin;
using nn::BinaryFn;
using nn::CompareFn;
using nn::UnaryFn;

/// The first `length` along an axis, with zeros behind where there are fewer.
static Value fitAxis(NodeBinder &n, Value x, int64_t axis, int64_t length) {
  int64_t given = NNBuilder::dim(x, axis);
  if (given == length)
    return x;
  SmallVector<Extent> extents = n.extents(x);
  if (given == ShapedType::kDynamic || given < length) {
    extents[axis] = given == ShapedType::kDynamic ? length : length - given;
    x = n.concat({x, n.broadcastTo(n.scalarLike(x, 0), n.shapeFrom(extents))}, axis);
  }
  if (given == ShapedType::kDynamic || given > length) {
    extents[axis] = length;
    x = n.slice(x, n.ints(SmallVector<int64_t>(extents.size(), 0)), n.shapeFrom(extents));
  }
  return x;
}

/// The transform of `length` points along an axis; the last axis of x holds 1
/// (real) or 2 parts.
static Value fourier(NodeBinder &n, Value x, int64_t axis, int64_t length, bool inverse,
                     bool oneSided) {
  int64_t half = length / 2 + 1;
  bool toReal = inverse && oneSided;
  x = fitAxis(n, x, axis, toReal ? half : length);
  SmallVector<int64_t> shape(NNBuilder::shape(x));
  shape[axis] = oneSided && !inverse ? half : length;
  shape.back() = toReal ? 1 : 2;
  SmallVector<Value> found =
      n.call("fft", {RankedTensorType::get(shape, NNBuilder::elementType(x))}, {x},
             {axis, inverse, oneSided});
  return n.failed() ? x : found.front();
}

/// A length that the model has to tell: 1 to 2^31.
static int64_t constantLength(NodeBinder &n, size_t operand, StringRef what) {
  int64_t length = n.requireInt(operand, what, 1);
  if (!n.failed() && (length < 1 || length > (int64_t(1) << 31)))
    n.emitError() << "'" << what << "' is " << length << ", expected a positive length";
  return n.failed() ? 1 : length;
}

static LogicalResult importDFT(NodeBinder &n) {
  Value x = n.operand(0);
  int64_t rank = n.rank(0), axis;
  if (!n.requireMinRank(x, 2, "the input"))
    return failure();
  if (!NNBuilder::isFloat(x))
    return n.emitError() << "the input must be floating point";
  if (n.since() < 20)
    axis = n.intAttr("axis", 1);
  else
    axis = n.hasOperand(2) ? n.requireInt(2, "axis") : -2;
  axis = n.normalizeAxis(axis, rank);
  if (n.failed())
    return failure();
  if (axis == rank - 1)
    return n.emitError() << "axis " << axis << " holds the real and imaginary parts";
  if (int64_t parts = n.dim(x, rank - 1); parts != 1 && parts != 2)
    return n.emitError() << "the last extent must be 1 (real) or 2 (complex)";
  bool inverse = n.boolAttr("inverse", false), oneSided = n.boolAttr("onesided", false);
  int64_t length = n.dim(x, axis);
  if (n.hasOperand(1))
    length = constantLength(n, 1, "dft_length");
  else if (length == ShapedType::kDynamic)
    return n.emitError() << "the extent of axis " << axis
                         << " must be known, or 'dft_length' given";
  else if (inverse && oneSided)
    length = 2 * (length - 1);
  if (n.failed())
    return failure();
  if (length < 1)
    return n.emitError() << "cannot transform " << length << " points";
  n.setResult(0, fourier(n, x, axis, length, inverse, oneSided));
  return success();
}

static LogicalResult importSTFT(NodeBinder &n) {
  ShapeMath math(n);
  Value x = n.operand(0);
  if (n.rank(0) == 2) {
    SmallVector<Extent> extents = n.extents(x);
    x = n.reshape(x, {extents[0], extents[1], Extent(1)});
  }
  if (!n.requireRank(x, 3, "the signal"))
    return failure();
  if (!NNBuilder::isFloat(x))
    return n.emitError() << "the signal must be floating point";
  Extent step = math.fromValue(n.cast(n.operand(1), n.b.getI64Type()));
  if (step.isStatic() && step.value < 1)
    return n.emitError() << "'frame_step' is " << step.value << ", expected a positive number";
  int64_t length = 0;
  Value window = n.hasOperand(2) ? n.operand(2) : Value();
  if (window && !n.requireRank(window, 1, "the window"))
    return failure();
  if (n.hasOperand(3))
    length = constantLength(n, 3, "frame_length");
  else
    length = window ? n.dim(window, 0) : n.dim(x, 1);
  if (n.failed())
    return failure();
  if (length < 1)
    return n.emitError() << "the frame length must be known and positive";
  int64_t points = n.dim(x, 1);
  if (points != ShapedType::kDynamic && points < length)
    return n.emitError() << "a frame of " << length << " points is longer than the signal of "
                         << points;
  Extent frames = math.add(math.div(math.sub(n.extent(x, 1), length), step), 1);
  Value starts = n.mul(n.reshape(math.iota(frames), {frames, Extent(1)}), math.scalar(step));
  Value y = n.gather(x, n.add(starts, math.iota(length)), 1);
  if (window)
    y = n.mul(y, n.reshape(n.cast(fitAxis(n, window, 0, length), n.elementType(0)),
                           ArrayRef<int64_t>{length, 1}));
  n.setResult(0, fourier(n, y, 2, length, false, n.boolAttr("onesided", true)));
  return success();
}

//===----------------------------------------------------------------------===//
// Windows and filter banks
//===----------------------------------------------------------------------===//

/// The size that operand `i` tells for axis `axis` of the result.
static Extent sizeOperand(NodeBinder &n, size_t i, size_t axis, int64_t plus = 0,
                          int64_t divisor = 1) {
  ShapeMath math(n);
  Extent size = math.fromValue(n.cast(n.operand(i), n.b.getI64Type()));
  size = math.add(math.div(size, divisor), plus);
  auto declared = math.declaredShape(0);
  if (!size.isStatic() && declared && axis < declared->size())
    return (*declared)[axis];
  return size;
}

namespace {
enum Window { Hann, Hamming, Blackman };
} // namespace

static LogicalResult importWindow(NodeBinder &n) {
  ShapeMath math(n);
  Type f64 = n.b.getF64Type();
  Type type = n.dataType(n.intAttr("output_datatype", 1));
  Extent size = sizeOperand(n, 0, 0);
  // A symmetric window of one point would divide by 0.
  Extent period = n.boolAttr("periodic", true) ? size : math.max(math.sub(size, 1), 1);
  Value turn = n.div(n.iota(math.scalar(size), f64), n.cast(math.scalar(period), f64));
  auto cosine = [&](double turns, double factor) {
    return n.mul(n.unary(UnaryFn::cos, n.mul(turn, n.scalar(f64, turns * 2 * M_PI))),
                 n.scalar(f64, factor));
  };
  Value y;
  if (n.variant() == Hann) {
    Value sine = n.unary(UnaryFn::sin, n.mul(turn, n.scalar(f64, M_PI)));
    y = n.mul(sine, sine);
  } else if (n.variant() == Hamming) {
    y = n.add(n.scalar(f64, 25.0 / 46), cosine(1, -21.0 / 46));
  } else {
    y = n.add(n.add(n.scalar(f64, 0.42), cosine(1, -0.5)), cosine(2, 0.08));
  }
  n.setResult(0, n.cast(y, type));
  return success();
}

static LogicalResult importMelWeightMatrix(NodeBinder &n) {
  ShapeMath math(n);
  Type f64 = n.b.getF64Type(), type = n.dataType(n.intAttr("output_datatype", 1));
  auto number = [&](double value) { return n.scalar(f64, value); };
  auto input = [&](size_t i) { return n.reshape(n.cast(n.operand(i), f64), ArrayRef<int64_t>{}); };
  Extent bands = sizeOperand(n, 0, 1), rows = sizeOperand(n, 1, 0, 1, 2);
  auto toMel = [&](Value hertz) {
    Value ratio = n.add(number(1), n.div(hertz, number(700)));
    return n.mul(n.unary(UnaryFn::log, ratio), number(2595 / std::log(10.0)));
  };
  Value low = toMel(input(3)), high = toMel(input(4));
  Extent edges = math.add(bands, 2);
  Value step = n.div(n.sub(high, low), n.cast(math.scalar(edges), f64));
  Value mel = n.add(n.mul(n.iota(math.scalar(edges), f64), step), low);
  Value hertz = n.mul(
      n.sub(n.binary(BinaryFn::pow, number(10), n.div(mel, number(2595))), number(1)), number(700));
  Value bins = n.unary(UnaryFn::floor, n.div(n.mul(n.add(input(1), number(1)), hertz), input(2)));
  auto edge = [&](int64_t first) { return n.slice(bins, n.ints({first}), math.vector(bands)); };
  Value left = edge(0), centre = edge(1), right = edge(2);
  Value row = n.reshape(n.iota(math.scalar(rows), f64), {rows, Extent(1)});
  auto both = [&](Value l, Value r) { return n.binary(BinaryFn::and_, l, r); };
  Value rising = both(n.compare(CompareFn::ge, row, left), n.compare(CompareFn::le, row, centre));
  Value falling = both(n.compare(CompareFn::ge, row, centre), n.compare(CompareFn::lt, row, right));
  // A band without width has one full bin.
  Value width = n.sub(centre, left);
  Value up = n.select(n.compare(CompareFn::eq, width, number(0)), number(1),
                      n.div(n.sub(row, left), width));
  Value down = n.div(n.sub(right, row), n.sub(right, centre));
  Value y = n.select(falling, down, n.select(rising, up, number(0)));
  n.setResult(0, n.cast(y, type));
  return success();
}

static LogicalResult importDet(NodeBinder &n) {
  Value x = n.operand(0);
  if (!n.requireMinRank(x, 2, "the input"))
    return failure();
  int64_t rows = n.dim(x, n.rank(0) - 2), columns = n.dim(x, n.rank(0) - 1);
  if (rows != columns && rows != ShapedType::kDynamic && columns != ShapedType::kDynamic)
    return n.emitError() << "a matrix of " << rows << " x " << columns << " has no determinant";
  SmallVector<Value> found =
      n.call("det", {RankedTensorType::get(n.shape(0).drop_back(2), n.elementType(0))}, {x});
  if (n.failed())
    return failure();
  n.setResult(0, found.front());
  return success();
}

void burin::registerSignalOps(OpRegistry &registry) {
  registry.add("DFT", 17, {1, 2}, importDFT);
  registry.add("DFT", 20, {1, 3}, importDFT);
  registry.add("STFT", 17, {2, 4}, importSTFT);
  registry.add("HannWindow", 17, 1, importWindow, Hann);
  registry.add("HammingWindow", 17, 1, importWindow, Hamming);
  registry.add("BlackmanWindow", 17, 1, importWindow, Blackman);
  registry.add("MelWeightMatrix", 17, 5, importMelWeightMatrix);
  for (int64_t since : {11, 22})
    registry.add("Det", since, 1, importDet);
}
