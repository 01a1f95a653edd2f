//===- Conv.cpp - Direct convolution, channels last -----------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// One tile is mr pixels of an output row by nr channels. For one row of the
// kernel, a pixel needs KW * C elements that lie side by side: one run. Rows of
// the kernel that fall outside of the image are skipped by the bounds of the
// kernel loop; pixels whose kernel columns fall outside are computed one by one
// with shorter runs. So neither halo nor test stands in the inner loop.
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/ProductTile.h"
#include "codegen/kernels/Window.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

namespace burin {

namespace {

class ConvEmitter : WindowEmitter {
public:
  ConvEmitter(KernelEmitter &e, kernel::ConvOp op)
      : WindowEmitter(e, op.getX(), op.getResult(), op.getKernel(), op.getStrides(),
                      op.getDilations(), op.getPads()),
        op(op), form(ProductForm::of(e, op, op.getX(), op.getW())), runs(dilations[1] == 1),
        sumTaps(kernel::sumTaps(form.dot, kernel[1], channels, runs)) {
    flatten();
  }

  void run() {
    int64_t m = op.getM(), full = m / form.nr;
    e.loop(e.idx(0), x.extents[0], 1, [&](Value n) {
      e.loop(e.idx(0), e.idx(full), 1, [&](Value panel) { emitPanel(n, panel, form.nr); });
      if (m % form.nr)
        emitPanel(n, e.idx(full), m % form.nr);
    });
  }

private:
  /// A 1x1 kernel sees all pixels of an image as one row, so that tiles are full
  /// where images are narrow.
  void flatten() {
    auto ones = [](ArrayRef<int64_t> values) {
      return llvm::all_of(values, [](int64_t value) { return value == 1; });
    };
    if (!hasRows || !ones(kernel) || !ones(strides) ||
        !llvm::all_of(pads, [](int64_t pad) { return pad == 0; }))
      return;
    // An operand of the epilogue must not tell rows from columns.
    for (Operation *next = op->getNextNode(); !next->hasTrait<OpTrait::IsTerminator>();
         next = next->getNextNode())
      for (Value operand : next->getOperands()) {
        ArrayRef<int64_t> shape = cast<RankedTensorType>(operand.getType()).getShape();
        if (shape.size() < 2)
          continue;
        int64_t columns = shape[shape.size() - 2], rows = shape.size() < 3 ? 1 : shape.end()[-3];
        bool whole = rows == outputs[0] && columns == outputs[1];
        if (!whole && (rows != 1 || columns != 1))
          return;
      }
    // An extent of 1 takes no part in a position.
    intoRows = outputs[1] == 1;
    inputs = {1, inputs[0] * inputs[1]};
    outputs = {1, outputs[0] * outputs[1]};
  }

  SmallVector<Value> indexOf(Value n, Value oy, Value ox, Value channel) {
    return intoRows ? resultIndex(n, ox, oy, channel) : resultIndex(n, oy, ox, channel);
  }

  void emitPanel(Value n, Value panel, int64_t columns) {
    auto [first, last] = interior(1);
    int64_t width = outputs[1], mr = op.getMr();
    e.loop(e.idx(0), e.idx(outputs[0]), 1, [&, first = first, last = last](Value oy) {
      // A few loads; not worth a register over the tiles where they are one.
      auto rows = kernelRange(0, oy);
      if (form.offset() != 0 && !isConstant(rows.second, kernel[0]))
        wholeUndo =
            offsetSums(ProductTile(e, form, 1, columns), panel, rows, {e.idx(0), e.idx(kernel[1])});
      auto border = [&](int64_t from, int64_t to) {
        if (from < to)
          e.loop(e.idx(from), e.idx(to), 1,
                 [&](Value ox) { emitBorder(n, panel, oy, ox, columns); });
      };
      border(0, first);
      // Balanced widths: 27 pixels by 8 become tiles of 7, 7, 7 and 6.
      int64_t pixels = last - first;
      if (pixels > 0) {
        int64_t tiles = llvm::divideCeil(pixels, mr);
        int64_t low = pixels / tiles, high = low + 1, middle = first + pixels % tiles * high;
        auto tile = [&](int64_t from, int64_t to, int64_t size) {
          if (from < to)
            e.loop(e.idx(from), e.idx(to), size,
                   [&](Value ox) { emitTile(n, panel, oy, ox, size, columns); });
        };
        tile(first, middle, high);
        tile(middle, last, low);
      }
      border(last, width);
    });
  }

