//===- ShapeOps.cpp - Operators that read or change shapes ----------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/OperatorFamilies.h"
#include "compiler/importer/ShapeMath.h"

using namespace mlir;
using namespace burin;

//===----------------------------------------------------------------------===//
// Reading shapes
//===----------------------------------------------------------------------===//

static LogicalResult importShape(NodeBinder &n) {
  int64_t rank = n.rank(0);
  auto clamped = [&](int64_t position) {
    return std::clamp<int64_t>(position < 0 ? position + rank : position, 0, rank);
  };
  int64_t start = clamped(n.intAttr("start", 0));
  int64_t end = clamped(n.intAttr("end", rank));
  int64_t length = std::max<int64_t>(end - start, 0);
  Value shape = n.shapeOf(n.operand(0));
  if (length == rank)
    n.setResult(0, shape);
  else
    n.setResult(0, n.slice(shape, n.ints({length == 0 ? 0 : start}), n.ints({length})));
  return success();
}

static LogicalResult importSize(NodeBinder &n) {
  n.setResult(0, ShapeMath(n).scalar(n.product(n.extents(n.operand(0)))));
  return success();
}

//===----------------------------------------------------------------------===//
// Reshape
//===----------------------------------------------------------------------===//

/// Resolves run-time elements of a target that may be 0 or -1: `shape` is the
/// whole target.
static Value resolveTarget(NodeBinder &n, Value x, Value shape, bool allowZero) {
  int64_t length = n.dim(shape, 0), rank = n.rank(x);
  Value target = n.cast(shape, n.b.getI64Type());
  if (!allowZero) {
    // Positions beyond x's rank cannot be copied.
    Value source = n.shapeOf(x);
    if (rank > length)
      source = n.slice(source, n.ints({0}), n.ints({length}));
    else if (rank < length)
      source = n.concat({source, n.ints(SmallVector<int64_t>(length - rank, 0))}, 0);
    target = n.select(n.compare(nn::CompareFn::eq, target, n.index(0)), source, target);
  }
  Value others = n.unary(nn::UnaryFn::neg, n.reduce(nn::ReduceFn::prod, target, {0}, false));
  Value total = ShapeMath(n).scalar(n.product(n.extents(x)));
  Value negative = n.compare(nn::CompareFn::lt, target, n.index(0));
  return n.select(negative, n.div(total, others), target);
}

static LogicalResult reshapeTo(NodeBinder &n, Value shape, bool allowZero) {
  ShapeMath math(n);
  Value x = n.operand(0);
  auto declared = math.declaredShape(0);
  auto elements = math.elements(shape);
  if (!elements) {
    if (!declared)
      return n.emitError() << "the rank of the result is not known: the length of 'shape' is not "
                              "static, and no output shape is declared";
    n.setResult(0, n.reshape(x, *declared));
    return success();
  }
  SmallVector<Extent> source = n.extents(x), target;
  std::optional<size_t> inferred;
  bool unsure = false;
  SmallVector<bool> copied(source.size(), false);
  for (auto [i, element] : llvm::enumerate(*elements)) {
    if (!element.isStatic()) {
      unsure |= !holdsExtents(element.dynamic);
      target.push_back(element);
    } else if (element.value == 0 && !allowZero) {
      if (i >= source.size())
        return n.emitError() << "'shape' copies dimension " << i << " of an input of rank "
                             << source.size();
      copied[i] = true;
      target.push_back(source[i]);
    } else if (element.value == -1) {
      if (inferred)
        return n.emitError() << "'shape' has more than one -1";
      inferred = i;
      target.push_back(-1);
    } else if (element.value < 0) {
      return n.emitError() << "'shape' has the negative entry " << element.value;
    } else {
      target.push_back(element);
    }
  }
  if (unsure && declared && declared->size() == target.size()) {
    n.setResult(0, n.reshape(x, *declared));
    return success();
  }
  if (unsure) {
    n.setResult(0, n.reshape(x, resolveTarget(n, x, shape, allowZero)));
    return success();
  }
  if (inferred) {
    // Copied extents cancel: that gives the right answer for empty tensors.
    SmallVector<Extent> numerator, denominator;
    for (auto [i, extent] : llvm::enumerate(source))
      if (!copied[i])
        numerator.push_back(extent);
    for (auto [i, extent] : llvm::enumerate(target))
      if (i != *inferred && !(i < copied.size() && copied[i]))
        denominator.push_back(extent);
    Extent all = n.product(numerator), rest = n.product(denominator);
    if (all.isStatic() && rest.isStatic()) {
      if (rest.value == 0 ? all.value != 0 : all.value % rest.value != 0)
        return n.emitError() << "cannot reshape " << all.value << " elements to multiples of "
                             << rest.value;
      target[*inferred] = rest.value == 0 ? 0 : all.value / rest.value;
    }
  }
  n.setResult(0, n.reshape(x, target));
  return success();
}

