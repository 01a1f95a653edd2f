//===- Conv.cpp - Direct convolution, channels last -----------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// One tile is mr pixels of an output row by nr channels. Rows of the kernel
// that fall outside of the image are skipped by the bounds of the kernel loop;
// pixels whose kernel columns fall outside are computed one by one with bounds
// of their own. So neither halo nor test stands in the inner loop.
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/KernelEmitter.h"

using namespace mlir;

namespace burin {

namespace {

class WindowEmitter {
protected:
  WindowEmitter(KernelEmitter &e, Value x, Value result, ArrayRef<int64_t> kernel,
                ArrayRef<int64_t> strides, ArrayRef<int64_t> dilations, ArrayRef<int64_t> pads)
      : e(e), x(e.buffer(x)), xType(cast<RankedTensorType>(x.getType())),
        outType(cast<RankedTensorType>(result.getType())), kernel(kernel), strides(strides),
        dilations(dilations), pads(pads) {}

  /// First and one past last kernel index along spatial axis `axis` for the
  /// output index `o`.
  std::pair<Value, Value> kernelRange(unsigned axis, Value o) {
    int64_t extent = xType.getDimSize(1 + axis), d = dilations[axis];
    // Input index of kernel index 0.
    Value start = e.add(e.mul(o, strides[axis]), -pads[axis]);
    auto ceilDiv = [&](Value value) {
      return e.b.createOrFold<arith::CeilDivSIOp>(e.loc, value, e.idx(d));
    };
    auto sub = [&](Value a, Value c) { return e.b.createOrFold<arith::SubIOp>(e.loc, a, c); };
    Value lo = ceilDiv(sub(e.idx(0), start));
    lo = e.b.createOrFold<arith::MaxSIOp>(e.loc, lo, e.idx(0));
    Value hi = ceilDiv(sub(e.idx(extent), start));
    hi = e.b.createOrFold<arith::MinSIOp>(e.loc, hi, e.idx(kernel[axis]));
    return {lo, hi};
  }

  /// Output indices along `axis` whose whole kernel lies inside: [first, last).
  std::pair<int64_t, int64_t> interior(unsigned axis) {
    int64_t extent = xType.getDimSize(1 + axis), outputs = outType.getDimSize(1 + axis);
    int64_t reach = (kernel[axis] - 1) * dilations[axis];
    int64_t first = llvm::divideCeil(pads[axis], strides[axis]);
    int64_t lastStart = extent - 1 - reach + pads[axis]; // greatest o * stride
    int64_t last = lastStart < 0 ? 0 : lastStart / strides[axis] + 1;
    first = std::min(first, outputs);
    return {first, std::max(first, std::min(last, outputs))};
  }

  /// Position of x[n, oy*s - p + ky*d, ox*s - p + kx*d, 0].
  Value inputAt(Value n, Value oy, Value ky, Value ox, Value kx) {
    int64_t h = xType.getDimSize(1), w = xType.getDimSize(2), c = xType.getDimSize(3);
    Value iy = e.add(e.add(e.mul(oy, strides[0]), -pads[0]), e.mul(ky, dilations[0]));
    Value ix = e.add(e.add(e.mul(ox, strides[1]), -pads[1]), e.mul(kx, dilations[1]));
    return e.mul(e.add(e.mul(e.add(e.mul(n, h), iy), w), ix), c);
  }

  KernelEmitter &e;
  KernelEmitter::Buffer x;
  RankedTensorType xType, outType;
  SmallVector<int64_t> kernel, strides, dilations, pads;
};

class ConvEmitter : WindowEmitter {
public:
  ConvEmitter(KernelEmitter &e, kernel::ConvOp op)
      : WindowEmitter(e, op.getX(), op.getResult(),
                      cast<RankedTensorType>(op.getW().getType()).getShape().slice(1, 2),
                      op.getStrides(), op.getDilations(), op.getPads()),
        op(op), w(e.buffer(op.getW())), channels(xType.getDimSize(3)), nr(op.getNr()),
        lanes(op.getLanes()) {}

