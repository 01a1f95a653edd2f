//===- OpBuild.cpp - Short names for building nn ops ----------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "passes/OpBuild.h"

#include "dialects/nn/interpreter/Interpreter.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace burin {

static SmallVector<int64_t> knownDims(ArrayRef<Extent> extents) {
  SmallVector<int64_t> dims;
  for (const Extent &extent : extents)
    dims.push_back(extent.known());
  return dims;
}

static RankedTensorType ranked(Value value) { return cast<RankedTensorType>(value.getType()); }

Type computeType(Type element) {
  return element.isF64() ? element : Type(Float32Type::get(element.getContext()));
}

Value OpBuild::unary(nn::UnaryFn fn, Value x, double alpha, double beta) {
  return b.create<nn::UnaryOp>(loc, fn, x, APFloat(alpha), APFloat(beta));
}

Value OpBuild::binary(nn::BinaryFn fn, Value x, Value y) {
  return b.create<nn::BinaryOp>(loc, fn, x, y);
}

Value OpBuild::binary(nn::BinaryFn fn, Value x, double value) {
  return binary(fn, x, scalar(elementType(x), value));
}

Value OpBuild::compare(nn::CompareFn fn, Value x, Value y) {
  return b.create<nn::CompareOp>(loc, fn, x, y);
}

Value OpBuild::select(Value c, Value x, Value y) { return b.create<nn::SelectOp>(loc, c, x, y); }

Value OpBuild::cast(Value x, Type to) {
  return elementType(x) == to ? x : Value(b.create<nn::CastOp>(loc, x, to));
}

Extent OpBuild::dim(Value x, int64_t axis) {
  int64_t known = ranked(x).getDimSize(axis);
  if (!ShapedType::isDynamic(known))
    return known;
  Value all = b.create<nn::ShapeOfOp>(loc, x);
  Value one = b.create<nn::SliceOp>(loc, all, nn::createShape(b, loc, axis),
                                    nn::createShape(b, loc, int64_t(1)));
  return Extent(one);
}

SmallVector<Extent> OpBuild::dims(Value x) {
  SmallVector<Extent> extents;
  for (int64_t i = 0, e = ranked(x).getRank(); i < e; ++i)
    extents.push_back(dim(x, i));
  return extents;
}

Extent OpBuild::product(Extent x, Extent y) {
  if (x.isKnown() && y.isKnown())
    return x.known() * y.known();
  if (x.isKnown() && x.known() == 1)
    return y;
  if (y.isKnown() && y.known() == 1)
    return x;
  return Extent(mul(shape(x), shape(y)));
}

Extent OpBuild::plus(Extent x, int64_t number) {
  if (x.isKnown())
    return x.known() + number;
  return number == 0 ? x : Extent(add(x.runtime(), nn::createShape(b, loc, number)));
}

Value OpBuild::shape(ArrayRef<Extent> extents) {
  SmallVector<Value> parts;
  SmallVector<int64_t> run;
  auto flush = [&] {
    if (!run.empty())
      parts.push_back(nn::createShape(b, loc, run));
    run.clear();
  };
  for (const Extent &extent : extents) {
    if (extent.isKnown()) {
      run.push_back(extent.known());
      continue;
    }
    flush();
    parts.push_back(extent.runtime());
  }
  flush();
  if (parts.empty())
    return nn::createShape(b, loc, {});
  return parts.size() == 1 ? parts.front() : concat(parts, 0);
}

Value OpBuild::reshape(Value x, ArrayRef<Extent> extents) {
  RankedTensorType type = ranked(x);
  SmallVector<int64_t> dims = knownDims(extents);
  if (type.hasStaticShape() && type.getShape() == ArrayRef(dims))
    return x;
  return b.create<nn::ReshapeOp>(loc, type.clone(dims), x, shape(extents));
}

Value OpBuild::broadcastTo(Value x, ArrayRef<Extent> extents) {
  RankedTensorType type = ranked(x);
  SmallVector<int64_t> dims = knownDims(extents);
  if (type.hasStaticShape() && type.getShape() == ArrayRef(dims))
    return x;
  return b.create<nn::BroadcastToOp>(loc, type.clone(dims), x, shape(extents));
}

Value OpBuild::transpose(Value x, ArrayRef<int64_t> perm) {
  return b.create<nn::TransposeOp>(loc, x, perm);
}

Value OpBuild::slice(Value x, int64_t axis, int64_t offset, Extent size) {
  RankedTensorType type = ranked(x);
  if (size.isKnown() && size.known() == type.getDimSize(axis))
    return x;
  SmallVector<int64_t> offsets(type.getRank(), 0);
  offsets[axis] = offset;
  SmallVector<Extent> sizes;
  for (int64_t i = 0, e = type.getRank(); i < e; ++i)
    sizes.push_back(i == axis ? size : dim(x, i));
  return b.create<nn::SliceOp>(loc, type.clone(knownDims(sizes)), x,
                               nn::createShape(b, loc, offsets), shape(sizes), ArrayRef<int64_t>());
}

Value OpBuild::concat(ValueRange xs, int64_t axis) {
  return xs.size() == 1 ? xs.front() : Value(b.create<nn::ConcatOp>(loc, xs, axis));
}

Value OpBuild::iota(Extent n, Type element) {
  Value count = n.isKnown() ? nn::createIndex(b, loc, n.known()) : reshape(n.runtime(), {});
  return b.create<nn::IotaOp>(loc, count, element);
}

Value OpBuild::reduce(nn::ReduceFn fn, Value x, ArrayRef<int64_t> axes, bool keepdims) {
  return b.create<nn::ReduceOp>(loc, fn, x, axes, keepdims);
}

Value OpBuild::matmul(Value x, Value y, bool ta, bool tb, Type acc) {
  return b.create<nn::MatMulOp>(loc, x, y, Value(), Value(), ta, tb,
                                acc ? TypeAttr::get(acc) : TypeAttr());
}

Value OpBuild::folded(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return value;
  auto results = nn::foldOp(op, std::numeric_limits<int64_t>::max());
  return succeeded(results) && results->size() == 1
             ? Value(b.create<nn::ConstantOp>(loc, results->front()))
             : value;
}

Value OpBuild::withType(Value x, Type type) {
  return x.getType() == type ? x : Value(b.create<tensor::CastOp>(loc, type, x));
}

} // namespace burin
