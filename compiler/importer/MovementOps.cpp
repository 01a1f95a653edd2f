//===- MovementOps.cpp - Operators that cut, join and permute -------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/OperatorFamilies.h"
#include "compiler/importer/ShapeMath.h"

using namespace mlir;
using namespace burin;
using nn::CompareFn;

/// Beyond any extent: ends like INT64_MAX mean "to the end".
static constexpr int64_t kFar = int64_t(1) << 40;

static LogicalResult importConcat(NodeBinder &n) {
  // Version 1 had a default.
  int64_t axis = n.since() < 4 ? n.intAttr("axis", 1) : n.requiredInt("axis");
  n.setResult(0, n.concat(n.operands(), n.normalizeAxis(axis, n.rank(0))));
  return success();
}

static LogicalResult importTranspose(NodeBinder &n) {
  int64_t rank = n.rank(0);
  SmallVector<int64_t> perm;
  for (int64_t axis = rank; axis-- > 0;)
    perm.push_back(axis);
  if (auto given = n.optionalInts("perm"))
    perm = n.normalizeAxes(*given, rank);
  n.setResult(0, n.transpose(n.operand(0), perm));
  return success();
}

//===----------------------------------------------------------------------===//
// Split
//===----------------------------------------------------------------------===//

/// The sizes of the parts, given as attribute or operand, or equal ones.
static std::optional<SmallVector<Extent>> splitSizes(NodeBinder &n, int64_t axis) {
  ShapeMath math(n);
  size_t parts = n.numResults();
  bool fromInput = n.since() >= 13 || n.since() == 1;
  if (auto attr = n.since() < 13 ? n.optionalInts("split") : std::nullopt) {
    SmallVector<Extent> sizes(attr->begin(), attr->end());
    return sizes;
  }
  if (fromInput && n.hasOperand(1)) {
    auto sizes = math.elements(n.operand(1));
    if (!sizes) {
      n.emitError() << "the number of parts is not known: 'split' has no static length";
      return std::nullopt;
    }
    // What only the run would tell, the declared results may tell.
    for (auto [i, size] : llvm::enumerate(*sizes)) {
      RankedTensorType type = n.declaredType(i);
      if (!size.isStatic() && type && type.getRank() == n.rank(0) && !type.isDynamicDim(axis))
        size = type.getDimSize(axis);
    }
    return sizes;
  }
  int64_t count = n.since() >= 18 ? n.intAttr("num_outputs", parts) : parts;
  if (count < 1 || count < static_cast<int64_t>(parts)) {
    n.emitError() << "cannot split into " << count << " parts for " << parts << " outputs";
    return std::nullopt;
  }
  // Equal parts, rounded up; the last one takes what is left.
  Extent whole = n.extent(n.operand(0), axis);
  Extent part = math.div(math.add(whole, count - 1), count), start = 0;
  SmallVector<Extent> sizes;
  for (int64_t i = 0; i < count; ++i) {
    Extent size = math.clamp(math.sub(whole, start), 0, part);
    if (!whole.isStatic() && i + 1 < count)
      size = part;
    sizes.push_back(size);
    start = math.add(start, size);
  }
  return sizes;
}

static LogicalResult importSplit(NodeBinder &n) {
  ShapeMath math(n);
  Value x = n.operand(0);
  int64_t axis = n.axisAttr("axis", 0, n.rank(0));
  if (n.failed())
    return failure();
  auto sizes = splitSizes(n, axis);
  if (!sizes)
    return failure();
  if (sizes->size() < n.numResults())
    return n.emitError() << "'split' has " << sizes->size() << " entries for " << n.numResults()
                         << " outputs";
  SmallVector<Extent> offset(n.rank(0), Extent(0)), size = n.extents(x);
  Extent whole = size[axis];
  for (size_t i = 0, e = n.numResults(); i < e; ++i) {
    size[axis] = (*sizes)[i];
    n.setResult(i, n.slice(x, n.shapeFrom(offset), n.shapeFrom(size)));
    offset[axis] = math.add(offset[axis], (*sizes)[i]);
  }
  if (whole.isStatic() && offset[axis].isStatic() && sizes->size() == n.numResults() &&
      offset[axis].value != whole.value)
    return n.emitError() << "the parts have " << offset[axis].value << " entries together, axis "
                         << axis << " has " << whole.value;
  return success();
}

