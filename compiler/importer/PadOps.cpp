//===- PadOps.cpp - Operators that pad and crop ---------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/OperatorFamilies.h"
#include "compiler/importer/ShapeMath.h"

using namespace mlir;
using namespace burin;
using nn::BinaryFn;
using nn::CompareFn;

namespace {
/// Entries added (or, where negative, cut off) at both ends of an axis.
struct AxisPads {
  Extent low = 0;
  Extent high = 0;
  bool isNone() const {
    return low.isStatic() && high.isStatic() && low.value == 0 && high.value == 0;
  }
  bool isStatic() const { return low.isStatic() && high.isStatic(); }
};
} // namespace

/// The pads of all axes from the attribute or the operand.
static std::optional<SmallVector<AxisPads>> readPads(NodeBinder &n) {
  ShapeMath math(n);
  size_t rank = n.rank(0);
  SmallVector<AxisPads> result(rank);
  std::optional<SmallVector<Extent>> pads;
  if (n.since() < 11) {
    SmallVector<int64_t> attr = n.intsAttr(n.since() == 1 ? "paddings" : "pads");
    pads.emplace(attr.begin(), attr.end());
  } else {
    pads = math.elements(n.operand(1));
  }
  if (!pads) {
    n.emitError() << "the length of 'pads' is not static";
    return std::nullopt;
  }
  SmallVector<int64_t> axes(llvm::to_vector(llvm::seq<int64_t>(0, rank)));
  if (n.since() >= 18 && n.hasOperand(3)) {
    auto given = n.constantInts(3);
    if (!given) {
      // All axes, with what is given written over no padding.
      Value where = wrapIndices(n, n.operand(3), rank);
      int64_t count = n.dim(n.operand(3), 0);
      auto none = nn::ScatterFnAttr::get(n.b.getContext(), nn::ScatterFn::none);
      auto spread = [&](int64_t first) {
        Value side = n.slice(n.operand(1), n.ints({first}), n.ints({count}));
        Value zeros = n.ints(SmallVector<int64_t>(rank, 0));
        return math.elements(n.create<nn::ScatterOp>(none, zeros, where, side));
      };
      if (count < 0 || n.dim(n.operand(1), 0) != 2 * count) {
        n.emitError() << "'pads' must have two entries per entry of 'axes'";
        return std::nullopt;
      }
      auto low = spread(0), high = spread(count);
      for (size_t axis = 0; low && high && axis < rank; ++axis)
        result[axis] = {(*low)[axis], (*high)[axis]};
      return result;
    }
    axes = n.normalizeAxes(*given, rank);
  }
  if (n.failed())
    return std::nullopt;
  if (pads->size() != 2 * axes.size()) {
    n.emitError() << "'pads' has " << pads->size() << " entries for " << axes.size() << " axes";
    return std::nullopt;
  }
  constexpr int64_t kMaxPad = int64_t(1) << 40;
  for (const Extent &pad : *pads)
    if (pad.isStatic() && (pad.value > kMaxPad || pad.value < -kMaxPad)) {
      n.emitError() << "'pads' has the entry " << pad.value;
      return std::nullopt;
    }
  for (auto [i, axis] : llvm::enumerate(axes))
    result[axis] = {(*pads)[i], (*pads)[axes.size() + i]};
  return result;
}

/// Cuts the negative parts of pads off; they become 0.
static Value cropNegative(NodeBinder &n, Value x, SmallVectorImpl<AxisPads> &pads) {
  ShapeMath math(n);
  SmallVector<Extent> offsets, sizes;
  bool any = false;
  for (auto [axis, pad] : llvm::enumerate(pads)) {
    auto split = [&](Extent &side) -> Extent {
      bool natural = side.isStatic() && side.value >= 0;
      any |= !natural;
      Extent cut = natural ? Extent(0) : math.max(math.sub(0, side), 0);
      side = natural ? side : math.max(side, 0);
      return cut;
    };
    Extent low = split(pad.low), high = split(pad.high), extent = n.extent(x, axis);
    offsets.push_back(math.min(low, extent));
    sizes.push_back(math.max(math.sub(extent, math.add(low, high)), 0));
  }
  return any ? n.slice(x, n.shapeFrom(offsets), n.shapeFrom(sizes)) : x;
}

/// Pads that only the run knows, where the result's shape is declared: what lies
/// outside of x becomes the value.
static Value padByGather(NodeBinder &n, Value x, ArrayRef<AxisPads> pads, Value value,
                         ArrayRef<int64_t> shape) {
  ShapeMath math(n);
  Value inside;
  for (auto [axis, pad] : llvm::enumerate(pads)) {
    Value source = n.sub(math.iota(shape[axis]), math.vector(pad.low));
    Extent extent = n.extent(x, axis);
    Value valid = n.binary(BinaryFn::and_, n.compare(CompareFn::ge, source, n.index(0)),
                           n.compare(CompareFn::lt, source, math.scalar(extent)));
    // A high pad below 0 hides the end of x.
    Value end = math.vector(math.add(extent, math.min(pad.high, 0)));
    valid = n.binary(BinaryFn::and_, valid, n.compare(CompareFn::lt, source, end));
    SmallVector<int64_t> column(pads.size(), 1);
    column[axis] = shape[axis];
    valid = n.reshape(valid, column);
    inside = inside ? n.binary(BinaryFn::and_, inside, valid) : valid;
    x = n.gather(x, source, axis);
  }
  return inside ? n.select(inside, x, value) : x;
}

