//===- Conv.cpp - Convolutions without a kernel ---------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/gpu/Cooperation.h"
#include "codegen/lowering/Families.h"
#include "codegen/lowering/Window.h"

using namespace mlir;

namespace burin {

static Index kernelExtents(GroupEmitter &g, nn::ConvOp op) {
  IndexRef w = g.shape(op.getW());
  size_t first = op.getLayout() == nn::Layout::nhwc ? 1 : 2;
  return Index(w.slice(first, w.size() - 2));
}

namespace {
/// One product of a convolution. Folded indices are the channel within the
/// group and one tap per spatial dim, in the order of the weights' dims.
struct ConvStep {
  ConvStep(GroupEmitter &g, nn::ConvOp op)
      : g(g), op(op), result(op.getResult()),
        window(g, op.getX(), op.getLayout(), kernelExtents(g, op), op.getStrides(),
               op.getDilations(), op.getPads(), /*rounded=*/false) {
    accType = ScalarEmitter::computeType(g.elementType(result));
    IndexRef w = g.shape(op.getW());
    groupChannels = w[window.channelsLast ? w.size() - 1 : 1];
    outputsPerGroup = g.div(w[0], g.idx(op.getGroup()));
  }

  Value element(Value operand, Value zp, IndexRef index, Value zpPosition) const {
    Type from = g.elementType(operand);
    Type to = isa<FloatType>(accType) ? accType : g.elementType(result);
    Value value = g.scalars.cast(g.at(operand, index), from, to);
    if (!zp)
      return value;
    Index zpIndex;
    if (!g.shape(zp).empty())
      zpIndex.push_back(GroupEmitter::isConstant(g.shape(zp)[0], 1) ? g.idx(0) : zpPosition);
    Value offset = g.scalars.cast(g.at(zp, zpIndex), from, to);
    return g.b.createOrFold<arith::SubIOp>(g.loc, value, offset);
  }

  /// The input's element under a tap that is inside.
  Value left(IndexRef output, Value channel, IndexRef taps) const {
    Value m = output[window.channelAxis()];
    Value inputChannel = channel;
    if (op.getGroup() != 1)
      inputChannel = g.add(g.mul(g.div(m, outputsPerGroup), groupChannels), channel);
    Index x{output[0]};
    if (!window.channelsLast)
      x.push_back(inputChannel);
    for (size_t dim = 0; dim < window.rank(); ++dim)
      x.push_back(window.position(dim, output[window.axis(dim)], taps[dim]));
    if (window.channelsLast)
      x.push_back(inputChannel);
    return element(op.getX(), op.getXZp(), x, {});
  }

  /// The weight for output channel m.
  Value right(Value m, Value channel, IndexRef taps) const {
    Index w{m};
    if (!window.channelsLast)
      w.push_back(channel);
    w.append(taps.begin(), taps.end());
    if (window.channelsLast)
      w.push_back(channel);
    return element(op.getW(), op.getWZp(), w, m);
  }

  Value step(IndexRef output, Value channel, IndexRef taps, Value acc) const {
    Value x = left(output, channel, taps);
    Value w = right(output[window.channelAxis()], channel, taps);
    return accumulateAdd(g, acc, accumulateMul(g, x, w));
  }

  /// Folded index to (channel, taps), by layout.
  Value stepFolded(IndexRef output, IndexRef folded, Value acc) const {
    return window.channelsLast ? step(output, folded.back(), folded.drop_back(), acc)
                               : step(output, folded[0], folded.drop_front(), acc);
  }

  /// Bounds of the fold; spatial dims without output position run over all taps.
  std::pair<Index, Index> bounds(ArrayRef<Value> positions) const {
    Index from, to;
    for (size_t dim = 0; dim < window.rank(); ++dim) {
      auto [lo, hi] = positions[dim] ? window.taps(dim, positions[dim])
                                     : std::make_pair(g.idx(0), window.kernel[dim]);
      from.push_back(lo);
      to.push_back(hi);
    }
    size_t at = window.channelsLast ? from.size() : 0;
    from.insert(from.begin() + at, g.idx(0));
    to.insert(to.begin() + at, groupChannels);
    return {from, to};
  }

  Value zero() const {
    return isa<FloatType>(accType) ? g.scalars.floatConstant(accType, 0)
                                   : g.scalars.intConstant(accType, 0);
  }

