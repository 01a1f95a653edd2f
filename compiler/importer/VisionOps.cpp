//===- VisionOps.cpp - Sampling, regions, boxes ---------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/OperatorFamilies.h"
#include "compiler/importer/Products.h"
#include "compiler/importer/ShapeMath.h"
#include "compiler/importer/Windows.h"

#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace burin;
using nn::BinaryFn;
using nn::CompareFn;

/// A call with one result of these extents and x's element type.
static Value callFloat(NodeBinder &n, StringRef callee, ArrayRef<int64_t> shape, ValueRange xs,
                       ArrayRef<int64_t> ints, ArrayRef<double> floats,
                       ArrayRef<bool> present = {}) {
  Type type = RankedTensorType::get(shape, n.elementType(xs.front()));
  return n.call(callee, {type}, xs, ints, floats, present).front();
}

/// The functions behind these operators know floats only.
static bool requireFloat(NodeBinder &n, Value x, StringRef what) {
  if (NNBuilder::isFloat(x))
    return true;
  n.emitError() << what << " must be of a float type, not " << NNBuilder::elementType(x);
  return false;
}

//===----------------------------------------------------------------------===//
// GridSample, AffineGrid
//===----------------------------------------------------------------------===//

static LogicalResult importGridSample(NodeBinder &n) {
  Value x = n.operand(0), grid = n.operand(1);
  int64_t rank = n.rank(x);
  if (!n.requireMinRank(x, 3, "the input") || !n.requireRank(grid, rank, "the grid"))
    return failure();
  if (!ShapedType::isDynamic(n.dim(grid, rank - 1)) && n.dim(grid, rank - 1) != rank - 2)
    return n.emitError() << "the grid has " << n.dim(grid, rank - 1) << " coordinates for "
                         << rank - 2 << " spatial dimensions";
  std::string modeName = n.stringAttr("mode", n.since() < 20 ? "bilinear" : "linear");
  auto mode = llvm::StringSwitch<int64_t>(modeName)
                  .Cases("linear", "bilinear", 0)
                  .Case("nearest", 1)
                  .Cases("cubic", "bicubic", 2)
                  .Default(-1);
  if (mode < 0)
    return n.emitError() << "unknown mode '" << modeName << "'";
  std::string paddingName = n.stringAttr("padding_mode", "zeros");
  auto padding = llvm::StringSwitch<int64_t>(paddingName)
                     .Case("zeros", 0)
                     .Case("border", 1)
                     .Case("reflection", 2)
                     .Default(-1);
  if (padding < 0)
    return n.emitError() << "unknown padding_mode '" << paddingName << "'";
  bool alignCorners = n.boolAttr("align_corners", false);
  // One element type for the call; others have no arithmetic of their own.
  Type type = n.elementType(0);
  Value source = NNBuilder::isFloat(x) ? x : n.cast(x, n.b.getF32Type());
  grid = n.cast(grid, n.elementType(source));
  SmallVector<int64_t> shape{n.dim(x, 0), n.dim(x, 1)};
  shape.append(n.shape(grid).begin() + 1, n.shape(grid).end() - 1);
  Value y = callFloat(n, "grid_sample", shape, {source, grid},
                      {mode, padding, int64_t(alignCorners)}, {});
  n.setResult(0, n.cast(y, type));
  return success();
}

/// -1 to 1 in steps, 0 to the ends or to their middles.
static Value gridLine(NodeBinder &n, Extent extent, Type type, bool alignCorners) {
  ShapeMath math(n);
  Value i = n.cast(math.iota(extent), type), count = n.cast(math.vector(extent), type);
  Value one = n.scalar(type, 1), two = n.scalar(type, 2);
  if (!alignCorners)
    return n.sub(n.div(n.add(n.mul(i, two), one), count), one);
  // One point alone is at -1.
  Value steps = n.binary(BinaryFn::max, n.sub(count, one), one);
  return n.sub(n.div(n.mul(i, two), steps), one);
}

