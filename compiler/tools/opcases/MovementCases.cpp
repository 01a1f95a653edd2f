//===- MovementCases.cpp - Random ops that move elements ------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/tools/opcases/CaseBuilder.h"

using namespace mlir;

namespace burin::opcases {

static Operation *reshape(CaseBuilder &c) {
  Shape shape = c.shape(1, 4), to(shape);
  Value x = c.argument(c.tensor(c.anyType(), shape));
  // Merges two neighbours, or splits off an extent of 1.
  int64_t at = c.random.in(0, to.size() - 1);
  if (at > 0) {
    to[at - 1] *= to[at];
    to.erase(to.begin() + at);
  } else {
    to.insert(to.begin() + c.random.in(0, to.size()), 1);
  }
  bool empty = llvm::is_contained(to, 0);
  if (!empty && c.random.oneIn(2))
    to[c.random.in(0, to.size() - 1)] = -1;
  return nn::tryCreate<nn::ReshapeOp>(c.b, c.loc, x, c.shapeOperand(to));
}

static Operation *transpose(CaseBuilder &c) {
  Shape shape = c.shape(0, 5, 4), perm;
  for (int64_t axis = 0; axis < static_cast<int64_t>(shape.size()); ++axis)
    perm.insert(perm.begin() + c.random.in(0, axis), axis);
  Value x = c.argument(c.tensor(c.anyType(), shape));
  return nn::tryCreate<nn::TransposeOp>(c.b, c.loc, x, c.b.getDenseI64ArrayAttr(perm));
}

static Operation *broadcastTo(CaseBuilder &c) {
  Shape to = c.shape(0, 4);
  Value x = c.argument(c.tensor(c.anyType(), c.broadcastable(to)));
  return nn::tryCreate<nn::BroadcastToOp>(c.b, c.loc, x, c.shapeOperand(to));
}

static Operation *slice(CaseBuilder &c) {
  Shape shape = c.shape(1, 4, 6), offsets, sizes, strides;
  for (int64_t extent : shape) {
    int64_t step = c.random.pick<int64_t>({1, 1, 1, 2, -1, -2});
    int64_t first = extent == 0 ? 0 : c.random.in(0, extent - 1);
    int64_t room = extent == 0 ? 0 : step > 0 ? (extent - 1 - first) / step + 1 : first / -step + 1;
    offsets.push_back(first);
    sizes.push_back(c.random.oneIn(10) ? 0 : c.random.in(std::min<int64_t>(room, 1), room));
    strides.push_back(step);
  }
  Value x = c.argument(c.tensor(c.anyType(), shape));
  return nn::tryCreate<nn::SliceOp>(c.b, c.loc, x, c.shapeOperand(offsets), c.shapeOperand(sizes),
                                    c.b.getDenseI64ArrayAttr(strides));
}

static Operation *concat(CaseBuilder &c) {
  Type type = c.anyType();
  Shape shape = c.shape(1, 4);
  int64_t axis = c.random.in(0, shape.size() - 1);
  SmallVector<Value> xs;
  for (int64_t i = 0, n = c.random.in(1, 4); i < n; ++i) {
    shape[axis] = c.random.in(c.random.oneIn(6) ? 0 : 1, 4);
    xs.push_back(i == 0 ? c.argument(c.tensor(type, shape)) : c.operand(type, shape));
  }
  return nn::tryCreate<nn::ConcatOp>(c.b, c.loc, xs, c.b.getI64IntegerAttr(axis));
}

static Operation *pad(CaseBuilder &c) {
  Type type = c.anyType();
  Shape shape = c.shape(1, 4), low, high;
  for (size_t i = 0; i < shape.size(); ++i) {
    low.push_back(c.random.in(0, 2));
    high.push_back(c.random.in(0, 2));
  }
  Value x = c.argument(c.tensor(type, shape));
  Value value = c.operand(type, {}, Fill::Finite);
  return nn::tryCreate<nn::PadOp>(c.b, c.loc, x, c.shapeOperand(low), c.shapeOperand(high), value);
}

static Operation *gather(CaseBuilder &c) {
  Shape shape = c.shape(1, 4), idx;
  int64_t axis = c.random.in(0, shape.size() - 1), batch = c.random.in(0, axis);
  idx.assign(shape.begin(), shape.begin() + batch);
  llvm::append_range(idx, c.shape(0, 2, 3));
  Value x = c.operand(c.anyType(), shape);
  // Also indices outside: they gather 0.
  Value i =
      c.argument(c.ints(c.type(c.random.pick({"i64", "i32"})), idx, c.random.oneIn(4) ? -1 : 0,
                        std::max<int64_t>(shape[axis] - (c.random.oneIn(4) ? 0 : 1), 0)));
  return nn::tryCreate<nn::GatherOp>(c.b, c.loc, x, i, c.b.getI64IntegerAttr(axis),
                                     c.b.getI64IntegerAttr(batch));
}

static Operation *scatter(CaseBuilder &c) {
  auto fn = static_cast<nn::ScatterFn>(c.random.in(0, nn::getMaxEnumValForScatterFn()));
  Type type = fn == nn::ScatterFn::none ? c.anyType() : c.numberType();
  // Sometimes so many updates that a GPU shares them among blocks.
  Shape shape = c.shape(1, 3), idx = c.shape(1, 2, c.random.pick<int64_t>({3, 3, 9})), upd(idx);
  llvm::append_range(upd, ArrayRef(shape).drop_front());
  Value data = c.operand(type, shape, Fill::Finite);
  Value i = c.argument(c.ints(c.type("i64"), idx, -1, shape[0]));
  Value u = c.argument(c.tensor(type, upd, Fill::Finite));
  return nn::tryCreate<nn::ScatterOp>(c.b, c.loc, fn, data, i, u);
}

static Operation *iota(CaseBuilder &c) {
  return nn::tryCreate<nn::IotaOp>(c.b, c.loc, c.indexOperand(c.random.in(0, 20)),
                                   TypeAttr::get(c.numberType()));
}

static Operation *shapeOf(CaseBuilder &c) {
  Value x = c.argument(c.tensor(c.anyType(), c.shape(0, 4)));
  return nn::tryCreate<nn::ShapeOfOp>(c.b, c.loc, x);
}

ArrayRef<NamedGenerator> movementGenerators() {
  static constexpr NamedGenerator all[] = {
      {"reshape", reshape}, {"transpose", transpose}, {"broadcast_to", broadcastTo},
      {"slice", slice},     {"concat", concat},       {"pad", pad},
      {"gather", gather},   {"scatter", scatter},     {"iota", iota},
      {"shape_of", shapeOf}};
  return all;
}

} // namespace burin::opcases