//===----------------------------------------------------------------------===//
// Slice
//===----------------------------------------------------------------------===//

namespace {
/// The request for one axis.
struct AxisSlice {
  Extent start = 0;
  Extent end = kFar;
  Extent step = 1;
};
} // namespace

/// The operands of Slice as one request per axis of x, in any order of axes.
static std::optional<SmallVector<AxisSlice>> readSlices(NodeBinder &n) {
  ShapeMath math(n);
  int64_t rank = n.rank(0);
  SmallVector<AxisSlice> slices(rank);
  std::optional<SmallVector<Extent>> starts, ends, steps;
  std::optional<SmallVector<int64_t>> axes;
  Value runtimeAxes;
  if (n.since() < 10) {
    SmallVector<int64_t> from = n.intsAttr("starts"), to = n.intsAttr("ends");
    starts.emplace(from.begin(), from.end());
    ends.emplace(to.begin(), to.end());
    axes = n.optionalInts("axes");
  } else {
    starts = math.elements(n.operand(1));
    ends = math.elements(n.operand(2));
    if (n.hasOperand(3)) {
      axes = n.constantInts(3);
      if (!axes)
        runtimeAxes = n.operand(3);
    }
    if (n.hasOperand(4))
      steps = math.elements(n.operand(4));
    else if (starts)
      steps.emplace(starts->size(), Extent(1));
  }
  if (!steps && starts)
    steps.emplace(starts->size(), Extent(1));
  if (!starts || !ends || !steps) {
    n.emitError() << "the number of sliced axes is not known";
    return std::nullopt;
  }
  if (starts->size() != ends->size() || starts->size() != steps->size() ||
      (axes && axes->size() != starts->size()) || static_cast<int64_t>(starts->size()) > rank) {
    n.emitError() << "has " << starts->size() << " starts, " << ends->size() << " ends, "
                  << (axes ? axes->size() : starts->size()) << " axes and " << steps->size()
                  << " steps for an input of rank " << rank;
    return std::nullopt;
  }
  if (runtimeAxes) {
    // One request per axis of x: what is given overwrites the defaults.
    Value where = wrapIndices(n, runtimeAxes, rank);
    auto spread = [&](int64_t otherwise, ArrayRef<Extent> given) {
      Value defaults = n.ints(SmallVector<int64_t>(rank, otherwise));
      auto none = nn::ScatterFnAttr::get(n.b.getContext(), nn::ScatterFn::none);
      return math.elements(n.create<nn::ScatterOp>(none, defaults, where, n.shapeFrom(given)));
    };
    auto allStarts = spread(0, *starts), allEnds = spread(kFar, *ends),
         allSteps = spread(1, *steps);
    for (int64_t axis = 0; allStarts && allEnds && allSteps && axis < rank; ++axis)
      slices[axis] = {(*allStarts)[axis], (*allEnds)[axis], (*allSteps)[axis]};
    return slices;
  }
  SmallVector<int64_t> where(llvm::to_vector(llvm::seq<int64_t>(0, starts->size())));
  if (axes)
    where = n.normalizeAxes(*axes, rank);
  if (n.failed())
    return std::nullopt;
  for (auto [i, axis] : llvm::enumerate(where))
    slices[axis] = {(*starts)[i], (*ends)[i], (*steps)[i]};
  return slices;
}

/// Start and size of a slice within an axis of `extent` entries, for a step
/// that is known.
static std::pair<Extent, Extent> resolveSlice(NodeBinder &n, AxisSlice slice, Extent extent) {
  ShapeMath math(n);
  int64_t step = std::clamp(slice.step.value, -kFar, kFar);
  auto near = [&](Extent position) {
    return position.isStatic() ? Extent(std::clamp(position.value, -kFar, kFar)) : position;
  };
  Extent start = near(slice.start), end = near(slice.end);
  bool toEnd = end.isStatic() && end.value == kFar;
  bool fromEnd = start.isStatic() && start.value == kFar;
  start = fromEnd ? extent : math.wrap(start, extent);
  end = toEnd ? extent : math.wrap(end, extent);
  if (step > 0) {
    start = fromEnd ? start : math.clamp(start, 0, extent);
    end = toEnd ? end : math.clamp(end, 0, extent);
    Extent span = math.sub(end, start);
    bool nonNegative = toEnd && start.isStatic() && start.value == 0;
    Extent size = math.div(math.add(span, step - 1), step);
    return {start, nonNegative ? size : math.max(size, 0)};
  }
  Extent last = math.sub(extent, 1);
  start = fromEnd ? last : math.min(math.max(start, 0), last);
  end = math.min(math.max(end, -1), last);
  Extent size = math.div(math.add(math.sub(start, end), -step - 1), -step);
  // Where nothing is taken the start does not matter, but must not be negative.
  return {math.max(start, 0), math.max(size, 0)};
}