static LogicalResult importAffineGrid(NodeBinder &n) {
  ShapeMath math(n);
  Value theta = n.operand(0);
  auto size = math.elements(n.operand(1));
  if (!size || (size->size() != 4 && size->size() != 5))
    return n.emitError() << "'size' must have 4 or 5 entries";
  if (!n.requireRank(theta, 3, "theta"))
    return failure();
  bool alignCorners = n.boolAttr("align_corners", false);
  Type type = wideType(n, n.elementType(theta));
  size_t spatial = size->size() - 2;
  SmallVector<Extent> points(size->begin() + 2, size->end());
  SmallVector<Extent> whole = points;
  whole.push_back(1);
  // The coordinates of a point, innermost axis first, then 1.
  SmallVector<Value> columns;
  for (size_t i = spatial; i-- > 0;) {
    SmallVector<Extent> column(spatial + 1, Extent(1));
    column[i] = points[i];
    Value line = n.reshape(gridLine(n, points[i], type, alignCorners), column);
    columns.push_back(n.broadcastTo(line, n.shapeFrom(whole)));
  }
  columns.push_back(n.broadcastTo(n.scalar(type, 1), n.shapeFrom(whole)));
  Value base = n.reshape(n.concat(columns, spatial),
                         {Extent(1), n.product(points), Extent(static_cast<int64_t>(spatial) + 1)});
  MatMulOptions options;
  options.tb = true;
  Value grid = buildMatMul(n, base, n.cast(theta, type), options);
  SmallVector<Extent> result{n.extent(theta, 0)};
  result.append(points);
  result.push_back(static_cast<int64_t>(spatial));
  n.setResult(0, n.cast(n.reshape(grid, result), n.elementType(theta)));
  return success();
}

//===----------------------------------------------------------------------===//
// Regions
//===----------------------------------------------------------------------===//

static LogicalResult importRoiAlign(NodeBinder &n) {
  Value x = n.operand(0), rois = n.operand(1);
  if (!n.requireRank(x, 4, "the input") || !n.requireRank(rois, 2, "the regions") ||
      !requireFloat(n, x, "the input"))
    return failure();
  std::string mode = n.stringAttr("mode", "avg");
  if (mode != "avg" && mode != "max")
    return n.emitError() << "unknown mode '" << mode << "'";
  // Version 10 has no such choice.
  std::string transform = n.since() < 16
                              ? "output_half_pixel"
                              : n.stringAttr("coordinate_transformation_mode", "half_pixel");
  if (transform != "half_pixel" && transform != "output_half_pixel")
    return n.emitError() << "unknown coordinate_transformation_mode '" << transform << "'";
  int64_t height = n.intAttr("output_height", 1), width = n.intAttr("output_width", 1);
  int64_t ratio = n.intAttr("sampling_ratio", 0);
  if (height < 0 || width < 0 || ratio < 0)
    return n.emitError() << "its output extents and sampling_ratio must not be negative";
  double scale = n.floatAttr("spatial_scale", 1);
  SmallVector<int64_t> shape{n.dim(rois, 0), n.dim(x, 1), height, width};
  Value batch = n.cast(n.operand(2), n.b.getI64Type());
  Value y = callFloat(n, "roi_align", shape, {x, n.cast(rois, n.elementType(x)), batch},
                      {mode == "max", ratio, transform == "half_pixel"}, {scale});
  n.setResult(0, y);
  return success();
}

static LogicalResult importMaxRoiPool(NodeBinder &n) {
  Value x = n.operand(0), rois = n.operand(1);
  if (!n.requireRank(x, 4, "the input") || !n.requireRank(rois, 2, "the regions") ||
      !requireFloat(n, x, "the input"))
    return failure();
  SmallVector<int64_t> pooled = n.intsAttr("pooled_shape");
  if (pooled.size() != 2 || pooled[0] < 0 || pooled[1] < 0)
    return n.emitError() << "attribute 'pooled_shape' must have two extents";
  double scale = n.floatAttr("spatial_scale", 1);
  SmallVector<int64_t> shape{n.dim(rois, 0), n.dim(x, 1), pooled[0], pooled[1]};
  n.setResult(0, callFloat(n, "max_roi_pool", shape, {x, rois}, {}, {scale}));
  return success();
}

/// The call fills a bound and tells how many rows of it count.
static LogicalResult importNonMaxSuppression(NodeBinder &n) {
  ShapeMath math(n);
  Value boxes = n.operand(0), scores = n.operand(1);
  if (!n.requireRank(boxes, 3, "the boxes") || !n.requireRank(scores, 3, "the scores") ||
      !requireFloat(n, boxes, "the boxes"))
    return failure();
  Type i64 = n.b.getI64Type();
  // Nothing is wanted where the largest number is absent.
  int64_t most = n.hasOperand(2) ? ShapedType::kDynamic : 0;
  if (auto known = n.constantInts(2); known && known->size() == 1)
    most = std::max<int64_t>(known->front(), 0);
  int64_t perClass = n.dim(boxes, 1);
  if (!ShapedType::isDynamic(most) && (ShapedType::isDynamic(perClass) || most < perClass))
    perClass = most;
  int64_t bound = 1;
  for (int64_t factor : {n.dim(scores, 0), n.dim(scores, 1), perClass}) {
    if (ShapedType::isDynamic(factor))
      bound = ShapedType::kDynamic;
    else if (!ShapedType::isDynamic(bound) && llvm::MulOverflow(bound, factor, bound))
      return n.emitError() << "the number of boxes overflows";
  }
  SmallVector<Value> xs{boxes, n.cast(scores, n.elementType(boxes))};
  SmallVector<bool> present{true, true};
  for (size_t i = 2; i < 5; ++i) {
    present.push_back(n.hasOperand(i));
    if (!n.hasOperand(i))
      continue;
    Value value = n.cast(n.operand(i), i == 2 ? i64 : n.elementType(boxes));
    xs.push_back(n.reshape(value, ArrayRef<int64_t>{1}));
  }
  SmallVector<Value> found =
      n.call("nms", {RankedTensorType::get({bound, 3}, i64), RankedTensorType::get({}, i64)}, xs,
             {n.intAttr("center_point_box", 0)}, {}, present);
  if (n.failed())
    return failure();
  Value sizes = n.concat({n.reshape(found[1], ArrayRef<int64_t>{1}), n.ints({3})}, 0);
  n.setResult(0, n.slice(found[0], n.ints({0, 0}), sizes));
  return success();
}

