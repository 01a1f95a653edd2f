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
        op(op), form(ProductForm::of(e, op, op.getX(), op.getW())), runs(dilations[1] == 1) {
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
    Value start =
        e.add(e.mul(panel, form.panelElements()), form.sumElements(kernel[0] * kernel[1]));
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
    SmallVector<Value> undo;
    if (form.offset() != 0)
      undo = offsetSums(tile, panel, kyFrom, kyTo, lo, hi);
    tile.finish(sums, undo, panel,
                [&](int64_t r, Value channel) { return indexOf(n, oy, e.add(ox, r), channel); });
  }

  /// What undoes x's offset over the taps of a tile. The sums are added up along
  /// a row of the kernel.
  SmallVector<Value> offsetSums(ProductTile &tile, Value panel, Value kyFrom, Value kyTo, Value lo,
                                Value hi) {
    OpBuilder &b = e.b;
    Value start = e.mul(panel, form.panelElements());
    // The sums of the first `count` taps of a row, 0 <= count <= KW.
    auto firstTaps = [&](Value ky, Value count) {
      APInt known;
      bool isKnown = matchPattern(count, m_ConstantInt(&known));
      Value none = e.zeros(form.lanes, b.getI32Type());
      if (isKnown && known.isZero())
        return SmallVector<Value>(tile.vectors(), none);
      Value kx = b.createOrFold<arith::MaxSIOp>(e.loc, e.add(count, -1), e.idx(0));
      Value tap = e.add(e.mul(ky, kernel[1]), kx);
      SmallVector<Value> sums = tile.loadSums(e.add(start, e.mul(tap, form.sumElements(1))));
      if (isKnown)
        return sums;
      Value isEmpty = b.create<arith::CmpIOp>(e.loc, arith::CmpIPredicate::eq, count, e.idx(0));
      for (Value &sum : sums)
        sum = b.create<arith::SelectOp>(e.loc, isEmpty, none, sum);
      return sums;
    };
    auto rowSums = [&](Value ky) {
      SmallVector<Value> row = firstTaps(ky, hi);
      for (auto [sum, less] : llvm::zip(row, firstTaps(ky, lo)))
        sum = b.createOrFold<arith::SubIOp>(e.loc, sum, less);
      return row;
    };
    if (kernel[0] == 1 && matchPattern(kyFrom, m_Zero()))
      return rowSums(e.idx(0));
    SmallVector<Value> init(tile.vectors(), e.zeros(form.lanes, b.getI32Type()));
    return e.fold(kyFrom, kyTo, 1, init, [&](Value ky, ValueRange sums) {
      SmallVector<Value> next;
      for (auto [sum, more] : llvm::zip(sums, rowSums(ky)))
        next.push_back(b.create<arith::AddIOp>(e.loc, sum, more));
      return next;
    });
  }

  kernel::ConvOp op;
  ProductForm form;
  bool runs;             ///< a row of the kernel is one run of x
  bool intoRows = false; ///< pixels of a flat image count as rows of the result
};

} // namespace

void emitConv(KernelEmitter &e, kernel::ConvOp op) { ConvEmitter(e, op).run(); }

} // namespace burin