/// y = x[start + i * step] along one axis where only the run knows the step.
static Value gatherSlice(NodeBinder &n, Value x, int64_t axis, AxisSlice slice,
                         std::optional<int64_t> declared) {
  ShapeMath math(n);
  Extent extent = n.extent(x, axis), last = math.sub(extent, 1);
  Value step = slice.step.dynamic;
  Value backwards = n.compare(CompareFn::lt, step, n.ints({0}));
  auto bySign = [&](Extent back, Extent forth) {
    return math.fromValue(n.select(backwards, math.vector(back), math.vector(forth)));
  };
  // Half the extremes: sums with an extent must not wrap.
  auto near = [&](Extent x) { return math.clamp(x, INT64_MIN / 2, INT64_MAX / 2); };
  Extent start = math.wrap(near(slice.start), extent), end = math.wrap(near(slice.end), extent);
  start = math.clamp(start, 0, bySign(last, extent));
  end = math.clamp(end, bySign(-1, 0), bySign(last, extent));
  Value distance = math.vector(math.sub(end, start));
  Value slack = n.sub(step, n.unary(nn::UnaryFn::sign, step));
  Extent count = math.max(math.fromValue(n.div(n.add(distance, slack), step)), 0);
  if (declared)
    count = *declared;
  Value indices = n.add(n.mul(math.iota(count), step), math.vector(start));
  return n.gather(x, indices, axis);
}

static LogicalResult importSlice(NodeBinder &n) {
  ShapeMath math(n);
  Value x = n.operand(0);
  auto slices = readSlices(n);
  if (!slices)
    return failure();
  auto declared = math.declaredShape(0);
  if (declared && declared->size() != slices->size())
    declared.reset();
  SmallVector<Extent> offsets, sizes;
  SmallVector<int64_t> strides;
  SmallVector<int64_t> byGather;
  for (auto [axis, slice] : llvm::enumerate(*slices)) {
    Extent extent = n.extent(x, axis);
    if (!slice.step.isStatic()) {
      byGather.push_back(axis);
      slice = {0, kFar, slice.step};
      offsets.push_back(0);
      sizes.push_back(extent);
      strides.push_back(1);
      continue;
    }
    if (slice.step.value == 0)
      return n.emitError() << "the step of axis " << axis << " is 0";
    auto [offset, size] = resolveSlice(n, slice, extent);
    int64_t step = std::clamp(slice.step.value, -kFar, kFar);
    if (!size.isStatic() && declared) {
      // Trusted, but the slice stays inside of x whatever is declared.
      int64_t wanted = (*declared)[axis], reach = (wanted - 1) * std::abs(step);
      bool fits = wanted > 0 && extent.isStatic() && reach < extent.value;
      if (fits) {
        size = wanted;
        offset = step > 0 ? math.min(offset, extent.value - 1 - reach) : math.max(offset, reach);
      }
    }
    offsets.push_back(offset);
    sizes.push_back(size);
    strides.push_back(step);
  }
  bool plain = llvm::all_of(strides, [](int64_t stride) { return stride == 1; });
  if (byGather.size() < slices->size() || slices->empty())
    x = n.slice(x, n.shapeFrom(offsets), n.shapeFrom(sizes),
                plain ? ArrayRef<int64_t>() : ArrayRef<int64_t>(strides));
  if (byGather.empty()) {
    n.setResult(0, x);
    return success();
  }
  auto again = readSlices(n);
  for (int64_t axis : byGather)
    x = gatherSlice(n, x, axis, (*again)[axis],
                    declared ? std::optional((*declared)[axis]) : std::nullopt);
  n.setResult(0, x);
  return success();
}

//===----------------------------------------------------------------------===//
// Blocks, sequences
//===----------------------------------------------------------------------===//

