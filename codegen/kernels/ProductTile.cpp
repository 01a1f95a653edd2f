//===- ProductTile.cpp - The register tile of products --------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/ProductTile.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using burin::kernel::Dot;

namespace burin {

/// Steps are unrolled this often with vectors; more spills. Without vectors
/// code is to stay small.
static int64_t unrollOf(int64_t lanes) { return lanes == 1 ? 1 : 4; }

ProductTile::ProductTile(KernelEmitter &e, const ProductForm &form, int64_t height, int64_t columns)
    : e(e), form(form), height(height), columns(columns),
      used(llvm::divideCeil(columns, form.lanes)), lanes(form.lanes), g(form.group()),
      sumType(form.isFloat() ? Type(e.b.getF32Type()) : Type(e.b.getI32Type())) {}

SmallVector<Value> ProductTile::zerosOf(Type type) {
  if (isBlocked())
    return SmallVector<Value>((height + 1) / 2 * used * 2, e.zeros(lanes, type));
  return SmallVector<Value>(height * used, e.zeros(lanes, type));
}

SmallVector<Value> ProductTile::zeros() {
  return zerosOf(form.inF64 ? Type(e.b.getF64Type()) : sumType);
}

SmallVector<Value> ProductTile::addPart(ValueRange sums, ValueRange part) {
  SmallVector<Value> next;
  for (auto [sum, more] : llvm::zip(sums, part)) {
    Value value = more;
    if (form.inF64)
      value = e.b.create<arith::ExtFOp>(e.loc, sum.getType(), value);
    next.push_back(e.b.create<arith::AddFOp>(e.loc, sum, value));
  }
  return next;
}

/// The last row stands in for the one that a pair lacks.
SmallVector<Value> ProductTile::stepOfBlocks(ValueRange sums, Value weights, Left left) {
  OpBuilder &b = e.b;
  SmallVector<Value> next, columns, rows;
  for (int64_t pair = 0; pair < 2 * used; ++pair)
    columns.push_back(
        e.loadVector(form.weights.memory, e.add(weights, pair * 2 * g), 2 * g, 2 * g));
  for (int64_t r = 0; r < height; ++r)
    rows.push_back(left(r));
  if (height % 2)
    rows.push_back(rows.back());
  auto sum = sums.begin();
  for (size_t r = 0; r < rows.size(); r += 2) {
    Value words = e.zeros(2, rows[r].getType());
    for (int64_t i = 0; i < 2; ++i)
      words = b.create<vector::InsertOp>(e.loc, rows[r + i], words, ArrayRef<int64_t>(i));
    Value bytes =
        b.create<vector::BitCastOp>(e.loc, e.vectorType(2 * g, b.getI8Type()), flipSigns(words));
    for (Value pair : columns) {
      next.push_back(call((*sum).getType(), {*sum, bytes, pair}));
      ++sum;
    }
  }
  return next;
}

/// From blocks to `used` vectors per row.
SmallVector<Value> ProductTile::rowsOfBlocks(ValueRange sums) {
  SmallVector<Value> rows;
  for (int64_t r = 0; r < height; ++r)
    for (int64_t v = 0; v < used; ++v) {
      ValueRange blocks = sums.slice(r / 2 * 2 * used + 2 * v, 2);
      int64_t first = r % 2 * 2;
      rows.push_back(e.b.create<vector::ShuffleOp>(
          e.loc, blocks[0], blocks[1], ArrayRef<int64_t>{first, first + 1, first + 4, first + 5}));
    }
  return rows;
}

SmallVector<Value> ProductTile::step(ValueRange sums, Value weights, Left left) {
  if (isBlocked())
    return stepOfBlocks(sums, weights, left);
  SmallVector<Value> next(sums), row;
  for (int64_t v = 0; v < used; ++v)
    row.push_back(loadWeights(e.add(weights, v * lanes * g)));
  for (int64_t r = 0; r < height; ++r) {
    Value element = left(r);
    for (int64_t v = 0; v < used; ++v)
      next[r * used + v] = multiplyAdd(element, row[v], next[r * used + v]);
  }
  return next;
}

/// Parts of equal size, but for the last one.
SmallVector<Value> ProductTile::run(ValueRange sums, ArrayRef<Value> left, Value weights,
                                    int64_t depth) {
  if (form.part == 0 || (!form.inF64 && depth < form.part / 2))
    return chain(sums, left, weights, depth);
  int64_t parts = std::max<int64_t>(depth / form.part, 1);
  auto size = static_cast<int64_t>(
      llvm::alignTo(llvm::divideCeil(depth, parts), form.byLane ? lanes : unrollOf(lanes)));
  auto add = [&](ValueRange sums, Value from, int64_t count) {
    SmallVector<Value> rows;
    for (Value row : left)
      rows.push_back(e.add(row, from));
    Value columns = e.add(weights, e.mul(from, form.nr));
    return addPart(sums, chain(zerosOf(sumType), rows, columns, count));
  };
  int64_t whole = depth - depth % size;
  SmallVector<Value> result =
      e.fold(e.idx(0), e.idx(whole), size, sums,
             [&](Value from, ValueRange values) { return add(values, from, size); });
  if (whole < depth)
    result = add(result, e.idx(whole), depth - whole);
  return result;
}

SmallVector<Value> ProductTile::run(ValueRange sums, ArrayRef<Value> left, Value weights,
                                    Value groups) {
  if (form.part == 0)
    return chain(sums, left, weights, groups);
  return addPart(sums, chain(zerosOf(sumType), left, weights, groups));
}

SmallVector<Value> ProductTile::chain(ValueRange sums, ArrayRef<Value> left, Value weights,
                                      int64_t depth) {
  int64_t groups = depth / g;
  bool byLane = form.byLane && !isBlocked() && lanes > 1 && groups >= lanes;
  int64_t unroll = byLane ? lanes : unrollOf(lanes), whole = groups - groups % unroll;
  auto weightsAt = [&](Value q) { return e.add(weights, e.mul(q, form.nr * g)); };
  auto at = [&](ValueRange values, Value q, int64_t valid) {
    return step(values, weightsAt(q),
                [&](int64_t r) { return loadLeft(e.add(left[r], e.mul(q, g)), valid); });
  };
  SmallVector<Value> result(sums);
  if (whole > 0)
    result = e.fold(e.idx(0), e.idx(whole), unroll, result, [&](Value q, ValueRange values) {
      SmallVector<Value> next(values), steps;
      if (byLane)
        for (Value row : left)
          steps.push_back(loadSteps(e.add(row, e.mul(q, g))));
      for (int64_t u = 0; u < unroll; ++u)
        next = byLane ? step(next, weightsAt(e.add(q, u)),
                             [&](int64_t r) { return stepOf(steps[r], u); })
                      : at(next, e.add(q, u), g);
      return next;
    });
  for (int64_t q = whole; q < groups; ++q)
    result = at(result, e.idx(q), g);
  if (depth % g)
    result = at(result, e.idx(groups), depth % g);
  return result;
}

SmallVector<Value> ProductTile::chain(ValueRange sums, ArrayRef<Value> left, Value weights,
                                      Value groups) {
  return e.fold(e.idx(0), groups, 1, sums, [&](Value q, ValueRange values) {
    return step(values, e.add(weights, e.mul(q, form.nr * g)),
                [&](int64_t r) { return loadLeft(e.add(left[r], e.mul(q, g)), g); });
  });
}

SmallVector<Value> ProductTile::gather(ValueRange sums, Value weights, int64_t depth,
                                       function_ref<Value(int64_t)> element) {
  SmallVector<Value> result(sums);
  for (int64_t first = 0; first < depth; first += g) {
    Value bytes = e.zeros(g, e.b.getI8Type());
    for (int64_t i = 0; i < g && first + i < depth; ++i)
      bytes = e.b.create<vector::InsertOp>(e.loc, element(first + i), bytes, ArrayRef<int64_t>(i));
    result =
        step(result, e.add(weights, first * form.nr), [&](int64_t) { return splatGroup(bytes); });
  }
  return result;
}

Value ProductTile::loadWeights(Value at) {
  Value stored = e.loadVector(form.weights.memory, at, lanes * g, lanes * g);
  switch (form.dot) {
  case Dot::plain:
    return e.widen(stored, form.weights.type.getElementType(), sumType, 0);
  case Dot::pairs:
    return e.b.create<arith::ExtSIOp>(e.loc, e.vectorType(lanes * 2, e.b.getI16Type()), stored);
  case Dot::u8s8:
    return e.b.create<vector::BitCastOp>(e.loc, e.vectorType(lanes, e.b.getI32Type()), stored);
  case Dot::s8s8:
  case Dot::blocks:
    return stored;
  case Dot::across:
    return e.widen(stored, form.weights.type.getElementType(), sumType, 0);
  case Dot::halves: {
    Type word = e.vectorType(1, e.b.getI32Type());
    return widenHalves(e.b.create<vector::BitCastOp>(e.loc, word, stored), 1);
  }
  }
  llvm_unreachable("every case returns");
}

Value ProductTile::loadLeft(Value at, int64_t valid) {
  if (form.dot == Dot::plain) {
    Value element = e.b.create<memref::LoadOp>(e.loc, form.left.memory, at);
    element = e.widen(element, form.left.type.getElementType(), sumType, 0);
    return splat(element);
  }
  if (valid == g || form.dot == Dot::across)
    return splatGroup(e.loadVector(form.left.memory, at, g, valid));
  // Nothing is read behind the run, which may end the buffer.
  Value bytes = e.zeros(g, e.b.getI8Type());
  for (int64_t i = 0; i < valid; ++i) {
    Value element = e.b.create<memref::LoadOp>(e.loc, form.left.memory, e.add(at, i));
    bytes = e.b.create<vector::InsertOp>(e.loc, element, bytes, ArrayRef<int64_t>(i));
  }
  return splatGroup(bytes);
}

Value ProductTile::splatGroup(Value bytes) {
  OpBuilder &b = e.b;
  if (form.dot == Dot::across) {
    if (kernel::flipsSign(form.dot, form.left.type.getElementType())) {
      auto sign = SplatElementsAttr::get(cast<VectorType>(bytes.getType()), APInt(8, 0x80));
      bytes = b.create<arith::XOrIOp>(e.loc, bytes, b.create<arith::ConstantOp>(e.loc, sign));
    }
    return e.widen(bytes, b.getI8Type(), sumType, 0);
  }
  Type group = b.getIntegerType(g * 8);
  Value word = b.create<vector::BitCastOp>(e.loc, e.vectorType(1, group), bytes);
  word = b.create<vector::ExtractOp>(e.loc, word, ArrayRef<int64_t>(0));
  if (isBlocked())
    return word;
  // A load into all lanes folds into the flip.
  return asOperand(flipSigns(splat(word)));
}

Value ProductTile::splat(Value element) {
  return e.b.create<vector::BroadcastOp>(e.loc, e.vectorType(lanes, element.getType()), element);
}

Value ProductTile::flipSigns(Value groups) {
  if (!kernel::flipsSign(form.dot, form.left.type.getElementType()))
    return groups;
  auto signs = SplatElementsAttr::get(cast<VectorType>(groups.getType()),
                                      APInt::getSplat(g * 8, APInt::getSignMask(8)));
  return e.b.create<arith::XOrIOp>(e.loc, groups, e.b.create<arith::ConstantOp>(e.loc, signs));
}

Value ProductTile::asOperand(Value groups) {
  OpBuilder &b = e.b;
  if (form.dot == Dot::plain || form.dot == Dot::u8s8)
    return groups;
  if (form.dot == Dot::halves)
    return widenHalves(groups, 0);
  Value bytes = b.create<vector::BitCastOp>(e.loc, e.vectorType(lanes * g, b.getI8Type()), groups);
  if (form.dot == Dot::s8s8)
    return bytes;
  return e.widen(bytes, form.left.type.getElementType(), b.getI16Type(), 0);
}

Value ProductTile::loadSteps(Value at) {
  Value stored = e.loadVector(form.left.memory, at, lanes * g, lanes * g);
  if (form.dot == Dot::plain)
    return e.widen(stored, form.left.type.getElementType(), sumType, 0);
  return flipSigns(
      e.b.create<vector::BitCastOp>(e.loc, e.vectorType(lanes, e.b.getIntegerType(g * 8)), stored));
}

Value ProductTile::stepOf(Value steps, int64_t step) {
  return asOperand(splat(e.b.create<vector::ExtractOp>(e.loc, steps, ArrayRef<int64_t>(step))));
}

Value ProductTile::call(Type result, ValueRange operands) {
  return e.b.create<LLVM::CallIntrinsicOp>(e.loc, result, form.intrinsic, operands).getResult(0);
}

Value ProductTile::widenHalves(Value word, unsigned side) {
  OpBuilder &b = e.b;
  Type type = b.getI32Type();
  auto name = cast<StringAttr>(form.widen[side]);
  auto widen = [&](Value bytes) {
    return b.create<LLVM::CallIntrinsicOp>(e.loc, type, name, bytes).getResult(0);
  };
  word = b.create<vector::ExtractOp>(e.loc, word, ArrayRef<int64_t>(0));
  Value eight = b.create<arith::ConstantIntOp>(e.loc, 8, 32);
  Value rotated = b.create<LLVM::FshrOp>(e.loc, type, word, word, eight);
  Value halves = e.zeros(2, type);
  halves = b.create<vector::InsertOp>(e.loc, widen(word), halves, ArrayRef<int64_t>(0));
  return b.create<vector::InsertOp>(e.loc, widen(rotated), halves, ArrayRef<int64_t>(1));
}

Value ProductTile::multiplyAdd(Value left, Value weights, Value sum) {
  switch (form.dot) {
  case Dot::plain:
    return e.multiplyAdd(left, weights, sum);
  case Dot::pairs:
    return e.b.create<arith::AddIOp>(e.loc, sum, call(sum.getType(), {left, weights}));
  case Dot::u8s8:
    return call(sum.getType(), {sum, left, weights});
  case Dot::blocks: // has a step of its own
    break;
  case Dot::s8s8: // commutes; the lane is the last operand
    return call(sum.getType(), {sum, weights, left});
  case Dot::across: {
    Value products = e.b.create<arith::MulIOp>(e.loc, left, weights);
    Value total = e.b.create<vector::ReductionOp>(e.loc, vector::CombiningKind::ADD, products);
    Value before = e.b.create<vector::ExtractOp>(e.loc, sum, ArrayRef<int64_t>(0));
    total = e.b.create<arith::AddIOp>(e.loc, total, before);
    return e.b.create<vector::BroadcastOp>(e.loc, sum.getType(), total);
  }
  case Dot::halves: {
    auto part = [&](Value vector, int64_t i) -> Value {
      return e.b.create<vector::ExtractOp>(e.loc, vector, ArrayRef<int64_t>(i));
    };
    Value total = part(sum, 0);
    for (int64_t i = 0; i < 2; ++i)
      total = call(total.getType(), {part(left, i), part(weights, i), total});
    return e.b.create<vector::BroadcastOp>(e.loc, sum.getType(), total);
  }
  }
  llvm_unreachable("every case returns");
}

SmallVector<Value> ProductTile::loadSums(Value at) {
  int64_t elements = lanes * 4 / form.weightBytes();
  SmallVector<Value> sums;
  for (int64_t v = 0; v < used; ++v) {
    Value stored = e.loadVector(form.weights.memory, e.add(at, v * elements), elements, elements);
    sums.push_back(
        e.b.create<vector::BitCastOp>(e.loc, e.vectorType(lanes, e.b.getI32Type()), stored));
  }
  return sums;
}

/// Sums of a row side by side in one vector: the epilogue is vector code again.
void ProductTile::finishJoined(ValueRange sums, ArrayRef<Value> undo, Value column,
                               function_ref<SmallVector<Value>(int64_t, Value)> indexOf) {
  auto join = [&](auto values) {
    Value vector = e.zeros(4, e.b.getI32Type());
    for (int64_t v = 0; v < used; ++v) {
      Value sum = e.b.create<vector::ExtractOp>(e.loc, values[v], ArrayRef<int64_t>(0));
      vector = e.b.create<vector::InsertOp>(e.loc, sum, vector, ArrayRef<int64_t>(v));
    }
    return vector;
  };
  Value offset = undo.empty() ? Value() : join(undo);
  for (int64_t r = 0; r < height; ++r) {
    Value row = join(sums.slice(r * used, used));
    if (offset)
      row = e.b.create<arith::AddIOp>(e.loc, row, offset);
    e.finish(row, indexOf(r, column), columns);
  }
}

void ProductTile::finish(ValueRange sums, ArrayRef<Value> undo, Value panel,
                         function_ref<SmallVector<Value>(int64_t, Value)> indexOf) {
  Value column = e.mul(panel, form.nr);
  if (form.dot == Dot::across)
    return finishJoined(sums, undo, column, indexOf);
  SmallVector<Value> rows = isBlocked() ? rowsOfBlocks(sums) : SmallVector<Value>(sums);
  for (int64_t r = 0; r < height; ++r)
    for (int64_t v = 0; v < used; ++v) {
      Value sum = rows[r * used + v];
      if (form.inF64)
        sum = e.b.create<arith::TruncFOp>(e.loc, e.vectorType(lanes, sumType), sum);
      if (!undo.empty())
        sum = e.b.create<arith::AddIOp>(e.loc, sum, undo[v]);
      e.finish(sum, indexOf(r, e.add(column, v * lanes)), std::min(lanes, columns - v * lanes));
    }
}

} // namespace burin
