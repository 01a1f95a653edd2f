//===- ContractionCases.cpp - Random products, windows, recurrences -------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/tools/opcases/CaseBuilder.h"

using namespace mlir;

namespace burin::opcases {

/// Element types of a product: floats, bytes of either sign, other integers.
static std::pair<Type, Type> productTypes(CaseBuilder &c) {
  if (c.random.oneIn(4))
    return {c.type(c.random.pick({"i8", "ui8"})), c.type(c.random.pick({"i8", "ui8"}))};
  Type type = c.random.oneIn(6) ? c.type(c.random.pick({"i32", "i64", "ui32"})) : c.floatType();
  return {type, type};
}

static Operation *matMul(CaseBuilder &c) {
  auto [aType, bType] = productTypes(c);
  // Sometimes beyond the sizes of register tiles.
  int64_t largest = c.random.pick<int64_t>({4, 9, 40});
  int64_t m = c.random.in(1, largest), n = c.random.in(1, largest);
  int64_t k = c.random.oneIn(10) ? 0 : c.random.in(1, largest);
  Shape batch = c.shape(0, 2, 3), a = c.broadcastable(batch), b = c.broadcastable(batch);
  bool ta = c.random.oneIn(3), tb = c.random.oneIn(3);
  Shape aBatch(a), bBatch(b);
  a.append({ta ? k : m, ta ? m : k});
  b.append({tb ? n : k, tb ? k : n});
  Value x = c.argument(c.tensor(aType, a, Fill::Finite));
  Value y = c.operand(bType, b, Fill::Finite);
  Value aZp, bZp;
  if (aType.isInteger(8) && c.random.oneIn(2)) {
    aZp = c.operand(c.ints(aType, c.random.oneIn(2) ? Shape() : Shape{m, 1}, 0, 5));
    bZp = c.operand(c.ints(bType, c.random.oneIn(2) ? Shape() : Shape{1, n}, 0, 5));
  }
  return nn::tryCreate<nn::MatMulOp>(c.b, c.loc, x, y, aZp, bZp, c.b.getBoolAttr(ta),
                                     c.b.getBoolAttr(tb), TypeAttr());
}

namespace {
/// A random window over `rank` spatial axes that fits into `input`.
struct RandomWindow {
  Shape input, kernel, strides, dilations, pads;

