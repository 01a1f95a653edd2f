//===- GroupLoops.cpp - Index arithmetic and loops ------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/lowering/GroupEmitter.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;

namespace burin {

using Pred = arith::CmpIPredicate;

Value GroupEmitter::idx(int64_t value) {
  Value &known = constants[value];
  if (!known) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(entry);
    known = b.create<arith::ConstantIndexOp>(loc, value);
  }
  return known;
}

std::optional<int64_t> GroupEmitter::constant(Value value) { return getConstantIntValue(value); }

bool GroupEmitter::isConstant(Value value, int64_t expected) {
  return isConstantIntValue(value, expected);
}

bool GroupEmitter::same(Value x, Value y) {
  if (x == y)
    return true;
  auto p = constant(x), q = constant(y);
  return p && q && *p == *q;
}

Value GroupEmitter::add(Value x, Value y) { return b.createOrFold<arith::AddIOp>(loc, x, y); }
Value GroupEmitter::sub(Value x, Value y) { return b.createOrFold<arith::SubIOp>(loc, x, y); }
Value GroupEmitter::mul(Value x, Value y) {
  if (isConstant(x, 1))
    return y;
  return b.createOrFold<arith::MulIOp>(loc, x, y);
}
Value GroupEmitter::div(Value x, Value y) { return b.createOrFold<arith::DivUIOp>(loc, x, y); }
Value GroupEmitter::rem(Value x, Value y) {
  if (isConstant(y, 1))
    return idx(0);
  return b.createOrFold<arith::RemUIOp>(loc, x, y);
}
Value GroupEmitter::ceilDiv(Value x, int64_t y) { return div(add(x, idx(y - 1)), idx(y)); }
Value GroupEmitter::min(Value x, Value y) {
  return same(x, y) ? x : b.createOrFold<arith::MinSIOp>(loc, x, y);
}
Value GroupEmitter::max(Value x, Value y) {
  return same(x, y) ? x : b.createOrFold<arith::MaxSIOp>(loc, x, y);
}

Value GroupEmitter::product(IndexRef values) {
  Value result = idx(1);
  for (Value value : values)
    result = mul(result, value);
  return result;
}

Value GroupEmitter::linearize(IndexRef index, IndexRef shape) {
  Value position;
  for (auto [i, extent] : llvm::zip(index, shape))
    position = position ? add(mul(position, extent), i) : i;
  return position ? position : idx(0);
}

Index GroupEmitter::delinearize(Value position, IndexRef shape) {
  Index result(shape.size());
  for (size_t i = shape.size(); i-- > 1;) {
    result[i] = rem(position, shape[i]);
    position = div(position, shape[i]);
  }
  if (!shape.empty())
    result[0] = position;
  return result;
}

Value GroupEmitter::inRange(Value index, Value extent) {
  return b.createOrFold<arith::CmpIOp>(loc, Pred::ult, index, extent);
}

Value GroupEmitter::both(Value p, Value q) { return b.createOrFold<arith::AndIOp>(loc, p, q); }

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