  /// Elements of the packed weights of a row of the kernel, or of one tap where
  /// rows are no runs.
  int64_t runElements() const {
    int64_t g = form.group(), depth = runs ? kernel[1] * channels : channels;
    return static_cast<int64_t>(llvm::divideCeil(depth, g)) * g * form.nr;
  }
  /// Where the weights of a row of the kernel begin.
  Value weightsAt(Value panel, Value ky) {
    Value start = e.add(e.mul(panel, form.panelElements()), form.sumElements(kernel[0] * sumTaps));
    return e.add(start, e.mul(ky, (runs ? 1 : kernel[1]) * runElements()));
  }

  /// `size` pixels whose kernel columns all lie inside.
  void emitTile(Value n, Value panel, Value oy, Value ox, int64_t size, int64_t columns) {
    emitRows(n, panel, oy, ox, size, columns, e.idx(0), e.idx(kernel[1]),
             [&](ProductTile &tile, Value ky, ArrayRef<Value> left, ValueRange sums) {
               return tile.run(sums, left, weightsAt(panel, ky), kernel[1] * channels);
             });
  }

  /// One pixel at a border.
  void emitBorder(Value n, Value panel, Value oy, Value ox, int64_t columns) {
    auto [lo, hi] = kernelRange(1, ox);
    int64_t g = form.group();
    if (channels % g == 0) {
      emitRows(n, panel, oy, ox, 1, columns, lo, hi,
               [&, lo = lo, hi = hi](ProductTile &tile, Value ky, ArrayRef<Value> left,
                                     ValueRange sums) {
                 Value from = e.add(left[0], e.mul(lo, channels));
                 Value count = e.b.createOrFold<arith::SubIOp>(e.loc, hi, lo);
                 return tile.run(sums, from,
                                 e.add(weightsAt(panel, ky), e.mul(lo, channels * form.nr)),
                                 e.mul(count, channels / g));
               });
      return;
    }
    // Groups straddle pixels: what is outside reads as the zero point.
    emitRows(n, panel, oy, ox, 1, columns, e.idx(0), e.idx(kernel[1]),
             [&](ProductTile &tile, Value ky, ArrayRef<Value> left, ValueRange sums) {
               Value start = e.add(e.mul(ox, strides[1]), -pads[1]);
               auto element = [&](int64_t i) -> Value { return elementOr(left[0], start, i); };
               return tile.gather(sums, weightsAt(panel, ky), kernel[1] * channels, element);
             });
  }

  /// Element `i` of the run at `left`, whose first pixel is column `start`, or
  /// the zero point outside of the image.
  Value elementOr(Value left, Value start, int64_t i) {
    OpBuilder &b = e.b;
    Value column = e.add(start, i / channels);
    Value inside =
        b.create<arith::CmpIOp>(e.loc, arith::CmpIPredicate::ult, column, e.idx(inputs[1]));
    // Outside, any element that exists is read: the image's first.
    Value safe = b.create<arith::SelectOp>(e.loc, inside, e.add(left, i), e.idx(0));
    Value element = b.create<memref::LoadOp>(e.loc, x.memory, safe);
    Value zero = b.create<arith::ConstantOp>(
        e.loc, b.getIntegerAttr(b.getI8Type(), APInt(64, form.zero).trunc(8)));
    return b.create<arith::SelectOp>(e.loc, inside, element, zero);
  }

