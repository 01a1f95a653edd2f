//===- SymbolicContents.cpp - Elements of small integer tensors -----------===//
//
// Part of Burin, under the Apache License v2.0.
//
// Contents are row-major lists of at most 64 expressions. A null expression is
// an element that nothing is known of; it becomes a symbol. An op that can only
// give such elements gives no contents at all.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/SymbolicShapesImpl.h"

#include "dialects/nn/interpreter/Tensor.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace burin::nn {

using Analysis = SymbolicShapes::Analysis;

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

/// Calls back with every index of a static shape, in row-major order.
static void forEachIndex(ArrayRef<int64_t> shape, function_ref<void(ArrayRef<int64_t>)> body) {
  if (llvm::is_contained(shape, 0))
    return;
  SmallVector<int64_t> index(shape.size(), 0);
  while (true) {
    body(index);
    size_t axis = shape.size();
    while (axis > 0 && ++index[axis - 1] == shape[axis - 1])
      index[--axis] = 0;
    if (axis == 0)
      return;
  }
}

static int64_t linearize(ArrayRef<int64_t> index, ArrayRef<int64_t> shape) {
  int64_t linear = 0;
  for (auto [i, extent] : llvm::zip(index, shape))
    linear = linear * extent + i;
  return linear;
}

/// Whether lists of constants only, so that exact evaluation is possible.
static std::optional<std::pair<int64_t, int64_t>> bothConstant(DimExpr a, DimExpr b) {
  if (!a || !b || !a.constant() || !b.constant())
    return std::nullopt;
  return std::pair(*a.constant(), *b.constant());
}

std::optional<DimList> Analysis::broadcastContents(Value value, ArrayRef<int64_t> shape) {
  std::optional<DimList> source = contents(value);
  if (!source)
    return std::nullopt;
  ArrayRef<int64_t> from = shapeOf(value);
  DimList result;
  forEachIndex(shape, [&](ArrayRef<int64_t> index) {
    SmallVector<int64_t> position(index.take_back(from.size()));
    for (auto [i, extent] : llvm::zip(position, from))
      if (extent == 1)
        i = 0;
    result.push_back((*source)[linearize(position, from)]);
  });
  return result;
}

//===----------------------------------------------------------------------===//
// Scalar functions
//===----------------------------------------------------------------------===//

DimExpr Analysis::binary(BinaryFn fn, DimExpr a, DimExpr b) {
  bool natural = a.range().lo >= 0 && b.range().lo >= 0;
  auto constants = bothConstant(a, b);
  switch (fn) {
  case BinaryFn::add:
    return ctx.add(a, b);
  case BinaryFn::sub:
    return ctx.sub(a, b);
  case BinaryFn::mul:
    return ctx.mul(a, b);
  case BinaryFn::min:
    return ctx.min(a, b);
  case BinaryFn::max:
    return ctx.max(a, b);
  case BinaryFn::div:
    if (b.constant() == 0)
      return constant(0);
    if (constants)
      return constants->second == -1 ? ctx.sub(constant(0), a)
                                     : constant(constants->first / constants->second);
    // Truncation is the floor where nothing is negative, or nothing is cut off.
    if (natural || ctx.mod(a, b).constant() == 0)
      return ctx.floorDiv(a, b);
    return {};
  case BinaryFn::rem:
    if (constants && constants->second != 0 && constants->second != -1)
      return constant(constants->first % constants->second);
    if (!natural)
      return {};
    [[fallthrough]];
  case BinaryFn::mod:
    return b.constant() == 0 ? constant(0) : ctx.mod(a, b);
  case BinaryFn::and_:
    return constants ? constant(constants->first & constants->second) : DimExpr();
  case BinaryFn::or_:
    return constants ? constant(constants->first | constants->second) : DimExpr();
  case BinaryFn::xor_:
    return constants ? constant(constants->first ^ constants->second) : DimExpr();
  default:
    return {};
  }
}

