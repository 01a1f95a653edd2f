//===- Gemm.cpp - Matrix product with packed weights ----------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// Panels of nr columns outside, tiles of mr rows inside, so that a panel of the
// weights stays in L1/L2 while all rows pass. K is not blocked for the caches: the
// studies saw no gain up to K = 3072.
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/ProductTile.h"

using namespace mlir;

namespace burin {

namespace {

class GemmEmitter {
public:
  GemmEmitter(KernelEmitter &e, kernel::GemmOp op)
      : e(e), op(op), form(ProductForm::of(e, op, op.getA(), op.getB())),
        depth(form.left.type.getShape().back()) {}

  void run() {
    int64_t n = op.getN(), nr = form.nr;
    int64_t full = n / nr;
    e.loop(e.idx(0), e.idx(full), 1, [&](Value panel) { emitPanel(panel, nr); });
    if (n % nr)
      emitPanel(e.idx(full), n % nr);
  }

private:
  /// All rows against the panel, of whose columns `columns` are real.
  void emitPanel(Value panel, int64_t columns) {
    Value rows = e.idx(1);
    for (Value extent : ArrayRef(form.left.extents).drop_back())
      rows = e.mul(rows, extent);
    int64_t mr = op.getMr();
    APInt known;
    if (matchPattern(rows, m_ConstantInt(&known))) {
      // Balanced heights: 128 rows by 14 become tiles of 13 and 12.
      int64_t m = known.getSExtValue(), tiles = llvm::divideCeil(m, mr);
      if (tiles == 0)
        return;
      int64_t low = m / tiles, high = low + 1, highTiles = m % tiles;
      auto range = [&](int64_t from, int64_t to, int64_t height) {
        if (from < to)
          e.loop(e.idx(from), e.idx(to), height,
                 [&](Value row) { emitTile(panel, row, height, columns); });
      };
      range(0, highTiles * high, high);
      range(highTiles * high, m, low);
      return;
    }
    Value rest = e.b.createOrFold<arith::RemUIOp>(e.loc, rows, e.idx(mr));
    Value whole = e.b.createOrFold<arith::SubIOp>(e.loc, rows, rest);
    e.loop(e.idx(0), whole, mr, [&](Value row) { emitTile(panel, row, mr, columns); });
    e.loop(whole, rows, 1, [&](Value row) { emitTile(panel, row, 1, columns); });
  }

  void emitTile(Value panel, Value row, int64_t height, int64_t columns) {
    ProductTile tile(e, form, height, columns);
    Value start = e.mul(panel, form.panelElements());
    SmallVector<Value> rows;
    for (int64_t r = 0; r < height; ++r)
      rows.push_back(e.mul(e.add(row, r), depth));
    SmallVector<Value> sums =
        tile.run(tile.zeros(), rows, e.add(start, form.sumElements(1)), depth);
    SmallVector<Value> undo;
    if (form.offset() != 0)
      undo = tile.loadSums(start);
    tile.finish(sums, undo, panel, [&](int64_t r, Value column) {
      SmallVector<Value> index = rowIndex(e.add(row, r));
      index.push_back(column);
      return index;
    });
  }

  /// The row number as index of the leading dimensions.
  SmallVector<Value> rowIndex(Value row) {
    ArrayRef<Value> extents = ArrayRef(form.left.extents).drop_back();
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
  ProductForm form;
  int64_t depth;
};

} // namespace

void emitGemm(KernelEmitter &e, kernel::GemmOp op) { GemmEmitter(e, op).run(); }

} // namespace burin
