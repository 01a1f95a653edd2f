//===- Depthwise.cpp - Depthwise convolution, channels last ---------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// A vector of channels at a time, for several neighbours of a row. Where the whole
// kernel lies inside of the image, its taps are unrolled and the weights wait in
// registers. Bytes are computed as f32 where that is exact and vectors exist: a
// fused multiply-add costs less than an integer product.
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/Window.h"

using namespace mlir;

namespace burin {

namespace {

class DepthwiseEmitter : WindowEmitter {
public:
  DepthwiseEmitter(KernelEmitter &e, kernel::DepthwiseOp op)
      : WindowEmitter(e, op.getX(), op.getResult(),
                      cast<RankedTensorType>(op.getW().getType()).getShape().take_front(2),
                      op.getStrides(), op.getDilations(), op.getPads()),
        w(e.buffer(op.getW())), lanes(op.getLanes()), zero(op.getXZero()),
        sumType(op.getInI32() ? Type(e.b.getI32Type()) : Type(e.b.getF32Type())) {}

  void run() {
    e.loop(e.idx(0), x.extents[0], 1, [&](Value n) {
      Value rows = e.idx(outputs[0]);
      // Weights are loaded once where all rows of a block of channels stay in the
      // cache; else once per row, which passes the image in order.
      int64_t bytes = x.type.getElementTypeBitWidth() / 8;
      if (inputs[0] * inputs[1] * channels * bytes <= kCacheBytes)
        blocks([&](Value channel, int64_t valid) { emitRows(n, e.idx(0), rows, channel, valid); });
      else
        e.loop(e.idx(0), rows, 1, [&](Value oy) {
          blocks(
              [&](Value channel, int64_t valid) { emitRows(n, oy, e.add(oy, 1), channel, valid); });
        });
    });
  }

private:
  /// Neighbours that share the loads of the weights.
  static constexpr int64_t kPixels = 4;
  /// More taps are not kept in registers.
  static constexpr size_t kMaxTaps = 9;
  static constexpr int64_t kCacheBytes = 1 << 18;

  /// What is known of a block of channels before its first pixel.
  struct Block {
    Value n, channel;
    int64_t valid;
    SmallVector<Value> weights; ///< all taps, or none
    Value start;                ///< the sum of no products: undoes the zero point
  };

  void blocks(function_ref<void(Value, int64_t)> body) {
    int64_t whole = channels - channels % lanes;
    if (whole > 0)
      e.loop(e.idx(0), e.idx(whole), lanes, [&](Value channel) { body(channel, lanes); });
    if (whole < channels)
      body(e.idx(whole), channels - whole);
  }

  void emitRows(Value n, Value from, Value to, Value channel, int64_t valid) {
    Block block{n, channel, valid, {}, e.zeros(lanes, sumType)};
    auto taps = static_cast<size_t>(kernel[0] * kernel[1]);
    if (lanes == 1 || taps > kMaxTaps) { // small code, or too few registers
      e.loop(from, to, 1, [&](Value oy) { emitRow(block, oy, false); });
      return;
    }
    for (size_t tap = 0; tap < taps; ++tap)
      block.weights.push_back(load(w, e.add(e.idx(tap * channels), channel), valid, 0));
    if (zero != 0) {
      TypedAttr offset = sumType.isF32() ? TypedAttr(e.b.getF32FloatAttr(-zero))
                                         : TypedAttr(e.b.getI32IntegerAttr(-zero));
      Value factor = e.b.create<arith::ConstantOp>(
          e.loc, SplatElementsAttr::get(e.vectorType(lanes, sumType), cast<Attribute>(offset)));
      for (Value weight : block.weights)
        block.start = e.multiplyAdd(weight, factor, block.start);
    }
    auto [first, last] = interior(0);
    auto clamp = [&](int64_t bound) {
      Value atLeast = e.b.createOrFold<arith::MaxSIOp>(e.loc, from, e.idx(bound));
      return e.b.createOrFold<arith::MinSIOp>(e.loc, to, atLeast);
    };
    Value begin = clamp(first), end = clamp(last);
    if (first > 0)
      e.loop(from, begin, 1, [&](Value oy) { emitRow(block, oy, false); });
    if (first < last)
      e.loop(begin, end, 1, [&](Value oy) { emitRow(block, oy, true); });
    if (last < outputs[0])
      e.loop(end, to, 1, [&](Value oy) { emitRow(block, oy, false); });
  }

