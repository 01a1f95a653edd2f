//===- Window.cpp - What sliding-window kernels share ---------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/Window.h"

using namespace mlir;

namespace burin {

std::pair<Value, Value> WindowEmitter::kernelRange(unsigned axis, Value o) {
  if (pads[axis] == 0 && pads[2 + axis] == 0) // never outside
    return {e.idx(0), e.idx(kernel[axis])};
  int64_t d = dilations[axis];
  // Input index of kernel index 0.
  Value start = e.add(e.mul(o, strides[axis]), -pads[axis]);
  auto ceilDiv = [&](Value value) {
    return e.b.createOrFold<arith::CeilDivSIOp>(e.loc, value, e.idx(d));
  };
  auto sub = [&](Value a, Value c) { return e.b.createOrFold<arith::SubIOp>(e.loc, a, c); };
  auto min = [&](Value a, Value c) { return e.b.createOrFold<arith::MinSIOp>(e.loc, a, c); };
  auto max = [&](Value a, Value c) { return e.b.createOrFold<arith::MaxSIOp>(e.loc, a, c); };
  Value extent = e.idx(kernel[axis]);
  Value lo = min(max(ceilDiv(sub(e.idx(0), start)), e.idx(0)), extent);
  Value hi = max(min(ceilDiv(sub(e.idx(inputs[axis]), start)), extent), lo);
  return {lo, hi};
}

std::pair<int64_t, int64_t> WindowEmitter::interior(unsigned axis) {
  int64_t reach = (kernel[axis] - 1) * dilations[axis];
  int64_t first = llvm::divideCeil(pads[axis], strides[axis]);
  int64_t lastStart = inputs[axis] - 1 - reach + pads[axis]; // greatest o * stride
  int64_t last = lastStart < 0 ? 0 : lastStart / strides[axis] + 1;
  first = std::min(first, outputs[axis]);
  return {first, std::max(first, std::min(last, outputs[axis]))};
}

Value WindowEmitter::inputAt(Value n, Value oy, Value ky, Value ox, Value kx) {
  Value iy = e.add(e.add(e.mul(oy, strides[0]), -pads[0]), e.mul(ky, dilations[0]));
  Value ix = e.add(e.add(e.mul(ox, strides[1]), -pads[1]), e.mul(kx, dilations[1]));
  return e.mul(e.add(e.mul(e.add(e.mul(n, inputs[0]), iy), inputs[1]), ix), channels);
}

SmallVector<Value> WindowEmitter::resultIndex(Value n, Value oy, Value ox, Value channel) {
  if (hasRows)
    return {n, oy, ox, channel};
  return {n, ox, channel};
}

} // namespace burin
