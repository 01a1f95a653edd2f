//===- Cooperation.cpp - Threads of a block that work together ------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/gpu/Cooperation.h"
#include "codegen/gpu/MatrixProduct.h"
#include "codegen/lowering/Families.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;

namespace burin {

/// NVPTX's number for the memory of a block.
static constexpr int64_t kSharedSpace = 3;

Value sharedArray(GroupEmitter &g, int64_t size, Type type) {
  auto memory = MemRefType::get({size}, type, MemRefLayoutAttrInterface(),
                                g.b.getI64IntegerAttr(kSharedSpace));
  return g.moduleArray("shared", memory);
}

void barrier(GroupEmitter &g) {
  g.b.create<LLVM::CallIntrinsicOp>(g.loc, TypeRange(), "llvm.nvvm.barrier0", ValueRange());
}

Value foldTogether(GroupEmitter &g, IndexRef extents, Value init, Value scratch,
                   function_ref<Value(IndexRef, Value)> step,
                   function_ref<Value(Value, Value)> join) {
  Value own = g.share(extents, init, step);
  g.storeTo(scratch, g.lane(), own);
  barrier(g);
  for (int64_t half = g.options.blockThreads / 2; half > 0; half /= 2) {
    Value active =
        g.b.create<arith::CmpIOp>(g.loc, arith::CmpIPredicate::ult, g.lane(), g.idx(half));
    g.when(active, [&] {
      Value other = g.loadFrom(scratch, g.add(g.lane(), g.idx(half)));
      g.storeTo(scratch, g.lane(), join(g.loadFrom(scratch, g.lane()), other));
    });
    barrier(g);
  }
  Value result = g.loadFrom(scratch, g.idx(0));
  barrier(g); // the scratch is free again
  return result;
}

std::pair<Value, Value> sumBefore(GroupEmitter &g, Value own, Value scratch) {
  Value sum = own, none = g.idx(0);
  g.storeTo(scratch, g.lane(), sum);
  barrier(g);
  for (int64_t step = 1; step < g.options.blockThreads; step *= 2) {
    Value has = g.b.create<arith::CmpIOp>(g.loc, arith::CmpIPredicate::uge, g.lane(), g.idx(step));
    Value other =
        g.guarded(has, none, [&] { return g.loadFrom(scratch, g.sub(g.lane(), g.idx(step))); });
    sum = g.add(sum, other);
    barrier(g);
    g.storeTo(scratch, g.lane(), sum);
    barrier(g);
  }
  return {g.sub(sum, own), g.loadFrom(scratch, g.idx(g.options.blockThreads - 1))};
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

namespace {
/// Positions of the threads: 16 by 16, each with 4 by 4 elements of the tile that lie 16
/// apart, so that neighbours read and write neighbours.
constexpr int64_t kSide = 16, kPerThread = 4;
constexpr int64_t kStep = 16; ///< of the depth
/// Rows of the left strip are padded: threads that fill a column hit all banks.
constexpr int64_t kLeftStride = kStep + 1;
} // namespace

void emitTiledProduct(GroupEmitter &g, const TiledProduct &product) {
  if (const MatrixUnit *unit = matrixUnitFor(g.options, product))
    return emitMatrixProduct(g, product, *unit);
  int64_t threads = g.options.blockThreads;
  assert(threads == kSide * kSide && "the tile is made for it");
  Value left = sharedArray(g, kTileRows * kLeftStride, product.type);
  Value right = sharedArray(g, kStep * kTileColumns, product.type);
  Value lane = g.lane();
  Value x = g.rem(lane, g.idx(kSide)), y = g.div(lane, g.idx(kSide));
  Index tiles{product.batches, g.ceilDiv(product.rows, kTileRows),
              g.ceilDiv(product.columns, kTileColumns)};
  auto inside = [&](Value p, Value m, Value q, Value n) {
    return g.both(g.inRange(p, m), g.inRange(q, n));
  };

  g.eachOfBlock(g.product(tiles), [&](Value number) {
    Index tile = g.delinearize(number, tiles);
    Value batch = tile[0], row0 = g.mul(tile[1], g.idx(kTileRows)),
          column0 = g.mul(tile[2], g.idx(kTileColumns));
    SmallVector<Value> sums(kPerThread * kPerThread, product.zero);
    sums = g.fold(
        Index{g.ceilDiv(product.depth, kStep)}, sums,
        [&](IndexRef chunk, ValueRange carried) -> SmallVector<Value> {
          Value k0 = g.mul(chunk[0], g.idx(kStep));
          for (int64_t first = 0; first < kTileRows * kStep; first += threads) {
            Value element = g.add(lane, g.idx(first));
            Value k = g.rem(element, g.idx(kStep)), r = g.div(element, g.idx(kStep));
            Value row = g.add(row0, r), at = g.add(k0, k);
            Value value = g.guarded(inside(row, product.rows, at, product.depth), product.zero,
                                    [&] { return product.left(batch, row, at); });
            g.storeTo(left, g.add(g.mul(r, g.idx(kLeftStride)), k), value);
          }
          for (int64_t first = 0; first < kStep * kTileColumns; first += threads) {
            Value element = g.add(lane, g.idx(first));
            Value c = g.rem(element, g.idx(kTileColumns)), k = g.div(element, g.idx(kTileColumns));
            Value column = g.add(column0, c), at = g.add(k0, k);
            Value value = g.guarded(inside(at, product.depth, column, product.columns),
                                    product.zero, [&] { return product.right(batch, at, column); });
            g.storeTo(right, element, value);
          }
          barrier(g);
          SmallVector<Value> next = g.fold(
              Index{g.idx(kStep)}, carried,
              [&](IndexRef step, ValueRange acc) -> SmallVector<Value> {
                SmallVector<Value> l, r, result;
                for (int64_t i = 0; i < kPerThread; ++i) {
                  Value row = g.add(y, g.idx(i * kSide)), column = g.add(x, g.idx(i * kSide));
                  l.push_back(g.loadFrom(left, g.add(g.mul(row, g.idx(kLeftStride)), step[0])));
                  r.push_back(
                      g.loadFrom(right, g.add(g.mul(step[0], g.idx(kTileColumns)), column)));
                }
                for (int64_t i = 0; i < kPerThread; ++i)
                  for (int64_t k = 0; k < kPerThread; ++k)
                    result.push_back(
                        accumulateAdd(g, acc[i * kPerThread + k], accumulateMul(g, l[i], r[k])));
                return result;
              });
          barrier(g); // before the strips are filled again
          return next;
        });
    for (int64_t i = 0; i < kPerThread; ++i)
      for (int64_t k = 0; k < kPerThread; ++k) {
        Value row = g.add(row0, g.add(y, g.idx(i * kSide)));
        Value column = g.add(column0, g.add(x, g.idx(k * kSide)));
        g.when(inside(row, product.rows, column, product.columns),
               [&] { product.done(batch, row, column, sums[i * kPerThread + k]); });
      }
  });
}

} // namespace burin