  GroupEmitter &g;
  mutable nn::ConvOp op;
  Value result;
  Window window;
  Type accType;
  Value groupChannels, outputsPerGroup;
};
} // namespace

Value convAt(GroupEmitter &g, nn::ConvOp op, IndexRef index) {
  ConvStep conv(g, op);
  Index positions;
  for (size_t dim = 0; dim < conv.window.rank(); ++dim)
    positions.push_back(index[conv.window.axis(dim)]);
  auto [from, to] = conv.bounds(positions);
  Value acc =
      g.fold(from, to, conv.zero(), [&](IndexRef folded, ValueRange carried) -> SmallVector<Value> {
        return {conv.stepFolded(index, folded, carried[0])};
      })[0];
  return g.scalars.round(acc, g.elementType(conv.result));
}

/// In a kernel, as a product of pixels by channels over taps and input channels. The left
/// factor is gathered on the way into shared memory: nothing is unfolded in between.
static void emitTiles(GroupEmitter &g, const ConvStep &conv) {
  const Window &window = conv.window;
  Index output(g.shape(conv.result)), pixels{output[0]}, folded(window.kernel);
  for (size_t dim = 0; dim < window.rank(); ++dim)
    pixels.push_back(output[window.axis(dim)]);
  // Channels last: they are contiguous.
  folded.insert(window.channelsLast ? folded.end() : folded.begin(), conv.groupChannels);
  auto split = [&](Value k) {
    Index index = g.delinearize(k, folded);
    Value channel = window.channelsLast ? index.back() : index[0];
    Index taps(window.channelsLast ? IndexRef(index).drop_back() : IndexRef(index).drop_front());
    return std::make_pair(channel, taps);
  };
  auto outputIndex = [&](Value group, Value row, Value column) {
    Index pixel = g.delinearize(row, pixels), index(output.size());
    index[0] = pixel[0];
    for (size_t dim = 0; dim < window.rank(); ++dim)
      index[window.axis(dim)] = pixel[1 + dim];
    index[window.channelAxis()] = g.add(g.mul(group, conv.outputsPerGroup), column);
    return index;
  };
  emitTiledProduct(
      g, {g.idx(conv.op.getGroup()), g.product(pixels), conv.outputsPerGroup, g.product(folded),
          conv.accType, conv.zero(),
          [&](Value group, Value row, Value k) {
            auto [channel, taps] = split(k);
            Index index = outputIndex(group, row, g.idx(0));
            Value valid;
            for (size_t dim = 0; dim < window.rank(); ++dim) {
              Value test = window.isInside(dim, index[window.axis(dim)], taps[dim]);
              valid = valid ? g.b.createOrFold<arith::AndIOp>(g.loc, valid, test) : test;
            }
            auto load = [&, channel = channel, taps = taps] {
              return conv.left(index, channel, taps);
            };
            return valid ? g.guarded(valid, conv.zero(), load) : load();
          },
          [&](Value group, Value k, Value column) {
            auto [channel, taps] = split(k);
            return conv.right(g.add(g.mul(group, conv.outputsPerGroup), column), channel, taps);
          },
          [&](Value group, Value row, Value column, Value sum) {
            g.finish(conv.result, outputIndex(group, row, column),
                     g.scalars.round(sum, g.elementType(conv.result)));
          },
          g.elementType(conv.op.getX()), g.elementType(conv.op.getW()),
          /*leftAlongDepth=*/window.channelsLast, /*rightAlongDepth=*/true});
}

void emitConv(GroupEmitter &g, nn::ConvOp op) {
  ConvStep conv(g, op);
  Index output(g.shape(conv.result));
  Window &window = conv.window;
  if (g.hasShape(KernelShape::Tiles)) {
    emitTiles(g, conv);
    return;
  }
  size_t last = window.rank() - 1;
  // Channels last: dot products over contiguous channels, unless depthwise.
  bool dots = window.channelsLast && !GroupEmitter::isConstant(conv.groupChannels, 1);
  if (g.perElement() || dots || GroupEmitter::isConstant(output.back(), 1)) {
    g.nest(output, [&](IndexRef index) { g.finish(conv.result, index, convAt(g, op, index)); });
    return;
  }
  auto bounds = [&](IndexRef outer) {
    Index positions;
    for (size_t dim = 0; dim < window.rank(); ++dim)
      positions.push_back(window.axis(dim) < outer.size() ? outer[window.axis(dim)] : Value());
    return conv.bounds(positions);
  };
  auto lanes = [&](IndexRef folded) { return window.outputs(last, folded.back(), output.back()); };
  GroupEmitter::Strip shape{conv.zero(), output, bounds, {}};
  if (!window.channelsLast)
    shape.lanes = lanes;
  g.strip(
      shape,
      [&](IndexRef index, IndexRef folded, Value acc) {
        return conv.stepFolded(index, folded, acc);
      },
      [&](IndexRef index, Value acc) {
        g.finish(conv.result, index, g.scalars.round(acc, g.elementType(conv.result)));
      });
}

} // namespace burin
