//===- Contraction.cpp - Reference kernels of products and windows --------===//
//
// Part of Burin, under the Apache License v2.0.
//
// Floats are summed in double and rounded once; integers modulo 2^64, of which
// the result's low bits are right. Operands are brought into one layout first
// (zero points subtracted, channels before space), so that a kernel is a plain
// loop nest with the longest contiguous axis innermost.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/Scalars.h"
#include "dialects/nn/interpreter/Kernels.h"

#include <limits>

using namespace mlir;

namespace burin::nn::interp {

template <typename T> static std::vector<T> toVector(const Tensor &tensor);
template <> std::vector<double> toVector(const Tensor &tensor) { return toFloats(tensor); }
// Unsigned, because signed overflow is undefined.
template <> std::vector<uint64_t> toVector(const Tensor &tensor) {
  std::vector<int64_t> ints = toInts(tensor);
  return {ints.begin(), ints.end()};
}

static void storeVector(Tensor &out, const std::vector<double> &values) {
  storeFloats(out, values);
}
static void storeVector(Tensor &out, const std::vector<uint64_t> &values) {
  for (size_t i = 0; i < values.size(); ++i)
    out.setInt(i, static_cast<int64_t>(values[i]));
}

/// The elements of a transposed tensor, row-major: axis i of the result is
/// axis perm[i] of `values`.
template <typename T>
static std::vector<T> permute(const std::vector<T> &values, ArrayRef<int64_t> shape,
                              ArrayRef<int64_t> perm) {
  if (llvm::is_sorted(perm))
    return values;
  SmallVector<int64_t> own = rowMajorStrides(shape);
  Strides strides, result;
  for (int64_t axis : perm) {
    strides.push_back(own[axis]);
    result.push_back(shape[axis]);
  }
  std::vector<T> out(values.size());
  walk<1>(result, {strides}, [&](int64_t i, auto at) { out[i] = values[at[0]]; });
  return out;
}

static SmallVector<int64_t> permuted(ArrayRef<int64_t> shape, ArrayRef<int64_t> perm) {
  SmallVector<int64_t> result;
  for (int64_t axis : perm)
    result.push_back(shape[axis]);
  return result;
}

template <typename T>
static void subtract(std::vector<T> &values, ArrayRef<int64_t> shape, const Tensor &zp,
                     const Strides &strides) {
  if (!zp)
    return;
  std::vector<T> zeros = toVector<T>(zp);
  walk<1>(shape, {strides}, [&](int64_t i, auto at) { values[i] -= zeros[at[0]]; });
}

//===----------------------------------------------------------------------===//
// Matrix product
//===----------------------------------------------------------------------===//

namespace {
/// A matmul operand as [batch..., rows, columns].
template <typename T> struct Matrices {
  std::vector<T> values;
  SmallVector<int64_t> shape;

  Matrices(const Tensor &x, const Tensor &zp, bool transposed) {
    SmallVector<int64_t> perm = llvm::to_vector(llvm::seq<int64_t>(0, x.rank()));
    if (transposed)
      std::swap(perm[x.rank() - 2], perm[x.rank() - 1]);
    shape = permuted(x.shape(), perm);
    values = permute(toVector<T>(x), x.shape(), perm);
    if (zp)
      subtract(values, shape, zp, broadcastStrides(zp.shape(), shape));
  }
  ArrayRef<int64_t> batch() const { return ArrayRef<int64_t>(shape).drop_back(2); }
  int64_t rows() const { return shape[shape.size() - 2]; }
  int64_t columns() const { return shape.back(); }
};
} // namespace

template <typename T> static void matMul(MatMulOp op, In<MatMulOp> &in, Tensor &out) {
  Matrices<T> a(in.getA(), in.getAZp(), op.getTa()), b(in.getB(), in.getBZp(), op.getTb());
  ArrayRef<int64_t> batch = out.shape().drop_back(2);
  int64_t rows = a.rows(), columns = b.columns(), depth = a.columns();
  std::vector<T> c(out.size(), 0);
  walk<2>(batch, {broadcastStrides(a.batch(), batch), broadcastStrides(b.batch(), batch)},
          [&](int64_t i, auto at) {
            for (int64_t m = 0; m < rows; ++m) {
              T *to = c.data() + (i * rows + m) * columns;
              for (int64_t k = 0; k < depth; ++k) {
                T factor = a.values[(at[0] * rows + m) * depth + k];
                const T *row = b.values.data() + (at[1] * depth + k) * columns;
                for (int64_t n = 0; n < columns; ++n)
                  to[n] += factor * row[n];
              }
            }
          });
  storeVector(out, c);
}

LogicalResult evaluate(MatMulOp op, In<MatMulOp> in, Evaluation &e) {
  if (isFloat(in.getA()))
    matMul<double>(op, in, e.out[0]);
  else
    matMul<uint64_t>(op, in, e.out[0]);
  return success();
}

//===----------------------------------------------------------------------===//
// Windows
//===----------------------------------------------------------------------===//

/// The permutation that brings nhwc-like axes (batch, space..., channels) to
/// batch, channels, space; the identity for nchw.
static SmallVector<int64_t> channelsFirst(Layout layout, int64_t rank) {
  SmallVector<int64_t> perm = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  if (layout == Layout::nhwc)
    std::rotate(perm.begin() + 1, perm.end() - 1, perm.end());
  return perm;
}

/// The inverse permutation.
static SmallVector<int64_t> channelsBack(Layout layout, int64_t rank) {
  SmallVector<int64_t> perm = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  if (layout == Layout::nhwc)
    std::rotate(perm.begin() + 1, perm.begin() + 2, perm.end());
  return perm;
}

namespace {
/// The geometry of a window op over `rank` spatial axes: an element of the
/// window at `o * stride + k * dilation - begin`.
struct Window {
  ArrayRef<int64_t> input, kernel, output, strides, dilations, begins;