  /// A row of pixels; `inside`: no row of the kernel is outside of the image.
  void emitRow(const Block &block, Value oy, bool inside) {
    auto [first, last] = interior(1);
    auto range = [&](int64_t from, int64_t to, int64_t size, function_ref<void(Value)> body) {
      if (from < to)
        e.loop(e.idx(from), e.idx(to), size, body);
    };
    auto border = [&](Value ox) { emitPixels(block, oy, ox, 1, kernelRange(1, ox)); };
    auto pixels = [&](int64_t size) {
      return [&, size](Value ox) {
        if (inside)
          emitUnrolled(block, oy, ox, size);
        else
          emitPixels(block, oy, ox, size, {e.idx(0), e.idx(kernel[1])});
      };
    };
    int64_t whole = (last - first) / kPixels * kPixels;
    range(0, first, 1, border);
    range(first, first + whole, kPixels, pixels(kPixels));
    range(first + whole, last, 1, pixels(1));
    range(last, outputs[1], 1, border);
  }

  /// Pixels whose kernel lies inside of the image.
  void emitUnrolled(const Block &block, Value oy, Value ox, int64_t size) {
    SmallVector<Value> sums(size, block.start);
    for (int64_t ky = 0; ky < kernel[0]; ++ky)
      for (int64_t kx = 0; kx < kernel[1]; ++kx) {
        Value pixel = e.add(inputAt(block.n, oy, e.idx(ky), ox, e.idx(kx)), block.channel);
        for (int64_t r = 0; r < size; ++r) {
          Value value = load(x, e.add(pixel, r * strides[1] * channels), block.valid, 0);
          sums[r] = e.multiplyAdd(value, block.weights[ky * kernel[1] + kx], sums[r]);
        }
      }
    finish(block, sums, oy, ox);
  }

  /// Pixels with the columns `kx` of the kernel and those rows that are inside.
  void emitPixels(const Block &block, Value oy, Value ox, int64_t size,
                  std::pair<Value, Value> columns) {
    SmallVector<Value> init(size, e.zeros(lanes, sumType));
    auto [kyFrom, kyTo] = kernelRange(0, oy);
    SmallVector<Value> sums = e.fold(kyFrom, kyTo, 1, init, [&](Value ky, ValueRange outer) {
      return e.fold(columns.first, columns.second, 1, outer, [&](Value kx, ValueRange inner) {
        Value pixel = e.add(inputAt(block.n, oy, ky, ox, kx), block.channel);
        Value tap = e.mul(e.add(e.mul(ky, kernel[1]), kx), channels);
        Value weight = load(w, e.add(tap, block.channel), block.valid, 0);
        SmallVector<Value> next(inner);
        for (int64_t r = 0; r < size; ++r) {
          Value value = load(x, e.add(pixel, r * strides[1] * channels), block.valid, zero);
          next[r] = e.multiplyAdd(value, weight, next[r]);
        }
        return next;
      });
    });
    finish(block, sums, oy, ox);
  }

  void finish(const Block &block, ArrayRef<Value> sums, Value oy, Value ox) {
    for (auto [r, sum] : llvm::enumerate(sums))
      e.finish(sum, resultIndex(block.n, oy, e.add(ox, r), block.channel), block.valid);
  }

  Value load(const KernelEmitter::Buffer &from, Value at, int64_t valid, int64_t zeroPoint) {
    return e.widen(e.loadVector(from.memory, at, lanes, valid), from.type.getElementType(), sumType,
                   zeroPoint);
  }

  KernelEmitter::Buffer w;
  int64_t lanes, zero;
  Type sumType;
};

} // namespace

void emitDepthwise(KernelEmitter &e, kernel::DepthwiseOp op) { DepthwiseEmitter(e, op).run(); }

} // namespace burin
