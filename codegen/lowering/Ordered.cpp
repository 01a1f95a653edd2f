//===- Ordered.cpp - scatter, cumulate: the order of steps matters --------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/lowering/Families.h"

using namespace mlir;

namespace burin {

void emitCumulate(GroupEmitter &g, nn::CumulateOp op) {
  Value x = op.getX(), result = op.getResult();
  Type type = g.elementType(x);
  size_t axis = op.getAxis();
  nn::ReduceFn fn = op.getFn() == nn::CumulateFn::sum ? nn::ReduceFn::sum : nn::ReduceFn::prod;
  nn::BinaryFn step = op.getFn() == nn::CumulateFn::sum ? nn::BinaryFn::add : nn::BinaryFn::mul;
  Index outer(g.shape(x));
  Value length = outer[axis];
  outer[axis] = g.idx(1);
  g.nest(outer, [&](IndexRef index) {
    // The running value is not rounded: f16 accumulates in f32.
    Type running = isa<IntegerType>(type) ? type : ScalarEmitter::computeType(type);
    g.fold(Index{length}, identity(g, fn, type),
           [&](IndexRef folded, ValueRange carried) -> SmallVector<Value> {
             Index full(index);
             full[axis] = op.getReverse() ? g.sub(g.sub(length, g.idx(1)), folded[0]) : folded[0];
             Value next = g.scalars.binary(step, carried[0], g.at(x, full), running);
             Value element = op.getExclusive() ? carried[0] : next;
             g.finish(result, full, g.scalars.round(element, type));
             return {next};
           });
  });
}

void emitScatter(GroupEmitter &g, nn::ScatterOp op) {
  auto terminator = g.source.getBody().front().getTerminator();
  Value data = op.getData(), idx = op.getIdx(), upd = op.getUpd();
  if (terminator->getNumOperands() != 1 || terminator->getOperand(0) != op.getResult()) {
    g.error(op) << "scatter takes no epilogue";
    return;
  }
  Index full(g.shape(data)), where(g.shape(idx));
  Type type = g.elementType(data);
  Value rows = full[0];
  Index inner(full.begin() + 1, full.end());
  // Rows as runs, where nothing is computed on the way.
  if (g.inMemory(data) && g.inMemory(upd)) {
    Value run = g.product(inner);
    Index update(where.begin(), where.end());
    update.push_back(run);
    inner = {run};
    full = {rows, run};
    g.setShape(data, full);
    g.setShape(upd, update);
    g.setOutputShape(0, full);
  }
  g.nest(full, [&](IndexRef index) { g.store(0, index, g.at(data, index)); });
  g.nest(where, [&](IndexRef at) {
    Value row = g.indexAt(idx, at);
    g.when(g.inRange(row, rows), [&] {
      g.nest(inner, [&](IndexRef index) {
        Index to{row}, from(at);
        to.append(index.begin(), index.end());
        from.append(index.begin(), index.end());
        Value update = g.at(upd, from);
        switch (op.getFn()) {
        case nn::ScatterFn::none:
          break;
        case nn::ScatterFn::add:
          update = g.scalars.binary(nn::BinaryFn::add, g.load(0, to), update, type);
          break;
        case nn::ScatterFn::mul:
          update = g.scalars.binary(nn::BinaryFn::mul, g.load(0, to), update, type);
          break;
        case nn::ScatterFn::min:
          update = g.scalars.binary(nn::BinaryFn::min, g.load(0, to), update, type);
          break;
        case nn::ScatterFn::max:
          update = g.scalars.binary(nn::BinaryFn::max, g.load(0, to), update, type);
          break;
        }
        g.store(0, to, update);
      });
    });
  });
}

} // namespace burin