//===----------------------------------------------------------------------===//
// DeformConv, Col2Im
//===----------------------------------------------------------------------===//

static LogicalResult importDeformConv(NodeBinder &n) {
  Value x = n.operand(0), w = n.operand(1), offset = n.operand(2);
  if (!n.requireRank(x, 4, "the input") || !n.requireRank(w, 4, "the weights") ||
      !n.requireRank(offset, 4, "the offsets") || !requireFloat(n, x, "the input"))
    return failure();
  auto kernel = readKernel(n, n.shape(w).drop_front(2));
  auto window = kernel ? readWindow(n, x, *kernel) : std::nullopt;
  if (!window)
    return failure();
  int64_t channels = n.dim(x, 1), filters = n.dim(w, 0);
  int64_t group = n.intAttr("group", 1), offsetGroup = n.intAttr("offset_group", 1);
  for (int64_t extent : {channels, filters, (*kernel)[0], (*kernel)[1]})
    if (ShapedType::isDynamic(extent))
      return n.emitError() << "channels and weights must have known extents";
  if (group < 1 || channels % group || filters % group || n.dim(w, 1) != channels / group)
    return n.emitError() << "group " << group << " does not fit " << channels << " input channels, "
                         << filters << " output channels and weights of " << n.dim(w, 1)
                         << " channels";
  if (offsetGroup < 1 || channels % offsetGroup)
    return n.emitError() << "offset_group " << offsetGroup << " does not divide " << channels
                         << " channels";
  SmallVector<int64_t> ints;
  for (ArrayRef<int64_t> list : {ArrayRef(window->kernel), ArrayRef(window->strides),
                                 ArrayRef(window->dilations), ArrayRef(window->pads)})
    ints.append(list.begin(), list.begin() + 2);
  ints.push_back(offsetGroup);
  int64_t height = n.dim(offset, 2), width = n.dim(offset, 3);
  bool known = !ShapedType::isDynamic(height) && !ShapedType::isDynamic(width);
  int64_t depth = channels * (*kernel)[0] * (*kernel)[1];
  SmallVector<Value> xs{x, offset};
  if (n.hasOperand(4))
    xs.push_back(n.operand(4));
  Value columns = callFloat(n, "deform_im2col",
                            {n.dim(x, 0), depth, known ? height * width : ShapedType::kDynamic}, xs,
                            ints, {}, {true, true, n.hasOperand(4)});
  // [N, group, depth / group, h w] times [group, M / group, depth / group].
  Extent area = n.product({n.extent(offset, 2), n.extent(offset, 3)});
  columns = n.reshape(columns, {n.extent(x, 0), Extent(group), Extent(depth / group), area});
  w = n.reshape(w, ArrayRef<int64_t>{group, filters / group, depth / group});
  Value y = buildMatMul(n, w, columns);
  y = n.reshape(y, {n.extent(x, 0), Extent(filters), n.extent(offset, 2), n.extent(offset, 3)});
  if (n.hasOperand(3))
    y = n.add(y, perChannel(n, n.operand(3), 4));
  n.setResult(0, y);
  return success();
}