void GroupEmitter::loop(Value from, Value to, Body body, int64_t step) {
  Scope scope(*this);
  auto lo = constant(from), hi = constant(to);
  if (lo && hi && *hi <= *lo)
    return;
  if (lo && hi && *hi - *lo <= step)
    return body(from);
  auto loop = b.create<scf::ForOp>(loc, from, to, idx(step));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

/// Thread, block and sizes come from special registers.
void GroupEmitter::emitThreadIds() {
  auto read = [&](StringRef name) -> Value {
    Type word = b.getI32Type();
    std::string intrinsic = ("llvm.nvvm.read.ptx.sreg." + name).str();
    auto call = b.create<LLVM::CallIntrinsicOp>(loc, word, b.getStringAttr(intrinsic), ValueRange(),
                                                LLVM::FastmathFlags());
    return b.create<arith::IndexCastUIOp>(loc, b.getIndexType(), call.getResult(0));
  };
  Value size = read("ntid.x");
  laneNumber = read("tid.x");
  block = read("ctaid.x");
  blockCount = read("nctaid.x");
  thread = add(mul(block, size), laneNumber);
  threadCount = mul(blockCount, size);
}

/// A loop over the positions of all extents together, from the thread's number on in
/// steps of the number of threads.
void GroupEmitter::spread(IndexRef extents, NestBody body) {
  Scope scope(*this);
  Value total = product(extents);
  if (isConstant(total, 0))
    return;
  auto loop = b.create<scf::ForOp>(loc, thread, total, threadCount);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  isSpread = true;
  body(positionOf(loop.getInductionVar(), extents));
  isSpread = false;
}

/// delinearize() of a position in range: an extent of 1 leaves nothing to divide.
Index GroupEmitter::positionOf(Value number, IndexRef extents) {
  Index index = delinearize(number, extents);
  for (auto [position, extent] : llvm::zip(index, extents))
    if (isConstant(extent, 1))
      position = idx(0);
  return index;
}

void GroupEmitter::eachOfBlock(Value count, Body body) {
  Scope scope(*this);
  auto loop = b.create<scf::ForOp>(loc, block, count, blockCount);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  isSpread = true;
  body(loop.getInductionVar());
  isSpread = false;
}

Value GroupEmitter::share(IndexRef extents, Value init, function_ref<Value(IndexRef, Value)> step) {
  Scope scope(*this);
  auto loop = b.create<scf::ForOp>(loc, laneNumber, product(extents), idx(options.blockThreads),
                                   ValueRange(init));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value next = step(positionOf(loop.getInductionVar(), extents), loop.getRegionIterArg(0));
  b.create<scf::YieldOp>(loc, next);
  return loop.getResult(0);
}

void GroupEmitter::eachShared(IndexRef extents, NestBody body) {
  Scope scope(*this);
  auto loop = b.create<scf::ForOp>(loc, laneNumber, product(extents), idx(options.blockThreads));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  body(positionOf(loop.getInductionVar(), extents));
}

void GroupEmitter::nest(IndexRef extents, NestBody body) {
  if (perElement() && !isSpread)
    return spread(extents, body);
  Index index;
  std::function<void()> descend = [&] {
    if (index.size() == extents.size())
      return body(index);
    loop(idx(0), extents[index.size()], [&](Value i) {
      index.push_back(i);
      descend();
      index.pop_back();
    });
  };
  descend();
}

SmallVector<Value> GroupEmitter::fold(IndexRef from, IndexRef to, ValueRange init, FoldBody body) {
  Index index;
  std::function<SmallVector<Value>(ValueRange)> descend =
      [&](ValueRange carried) -> SmallVector<Value> {
    size_t depth = index.size();
    if (depth == to.size())
      return body(index, carried);
    Scope scope(*this);
    auto lo = constant(from[depth]), hi = constant(to[depth]);
    if (lo && hi && *hi - *lo <= 1) {
      if (*hi <= *lo)
        return SmallVector<Value>(carried);
      index.push_back(from[depth]);
      SmallVector<Value> result = descend(carried);
      index.pop_back();
      return result;
    }
    auto loop = b.create<scf::ForOp>(loc, from[depth], to[depth], idx(1), carried);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    index.push_back(loop.getInductionVar());
    SmallVector<Value> next = descend(loop.getRegionIterArgs());
    index.pop_back();
    if (!next.empty()) // else the loop brings its own
      b.create<scf::YieldOp>(loc, next);
    return SmallVector<Value>(loop.getResults());
  };
  return descend(init);
}

SmallVector<Value> GroupEmitter::fold(IndexRef extents, ValueRange init, FoldBody body) {
  Index from(extents.size(), idx(0));
  return fold(from, extents, init, body);
}

Value GroupEmitter::guarded(Value condition, Value otherwise, function_ref<Value()> then) {
  return either(condition, otherwise.getType(), then, [&] { return otherwise; });
}

Value GroupEmitter::either(Value condition, Type type, function_ref<Value()> then,
                           function_ref<Value()> otherwise) {
  Scope scope(*this);
  if (matchPattern(condition, m_One()))
    return then();
  if (matchPattern(condition, m_Zero()))
    return otherwise();
  auto branch = b.create<scf::IfOp>(loc, type, condition, /*withElse=*/true);
  auto fill = [&](Block *block, function_ref<Value()> value) {
    Scope inner(*this);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(block);
    b.create<scf::YieldOp>(loc, value());
  };
  fill(branch.thenBlock(), then);
  fill(branch.elseBlock(), otherwise);
  return branch.getResult(0);
}

void GroupEmitter::when(Value condition, function_ref<void()> then) {
  Scope scope(*this);
  if (matchPattern(condition, m_One()))
    return then();
  auto branch = b.create<scf::IfOp>(loc, condition, /*withElse=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  then();
}

void GroupEmitter::branch(Value condition, function_ref<void()> then,
                          function_ref<void()> otherwise) {
  auto branch = b.create<scf::IfOp>(loc, condition, /*withElse=*/true);
  auto fill = [&](Block *block, function_ref<void()> body) {
    Scope scope(*this);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(block);
    body();
  };
  fill(branch.thenBlock(), then);
  fill(branch.elseBlock(), otherwise);
}

//===----------------------------------------------------------------------===//
// Small arrays on the stack
//===----------------------------------------------------------------------===//

Value GroupEmitter::stackArray(int64_t size, Type type) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(entry);
  return b.create<memref::AllocaOp>(loc, MemRefType::get({size}, type));
}

