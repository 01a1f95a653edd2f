//===- Depthwise.cpp - Depthwise convolution, channels last ---------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// A vector of channels at a time, for several neighbours of a row, which share
// the loads of the weights. Bytes are computed as f32 where that is exact and
// vectors exist: a fused multiply-add costs less than an integer product.
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
    auto [first, last] = interior(1);
    e.loop(e.idx(0), x.extents[0], 1, [&, first = first, last = last](Value n) {
      e.loop(e.idx(0), e.idx(outputs[0]), 1, [&](Value oy) {
        auto [kyFrom, kyTo] = kernelRange(0, oy);
        auto border = [&](int64_t from, int64_t to) {
          if (from < to)
            e.loop(e.idx(from), e.idx(to), 1, [&](Value ox) {
              auto [lo, hi] = kernelRange(1, ox);
              emitPixels(n, oy, ox, 1, kyFrom, kyTo, lo, hi);
            });
        };
        border(0, first);
        int64_t whole = (last - first) / kPixels * kPixels;
        auto interior = [&](int64_t from, int64_t to, int64_t size) {
          if (from < to)
            e.loop(e.idx(from), e.idx(to), size, [&](Value ox) {
              emitPixels(n, oy, ox, size, kyFrom, kyTo, e.idx(0), e.idx(kernel[1]));
            });
        };
        interior(first, first + whole, kPixels);
        interior(first + whole, last, 1);
        border(last, outputs[1]);
      });
    });
  }

private:
  /// Neighbours that share the loads of the weights.
  static constexpr int64_t kPixels = 4;

  void emitPixels(Value n, Value oy, Value ox, int64_t size, Value kyFrom, Value kyTo, Value kxFrom,
                  Value kxTo) {
    int64_t whole = channels - channels % lanes;
    auto block = [&](Value channel, int64_t valid) {
      SmallVector<Value> init(size, e.zeros(lanes, sumType));
      SmallVector<Value> sums = e.fold(kyFrom, kyTo, 1, init, [&](Value ky, ValueRange outer) {
        return e.fold(kxFrom, kxTo, 1, outer, [&](Value kx, ValueRange inner) {
          Value pixel = e.add(inputAt(n, oy, ky, ox, kx), channel);
          Value tap = e.mul(e.add(e.mul(ky, kernel[1]), kx), channels);
          Value weight = load(w, e.add(tap, channel), valid, 0);
          SmallVector<Value> next(inner);
          for (int64_t r = 0; r < size; ++r) {
            Value value = load(x, e.add(pixel, r * strides[1] * channels), valid, zero);
            next[r] = e.multiplyAdd(value, weight, next[r]);
          }
          return next;
        });
      });
      for (int64_t r = 0; r < size; ++r)
        e.finish(sums[r], resultIndex(n, oy, e.add(ox, r), channel), valid);
    };
    if (whole > 0)
      e.loop(e.idx(0), e.idx(whole), lanes, [&](Value channel) { block(channel, lanes); });
    if (whole < channels)
      block(e.idx(whole), channels - whole);
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
