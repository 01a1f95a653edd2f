//===- Reduction.cpp - Reference kernels that fold and order --------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/Scalars.h"
#include "dialects/nn/interpreter/Kernels.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

using namespace mlir;

namespace burin::nn::interp {

namespace {
/// A fold: its function on pairs and its value on nothing.
struct Fold {
  BinaryFn fn;
  double real;
  int64_t integer;
};
} // namespace

static Fold foldOf(ReduceFn fn, Type type) {
  constexpr double inf = std::numeric_limits<double>::infinity();
  switch (fn) {
  case ReduceFn::sum:
  case ReduceFn::mean:
    return {BinaryFn::add, 0, 0};
  case ReduceFn::prod:
    return {BinaryFn::mul, 1, 1};
  case ReduceFn::min:
    return {BinaryFn::min, inf, saturateInt(inf, intFormat(type))};
  case ReduceFn::max:
    return {BinaryFn::max, -inf, saturateInt(-inf, intFormat(type))};
  }
  return {BinaryFn::add, 0, 0};
}

LogicalResult evaluate(ReduceOp op, In<ReduceOp> in, Evaluation &e) {
  Tensor x = in.getX(), &out = e.out[0];
  Type type = x.elementType();
  Fold fold = foldOf(op.getFn(), type);
  Strides strides = reducedStrides(x.shape(), op.getAxes());
  int64_t count = 1;
  for (int64_t axis : op.getAxes())
    count *= x.shape()[axis];
  bool mean = op.getFn() == ReduceFn::mean;
  if (isFloat(x)) {
    std::vector<double> values = toFloats(x), acc(out.size(), fold.real);
    walk<1>(x.shape(), {strides},
            [&](int64_t i, auto at) { acc[at[0]] = evalBinary(fold.fn, acc[at[0]], values[i]); });
    if (mean)
      for (double &value : acc)
        value /= static_cast<double>(count);
    storeFloats(out, acc);
    return success();
  }
  IntFormat format = intFormat(type);
  std::vector<int64_t> values = toInts(x), acc(out.size(), fold.integer);
  walk<1>(x.shape(), {strides}, [&](int64_t i, auto at) {
    acc[at[0]] = evalBinary(fold.fn, acc[at[0]], values[i], format);
  });
  if (mean)
    for (int64_t &value : acc)
      value = evalBinary(BinaryFn::div, value, wrapInt(count, format), format);
  storeInts(out, acc);
  return success();
}

/// Whether `a` comes before `b` in the order of extremes: NaN before all.
template <typename T> static bool isMoreExtreme(T a, T b, bool largest) {
  if constexpr (std::is_same_v<T, double>)
    if (std::isnan(a) || std::isnan(b))
      return !std::isnan(b);
  return largest ? a > b : a < b;
}

/// Calls fn(outer, inner) for every line along `axis`; element j of the line is
/// number (outer * length + j) * innerCount + inner.
template <typename Fn> static void forEachLine(ArrayRef<int64_t> shape, int64_t axis, Fn fn) {
  int64_t outer = product(shape.take_front(axis)), inner = product(shape.drop_front(axis + 1));
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t i = 0; i < inner; ++i)
      fn(o, i);
}

/// Integers in an order that signed comparison understands.
static std::vector<int64_t> toOrderedInts(const Tensor &x) {
  std::vector<int64_t> values = toInts(x);
  if (x.elementType().isUnsignedInteger(64))
    for (int64_t &value : values)
      value ^= std::numeric_limits<int64_t>::min();
  return values;
}

template <typename T>
static void argReduce(ArgReduceOp op, ArrayRef<int64_t> shape, const std::vector<T> &values,
                      Tensor &out) {
  int64_t axis = op.getAxis(), length = shape[axis], inner = product(shape.drop_front(axis + 1));
  bool largest = op.getFn() == ArgFn::max;
  forEachLine(shape, axis, [&](int64_t o, int64_t i) {
    auto at = [&](int64_t j) { return values[(o * length + j) * inner + i]; };
    int64_t best = 0;
    for (int64_t j = 1; j < length; ++j)
      if (isMoreExtreme(at(j), at(best), largest) || (op.getLast() && at(j) == at(best)))
        best = j;
    out.setInt(o * inner + i, best);
  });
}

LogicalResult evaluate(ArgReduceOp op, In<ArgReduceOp> in, Evaluation &e) {
  Tensor x = in.getX();
  if (isFloat(x))
    argReduce(op, x.shape(), toFloats(x), e.out[0]);
  else
    argReduce(op, x.shape(), toOrderedInts(x), e.out[0]);
  return success();
}

template <typename T, typename FnT>
static std::vector<T> cumulate(CumulateOp op, ArrayRef<int64_t> shape, const std::vector<T> &x,
                               T identity, FnT fn) {
  int64_t axis = op.getAxis(), length = shape[axis], inner = product(shape.drop_front(axis + 1));
  std::vector<T> out(x.size());
  forEachLine(shape, axis, [&](int64_t o, int64_t i) {
    T acc = identity;
    for (int64_t step = 0; step < length; ++step) {
      int64_t j = op.getReverse() ? length - 1 - step : step;
      int64_t at = (o * length + j) * inner + i;
      T next = fn(acc, x[at]);
      out[at] = op.getExclusive() ? acc : next;
      acc = next;
    }
  });
  return out;
}

