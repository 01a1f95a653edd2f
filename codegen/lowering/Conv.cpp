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
    Value value = widened(operand, g.at(operand, index));
    if (!zp)
      return value;
    return g.b.createOrFold<arith::SubIOp>(g.loc, value, widened(zp, zeroPoint(zp, zpPosition)));
  }

  Value widened(Value operand, Value value) const {
    Type to = isa<FloatType>(accType) ? accType : g.elementType(result);
    return g.scalars.cast(value, g.elementType(operand), to);
  }

  Value zeroPoint(Value zp, Value position) const {
    Index index;
    if (!g.shape(zp).empty())
      index.push_back(GroupEmitter::isConstant(g.shape(zp)[0], 1) ? g.idx(0) : position);
    return g.at(zp, index);
  }

  /// The input's position under a tap that is inside.
  Index leftIndex(IndexRef output, Value channel, IndexRef taps) const {
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
    return x;
  }

  Value left(IndexRef output, Value channel, IndexRef taps) const {
    return element(op.getX(), op.getXZp(), leftIndex(output, channel, taps), {});
  }

  /// The weight for output channel m.
  Index rightIndex(Value m, Value channel, IndexRef taps) const {
    Index w{m};
    if (!window.channelsLast)
      w.push_back(channel);
    w.append(taps.begin(), taps.end());
    if (window.channelsLast)
      w.push_back(channel);
    return w;
  }

  Value right(Value m, Value channel, IndexRef taps) const {
    return element(op.getW(), op.getWZp(), rightIndex(m, channel, taps), m);
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
  auto channelOf = [&](Value group, Value column) {
    return g.add(g.mul(group, conv.outputsPerGroup), column);
  };
  /// What `load` makes of the position under a tap, or `padding`.
  auto input = [&](Value group, Value row, Value k, Value padding,
                   function_ref<Value(IndexRef, Value, IndexRef)> load) {
    auto [channel, taps] = split(k);
    Index index = outputIndex(group, row, g.idx(0));
    Value valid;
    for (size_t dim = 0; dim < window.rank(); ++dim) {
      Value test = window.isInside(dim, index[window.axis(dim)], taps[dim]);
      valid = valid ? g.both(valid, test) : test;
    }
    auto loadHere = [&, channel = channel, taps = taps] { return load(index, channel, taps); };
    return valid ? g.guarded(valid, padding, loadHere) : loadHere();
  };
  nn::ConvOp op = conv.op;
  TiledProduct tiled;
  tiled.batches = g.idx(op.getGroup());
  tiled.rows = g.product(pixels);
  tiled.columns = conv.outputsPerGroup;
  tiled.depth = g.product(folded);
  tiled.type = conv.accType;
  tiled.zero = conv.zero();
  tiled.left = [&](Value group, Value row, Value k) {
    return input(group, row, k, conv.zero(), [&](IndexRef index, Value channel, IndexRef taps) {
      return conv.left(index, channel, taps);
    });
  };
  tiled.right = [&](Value group, Value k, Value column) {
    auto [channel, taps] = split(k);
    return conv.right(channelOf(group, column), channel, taps);
  };
  tiled.done = [&](Value group, Value row, Value column, Value sum) {
    g.finish(conv.result, outputIndex(group, row, column),
             g.scalars.round(sum, g.elementType(conv.result)));
  };
  tiled.leftElement = g.elementType(op.getX());
  tiled.rightElement = g.elementType(op.getW());
  tiled.leftAlongDepth = window.channelsLast;
  tiled.rightAlongDepth = true;
  if (tiled.leftElement.isInteger(8) && tiled.rightElement.isInteger(8)) {
    ByteFactors &bytes = tiled.bytes.emplace();
    bytes.left = [&](Value group, Value row, Value k) {
      Value padding = op.getXZp() ? conv.zeroPoint(op.getXZp(), g.idx(0)) : g.zeroOf(op.getX());
      return input(group, row, k, padding, [&](IndexRef index, Value channel, IndexRef taps) {
        return g.at(op.getX(), conv.leftIndex(index, channel, taps));
      });
    };
    bytes.right = [&](Value group, Value k, Value column) {
      auto [channel, taps] = split(k);
      return g.at(op.getW(), conv.rightIndex(channelOf(group, column), channel, taps));
    };
    if (!isZero(op.getXZp()))
      bytes.leftZero = [&](Value, Value) {
        return conv.widened(op.getXZp(), conv.zeroPoint(op.getXZp(), g.idx(0)));
      };
    if (!isZero(op.getWZp()))
      bytes.rightZero = [&](Value group, Value column) {
        return conv.widened(op.getWZp(), conv.zeroPoint(op.getWZp(), channelOf(group, column)));
      };
  }
  emitTiledProduct(g, tiled);
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