Value GroupEmitter::loadFrom(Value array, Value index) {
  return b.create<memref::LoadOp>(loc, array, index);
}

void GroupEmitter::storeTo(Value array, Value index, Value value) {
  b.create<memref::StoreOp>(loc, value, array, index);
}

/// A strip is four vectors wide, and rows are as many as leave registers for
/// operands: LLVM then keeps all accumulators in registers.
void GroupEmitter::strip(const Strip &shape, StripBody step, StripDone done) {
  Type type = shape.init.getType();
  int64_t full = std::max<int64_t>(4 * options.vectorBits / type.getIntOrFloatBitWidth(), 8);
  Value width = shape.output.back();
  auto known = constant(width);
  int64_t lanes = known && *known < full ? *known : full;
  if (lanes == 0)
    return;
  bool blocks = shape.blockRows && shape.output.size() >= 2;
  unsigned rows = !blocks ? 1 : options.vectorRegisters >= 32 ? 4 : 2;
  SmallVector<Value> arrays;
  for (unsigned row = 0; row < rows; ++row)
    arrays.push_back(stackArray(lanes, type));

  auto run = [&](IndexRef outer, unsigned count, Value start, Value width) {
    SmallVector<Index> index(count, Index(outer));
    for (unsigned row = 0; row < count; ++row) {
      if (row > 0)
        index[row].back() = add(outer.back(), idx(row));
      index[row].push_back(start);
    }
    auto each = [&](Value from, Value to, function_ref<void(Value, unsigned)> body) {
      loop(from, to, [&](Value lane) {
        Value position = add(start, lane);
        for (unsigned row = 0; row < count; ++row) {
          index[row].back() = position;
          body(lane, row);
        }
      });
    };
    each(idx(0), width, [&](Value lane, unsigned row) { storeTo(arrays[row], lane, shape.init); });
    auto [from, to] = shape.bounds(outer);
    fold(from, to, {}, [&](IndexRef folded, ValueRange) -> SmallVector<Value> {
      Value first = idx(0), last = width;
      if (shape.lanes) {
        auto [low, high] = shape.lanes(folded);
        first = max(sub(low, start), first);
        last = min(sub(high, start), last);
      }
      each(first, last, [&](Value lane, unsigned row) {
        storeTo(arrays[row], lane, step(index[row], folded, loadFrom(arrays[row], lane)));
      });
      return {};
    });
    each(idx(0), width,
         [&](Value lane, unsigned row) { done(index[row], loadFrom(arrays[row], lane)); });
  };
  auto strips = [&](IndexRef outer, unsigned count) {
    Index position(outer); // the nests around reuse their lists
    Value tail = rem(width, idx(lanes));
    Value whole = sub(width, tail);
    loop(idx(0), whole, [&](Value start) { run(position, count, start, idx(lanes)); }, lanes);
    if (!isConstant(tail, 0))
      run(position, count, whole, tail);
  };
  IndexRef outer = IndexRef(shape.output).drop_back();
  if (rows == 1)
    return nest(outer, [&](IndexRef index) { strips(index, 1); });
  Value height = outer.back();
  Value blocked = sub(height, rem(height, idx(rows)));
  nest(outer.drop_back(), [&](IndexRef index) {
    Index position(index);
    position.push_back(idx(0));
    auto rowsFrom = [&](Value from, Value to, unsigned count) {
      auto body = [&](Value row) {
        position.back() = row;
        strips(position, count);
      };
      // No loop step() could shorten a partial block: the bounds divide.
      loop(from, to, body, count);
    };
    rowsFrom(idx(0), blocked, rows);
    rowsFrom(blocked, height, 1);
  });
}

} // namespace burin