  /// A tile: `run` adds one row of the kernel, given where the pixels' runs
  /// begin. `lo` and `hi` bound the kernel columns that it counts.
  void emitRows(
      Value n, Value panel, Value oy, Value ox, int64_t size, int64_t columns, Value lo, Value hi,
      function_ref<SmallVector<Value>(ProductTile &, Value, ArrayRef<Value>, ValueRange)> run) {
    ProductTile tile(e, form, size, columns);
    auto [kyFrom, kyTo] = kernelRange(0, oy);
    int64_t rowStep = strides[1] * channels;
    auto pixels = [&](Value ky, Value kx) {
      Value first = inputAt(n, oy, ky, ox, kx);
      SmallVector<Value> left;
      for (int64_t r = 0; r < size; ++r)
        left.push_back(e.add(first, r * rowStep));
      return left;
    };
    SmallVector<Value> sums =
        e.fold(kyFrom, kyTo, 1, tile.zeros(), [&](Value ky, ValueRange outer) {
          if (runs)
            return run(tile, ky, pixels(ky, e.idx(0)), outer);
          return e.fold(lo, hi, 1, outer, [&](Value kx, ValueRange inner) {
            return tile.run(inner, pixels(ky, kx),
                            e.add(weightsAt(panel, ky), e.mul(kx, runElements())), channels);
          });
        });
    SmallVector<Value> undo = wholeUndo;
    bool whole = isConstant(lo, 0) && isConstant(hi, kernel[1]);
    if (form.offset() != 0 && (!whole || undo.empty()))
      undo = offsetSums(tile, panel, {kyFrom, kyTo}, {lo, hi});
    tile.finish(sums, undo, panel,
                [&](int64_t r, Value channel) { return indexOf(n, oy, e.add(ox, r), channel); });
  }

  static bool isConstant(Value value, int64_t wanted) {
    APInt known;
    return matchPattern(value, m_ConstantInt(&known)) && known.getSExtValue() == wanted;
  }

  /// What undoes x's offset over the rows and taps of the kernel from a first to
  /// before a last. The stored sums are those of all rows and taps up to one.
  SmallVector<Value> offsetSums(ProductTile tile, Value panel, std::pair<Value, Value> rows,
                                std::pair<Value, Value> taps) {
    OpBuilder &b = e.b;
    Value start = e.mul(panel, form.panelElements());
    auto last = [&](Value count) {
      return b.createOrFold<arith::MaxSIOp>(e.loc, e.add(count, -1), e.idx(0));
    };
    Value none = e.zeros(form.lanes, b.getI32Type());
    // The sums of the first rows' first taps.
    auto firstOnes = [&](Value rowCount, Value tapCount) {
      SmallVector<Value> sums(tile.vectors(), none);
      if (isConstant(rowCount, 0) || isConstant(tapCount, 0))
        return sums;
      Value at =
          sumTaps == 1 ? last(rowCount) : e.add(e.mul(last(rowCount), sumTaps), last(tapCount));
      sums = tile.loadSums(e.add(start, e.mul(at, form.sumElements(1))));
      for (Value count : {rowCount, tapCount}) {
        if (matchPattern(count, m_Constant()))
          continue;
        Value isEmpty = b.create<arith::CmpIOp>(e.loc, arith::CmpIPredicate::eq, count, e.idx(0));
        for (Value &sum : sums)
          sum = b.create<arith::SelectOp>(e.loc, isEmpty, none, sum);
      }
      return sums;
    };
    auto rowsUpTo = [&](Value tapCount) {
      SmallVector<Value> sums = firstOnes(rows.second, tapCount);
      for (auto [sum, less] : llvm::zip(sums, firstOnes(rows.first, tapCount)))
        sum = b.createOrFold<arith::SubIOp>(e.loc, sum, less);
      return sums;
    };
    SmallVector<Value> sums = rowsUpTo(taps.second);
    for (auto [sum, less] : llvm::zip(sums, rowsUpTo(taps.first)))
      sum = b.createOrFold<arith::SubIOp>(e.loc, sum, less);
    return sums;
  }

  kernel::ConvOp op;
  ProductForm form;
  bool runs;       ///< a row of the kernel is one run of x
  int64_t sumTaps; ///< of a row: 1 where all tiles take whole rows
  /// What undoes x's offset in tiles of whole rows of the kernel, per row of pixels.
  SmallVector<Value> wholeUndo;
  bool intoRows = false; ///< pixels of a flat image count as rows of the result
};

} // namespace

void emitConv(KernelEmitter &e, kernel::ConvOp op) { ConvEmitter(e, op).run(); }

} // namespace burin