  /// The range of o on axis d for which tap k lies inside the input.
  std::pair<int64_t, int64_t> range(size_t d, int64_t k) const {
    int64_t shift = k * dilations[d] - begins[d];
    int64_t low = shift >= 0 ? 0 : llvm::divideCeil(-shift, strides[d]);
    int64_t high = input[d] - shift <= 0 ? 0 : llvm::divideCeil(input[d] - shift, strides[d]);
    return {std::min(low, output[d]), std::min(high, output[d])};
  }

  /// Calls fn(tap, o, i, count, step) for every tap of the window and every
  /// row of outputs along the last axis that it reaches: outputs o, o + 1, ...
  /// meet inputs i, i + step, ...
  template <typename Fn> void forEachRow(Fn fn) const {
    size_t rank = input.size();
    SmallVector<int64_t> inStrides = rowMajorStrides(input), outStrides = rowMajorStrides(output);
    Strides tap(rank, 0);
    for (int64_t t = 0, taps = product(kernel); t < taps; ++t) {
      for (int64_t d = rank, rest = t; d-- > 0; rest /= kernel[d])
        tap[d] = rest % kernel[d];
      // The box of outputs, its rows walked like an odometer.
      Strides lows, extents;
      for (size_t d = 0; d < rank; ++d) {
        auto [low, high] = range(d, tap[d]);
        lows.push_back(low);
        extents.push_back(std::max<int64_t>(high - low, 0));
      }
      int64_t length = extents.back();
      extents.back() = length > 0;
      walk<0>(extents, {}, [&](int64_t row, auto) {
        int64_t o = 0, i = 0;
        for (int64_t d = rank, rest = row; d-- > 0; rest /= extents[d]) {
          int64_t position = lows[d] + rest % extents[d];
          o += position * outStrides[d];
          i += (position * strides[d] + tap[d] * dilations[d] - begins[d]) * inStrides[d];
        }
        fn(t, o, i, length, strides.back());
      });
    }
  }
};
} // namespace

template <typename T> static void conv(ConvOp op, In<ConvOp> &in, Tensor &out) {
  Tensor x = in.getX(), w = in.getW();
  int64_t rank = x.rank();
  SmallVector<int64_t> perm = channelsFirst(op.getLayout(), rank);
  SmallVector<int64_t> xShape = permuted(x.shape(), perm), wShape = permuted(w.shape(), perm);
  SmallVector<int64_t> oShape = permuted(out.shape(), perm);
  std::vector<T> xs = toVector<T>(x), ws = toVector<T>(w);
  // Padding has the value of the zero point: 0 after the subtraction.
  subtract(xs, x.shape(), in.getXZp(), Strides(rank, 0));
  Strides perChannel(rank, 0);
  perChannel[0] = in.getWZp() && in.getWZp().size() > 1;
  subtract(ws, w.shape(), in.getWZp(), perChannel);
  xs = permute(xs, x.shape(), perm);
  ws = permute(ws, w.shape(), perm);

  Window window{ArrayRef(xShape).drop_front(2),
                ArrayRef(wShape).drop_front(2),
                ArrayRef(oShape).drop_front(2),
                op.getStrides(),
                op.getDilations(),
                op.getPads().take_front(rank - 2)};
  int64_t batch = xShape[0], channels = wShape[1], filters = wShape[0], groups = op.getGroup();
  int64_t xPlane = product(window.input), oPlane = product(window.output);
  int64_t taps = product(window.kernel);
  std::vector<T> acc(out.size(), 0);
  for (int64_t n = 0; n < batch; ++n)
    for (int64_t m = 0; m < filters; ++m)
      for (int64_t c = 0; c < channels; ++c) {
        int64_t channel = m / (filters / groups) * channels + c;
        const T *from = xs.data() + (n * xShape[1] + channel) * xPlane;
        const T *weights = ws.data() + (m * channels + c) * taps;
        T *to = acc.data() + (n * filters + m) * oPlane;
        window.forEachRow([&](int64_t t, int64_t o, int64_t i, int64_t count, int64_t step) {
          for (int64_t j = 0; j < count; ++j)
            to[o + j] += weights[t] * from[i + j * step];
        });
      }
  storeVector(out, permute(acc, oShape, channelsBack(op.getLayout(), rank)));
}

LogicalResult evaluate(ConvOp op, In<ConvOp> in, Evaluation &e) {
  if (isFloat(in.getX()))
    conv<double>(op, in, e.out[0]);
  else
    conv<uint64_t>(op, in, e.out[0]);
  return success();
}

template <typename T>
static void convTranspose(ConvTransposeOp op, In<ConvTransposeOp> &in, Tensor &out) {
  Tensor x = in.getX(), w = in.getW();
  int64_t rank = x.rank();
  SmallVector<int64_t> perm = channelsFirst(op.getLayout(), rank);
  SmallVector<int64_t> xShape = permuted(x.shape(), perm), oShape = permuted(out.shape(), perm);
  std::vector<T> xs = permute(toVector<T>(x), x.shape(), perm), ws = toVector<T>(w);
  // The roles of input and output of a convolution, swapped.
  Window window{ArrayRef(oShape).drop_front(2),
                w.shape().drop_front(2),
                ArrayRef(xShape).drop_front(2),
                op.getStrides(),
                op.getDilations(),
                op.getPads().take_front(rank - 2)};
  int64_t batch = xShape[0], channels = xShape[1], groups = op.getGroup();
  int64_t filters = w.shape()[1], perGroup = channels / groups;
  int64_t xPlane = product(window.output), oPlane = product(window.input);
  int64_t taps = product(window.kernel);
  std::vector<T> acc(out.size(), 0);
  for (int64_t n = 0; n < batch; ++n)
    for (int64_t c = 0; c < channels; ++c)
      for (int64_t m = 0; m < filters; ++m) {
        const T *from = xs.data() + (n * channels + c) * xPlane;
        const T *weights = ws.data() + (c * filters + m) * taps;
        T *to = acc.data() + ((n * groups + c / perGroup) * filters + m) * oPlane;
        window.forEachRow([&](int64_t t, int64_t i, int64_t o, int64_t count, int64_t step) {
          for (int64_t j = 0; j < count; ++j)
            to[o + j * step] += weights[t] * from[i + j];
        });
      }
  storeVector(out, permute(acc, oShape, channelsBack(op.getLayout(), rank)));
}

LogicalResult evaluate(ConvTransposeOp op, In<ConvTransposeOp> in, Evaluation &e) {
  if (isFloat(in.getX()))
    convTranspose<double>(op, in, e.out[0]);
  else
    convTranspose<uint64_t>(op, in, e.out[0]);
  return success();
}

template <typename T, typename FnT>
static void pool(PoolOp op, const std::vector<T> &x, ArrayRef<int64_t> shape, T identity, FnT fn,
                 Tensor &out) {
  int64_t rank = shape.size();
  SmallVector<int64_t> perm = channelsFirst(op.getLayout(), rank);
  SmallVector<int64_t> xShape = permuted(shape, perm), oShape = permuted(out.shape(), perm);
  std::vector<T> xs = permute(x, shape, perm), acc(out.size(), identity);
  Window window{ArrayRef(xShape).drop_front(2),
                op.getKernel(),
                ArrayRef(oShape).drop_front(2),
                op.getStrides(),
                op.getDilations(),
                op.getPads().take_front(rank - 2)};
  int64_t xPlane = product(window.input), oPlane = product(window.output);
  for (int64_t plane = 0, n = xShape[0] * xShape[1]; plane < n; ++plane) {
    const T *from = xs.data() + plane * xPlane;
    T *to = acc.data() + plane * oPlane;
    window.forEachRow([&](int64_t, int64_t o, int64_t i, int64_t count, int64_t step) {
      for (int64_t j = 0; j < count; ++j)
        to[o + j] = fn(to[o + j], from[i + j * step]);
    });
  }
  acc = permute(acc, oShape, channelsBack(op.getLayout(), rank));
  if constexpr (std::is_same_v<T, double>)
    storeFloats(out, acc);
  else
    storeInts(out, acc);
}

LogicalResult evaluate(PoolOp op, In<PoolOp> in, Evaluation &e) {
  Tensor x = in.getX();
  bool sum = op.getFn() == PoolFn::sum;
  BinaryFn fn = sum ? BinaryFn::add : BinaryFn::max;
  constexpr double lowest = -std::numeric_limits<double>::infinity();
  IntFormat format = intFormat(x.elementType());
  if (isFloat(x))
    pool<double>(
        op, toFloats(x), x.shape(), sum ? 0 : lowest,
        [&](double a, double b) { return evalBinary(fn, a, b); }, e.out[0]);
  else
    pool<int64_t>(
        op, toInts(x), x.shape(), sum ? 0 : saturateInt(lowest, format),
        [&](int64_t a, int64_t b) { return evalBinary(fn, a, b, format); }, e.out[0]);
  return success();
}

LogicalResult evaluate(ResampleOp op, In<ResampleOp> in, Evaluation &e) {
  Tensor x = in.getX(), idx = in.getIdx(), w = in.getW(), &out = e.out[0];
  int64_t axis = op.getAxis(), length = x.shape()[axis];
  int64_t outer = product(x.shape().take_front(axis));
  int64_t inner = product(x.shape().drop_front(axis + 1));
  int64_t n = idx.shape()[0], taps = idx.shape()[1];
  std::vector<double> xs = toFloats(x), ws = toFloats(w), acc(out.size(), 0.0);
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t j = 0; j < n; ++j)
      for (int64_t t = 0; t < taps; ++t) {
        int64_t from = idx.intAt(j * taps + t);
        if (from < 0 || from >= length)
          return e.fail("resample leaves the range of its axis");
        for (int64_t i = 0; i < inner; ++i)
          acc[(o * n + j) * inner + i] += ws[j * taps + t] * xs[(o * length + from) * inner + i];
      }
  storeFloats(out, acc);
  return success();
}

} // namespace burin::nn::interp