static LogicalResult importReshape1(NodeBinder &n) {
  return reshapeTo(n, n.ints(n.intsAttr("shape")), false);
}

static LogicalResult importReshape(NodeBinder &n) {
  return reshapeTo(n, n.operand(1), n.boolAttr("allowzero", false));
}

static LogicalResult importFlatten(NodeBinder &n) {
  Value x = n.operand(0);
  int64_t rank = n.rank(0), axis = n.intAttr("axis", 1);
  if (axis < -rank || axis > rank)
    return n.emitError() << "axis " << axis << " is outside of [-" << rank << ", " << rank << "]";
  if (axis < 0)
    axis += rank;
  SmallVector<Extent> extents = n.extents(x);
  SmallVector<Extent> target{n.product(ArrayRef(extents).take_front(axis)),
                             n.product(ArrayRef(extents).drop_front(axis))};
  n.setResult(0, n.reshape(x, target));
  return success();
}

//===----------------------------------------------------------------------===//
// Squeeze, Unsqueeze
//===----------------------------------------------------------------------===//

/// The axes from the attribute (old versions) or input 1; nullopt where absent.
/// `dynamic` is set where only the run knows them.
static std::optional<SmallVector<int64_t>> readAxes(NodeBinder &n, bool &dynamic) {
  dynamic = false;
  if (n.since() < 13)
    return n.optionalInts("axes");
  if (!n.hasOperand(1))
    return std::nullopt;
  auto axes = n.constantInts(1);
  dynamic = !axes;
  return axes;
}

/// For axes that only the run knows, the declared shape tells the result.
static LogicalResult reshapeAsDeclared(NodeBinder &n) {
  auto declared = ShapeMath(n).declaredShape(0);
  if (!declared)
    return n.emitError() << "axes must be constant";
  n.setResult(0, n.reshape(n.operand(0), *declared));
  return success();
}

static LogicalResult importSqueeze(NodeBinder &n) {
  Value x = n.operand(0);
  bool dynamic;
  auto given = readAxes(n, dynamic);
  if (dynamic)
    return reshapeAsDeclared(n);
  SmallVector<int64_t> axes;
  if (given) {
    axes = n.normalizeAxes(*given, n.rank(0));
  } else {
    for (auto [axis, extent] : llvm::enumerate(n.shape(0))) {
      if (ShapedType::isDynamic(extent))
        return n.emitError() << "without axes every extent must be known, but that of dimension "
                             << axis << " is not";
      if (extent == 1)
        axes.push_back(axis);
    }
  }
  if (n.failed())
    return failure();
  SmallVector<Extent> target;
  for (auto [axis, extent] : llvm::enumerate(n.extents(x))) {
    if (!llvm::is_contained(axes, static_cast<int64_t>(axis)))
      target.push_back(extent);
    else if (extent.isStatic() && extent.value != 1)
      return n.emitError() << "cannot squeeze dimension " << axis << " of extent " << extent.value;
  }
  n.setResult(0, n.reshape(x, target));
  return success();
}

static LogicalResult importUnsqueeze(NodeBinder &n) {
  Value x = n.operand(0);
  bool dynamic;
  auto given = readAxes(n, dynamic);
  if (dynamic)
    return reshapeAsDeclared(n);
  if (!given)
    return n.emitError() << "needs axes";
  int64_t rank = n.rank(0) + given->size();
  SmallVector<int64_t> axes = n.normalizeAxes(*given, rank);
  if (n.failed())
    return failure();
  SmallVector<Extent> source = n.extents(x), target;
  size_t next = 0;
  for (int64_t axis = 0; axis < rank; ++axis)
    target.push_back(llvm::is_contained(axes, axis) ? Extent(1) : source[next++]);
  n.setResult(0, n.reshape(x, target));
  return success();
}