static LogicalResult importDepthToSpace(NodeBinder &n) {
  ShapeMath math(n);
  Value x = n.operand(0);
  int64_t block = n.requiredInt("blocksize");
  std::string mode = n.stringAttr("mode", "DCR");
  if (!n.requireRank(x, 4, "the input"))
    return failure();
  if (block < 1 || block > kFar || (mode != "DCR" && mode != "CRD"))
    return n.emitError() << "blocksize " << block << " or mode '" << mode << "' is not defined";
  SmallVector<Extent> e = n.extents(x);
  Extent depth = math.div(e[1], block * block);
  if (e[1].isStatic() && e[1].value % (block * block) != 0)
    return n.emitError() << e[1].value << " channels are no multiple of blocksize " << block
                         << " squared";
  bool dcr = mode == "DCR";
  SmallVector<Extent> apart = dcr ? SmallVector<Extent>{e[0], block, block, depth, e[2], e[3]}
                                  : SmallVector<Extent>{e[0], depth, block, block, e[2], e[3]};
  Value blocks = n.transpose(n.reshape(x, apart), dcr ? ArrayRef<int64_t>{0, 3, 4, 1, 5, 2}
                                                      : ArrayRef<int64_t>{0, 1, 4, 2, 5, 3});
  SmallVector<Extent> target{e[0], depth, math.mul(e[2], block), math.mul(e[3], block)};
  n.setResult(0, n.reshape(blocks, target));
  return success();
}

static LogicalResult importSpaceToDepth(NodeBinder &n) {
  ShapeMath math(n);
  Value x = n.operand(0);
  int64_t block = n.requiredInt("blocksize");
  if (!n.requireRank(x, 4, "the input"))
    return failure();
  if (block < 1 || block > kFar)
    return n.emitError() << "blocksize " << block << " is not defined";
  SmallVector<Extent> e = n.extents(x);
  for (int axis : {2, 3})
    if (e[axis].isStatic() && e[axis].value % block != 0)
      return n.emitError() << "extent " << e[axis].value << " is no multiple of blocksize "
                           << block;
  Extent height = math.div(e[2], block), width = math.div(e[3], block);
  SmallVector<Extent> apart{e[0], e[1], height, block, width, block};
  SmallVector<Extent> target{e[0], math.mul(e[1], block * block), height, width};
  n.setResult(0, n.reshape(n.transpose(n.reshape(x, apart), {0, 3, 5, 1, 2, 4}), target));
  return success();
}

static LogicalResult importReverseSequence(NodeBinder &n) {
  ShapeMath math(n);
  Value x = n.operand(0);
  int64_t batchAxis = n.intAttr("batch_axis", 1), timeAxis = n.intAttr("time_axis", 0);
  if (!n.requireMinRank(x, 2, "the input"))
    return failure();
  if (batchAxis + timeAxis != 1 || batchAxis * timeAxis != 0)
    return n.emitError() << "batch_axis and time_axis must be 0 and 1";
  SmallVector<int64_t> swap(llvm::to_vector(llvm::seq<int64_t>(0, n.rank(0))));
  if (timeAxis == 0) {
    std::swap(swap[0], swap[1]);
    x = n.transpose(x, swap);
  }
  Value time = math.iota(n.extent(x, 1));
  Value lengths = n.reshape(n.cast(n.operand(1), n.b.getI64Type()), ArrayRef<int64_t>{-1, 1});
  Value back = n.sub(n.sub(lengths, n.index(1)), time);
  Value indices = n.select(n.compare(CompareFn::lt, time, lengths), back, time);
  Value y = n.gather(x, indices, 1, 1);
  n.setResult(0, timeAxis == 0 ? n.transpose(y, swap) : y);
  return success();
}

void burin::registerMovementOps(OpRegistry &registry) {
  registry.add("Concat", 1, Arity::atLeast(1), importConcat);
  registry.add("Concat", 4, Arity::atLeast(1), importConcat);
  registry.add("Transpose", 1, 1, importTranspose);
  registry.add("Split", 1, {1, 2}, importSplit);
  registry.add("Split", 2, 1, importSplit);
  registry.add("Split", 13, {1, 2}, importSplit);
  registry.add("Split", 18, {1, 2}, importSplit);
  registry.add("Slice", 1, 1, importSlice);
  registry.add("Slice", 10, {3, 5}, importSlice);
  registry.add("DepthToSpace", 1, 1, importDepthToSpace);
  registry.add("SpaceToDepth", 1, 1, importSpaceToDepth);
  registry.add("ReverseSequence", 10, 2, importReverseSequence);
}