/// reflect, edge, wrap: every padded axis is a gather with a table.
static FailureOr<Value> padByTable(NodeBinder &n, Value x, ArrayRef<AxisPads> pads, StringRef mode,
                                   std::optional<ArrayRef<int64_t>> declared) {
  ShapeMath math(n);
  for (auto [axis, pad] : llvm::enumerate(pads)) {
    if (pad.isNone())
      continue;
    Extent extent = n.extent(x, axis);
    Extent count = math.add(extent, math.add(pad.low, pad.high));
    if (!count.isStatic() && declared)
      count = (*declared)[axis];
    Value position = n.sub(math.iota(count), math.vector(pad.low)), index;
    if (mode == "edge") {
      index = n.binary(BinaryFn::min, n.binary(BinaryFn::max, position, n.index(0)),
                       math.scalar(math.sub(extent, 1)));
    } else if (mode == "wrap") {
      index = n.binary(BinaryFn::mod, position, math.scalar(extent));
    } else if (mode == "reflect") {
      // There and back again, without repeating the ends.
      Value period = math.scalar(math.mul(math.sub(extent, 1), 2));
      Value phase = n.binary(BinaryFn::mod, position, period);
      index = n.binary(BinaryFn::min, phase, n.sub(period, phase));
    } else {
      return n.emitError() << "mode '" << mode << "' is not defined";
    }
    x = n.gather(x, index, axis);
  }
  return x;
}

static LogicalResult importPad(NodeBinder &n) {
  ShapeMath math(n);
  Value x = n.operand(0);
  std::string mode = n.stringAttr("mode", "constant");
  auto pads = readPads(n);
  if (!pads)
    return failure();
  bool known = llvm::all_of(*pads, [](const AxisPads &pad) { return pad.isStatic(); });
  auto declared = math.declaredShape(0);
  if (declared && declared->size() != pads->size())
    declared.reset();
  if (mode != "constant") {
    Value source = cropNegative(n, x, *pads);
    auto y = padByTable(n, source, *pads, mode, declared);
    if (failed(y))
      return failure();
    n.setResult(0, *y);
    return success();
  }
  Value value = n.scalarLike(x, 0);
  if (n.since() < 11)
    value = n.scalarLike(x, n.floatAttr("value", 0));
  else if (n.hasOperand(2))
    value = n.reshape(n.operand(2), ArrayRef<int64_t>{});
  if (!known && declared) {
    n.setResult(0, padByGather(n, x, *pads, value, *declared));
    return success();
  }
  x = cropNegative(n, x, *pads);
  SmallVector<Extent> low, high;
  for (const AxisPads &pad : *pads) {
    low.push_back(pad.low);
    high.push_back(pad.high);
  }
  if (!llvm::all_of(*pads, [](const AxisPads &pad) { return pad.isNone(); }))
    x = n.create<nn::PadOp>(x, n.shapeFrom(low), n.shapeFrom(high), value);
  n.setResult(0, x);
  return success();
}

static LogicalResult importCenterCropPad(NodeBinder &n) {
  ShapeMath math(n);
  Value x = n.operand(0);
  int64_t rank = n.rank(0);
  SmallVector<int64_t> axes(llvm::to_vector(llvm::seq<int64_t>(0, rank)));
  if (auto given = n.optionalInts("axes"))
    axes = n.normalizeAxes(*given, rank);
  auto wanted = math.elements(n.operand(1));
  if (n.failed())
    return failure();
  if (!wanted || wanted->size() != axes.size())
    return n.emitError() << "'shape' must have one entry per axis";
  auto declared = math.declaredShape(0);
  SmallVector<Extent> offset(rank, Extent(0)), size = n.extents(x), low(rank, Extent(0)),
                                               high(rank, Extent(0));
  for (auto [axis, target] : llvm::zip(axes, *wanted)) {
    Extent extent = size[axis];
    if (!target.isStatic() && declared && static_cast<int64_t>(declared->size()) == rank)
      target = (*declared)[axis];
    // Odd differences: a crop starts earlier, padding is longer at the end.
    offset[axis] = math.div(math.max(math.sub(extent, target), 0), 2);
    size[axis] = math.min(extent, target);
    Extent missing = math.max(math.sub(target, extent), 0);
    low[axis] = math.div(missing, 2);
    high[axis] = math.sub(missing, low[axis]);
  }
  Value cropped = n.slice(x, n.shapeFrom(offset), n.shapeFrom(size));
  n.setResult(
      0, n.create<nn::PadOp>(cropped, n.shapeFrom(low), n.shapeFrom(high), n.scalarLike(x, 0)));
  return success();
}

void burin::registerPadOps(OpRegistry &registry) {
  registry.add("Pad", 1, 1, importPad);
  registry.add("Pad", 2, 1, importPad);
  registry.add("Pad", 11, {2, 3}, importPad);
  registry.add("Pad", 18, {2, 4}, importPad);
  registry.add("CenterCropPad", 18, 2, importCenterCropPad);
}