DimExpr Analysis::compare(CompareFn fn, DimExpr a, DimExpr b) {
  auto decided = [&](bool holds, bool fails) {
    return holds ? constant(1) : fails ? constant(0) : DimExpr();
  };
  auto less = [&](DimExpr left, DimExpr right) {
    return ctx.lessOrEqual(ctx.add(left, constant(1)), right);
  };
  switch (fn) {
  case CompareFn::eq:
    return decided(ctx.equal(a, b), ctx.different(a, b));
  case CompareFn::ne:
    return decided(ctx.different(a, b), ctx.equal(a, b));
  case CompareFn::lt:
    return decided(less(a, b), ctx.lessOrEqual(b, a));
  case CompareFn::le:
    return decided(ctx.lessOrEqual(a, b), less(b, a));
  case CompareFn::gt:
    return decided(less(b, a), ctx.lessOrEqual(a, b));
  case CompareFn::ge:
    return decided(ctx.lessOrEqual(b, a), less(a, b));
  }
  return {};
}

std::optional<DimList> Analysis::evaluateBinary(BinaryOp op) {
  ArrayRef<int64_t> shape = shapeOf(op.getResult());
  auto a = broadcastContents(op.getA(), shape), b = broadcastContents(op.getB(), shape);
  if (!a || !b)
    return std::nullopt;
  DimList result;
  for (auto [left, right] : llvm::zip(*a, *b))
    result.push_back(binary(op.getFn(), left, right));
  return result;
}

/// Whether `x` is min(full, c) with a constant c > 1: an extent that a slice with a huge
/// end has cut. It is 1 only where `full` is 1 too.
bool Analysis::isClamped(DimExpr full, DimExpr x) {
  int64_t bound = x.range().hi;
  return bound > 1 && bound != INT64_MAX && ctx.min(full, constant(bound)) == x;
}

