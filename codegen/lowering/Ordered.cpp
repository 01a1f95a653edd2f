//===- Ordered.cpp - scatter, cumulate: the order of steps matters --------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/gpu/Cooperation.h"
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

/// How an update meets what is there; nothing where it replaces it.
static std::optional<nn::BinaryFn> foldOf(nn::ScatterFn fn) {
  switch (fn) {
  case nn::ScatterFn::none:
    return std::nullopt;
  case nn::ScatterFn::add:
    return nn::BinaryFn::add;
  case nn::ScatterFn::mul:
    return nn::BinaryFn::mul;
  case nn::ScatterFn::min:
    return nn::BinaryFn::min;
  case nn::ScatterFn::max:
    return nn::BinaryFn::max;
  }
  return std::nullopt;
}

/// In a kernel with few updates, each element of the result looks for its own, in their
/// order: no two threads write to one place.
static void emitScatterElements(GroupEmitter &g, nn::ScatterOp op) {
  Value data = op.getData(), idx = op.getIdx(), upd = op.getUpd();
  Type type = g.elementType(data);
  Index where(g.shape(idx));
  g.nest(Index(g.shape(data)), [&](IndexRef index) {
    Index position(index);
    Value start = g.at(data, position);
    Value last = g.fold(where, start, [&](IndexRef at, ValueRange carried) -> SmallVector<Value> {
      Value row = g.indexAt(idx, at);
      Value here = g.b.create<arith::CmpIOp>(g.loc, arith::CmpIPredicate::eq, row, position[0]);
      return {g.guarded(here, carried[0], [&] {
        Index from(at);
        from.append(position.begin() + 1, position.end());
        Value update = g.at(upd, from);
        auto fn = foldOf(op.getFn());
        if (!fn)
          return update;
        Value sum = g.scalars.binary(*fn, carried[0], update, type);
        // As if it went through memory.
        return g.scalars.round(sum, type);
      })};
    })[0];
    g.store(0, position, last);
  });
}

/// In a kernel, each block has a run of the result's elements. Its threads look through the
/// indices together, a part of them at a time, and list the updates that the run takes, in
/// their order. Then each thread applies what concerns its elements: always the same ones, so
/// that the order of updates of an element is kept.
static void emitScatterRuns(GroupEmitter &g, nn::ScatterOp op) {
  constexpr int64_t kPerThread = 16;
  const int64_t threads = g.options.blockThreads, part = threads * kPerThread;
  Value data = op.getData(), idx = op.getIdx(), upd = op.getUpd();
  Type type = g.elementType(data), word = g.b.getI32Type();
  Index full(g.shape(data)), where(g.shape(idx));
  Value row = g.product(IndexRef(full).drop_front()), total = g.product(full);
  Value updates = g.product(where), none = g.idx(0), one = g.idx(1);
  Value counts = sharedArray(g, threads, g.b.getIndexType()), list = sharedArray(g, part, word);

  g.eachOfBlock(g.blocks(), [&](Value block) {
    // Whole rounds of the threads, so that an element's thread follows from its position.
    Value share = g.div(g.add(total, g.sub(g.blocks(), one)), g.blocks());
    share = g.mul(g.ceilDiv(share, threads), g.idx(threads));
    Value first = g.min(g.mul(block, share), total), last = g.min(g.add(first, share), total);
    Value firstRow = g.div(first, row);
    Value rows = g.sub(g.div(g.add(last, g.sub(row, one)), row), firstRow);
    g.loop(
        g.add(first, g.lane()), last,
        [&](Value element) {
          Index index = g.delinearize(element, full);
          g.store(0, index, g.at(data, index));
        },
        threads);

    auto rowOf = [&](Value update) { return g.indexAt(idx, g.delinearize(update, where)); };
    g.loop(none, g.ceilDiv(updates, part), [&](Value number) {
      Value base = g.mul(number, g.idx(part)), start = g.mul(g.lane(), g.idx(kPerThread));
      // Calls `then` for the updates among this thread's that meet the run.
      auto each = [&](Value carried, function_ref<Value(Value at, Value carried)> then) {
        return g.fold(Index{g.idx(kPerThread)}, carried,
                      [&](IndexRef i, ValueRange values) -> SmallVector<Value> {
                        Value at = g.add(start, i[0]), update = g.add(base, at);
                        return {g.guarded(g.inRange(update, updates), values[0], [&] {
                          Value meets = g.inRange(g.sub(rowOf(update), firstRow), rows);
                          return g.guarded(meets, values[0], [&] { return then(at, values[0]); });
                        })};
                      })[0];
      };
      Value own = each(none, [&](Value, Value count) { return g.add(count, one); });
      auto [before, all] = sumBefore(g, own, counts);
      each(before, [&](Value at, Value place) {
        g.storeTo(list, place, g.b.create<arith::IndexCastOp>(g.loc, word, at));
        return g.add(place, one);
      });
      barrier(g);
      g.loop(none, all, [&](Value place) {
        Value at =
            g.b.create<arith::IndexCastOp>(g.loc, g.b.getIndexType(), g.loadFrom(list, place));
        Index from = g.delinearize(g.add(base, at), where);
        Value rowStart = g.mul(g.indexAt(idx, from), row);
        Value low = g.max(rowStart, first), high = g.min(g.add(rowStart, row), last);
        Value ahead = g.rem(g.add(g.lane(), g.sub(g.idx(threads), g.rem(low, g.idx(threads)))),
                            g.idx(threads));
        g.loop(
            g.add(low, ahead), high,
            [&](Value element) {
              Index to = g.delinearize(element, full), source(from);
              source.append(to.begin() + 1, to.end());
              Value update = g.at(upd, source);
              if (auto fn = foldOf(op.getFn()))
                update = g.scalars.binary(*fn, g.load(0, to), update, type);
              g.store(0, to, update);
            },
            threads);
      });
      barrier(g); // before the list is filled again
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
  if (g.perElement()) {
    g.hasShape(KernelShape::Runs) ? emitScatterRuns(g, op) : emitScatterElements(g, op);
    return;
  }
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
        if (auto fn = foldOf(op.getFn()))
          update = g.scalars.binary(*fn, g.load(0, to), update, type);
        g.store(0, to, update);
      });
    });
  });
}

} // namespace burin
