//===- Pool.cpp - Window folds without a kernel ---------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/lowering/Families.h"
#include "codegen/lowering/Window.h"

using namespace mlir;

namespace burin {

static Window makeWindow(GroupEmitter &g, nn::PoolOp op) {
  Index kernel;
  for (int64_t extent : op.getKernel())
    kernel.push_back(g.idx(extent));
  return Window(g, op.getX(), op.getLayout(), kernel, op.getStrides(), op.getDilations(),
                op.getPads(), op.getCeil());
}

static nn::ReduceFn foldOf(nn::PoolOp op) {
  return op.getFn() == nn::PoolFn::sum ? nn::ReduceFn::sum : nn::ReduceFn::max;
}

static Value poolStep(GroupEmitter &g, nn::PoolOp op, const Window &window, IndexRef output,
                      IndexRef taps, Value acc) {
  Index x(output);
  for (size_t dim = 0; dim < window.rank(); ++dim)
    x[window.axis(dim)] = window.position(dim, output[window.axis(dim)], taps[dim]);
  Type type = g.elementType(op.getX());
  Value element = g.at(op.getX(), x);
  // In the window's order on every target: a quantised average has many ties, and the last
  // bit of the sum decides them.
  if (op.getFn() == nn::PoolFn::sum)
    return g.scalars.binary(nn::BinaryFn::add, acc, element, type);
  return combine(g, foldOf(op), acc, element, type);
}

/// Taps per spatial dim; a dim beyond `outer` runs over the whole kernel.
static std::pair<Index, Index> tapBounds(GroupEmitter &g, const Window &window, IndexRef outer) {
  Index from, to;
  for (size_t dim = 0; dim < window.rank(); ++dim) {
    auto [lo, hi] = window.axis(dim) < outer.size() ? window.taps(dim, outer[window.axis(dim)])
                                                    : std::make_pair(g.idx(0), window.kernel[dim]);
    from.push_back(lo);
    to.push_back(hi);
  }
  return {from, to};
}

Value poolAt(GroupEmitter &g, nn::PoolOp op, IndexRef index) {
  Window window = makeWindow(g, op);
  auto [from, to] = tapBounds(g, window, index);
  Type type = g.elementType(op.getX());
  Value acc = g.fold(from, to, identity(g, foldOf(op), type),
                     [&](IndexRef taps, ValueRange carried) -> SmallVector<Value> {
                       return {poolStep(g, op, window, index, taps, carried[0])};
                     })[0];
  return g.scalars.round(acc, type);
}

void emitPool(GroupEmitter &g, nn::PoolOp op) {
  Window window = makeWindow(g, op);
  Value result = op.getResult();
  Type type = g.elementType(op.getX());
  Index output(g.shape(result));
  if (g.perElement() || GroupEmitter::isConstant(output.back(), 1)) {
    g.nest(output, [&](IndexRef index) { g.finish(result, index, poolAt(g, op, index)); });
    return;
  }
  auto bounds = [&](IndexRef outer) { return tapBounds(g, window, outer); };
  auto lanes = [&](IndexRef taps) {
    return window.outputs(window.rank() - 1, taps.back(), output.back());
  };
  GroupEmitter::Strip shape{identity(g, foldOf(op), type), output, bounds, {}};
  if (!window.channelsLast)
    shape.lanes = lanes;
  g.strip(
      shape,
      [&](IndexRef index, IndexRef taps, Value acc) {
        return poolStep(g, op, window, index, taps, acc);
      },
      [&](IndexRef index, Value acc) { g.finish(result, index, g.scalars.round(acc, type)); });
}

} // namespace burin