/// Where element [k, l] of the columns goes in the image, row-major; -1 in the
/// padding. Tap k and position l count through the block and its positions.
static Value imageIndices(NodeBinder &n, ArrayRef<Extent> image, ArrayRef<Extent> block,
                          const WindowAttrs &window, Extent taps, Extent count) {
  ShapeMath math(n);
  size_t spatial = image.size();
  Value tap = n.reshape(math.iota(taps), {taps, Extent(1)});
  Value position = n.reshape(math.iota(count), {Extent(1), count});
  SmallVector<Value> at(spatial);
  for (size_t d = spatial; d-- > 0;) {
    Extent padded = math.add(image[d], window.pads[d] + window.pads[spatial + d] - 1);
    Extent reach = math.mul(math.sub(block[d], 1), window.dilations[d]);
    Extent positions = math.add(math.div(math.sub(padded, reach), window.strides[d]), 1);
    Value along = n.binary(BinaryFn::rem, position, math.vector(positions));
    Value within = n.binary(BinaryFn::rem, tap, math.vector(block[d]));
    at[d] = n.sub(n.add(n.mul(along, n.index(window.strides[d])),
                        n.mul(within, n.index(window.dilations[d]))),
                  n.index(window.pads[d]));
    position = n.div(position, math.vector(positions));
    tap = n.div(tap, math.vector(block[d]));
  }
  Value index, inside;
  for (size_t d = 0; d < spatial; ++d) {
    Value extent = math.vector(image[d]);
    index = index ? n.add(n.mul(index, extent), at[d]) : at[d];
    Value valid = n.binary(BinaryFn::and_, n.compare(CompareFn::ge, at[d], n.index(0)),
                           n.compare(CompareFn::lt, at[d], extent));
    inside = inside ? n.binary(BinaryFn::and_, inside, valid) : valid;
  }
  return n.select(inside, index, n.index(-1));
}

/// Columns are added to the image they were taken from. Image and block may be
/// known at run time only, if the model declares the result.
static LogicalResult importCol2Im(NodeBinder &n) {
  ShapeMath math(n);
  Value x = n.operand(0);
  auto image = math.elements(n.operand(1)), block = math.elements(n.operand(2));
  if (!n.requireRank(x, 3, "the input"))
    return failure();
  if (!image || !block || image->empty() || image->size() != block->size())
    return n.emitError() << "'image_shape' and 'block_shape' must have the same known length";
  constexpr int64_t kMax = int64_t(1) << 31;
  for (const Extent &extent : llvm::concat<Extent>(*image, *block))
    if (extent.isStatic() && (extent.value < 1 || extent.value > kMax))
      return n.emitError() << "'image_shape' or 'block_shape' has the entry " << extent.value;
  // Strides, dilations and pads as of a pool over the image.
  size_t spatial = image->size();
  Value any = n.reshape(n.scalarLike(x, 0), SmallVector<int64_t>(spatial + 2, 1));
  auto window = readWindow(n, any, SmallVector<int64_t>(spatial, ShapedType::kDynamic));
  if (!window)
    return failure();
  auto declared = math.declaredShape(0);
  bool useful = declared && declared->size() == spatial + 2;
  for (size_t d = 0; useful && d < spatial; ++d)
    (*image)[d] = (*declared)[2 + d];
  Extent rows = n.extent(x, 1), taps = n.product(*block), channels = math.div(rows, taps);
  if (rows.isStatic() && taps.isStatic() && rows.value % taps.value)
    return n.emitError() << "its " << rows.value << " rows are no multiple of the block's "
                         << taps.value << " elements";
  if (useful && (*declared)[1] > 0 && rows.isStatic()) {
    channels = (*declared)[1];
    taps = rows.value / (*declared)[1];
  }
  // Rows of samples and channels are added to an image of such.
  Extent batch = n.extent(x, 0), count = n.extent(x, 2);
  Value columns = n.transpose(n.reshape(x, {batch, channels, taps, count}), {2, 3, 0, 1});
  Value zeros =
      n.broadcastTo(n.scalarLike(x, 0), n.shapeFrom({n.product(*image), batch, channels}));
  Value indices = imageIndices(n, *image, *block, *window, taps, count);
  Value y = n.create<nn::ScatterOp>(nn::ScatterFnAttr::get(n.b.getContext(), nn::ScatterFn::add),
                                    zeros, indices, columns);
  SmallVector<Extent> result{batch, channels};
  llvm::append_range(result, *image);
  n.setResult(0, n.reshape(n.transpose(y, {1, 2, 0}), result));
  return success();
}

void burin::registerVisionOps(OpRegistry &registry) {
  registry.add("GridSample", 16, 2, importGridSample);
  registry.add("GridSample", 20, 2, importGridSample);
  registry.addTo(OpRegistry::kMicrosoftDomain, "GridSample", 1, 2, importGridSample);
  registry.add("AffineGrid", 20, 2, importAffineGrid);
  registry.add("RoiAlign", 10, 3, importRoiAlign);
  registry.add("RoiAlign", 16, 3, importRoiAlign);
  registry.add("MaxRoiPool", 1, 2, importMaxRoiPool);
  registry.add("NonMaxSuppression", 10, {2, 5}, importNonMaxSuppression);
  registry.add("DeformConv", 19, {3, 5}, importDeformConv);
  registry.add("Col2Im", 18, 3, importCol2Im);
}