std::optional<DimList> Analysis::evaluateSelect(SelectOp op) {
  ArrayRef<int64_t> shape = shapeOf(op.getResult());
  auto c = broadcastContents(op.getC(), shape);
  auto a = broadcastContents(op.getA(), shape), b = broadcastContents(op.getB(), shape);
  if (!a || !b || !c)
    return std::nullopt;
  // sel(d == 1, s, d) is the broadcast of two extents.
  std::optional<DimList> tested;
  if (auto test = op.getC().getDefiningOp<CompareOp>(); test && test.getFn() == CompareFn::eq)
    if (constantInts(test.getB()) == SmallVector<int64_t>{1})
      tested = broadcastContents(test.getA(), shape);
  DimList result;
  for (size_t i = 0, e = c->size(); i < e; ++i) {
    DimExpr left = (*a)[i], right = (*b)[i];
    if (std::optional<int64_t> decision = (*c)[i].constant())
      result.push_back(*decision ? left : right);
    else if (left == right)
      result.push_back(left);
    else if (tested && (*tested)[i] == right && (left.constant() || right.constant()) &&
             left.range().lo >= 0 && right.range().lo >= 0)
      result.push_back(broadcast(right, left));
    else if (tested && (*tested)[i] == right && isClamped(left, right))
      result.push_back(right);
    else
      result.push_back({});
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Movement
//===----------------------------------------------------------------------===//

std::optional<DimList> Analysis::evaluateReduce(ReduceOp op) {
  std::optional<DimList> x = contents(op.getX());
  BinaryFn fn = op.getFn() == ReduceFn::sum    ? BinaryFn::add
                : op.getFn() == ReduceFn::prod ? BinaryFn::mul
                : op.getFn() == ReduceFn::min  ? BinaryFn::min
                                               : BinaryFn::max;
  if (!x || op.getFn() == ReduceFn::mean)
    return std::nullopt;
  ArrayRef<int64_t> from = shapeOf(op.getX());
  if (x->empty() && op.getFn() != ReduceFn::sum && op.getFn() != ReduceFn::prod)
    return std::nullopt;
  SmallVector<int64_t> kept(from);
  for (int64_t axis : op.getAxes())
    kept[axis] = 1;
  int64_t size = 1;
  for (int64_t extent : kept)
    size *= extent;
  SmallVector<std::optional<DimExpr>> folded(size);
  forEachIndex(from, [&](ArrayRef<int64_t> index) {
    SmallVector<int64_t> position(index);
    for (int64_t axis : op.getAxes())
      position[axis] = 0;
    DimExpr element = (*x)[linearize(index, from)];
    std::optional<DimExpr> &slot = folded[linearize(position, kept)];
    slot = !slot ? element : *slot ? binary(fn, *slot, element) : DimExpr();
  });
  DimList result;
  for (std::optional<DimExpr> &slot : folded)
    result.push_back(slot.value_or(constant(op.getFn() == ReduceFn::prod)));
  return result;
}

std::optional<DimList> Analysis::evaluateSlice(SliceOp op) {
  std::optional<DimList> x = contents(op.getX());
  std::optional<DimList> offsets = contents(op.getOffsets());
  if (!x || !offsets)
    return std::nullopt;
  ArrayRef<int64_t> from = shapeOf(op.getX());
  for (DimExpr offset : *offsets)
    if (!offset.constant())
      return std::nullopt;
  DimList result;
  forEachIndex(shapeOf(op.getResult()), [&](ArrayRef<int64_t> index) {
    SmallVector<int64_t> position(index);
    bool inside = true;
    for (auto [axis, i] : llvm::enumerate(position)) {
      i = *(*offsets)[axis].constant() + i * (op.getStrides().empty() ? 1 : op.getStrides()[axis]);
      inside &= i >= 0 && i < from[axis];
    }
    result.push_back(inside ? (*x)[linearize(position, from)] : DimExpr());
  });
  return result;
}

std::optional<DimList> Analysis::evaluateGather(GatherOp op) {
  std::optional<DimList> x = contents(op.getX()), idx = contents(op.getIdx());
  if (!x || !idx)
    return std::nullopt;
  ArrayRef<int64_t> from = shapeOf(op.getX()), idxShape = shapeOf(op.getIdx());
  size_t axis = op.getAxis(), batch = op.getBatchDims(), ranks = idxShape.size() - batch;
  DimList result;
  forEachIndex(shapeOf(op.getResult()), [&](ArrayRef<int64_t> index) {
    SmallVector<int64_t> selector(index.take_front(batch));
    llvm::append_range(selector, index.slice(axis, ranks));
    std::optional<int64_t> row = (*idx)[linearize(selector, idxShape)].constant();
    if (!row) {
      result.push_back({});
      return;
    }
    SmallVector<int64_t> position(index.take_front(axis));
    position.push_back(*row);
    llvm::append_range(position, index.drop_front(axis + ranks));
    result.push_back(*row < 0 || *row >= from[axis] ? constant(0)
                                                    : (*x)[linearize(position, from)]);
  });
  return result;
}

std::optional<DimList> Analysis::evaluateConcat(ConcatOp op) {
  ArrayRef<int64_t> shape = shapeOf(op.getResult());
  int64_t axis = op.getAxis(), start = 0, size = 1;
  for (int64_t extent : shape)
    size *= extent;
  DimList result(size);
  for (Value part : op.getXs()) {
    std::optional<DimList> elements = contents(part);
    if (!elements)
      return std::nullopt;
    size_t next = 0;
    forEachIndex(shapeOf(part), [&](ArrayRef<int64_t> index) {
      SmallVector<int64_t> position(index);
      position[axis] += start;
      result[linearize(position, shape)] = (*elements)[next++];
    });
    start += shapeOf(part)[axis];
  }
  return result;
}

/// The scalar that arith and tensor ops around control flow compute.
static std::optional<int64_t> constantScalar(Value value) {
  APInt number;
  if (matchPattern(value, m_ConstantInt(&number)) && number.getBitWidth() <= 64)
    return number.getSExtValue();
  return std::nullopt;
}

std::optional<DimList> Analysis::evaluate(Operation *op) {
  using Result = std::optional<DimList>;
  return TypeSwitch<Operation *, Result>(op)
      .Case([&](ConstantOp op) -> Result {
        Tensor tensor = Tensor::fromAttr(op.getValue());
        DimList result;
        for (int64_t i = 0, e = tensor.size(); i < e; ++i)
          result.push_back(constant(tensor.intAt(i)));
        return result;
      })
      .Case([&](ShapeOfOp op) -> Result { return dims(op.getX()); })
      .Case<ReshapeOp, tensor::CastOp>([&](auto op) { return contents(op->getOperand(0)); })
      .Case([&](CastOp op) -> Result {
        auto from = dyn_cast<IntegerType>(op.getX().getType().getElementType());
        auto to = dyn_cast<IntegerType>(op.getTo());
        Result x = contents(op.getX());
        if (!from || !to || !x)
          return std::nullopt;
        for (DimExpr &element : *x) {
          std::optional<int64_t> value = element.constant();
          if (to.getWidth() >= std::min(from.getWidth(), 32u) && to.getWidth() > 1)
            continue;
          if (value && to.getWidth() == 1)
            element = constant(*value != 0);
          else if (value)
            element =
                constant(to.isUnsigned() ? APInt(64, *value).trunc(to.getWidth()).getZExtValue()
                                         : APInt(64, *value).trunc(to.getWidth()).getSExtValue());
          else
            element = {};
        }
        return x;
      })
      .Case([&](BinaryOp op) { return evaluateBinary(op); })
      .Case([&](UnaryOp op) -> Result {
        Result x = contents(op.getX());
        if (!x)
          return std::nullopt;
        auto negated = [&](DimExpr a) { return ctx.sub(constant(0), a); };
        for (DimExpr &element : *x) {
          if (op.getFn() == UnaryFn::neg)
            element = negated(element);
          else if (op.getFn() == UnaryFn::abs)
            element = element.range().lo >= 0   ? element
                      : element.range().hi <= 0 ? negated(element)
                                                : DimExpr();
          else if (op.getFn() == UnaryFn::relu)
            element = ctx.max(element, constant(0));
          else if (op.getFn() == UnaryFn::not_ && element.constant() &&
                   op.getType().getElementType().isInteger(1))
            element = constant(*element.constant() == 0);
          else
            return std::nullopt;
        }
        return x;
      })
      .Case([&](CompareOp op) -> Result {
        ArrayRef<int64_t> shape = shapeOf(op.getResult());
        Result a = broadcastContents(op.getA(), shape), b = broadcastContents(op.getB(), shape);
        if (!a || !b)
          return std::nullopt;
        DimList result;
        for (auto [left, right] : llvm::zip(*a, *b))
          result.push_back(compare(op.getFn(), left, right));
        return result;
      })
      .Case([&](SelectOp op) { return evaluateSelect(op); })
      .Case([&](TransposeOp op) -> Result {
        Result x = contents(op.getX());
        if (!x)
          return std::nullopt;
        ArrayRef<int64_t> from = shapeOf(op.getX());
        DimList result;
        forEachIndex(shapeOf(op.getResult()), [&](ArrayRef<int64_t> index) {
          SmallVector<int64_t> position(index.size());
          for (auto [i, axis] : llvm::zip(index, op.getPerm()))
            position[axis] = i;
          result.push_back((*x)[linearize(position, from)]);
        });
        return result;
      })
      .Case([&](BroadcastToOp op) { return broadcastContents(op.getX(), shapeOf(op.getResult())); })
      .Case([&](SliceOp op) { return evaluateSlice(op); })
      .Case([&](ConcatOp op) { return evaluateConcat(op); })
      .Case([&](GatherOp op) { return evaluateGather(op); })
      .Case([&](IotaOp op) -> Result {
        DimList result;
        for (int64_t i = 0, e = shapeOf(op.getResult())[0]; i < e; ++i)
          result.push_back(constant(i));
        return result;
      })
      .Case([&](ReduceOp op) { return evaluateReduce(op); })
      .Case([&](tensor::FromElementsOp op) -> Result {
        DimList result;
        for (Value element : op.getElements()) {
          std::optional<int64_t> value = constantScalar(element);
          result.push_back(value ? constant(*value) : DimExpr());
        }
        return result;
      })
      .Default([](Operation *) -> Result { return std::nullopt; });
}

} // namespace burin::nn