LogicalResult evaluate(CumulateOp op, In<CumulateOp> in, Evaluation &e) {
  Tensor x = in.getX();
  BinaryFn fn = op.getFn() == CumulateFn::sum ? BinaryFn::add : BinaryFn::mul;
  int64_t identity = fn == BinaryFn::mul;
  IntFormat format = intFormat(x.elementType());
  if (isFloat(x))
    storeFloats(e.out[0],
                cumulate<double>(op, x.shape(), toFloats(x), identity,
                                 [&](double a, double b) { return evalBinary(fn, a, b); }));
  else
    storeInts(e.out[0],
              cumulate<int64_t>(op, x.shape(), toInts(x), identity, [&](int64_t a, int64_t b) {
                return evalBinary(fn, a, b, format);
              }));
  return success();
}

template <typename T>
static void topK(TopKOp op, const Tensor &x, const std::vector<T> &values, Evaluation &e) {
  int64_t axis = op.getAxis(), length = x.shape()[axis];
  int64_t k = e.out[0].shape()[axis], inner = product(x.shape().drop_front(axis + 1));
  size_t width = elementBytes(x.elementType());
  bool largest = op.getLargest();
  std::vector<int64_t> order(length);
  forEachLine(x.shape(), axis, [&](int64_t o, int64_t i) {
    auto at = [&](int64_t j) { return (o * length + j) * inner + i; };
    std::iota(order.begin(), order.end(), 0);
    // NaN counts as largest: first among the largest, last among the smallest.
    auto before = [&](int64_t a, int64_t b) {
      return largest ? isMoreExtreme(values[at(a)], values[at(b)], true)
                     : isMoreExtreme(values[at(b)], values[at(a)], true);
    };
    std::stable_sort(order.begin(), order.end(), before);
    for (int64_t j = 0; j < k; ++j) {
      int64_t to = (o * k + j) * inner + i;
      std::memcpy(e.out[0].mutableData() + to * width, x.data() + at(order[j]) * width, width);
      e.out[1].setInt(to, order[j]);
    }
  });
}

LogicalResult evaluate(TopKOp op, In<TopKOp> in, Evaluation &e) {
  Tensor x = in.getX();
  if (in.getK().intAt(0) < 0 || in.getK().intAt(0) > x.shape()[op.getAxis()])
    return e.fail("k is out of range");
  if (isFloat(x))
    topK(op, x, toFloats(x), e);
  else
    topK(op, x, toOrderedInts(x), e);
  return success();
}

LogicalResult evaluate(SoftmaxOp op, In<SoftmaxOp> in, Evaluation &e) {
  Tensor x = in.getX();
  Strides row = reducedStrides(x.shape(), op.getAxes());
  std::vector<double> values = toFloats(x);
  std::vector<double> largest(x.size(), -std::numeric_limits<double>::infinity());
  std::vector<double> sum(x.size(), 0.0);
  walk<1>(x.shape(), {row}, [&](int64_t i, auto at) {
    largest[at[0]] = evalBinary(BinaryFn::max, largest[at[0]], values[i]);
  });
  walk<1>(x.shape(), {row}, [&](int64_t i, auto at) {
    values[i] -= largest[at[0]];
    sum[at[0]] += std::exp(values[i]);
  });
  walk<1>(x.shape(), {row}, [&](int64_t i, auto at) {
    values[i] = op.getLog() ? values[i] - std::log(sum[at[0]]) : std::exp(values[i]) / sum[at[0]];
  });
  storeFloats(e.out[0], values);
  return success();
}

LogicalResult evaluate(NormalizeOp op, In<NormalizeOp> in, Evaluation &e) {
  Tensor x = in.getX();
  Strides row = reducedStrides(x.shape(), op.getAxes());
  double count = 1, epsilon = op.getEpsilon().convertToDouble();
  for (int64_t axis : op.getAxes())
    count *= static_cast<double>(x.shape()[axis]);
  std::vector<double> values = toFloats(x), mean(x.size(), 0.0), variance(x.size(), 0.0);
  if (op.getFn() == NormalizeFn::layer)
    walk<1>(x.shape(), {row}, [&](int64_t i, auto at) { mean[at[0]] += values[i] / count; });
  walk<1>(x.shape(), {row}, [&](int64_t i, auto at) {
    values[i] -= mean[at[0]];
    variance[at[0]] += values[i] * values[i] / count;
  });
  walk<1>(x.shape(), {row},
          [&](int64_t i, auto at) { values[i] /= std::sqrt(variance[at[0]] + epsilon); });
  storeFloats(e.out[0], values);
  return success();
}

} // namespace burin::nn::interp