  RandomWindow(CaseBuilder &c, int64_t rank) {
    pads.assign(2 * rank, 0);
    for (int64_t d = 0; d < rank; ++d) {
      kernel.push_back(c.random.in(1, 3));
      strides.push_back(c.random.in(1, 3));
      dilations.push_back(c.random.oneIn(4) ? 2 : 1);
      int64_t reach = (kernel[d] - 1) * dilations[d] + 1;
      pads[d] = c.random.in(0, kernel[d] - 1);
      pads[rank + d] = c.random.in(0, kernel[d] - 1);
      input.push_back(std::max<int64_t>(reach - pads[d] - pads[rank + d], 1) + c.random.in(0, 6));
    }
  }
};
} // namespace

/// [batch, channels, space...] in the order of the layout.
static Shape placed(nn::Layout layout, int64_t batch, int64_t channels, ArrayRef<int64_t> space) {
  Shape shape = {batch};
  if (layout == nn::Layout::nchw)
    shape.push_back(channels);
  shape.append(space.begin(), space.end());
  if (layout == nn::Layout::nhwc)
    shape.push_back(channels);
  return shape;
}

static nn::Layout randomLayout(CaseBuilder &c) {
  return c.random.oneIn(3) ? nn::Layout::nhwc : nn::Layout::nchw;
}

static Operation *conv(CaseBuilder &c) {
  auto [xType, wType] = productTypes(c);
  if (!xType.isInteger(8))
    xType = wType = c.floatType();
  RandomWindow window(c, c.random.pick<int64_t>({1, 2, 2, 2, 3}));
  nn::Layout layout = randomLayout(c);
  int64_t group = c.random.pick<int64_t>({1, 1, 2, 4});
  int64_t perGroup = group == 4 ? 1 : c.random.in(1, 3);
  int64_t filters = group * c.random.in(1, c.random.oneIn(4) ? 20 : 3);
  Value x = c.argument(c.tensor(
      xType, placed(layout, c.random.in(1, 2), group * perGroup, window.input), Fill::Finite));
  nn::Tensor weights =
      c.tensor(wType, placed(layout, filters, perGroup, window.kernel), Fill::Finite);
  Value w = c.random.oneIn(4) ? c.argument(weights) : c.constant(weights);
  Value xZp, wZp;
  if (xType.isInteger(8) && c.random.oneIn(2)) {
    xZp = c.operand(c.ints(xType, {}, 0, 5));
    wZp = c.operand(c.ints(wType, c.random.oneIn(2) ? Shape() : Shape{filters}, 0, 5));
  }
  return nn::tryCreate<nn::ConvOp>(
      c.b, c.loc, x, w, xZp, wZp, c.b.getDenseI64ArrayAttr(window.strides),
      c.b.getDenseI64ArrayAttr(window.dilations), c.b.getDenseI64ArrayAttr(window.pads),
      c.b.getI64IntegerAttr(group), nn::LayoutAttr::get(c.b.getContext(), layout), TypeAttr());
}

static Operation *convTranspose(CaseBuilder &c) {
  Type type = c.floatType();
  int64_t rank = c.random.in(1, 2);
  RandomWindow window(c, rank);
  Shape extra;
  for (int64_t d = 0; d < rank; ++d) {
    extra.push_back(c.random.in(0, window.strides[d] - 1));
    // Pads must leave something of the result.
    window.input[d] += window.pads[d] + window.pads[rank + d];
  }
  nn::Layout layout = randomLayout(c);
  int64_t group = c.random.in(1, 2), channels = group * c.random.in(1, 3);
  Value x = c.argument(
      c.tensor(type, placed(layout, c.random.in(1, 2), channels, window.input), Fill::Finite));
  Shape shape = {channels, c.random.in(1, 3)};
  llvm::append_range(shape, window.kernel);
  Value w = c.operand(type, shape, Fill::Finite);
  return nn::tryCreate<nn::ConvTransposeOp>(
      c.b, c.loc, x, w, c.b.getDenseI64ArrayAttr(window.strides),
      c.b.getDenseI64ArrayAttr(window.dilations), c.b.getDenseI64ArrayAttr(window.pads),
      c.b.getDenseI64ArrayAttr(extra), c.b.getI64IntegerAttr(group),
      nn::LayoutAttr::get(c.b.getContext(), layout));
}

static Operation *pool(CaseBuilder &c) {
  auto fn = c.random.pick({nn::PoolFn::sum, nn::PoolFn::max});
  RandomWindow window(c, c.random.in(1, 3));
  nn::Layout layout = randomLayout(c);
  Value x = c.argument(c.tensor(c.numberType(),
                                placed(layout, c.random.in(1, 2), c.random.in(1, 4), window.input),
                                Fill::Finite));
  return nn::tryCreate<nn::PoolOp>(
      c.b, c.loc, nn::PoolFnAttr::get(c.b.getContext(), fn), x,
      c.b.getDenseI64ArrayAttr(window.kernel), c.b.getDenseI64ArrayAttr(window.strides),
      c.b.getDenseI64ArrayAttr(window.dilations), c.b.getDenseI64ArrayAttr(window.pads),
      c.b.getBoolAttr(c.random.oneIn(2)), nn::LayoutAttr::get(c.b.getContext(), layout));
}

static Operation *resample(CaseBuilder &c) {
  Shape shape = c.shape(1, 4, 5, /*mayBeEmpty=*/false);
  int64_t axis = c.random.in(0, shape.size() - 1);
  Shape table = {c.random.in(1, 6), c.random.in(1, 3)};
  Value x = c.argument(c.tensor(c.floatType(), shape, Fill::Finite));
  Value idx = c.constant(c.ints(c.type("i64"), table, 0, shape[axis] - 1));
  Value w = c.constant(c.tensor(c.type("f32"), table, Fill::Finite));
  return nn::tryCreate<nn::ResampleOp>(c.b, c.loc, x, idx, w, c.b.getI64IntegerAttr(axis));
}

static Operation *attention(CaseBuilder &c) {
  Type type = c.floatType();
  int64_t batch = c.random.in(1, 2), kvHeads = c.random.in(1, 2);
  int64_t heads = kvHeads * c.random.in(1, 2), queries = c.random.in(1, 5);
  int64_t keys = c.random.in(1, 6), depth = c.random.in(1, 4), width = c.random.in(1, 4);
  Value q = c.argument(c.tensor(type, {batch, heads, queries, depth}, Fill::Finite));
  Value k = c.argument(c.tensor(type, {batch, kvHeads, keys, depth}, Fill::Finite));
  Value v = c.argument(c.tensor(type, {batch, kvHeads, keys, width}, Fill::Finite));
  Value mask, kvLen, offset, sink;
  Shape maskShape = {batch, heads, queries, keys};
  if (c.random.oneIn(3))
    mask = c.argument(c.ints(c.type("i1"), c.broadcastable(maskShape), 0, 1));
  else if (c.random.oneIn(2))
    mask = c.argument(c.tensor(type, c.broadcastable(maskShape), Fill::Finite));
  if (c.random.oneIn(4))
    kvLen = c.argument(c.ints(c.type("i64"), {batch}, 0, keys));
  if (c.random.oneIn(4))
    offset = c.argument(c.ints(c.type("i64"), {}, -1, 3));
  if (c.random.oneIn(4))
    sink = c.argument(c.tensor(type, {heads}, Fill::Finite));
  return nn::tryCreate<nn::AttentionOp>(
      c.b, c.loc, q, k, v, mask, kvLen, offset, sink, c.b.getF64FloatAttr(0.5),
      c.b.getF64FloatAttr(c.random.oneIn(3) ? 2.0 : 0.0), c.b.getBoolAttr(c.random.oneIn(2)),
      c.b.getI64IntegerAttr(c.random.oneIn(4) ? 1 : -1),
      c.b.getI64IntegerAttr(c.random.oneIn(4) ? 1 : -1), TypeAttr());
}

static Operation *rnn(CaseBuilder &c) {
  auto kind = c.random.pick({nn::RnnKind::lstm, nn::RnnKind::gru, nn::RnnKind::rnn});
  auto direction =
      c.random.pick({nn::Direction::forward, nn::Direction::reverse, nn::Direction::bidirectional});
  Type type = c.type(c.random.pick({"f32", "f32", "f64"}));
  int64_t directions = direction == nn::Direction::bidirectional ? 2 : 1;
  int64_t gates = kind == nn::RnnKind::lstm ? 4 : kind == nn::RnnKind::gru ? 3 : 1;
  int64_t perDirection = kind == nn::RnnKind::lstm ? 3 : kind == nn::RnnKind::gru ? 2 : 1;
  int64_t steps = c.random.in(1, 4), batch = c.random.in(1, 3), width = c.random.in(1, 4);
  int64_t hidden = c.random.in(1, 4);
  auto optional = [&](Type element, Shape shape) {
    return c.random.oneIn(2) ? c.operand(element, shape, Fill::Finite) : Value();
  };
  Value x = c.argument(c.tensor(type, {steps, batch, width}, Fill::Finite));
  c.fixShapes(); // the hidden size must be known
  Value w = c.operand(type, {directions, gates * hidden, width}, Fill::Finite);
  Value r = c.operand(type, {directions, gates * hidden, hidden}, Fill::Finite);
  Value bias = optional(type, {directions, 2 * gates * hidden});
  Value lens;
  if (c.random.oneIn(3))
    lens = c.argument(c.ints(c.type("i32"), {batch}, 0, steps));
  Value h0 = optional(type, {directions, batch, hidden}), c0, p;
  if (kind == nn::RnnKind::lstm) {
    c0 = optional(type, {directions, batch, hidden});
    p = optional(type, {directions, 3 * hidden});
  }
  SmallVector<Attribute> fns;
  SmallVector<double> zeros;
  for (int64_t d = 0; d < directions; ++d)
    for (int64_t i = 0; i < perDirection; ++i) {
      bool gate = i == 0 && kind != nn::RnnKind::rnn;
      auto fn = gate ? nn::UnaryFn::sigmoid : c.random.pick({nn::UnaryFn::tanh, nn::UnaryFn::relu});
      fns.push_back(nn::UnaryFnAttr::get(c.b.getContext(), fn));
      zeros.push_back(0);
    }
  auto floats = DenseF64ArrayAttr::get(c.b.getContext(), zeros);
  return nn::tryCreate<nn::RnnOp>(
      c.b, c.loc, nn::RnnKindAttr::get(c.b.getContext(), kind), x, w, r, bias, lens, h0, c0, p,
      nn::DirectionAttr::get(c.b.getContext(), direction), c.b.getArrayAttr(fns), floats, floats,
      c.b.getF64FloatAttr(c.random.oneIn(4) ? 1.0 : 0.0),
      c.b.getBoolAttr(kind == nn::RnnKind::lstm && c.random.oneIn(4)),
      c.b.getBoolAttr(kind == nn::RnnKind::gru && c.random.oneIn(2)));
}

ArrayRef<NamedGenerator> contractionGenerators() {
  static constexpr NamedGenerator all[] = {
      {"matmul", matMul}, {"matmul", matMul},      {"matmul", matMul},
      {"conv", conv},     {"conv", conv},          {"conv", conv},
      {"pool", pool},     {"resample", resample},  {"conv_transpose", convTranspose},
      {"rnn", rnn},       {"attention", attention}};
  return all;
}

} // namespace burin::opcases