//===----------------------------------------------------------------------===//
// Expand, Tile
//===----------------------------------------------------------------------===//

static LogicalResult importExpand(NodeBinder &n) {
  ShapeMath math(n);
  Value x = n.operand(0);
  auto target = math.elements(n.operand(1));
  bool known = target && llvm::all_of(*target, [](const Extent &e) { return e.isStatic(); });
  auto declared = math.declaredShape(0);
  if (!known && declared) {
    n.setResult(0, n.broadcastTo(x, n.ints(*declared)));
    return success();
  }
  if (!target)
    return n.emitError() << "the rank of the result is not known: the length of 'shape' is not "
                            "static, and no output shape is declared";
  SmallVector<Extent> source = n.extents(x);
  size_t rank = std::max(source.size(), target->size());
  source.insert(source.begin(), rank - source.size(), Extent(1));
  target->insert(target->begin(), rank - target->size(), Extent(1));
  SmallVector<Extent> result;
  for (auto [own, wanted] : llvm::zip(source, *target))
    result.push_back(math.broadcast(own, wanted));
  n.setResult(0, n.broadcastTo(x, n.shapeFrom(result)));
  return success();
}

static LogicalResult importTile(NodeBinder &n) {
  ShapeMath math(n);
  Value x = n.operand(0);
  SmallVector<Extent> source = n.extents(x);
  SmallVector<Extent> repeats(source.size(), Extent(1));
  if (n.since() < 6) {
    int64_t axis = n.normalizeAxis(n.requireInt(2, "axis"), n.rank(0));
    if (n.failed())
      return failure();
    repeats[axis] = math.fromValue(n.operand(1));
  } else {
    auto given = math.elements(n.operand(1));
    if (!given || given->size() != source.size())
      return n.emitError() << "'repeats' must have one entry per dimension of the input";
    repeats = *given;
  }
  // Repeats that only the run knows follow from the declared result.
  auto declared = math.declaredShape(0);
  for (auto [i, repeat] : llvm::enumerate(repeats))
    if (!repeat.isStatic() && declared && declared->size() == source.size() &&
        source[i].isStatic() && source[i].value > 0 && (*declared)[i] % source[i].value == 0)
      repeat = (*declared)[i] / source[i].value;
  SmallVector<Extent> apart, wide, result;
  for (auto [extent, repeat] : llvm::zip(source, repeats)) {
    if (repeat.isStatic() && repeat.value < 0)
      return n.emitError() << "'repeats' has the negative entry " << repeat.value;
    if (!repeat.isStatic() || repeat.value != 1) {
      apart.push_back(1);
      wide.push_back(repeat);
    }
    apart.push_back(extent);
    wide.push_back(extent);
    result.push_back(math.mul(repeat, extent));
  }
  if (apart.size() == source.size()) {
    n.setResult(0, x);
    return success();
  }
  n.setResult(0, n.reshape(n.broadcastTo(n.reshape(x, apart), n.shapeFrom(wide)), result));
  return success();
}

void burin::registerShapeOps(OpRegistry &registry) {
  registry.add("Shape", 1, 1, importShape);
  registry.add("Size", 1, 1, importSize);
  registry.add("Reshape", 1, 1, importReshape1);
  registry.add("Reshape", 5, 2, importReshape);
  registry.add("Flatten", 1, 1, importFlatten);
  registry.add("Squeeze", 1, 1, importSqueeze);
  registry.add("Squeeze", 13, {1, 2}, importSqueeze);
  registry.add("Unsqueeze", 1, 1, importUnsqueeze);
  registry.add("Unsqueeze", 13, 2, importUnsqueeze);
  registry.add("Expand", 8, 2, importExpand);
  registry.add("Tile", 1, 3, importTile);
  registry.add("Tile", 6, 2, importTile);
}
