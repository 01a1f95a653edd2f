//===- Window.cpp - Sliding windows over spatial dims ---------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/lowering/Window.h"

using namespace mlir;

namespace burin {

Window::Window(GroupEmitter &g, Value x, nn::Layout layout, IndexRef kernel,
               ArrayRef<int64_t> strides, ArrayRef<int64_t> dilations, ArrayRef<int64_t> pads,
               bool rounded)
    : kernel(kernel), channelsLast(layout == nn::Layout::nhwc), g(g), strides(strides),
      dilations(dilations), rounded(rounded) {
  size_t count = kernel.size();
  begins.assign(pads.begin(), pads.begin() + count);
  ends.assign(pads.begin() + count, pads.end());
  for (size_t dim = 0; dim < count; ++dim)
    inputs.push_back(g.shape(x)[axis(dim)]);
}

Value Window::position(size_t dim, Value out, Value k) const {
  Value start = g.mul(out, g.idx(strides[dim]));
  return g.sub(g.add(start, g.mul(k, g.idx(dilations[dim]))), g.idx(begins[dim]));
}

Value Window::isInside(size_t dim, Value out, Value k) const {
  if (begins[dim] == 0 && ends[dim] == 0 && !rounded)
    return g.b.create<arith::ConstantIntOp>(g.loc, 1, 1);
  return g.inRange(position(dim, out, k), inputs[dim]);
}

std::pair<Value, Value> Window::taps(size_t dim, Value out) const {
  Value step = g.idx(dilations[dim]), slack = g.idx(dilations[dim] - 1), zero = g.idx(0);
  Value start = g.sub(g.mul(out, g.idx(strides[dim])), g.idx(begins[dim]));
  Value from = zero, to = kernel[dim];
  if (begins[dim] != 0) {
    Value missing = g.max(g.sub(zero, start), zero);
    from = g.div(g.add(missing, slack), step);
  }
  // Without end padding the last window ends inside the input.
  if (ends[dim] != 0 || rounded) {
    Value left = g.max(g.sub(inputs[dim], start), zero);
    to = g.min(to, g.div(g.add(left, slack), step));
  }
  return {from, to};
}

std::pair<Value, Value> Window::outputs(size_t dim, Value k, Value extent) const {
  Value stride = g.idx(strides[dim]), zero = g.idx(0);
  // position(out) = out * stride - offset
  Value offset = g.sub(g.idx(begins[dim]), g.mul(k, g.idx(dilations[dim])));
  Value from = zero, to = extent;
  if (begins[dim] != 0)
    from = g.div(g.add(g.max(offset, zero), g.idx(strides[dim] - 1)), stride);
  if (ends[dim] != 0 || rounded) {
    Value last = g.max(g.add(inputs[dim], offset), zero); // out * stride < last
    to = g.min(to, g.div(g.add(last, g.idx(strides[dim] - 1)), stride));
  }
  return {from, to};
}

} // namespace burin
