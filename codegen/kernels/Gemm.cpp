//===- Gemm.cpp - Matrix product with packed weights ----------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// Panels of nr columns outside, tiles of mr rows inside, so that a panel of the
// weights stays in L1/L2 while all rows pass. K is not blocked: the studies saw
// no gain up to K = 3072.
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/KernelEmitter.h"

using namespace mlir;

namespace burin {

namespace {

/// K is unrolled this often; more spills.
constexpr int64_t kUnroll = 4;

class GemmEmitter {
public:
  GemmEmitter(KernelEmitter &e, kernel::GemmOp op)
      : e(e), op(op), a(e.buffer(op.getA())), b(e.buffer(op.getB())),
        depth(cast<RankedTensorType>(op.getA().getType()).getShape().back()), lanes(op.getLanes()) {
  }

  void run() {
    int64_t n = op.getN(), nr = op.getNr();
    int64_t full = n / nr;
    e.loop(e.idx(0), e.idx(full), 1, [&](Value panel) { emitPanel(panel, nr); });
    if (n % nr)
      emitPanel(e.idx(full), n % nr);
  }

private:
  /// All rows against the panel, of whose columns `columns` are real.
  void emitPanel(Value panel, int64_t columns) {
    Value rows = e.idx(1);
    for (Value extent : ArrayRef(a.extents).drop_back())
      rows = e.mul(rows, extent);
    int64_t mr = op.getMr();
    APInt known;
    if (matchPattern(rows, m_ConstantInt(&known))) {
      // Balanced heights: 128 rows by 14 become tiles of 13 and 12.
      int64_t m = known.getSExtValue(), tiles = llvm::divideCeil(m, mr);
      if (tiles == 0)
        return;
      int64_t low = m / tiles, high = low + 1, highTiles = m % tiles;
      e.loop(e.idx(0), e.idx(highTiles * high), high,
             [&](Value row) { emitTile(panel, row, high, columns); });
      e.loop(e.idx(highTiles * high), e.idx(m), low,
             [&](Value row) { emitTile(panel, row, low, columns); });
      return;
    }
    Value rest = e.b.createOrFold<arith::RemUIOp>(e.loc, rows, e.idx(mr));
    Value whole = e.b.createOrFold<arith::SubIOp>(e.loc, rows, rest);
    e.loop(e.idx(0), whole, mr, [&](Value row) { emitTile(panel, row, mr, columns); });
    e.loop(whole, rows, 1, [&](Value row) { emitTile(panel, row, 1, columns); });
  }

  void emitTile(Value panel, Value row, int64_t height, int64_t columns) {
    int64_t used = llvm::divideCeil(columns, lanes);
    SmallVector<Value> init(height * used, e.zeros(lanes));
    Value panelStart = e.mul(panel, depth * op.getNr());
    SmallVector<Value> rowStarts;
    for (int64_t r = 0; r < height; ++r)
      rowStarts.push_back(e.mul(e.add(row, r), depth));
    auto step = [&](Value k, ValueRange accumulators) {
      SmallVector<Value> next(accumulators);
      SmallVector<Value> weights;
      for (int64_t v = 0; v < used; ++v)
        weights.push_back(e.loadVector(
            b.memory, e.add(e.add(panelStart, e.mul(k, op.getNr())), v * lanes), lanes, lanes));
      for (int64_t r = 0; r < height; ++r) {
        Value left = e.leftSplat(a, e.add(rowStarts[r], k), lanes, op.getXZero());
        for (int64_t v = 0; v < used; ++v)
          next[r * used + v] = e.multiplyAdd(left, weights[v], next[r * used + v]);
      }
      return next;
    };
    int64_t whole = depth - depth % kUnroll;
    SmallVector<Value> sums =
        e.fold(e.idx(0), e.idx(whole), kUnroll, init, [&](Value k, ValueRange accumulators) {
          SmallVector<Value> next(accumulators);
          for (int64_t u = 0; u < kUnroll; ++u)
            next = step(e.add(k, u), next);
          return next;
        });
    for (int64_t k = whole; k < depth; ++k)
      sums = step(e.idx(k), sums);

    Value column = e.mul(panel, op.getNr());
    for (int64_t r = 0; r < height; ++r)
      for (int64_t v = 0; v < used; ++v) {
        SmallVector<Value> index = rowIndex(e.add(row, r));
        index.push_back(e.add(column, v * lanes));
        e.finish(sums[r * used + v], index, std::min(lanes, columns - v * lanes));
      }
  }

  /// The row number as index of the leading dimensions.
  SmallVector<Value> rowIndex(Value row) {
    ArrayRef<Value> extents = ArrayRef(a.extents).drop_back();
    SmallVector<Value> index(extents.size());
    for (size_t i = extents.size(); i-- > 0;) {
      if (i == 0) {
        index[0] = row;
        break;
      }
      index[i] = e.b.createOrFold<arith::RemUIOp>(e.loc, row, extents[i]);
      row = e.b.createOrFold<arith::DivUIOp>(e.loc, row, extents[i]);
    }
    return index;
  }

  KernelEmitter &e;
  kernel::GemmOp op;
  KernelEmitter::Buffer a, b;
  int64_t depth, lanes;
};

} // namespace

void emitGemm(KernelEmitter &e, kernel::GemmOp op) { GemmEmitter(e, op).run(); }

} // namespace burin