  void run() {
    int64_t m = op.getM(), full = m / nr;
    e.loop(e.idx(0), x.extents[0], 1, [&](Value n) {
      e.loop(e.idx(0), e.idx(full), 1, [&](Value panel) { emitPanel(n, panel, nr); });
      if (m % nr)
        emitPanel(n, e.idx(full), m % nr);
    });
  }

private:
  void emitPanel(Value n, Value panel, int64_t columns) {
    auto [first, last] = interior(1);
    int64_t width = outType.getDimSize(2), mr = op.getMr();
    e.loop(e.idx(0), e.idx(outType.getDimSize(1)), 1, [&, first = first, last = last](Value oy) {
      auto border = [&](int64_t from, int64_t to) {
        if (from < to)
          e.loop(e.idx(from), e.idx(to), 1, [&](Value ox) {
            auto [lo, hi] = kernelRange(1, ox);
            emitTile(n, panel, oy, ox, 1, columns, lo, hi);
          });
      };
      border(0, first);
      // Balanced widths: 27 pixels by 8 become tiles of 7, 7, 7 and 6.
      int64_t pixels = last - first;
      if (pixels > 0) {
        int64_t tiles = llvm::divideCeil(pixels, mr);
        int64_t low = pixels / tiles, high = low + 1, middle = first + pixels % tiles * high;
        auto tile = [&](int64_t from, int64_t to, int64_t size) {
          if (from < to)
            e.loop(e.idx(from), e.idx(to), size, [&](Value ox) {
              emitTile(n, panel, oy, ox, size, columns, e.idx(0), e.idx(kernel[1]));
            });
        };
        tile(first, middle, high);
        tile(middle, last, low);
      }
      border(last, width);
    });
  }

  void emitTile(Value n, Value panel, Value oy, Value ox, int64_t size, int64_t columns,
                Value kxFrom, Value kxTo) {
    int64_t used = llvm::divideCeil(columns, lanes);
    SmallVector<Value> init(size * used, e.zeros(lanes));
    auto [kyFrom, kyTo] = kernelRange(0, oy);
    Value panelStart = e.mul(panel, kernel[0] * kernel[1] * channels * nr);
    // The channels are unrolled by 4, or wholly where there are few.
    int64_t unroll = channels <= 4 ? channels : 4;
    int64_t whole = channels - channels % unroll;
    int64_t rowStep = strides[1] * channels;
    SmallVector<Value> sums = e.fold(kyFrom, kyTo, 1, init, [&](Value ky, ValueRange outer) {
      return e.fold(kxFrom, kxTo, 1, outer, [&](Value kx, ValueRange inner) {
        Value pixel = inputAt(n, oy, ky, ox, kx);
        Value weight = e.add(panelStart, e.mul(e.add(e.mul(ky, kernel[1]), kx), channels * nr));
        auto step = [&](Value c, ValueRange accumulators) {
          SmallVector<Value> next(accumulators);
          SmallVector<Value> weights;
          for (int64_t v = 0; v < used; ++v)
            weights.push_back(e.loadVector(w.memory, e.add(e.add(weight, e.mul(c, nr)), v * lanes),
                                           lanes, lanes));
          for (int64_t r = 0; r < size; ++r) {
            Value left = e.leftSplat(x, e.add(e.add(pixel, c), r * rowStep), lanes, op.getXZero());
            for (int64_t v = 0; v < used; ++v)
              next[r * used + v] = e.multiplyAdd(left, weights[v], next[r * used + v]);
          }
          return next;
        };
        SmallVector<Value> result =
            e.fold(e.idx(0), e.idx(whole), unroll, inner, [&](Value c, ValueRange values) {
              SmallVector<Value> next(values);
              for (int64_t u = 0; u < unroll; ++u)
                next = step(e.add(c, u), next);
              return next;
            });
        for (int64_t c = whole; c < channels; ++c)
          result = step(e.idx(c), result);
        return result;
      });
    });
    Value channel = e.mul(panel, nr);
    for (int64_t r = 0; r < size; ++r)
      for (int64_t v = 0; v < used; ++v)
        e.finish(sums[r * used + v], {n, oy, e.add(ox, r), e.add(channel, v * lanes)},
                 std::min(lanes, columns - v * lanes));
  }

