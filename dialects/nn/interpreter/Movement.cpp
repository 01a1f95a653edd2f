//===- Movement.cpp - Reference kernels that move elements ----------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/Scalars.h"
#include "dialects/nn/interpreter/Kernels.h"

#include <cstring>

using namespace mlir;

namespace burin::nn::interp {

LogicalResult evaluate(ConstantOp op, In<ConstantOp>, Evaluation &e) {
  e.out[0] = Tensor::fromAttr(op.getValue());
  return success();
}

LogicalResult evaluate(ReshapeOp, In<ReshapeOp> in, Evaluation &e) {
  if (e.out[0].size() != in.getX().size())
    return e.fail("reshape changes the number of elements");
  e.out[0] = in.getX().reshaped(e.out[0].shape());
  return success();
}

/// out[i] = x[start + i . strides]
static void readStrided(Tensor &out, const Tensor &x, int64_t start, const Strides &strides) {
  size_t width = elementBytes(x.elementType());
  walk<1>(out.shape(), {strides}, [&](int64_t i, auto at) {
    std::memcpy(out.mutableData() + i * width, x.data() + (start + at[0]) * width, width);
  });
}

/// out[start + i . strides] = x[i]
static void writeStrided(Tensor &out, const Tensor &x, int64_t start, const Strides &strides) {
  size_t width = elementBytes(x.elementType());
  walk<1>(x.shape(), {strides}, [&](int64_t i, auto at) {
    std::memcpy(out.mutableData() + (start + at[0]) * width, x.data() + i * width, width);
  });
}

LogicalResult evaluate(TransposeOp op, In<TransposeOp> in, Evaluation &e) {
  Tensor x = in.getX();
  SmallVector<int64_t> own = rowMajorStrides(x.shape());
  Strides strides;
  for (int64_t axis : op.getPerm())
    strides.push_back(own[axis]);
  readStrided(e.out[0], x, 0, strides);
  return success();
}

LogicalResult evaluate(BroadcastToOp, In<BroadcastToOp> in, Evaluation &e) {
  Tensor x = in.getX(), &out = e.out[0];
  readStrided(out, x, 0, broadcastStrides(x.shape(), out.shape()));
  return success();
}

LogicalResult evaluate(SliceOp op, In<SliceOp> in, Evaluation &e) {
  Tensor x = in.getX(), offsets = in.getOffsets(), &out = e.out[0];
  SmallVector<int64_t> own = rowMajorStrides(x.shape());
  ArrayRef<int64_t> steps = op.getStrides();
  Strides strides;
  int64_t start = 0;
  for (int64_t d = 0; d < x.rank(); ++d) {
    int64_t step = steps.empty() ? 1 : steps[d], first = offsets.intAt(d);
    int64_t last = first + (out.shape()[d] - 1) * step;
    if (out.size() > 0 && (std::min(first, last) < 0 || std::max(first, last) >= x.shape()[d]))
      return e.fail("slice leaves the range of axis " + Twine(d));
    start += first * own[d];
    strides.push_back(step * own[d]);
  }
  readStrided(out, x, start, strides);
  return success();
}

LogicalResult evaluate(ConcatOp op, In<ConcatOp> in, Evaluation &e) {
  SmallVector<int64_t> own = rowMajorStrides(e.out[0].shape());
  Strides strides(own.begin(), own.end());
  int64_t axis = op.getAxis(), position = 0;
  for (const Tensor &x : in.getXs()) {
    writeStrided(e.out[0], x, position * strides[axis], strides);
    position += x.shape()[axis];
  }
  return success();
}

LogicalResult evaluate(PadOp, In<PadOp> in, Evaluation &e) {
  Tensor x = in.getX(), value = in.getValue(), low = in.getLow(), &out = e.out[0];
  size_t width = elementBytes(x.elementType());
  for (int64_t i = 0, n = out.size(); i < n; ++i)
    std::memcpy(out.mutableData() + i * width, value.data(), width);
  SmallVector<int64_t> own = rowMajorStrides(out.shape());
  int64_t start = 0;
  for (int64_t d = 0; d < x.rank(); ++d)
    start += low.intAt(d) * own[d];
  writeStrided(out, x, start, Strides(own.begin(), own.end()));
  return success();
}

LogicalResult evaluate(GatherOp op, In<GatherOp> in, Evaluation &e) {
  Tensor x = in.getX(), idx = in.getIdx(), &out = e.out[0];
  size_t axis = op.getAxis(), shared = op.getBatchDims();
  // x is [batch, middle, n, inner], idx [batch, count], out [batch, middle, count, inner].
  int64_t batch = product(x.shape().take_front(shared));
  int64_t middle = product(x.shape().slice(shared, axis - shared));
  int64_t n = x.shape()[axis], count = product(idx.shape().drop_front(shared));
  size_t inner = product(x.shape().drop_front(axis + 1)) * elementBytes(x.elementType());
  for (int64_t b = 0; b < batch; ++b)
    for (int64_t m = 0; m < middle; ++m)
      for (int64_t c = 0; c < count; ++c) {
        int64_t row = idx.intAt(b * count + c), outer = b * middle + m;
        if (row >= 0 && row < n) // others stay 0
          std::memcpy(out.mutableData() + (outer * count + c) * inner,
                      x.data() + (outer * n + row) * inner, inner);
      }
  return success();
}

/// What scatter does with one element, except `none`.
static BinaryFn scatterFn(ScatterFn fn) {
  switch (fn) {
  case ScatterFn::mul:
    return BinaryFn::mul;
  case ScatterFn::min:
    return BinaryFn::min;
  case ScatterFn::max:
    return BinaryFn::max;
  default:
    return BinaryFn::add;
  }
}

LogicalResult evaluate(ScatterOp op, In<ScatterOp> in, Evaluation &e) {
  Tensor data = in.getData(), idx = in.getIdx(), upd = in.getUpd(), &out = e.out[0];
  size_t width = elementBytes(data.elementType());
  std::memcpy(out.mutableData(), data.data(), data.byteSize());
  int64_t inner = product(data.shape().drop_front()), n = data.shape()[0];
  BinaryFn fn = scatterFn(op.getFn());
  IntFormat format = intFormat(data.elementType());
  for (int64_t r = 0; r < idx.size(); ++r) {
    int64_t row = idx.intAt(r);
    if (row < 0 || row >= n)
      continue;
    if (op.getFn() == ScatterFn::none) {
      std::memcpy(out.mutableData() + row * inner * width, upd.data() + r * inner * width,
                  inner * width);
      continue;
    }
    for (int64_t i = 0; i < inner; ++i) {
      int64_t to = row * inner + i, from = r * inner + i;
      if (isFloat(data))
        out.setFloat(to, evalBinary(fn, out.floatAt(to), upd.floatAt(from)));
      else
        out.setInt(to, evalBinary(fn, out.intAt(to), upd.intAt(from), format));
    }
  }
  return success();
}

LogicalResult evaluate(IotaOp, In<IotaOp>, Evaluation &e) {
  for (int64_t i = 0, n = e.out[0].size(); i < n; ++i)
    e.out[0].setInt(i, i);
  return success();
}

LogicalResult evaluate(ShapeOfOp, In<ShapeOfOp> in, Evaluation &e) {
  storeInts(e.out[0], in.getX().shape());
  return success();
}

} // namespace burin::nn::interp