  kernel::ConvOp op;
  KernelEmitter::Buffer w;
  int64_t channels, nr, lanes;
};

class DepthwiseEmitter : WindowEmitter {
public:
  DepthwiseEmitter(KernelEmitter &e, kernel::DepthwiseOp op)
      : WindowEmitter(e, op.getX(), op.getResult(),
                      cast<RankedTensorType>(op.getW().getType()).getShape().take_front(2),
                      op.getStrides(), op.getDilations(), op.getPads()),
        w(e.buffer(op.getW())), channels(xType.getDimSize(3)), lanes(op.getLanes()),
        zero(op.getXZero()) {}

  void run() {
    auto [first, last] = interior(1);
    e.loop(e.idx(0), x.extents[0], 1, [&, first = first, last = last](Value n) {
      e.loop(e.idx(0), e.idx(outType.getDimSize(1)), 1, [&](Value oy) {
        auto [kyFrom, kyTo] = kernelRange(0, oy);
        auto border = [&](int64_t from, int64_t to) {
          if (from < to)
            e.loop(e.idx(from), e.idx(to), 1, [&](Value ox) {
              auto [lo, hi] = kernelRange(1, ox);
              emitPixels(n, oy, ox, 1, kyFrom, kyTo, lo, hi);
            });
        };
        border(0, first);
        int64_t pairs = (last - first) / kPixels * kPixels;
        auto interior = [&](int64_t from, int64_t to, int64_t size) {
          if (from < to)
            e.loop(e.idx(from), e.idx(to), size, [&](Value ox) {
              emitPixels(n, oy, ox, size, kyFrom, kyTo, e.idx(0), e.idx(kernel[1]));
            });
        };
        interior(first, first + pairs, kPixels);
        interior(first + pairs, last, 1);
        border(last, outType.getDimSize(2));
      });
    });
  }

private:
  /// Neighbours share the loads of the weights.
  static constexpr int64_t kPixels = 4;

  void emitPixels(Value n, Value oy, Value ox, int64_t size, Value kyFrom, Value kyTo, Value kxFrom,
                  Value kxTo) {
    int64_t whole = channels - channels % lanes;
    auto block = [&](Value channel, int64_t valid) {
      SmallVector<Value> init(size, e.zeros(lanes));
      SmallVector<Value> sums = e.fold(kyFrom, kyTo, 1, init, [&](Value ky, ValueRange outer) {
        return e.fold(kxFrom, kxTo, 1, outer, [&](Value kx, ValueRange inner) {
          Value pixel = e.add(inputAt(n, oy, ky, ox, kx), channel);
          Value tap = e.mul(e.add(e.mul(ky, kernel[1]), kx), channels);
          Value weight = e.loadVector(w.memory, e.add(tap, channel), lanes, valid);
          SmallVector<Value> next(inner);
          for (int64_t r = 0; r < size; ++r) {
            Value value =
                e.leftVector(x, e.add(pixel, r * strides[1] * channels), lanes, valid, zero);
            next[r] = e.multiplyAdd(value, weight, next[r]);
          }
          return next;
        });
      });
      for (int64_t r = 0; r < size; ++r)
        e.finish(sums[r], {n, oy, e.add(ox, r), channel}, valid);
    };
    e.loop(e.idx(0), e.idx(whole), lanes, [&](Value channel) { block(channel, lanes); });
    if (whole < channels)
      block(e.idx(whole), channels - whole);
  }

  KernelEmitter::Buffer w;
  int64_t channels, lanes, zero;
};

} // namespace

void emitConv(KernelEmitter &e, kernel::ConvOp op) { ConvEmitter(e, op).run(); }
void emitDepthwise(KernelEmitter &e, kernel::DepthwiseOp op) { DepthwiseEmitter(e, op).run(); }

} // namespace burin
