//===- RecurrentAttentionOps.cpp - Attention that carries a state ---------===//
//
// Part of Burin, under the Apache License v2.0.
//
// LinearAttention and the causal convolution that goes with it in models.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/OperatorFamilies.h"
#include "compiler/importer/RegionBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include <cmath>

using namespace mlir;
using namespace burin;
using nn::UnaryFn;

static Value zeros(NodeBinder &n, Type type, ArrayRef<Extent> extents) {
  return n.broadcastTo(n.scalar(type, 0), n.shapeFrom(extents));
}

static Value matmul(NodeBinder &n, Value l, Value r, bool transposeL = false) {
  return n.create<nn::MatMulOp>(l, r, Value(), Value(), n.b.getBoolAttr(transposeL),
                                n.b.getBoolAttr(false), TypeAttr());
}

//===----------------------------------------------------------------------===//
// Linear attention
//===----------------------------------------------------------------------===//

namespace {
/// One step of the recurrence over a state [B, H, Dk, Dv], all in f32. What it
/// reads has time in front: q [T, B, H, G, Dk] (G query heads per state),
/// k [T, B, H, 1, Dk], v [T, B, H, 1, Dv].
struct LinearAttention {
  Value q, k, v;
  Value decay; ///< [T, B, H, 1 or Dk, 1]; may be null
  Value beta;  ///< [T, B, 1 or H, 1, 1]; may be null
  double scale = 1;
};
} // namespace

/// The next state and what the queries read, [B, H, G, Dv].
static std::pair<Value, Value> step(NodeBinder &n, const LinearAttention &a, Value state,
                                    Value time) {
  auto now = [&](Value x) { return n.gather(x, time, 0); };
  if (a.decay)
    state = n.mul(state, n.unary(UnaryFn::exp, now(a.decay)));
  Value k = now(a.k), v = now(a.v);
  if (a.beta)
    v = n.mul(now(a.beta), n.sub(v, matmul(n, k, state)));
  state = n.add(state, matmul(n, k, v, true));
  return {state, n.mul(matmul(n, now(a.q), state), n.scalarLike(state, a.scale))};
}

/// [B, T, H * D] as f32 [T, B, H, D].
static Value byTime(NodeBinder &n, Value x, int64_t heads, StringRef what) {
  if (!n.requireRank(x, 3, what))
    return x;
  int64_t width = NNBuilder::dim(x, 2);
  if (width == ShapedType::kDynamic || width % heads != 0) {
    n.emitError() << heads << " heads do not divide the last extent of " << what;
    return x;
  }
  SmallVector<Extent> extents = n.extents(x);
  Value split = n.reshape(x, {extents[0], extents[1], Extent(heads), Extent(width / heads)});
  return n.cast(n.transpose(split, {1, 0, 2, 3}), n.b.getF32Type());
}

static LogicalResult importLinearAttention(NodeBinder &n) {
  OpBuilder::InsertionGuard guard(n.b);
  int64_t queryHeads = n.requiredInt("q_num_heads"), heads = n.requiredInt("kv_num_heads");
  std::string rule = n.stringAttr("update_rule", "gated_delta");
  bool gated = rule == "gated" || rule == "gated_delta";
  bool delta = rule == "delta" || rule == "gated_delta";
  if (n.failed())
    return failure();
  if (!gated && !delta && rule != "linear")
    return n.emitError() << "update_rule is '" << rule
                         << "', expected 'linear', 'gated', 'delta' or 'gated_delta'";
  if (heads < 1 || queryHeads < 1 || queryHeads % heads != 0)
    return n.emitError() << heads << " key heads do not divide " << queryHeads << " query heads";
  if (gated != n.hasOperand(4) || delta != n.hasOperand(5))
    return n.emitError() << "'" << rule << "' needs " << (gated ? "'decay'" : "no 'decay'")
                         << " and " << (delta ? "'beta'" : "no 'beta'");
  LinearAttention a;
  Value q = byTime(n, n.operand(0), queryHeads, "'query'");
  Value k = byTime(n, n.operand(1), heads, "'key'"), v = byTime(n, n.operand(2), heads, "'value'");
  if (n.failed())
    return failure();
  int64_t depth = NNBuilder::dim(k, 3), width = NNBuilder::dim(v, 3);
  SmallVector<Extent> extents = n.extents(q);
  Extent length = extents[0], batch = extents[1];
  a.q = n.reshape(q, {length, batch, Extent(heads), Extent(queryHeads / heads), extents[3]});
  a.k = n.reshape(k, {length, batch, Extent(heads), Extent(1), Extent(depth)});
  a.v = n.reshape(v, {length, batch, Extent(heads), Extent(1), Extent(width)});
  if (gated) {
    Value decay = byTime(n, n.operand(4), heads, "'decay'");
    a.decay = n.reshape(decay, {length, batch, Extent(heads), n.extent(decay, 3), Extent(1)});
  }
  if (delta) {
    int64_t own = n.dim(n.operand(5), 2);
    Value beta = byTime(n, n.operand(5), own == 1 ? 1 : heads, "'beta'");
    a.beta = n.reshape(beta, {length, batch, Extent(own == 1 ? 1 : heads), Extent(1), Extent(1)});
  }
  a.scale = n.floatAttr("scale", 0);
  if (a.scale == 0)
    a.scale = 1 / std::sqrt(static_cast<double>(std::max<int64_t>(depth, 1)));
  Type stateType = n.elementType(n.hasOperand(3) ? 3 : 0), f32 = n.b.getF32Type();
  Value state = n.hasOperand(3)
                    ? n.cast(n.operand(3), f32)
                    : zeros(n, f32, {batch, Extent(heads), Extent(depth), Extent(width)});
  if (n.failed())
    return failure();
  Value y; // [T, B, H, G, Dv]
  if (length.isStatic() && length.value == 1) {
    auto [next, read] = step(n, a, state, n.index(0));
    SmallVector<Extent> row = n.extents(read);
    row.insert(row.begin(), Extent(1));
    y = n.reshape(read, row);
    state = next;
  } else {
    Value zero = n.b.create<arith::ConstantIndexOp>(n.loc, 0);
    Value one = n.b.create<arith::ConstantIndexOp>(n.loc, 1);
    Value rows =
        zeros(n, f32, {length, batch, Extent(heads), Extent(queryHeads / heads), Extent(width)});
    SmallVector<Value> start{state, rows};
    auto loop = n.b.create<scf::ForOp>(n.loc, zero, toIndex(n, length), one, start);
    Block &block = *loop.getBody();
    {
      OpBuilder::InsertionGuard inside(n.b);
      if (!block.empty())
        block.back().erase();
      n.b.setInsertionPointToEnd(&block);
      Value time = counterTensor(n, loop.getInductionVar());
      auto [next, read] = step(n, a, loop.getRegionIterArg(0), time);
      Value stored = storeRow(n, loop.getRegionIterArg(1), time, read);
      if (n.failed()) {
        next = loop.getRegionIterArg(0);
        stored = loop.getRegionIterArg(1);
      }
      finishBlock(n, block, {next, stored}, ValueRange(start).getTypes());
    }
    state = loop.getResult(0);
    y = loop.getResult(1);
  }
  if (n.failed())
    return failure();
  Value merged =
      n.reshape(n.transpose(y, {1, 0, 2, 3, 4}), {batch, length, Extent(queryHeads * width)});
  n.setResult(0, n.cast(merged, n.elementType(0)));
  if (n.hasResult(1))
    n.setResult(1, n.cast(state, stateType));
  return success();
}

//===----------------------------------------------------------------------===//
// Causal convolution
//===----------------------------------------------------------------------===//

static LogicalResult importCausalConvWithState(NodeBinder &n) {
  ShapeMath math(n);
  Value x = n.operand(0), weight = n.operand(1);
  if (!n.requireRank(x, 3, "the input") || !n.requireRank(weight, 3, "the weight"))
    return failure();
  std::string activation = n.stringAttr("activation", "none");
  bool swish = activation == "silu" || activation == "swish";
  if (!swish && activation != "none")
    return n.emitError() << "activation is '" << activation
                         << "', expected 'none', 'silu' or 'swish'";
  int64_t taps = n.dim(weight, 2), channels = n.dim(weight, 0);
  if (taps < 1 || channels < 1)
    return n.emitError() << "channels and length of the kernel must be known";
  SmallVector<Extent> extents = n.extents(x);
  Type type = n.elementType(0);
  Value padded = x;
  if (taps > 1)
    padded = n.concat(
        {n.hasOperand(3) ? n.operand(3) : zeros(n, type, {extents[0], extents[1], taps - 1}), x},
        2);
  bool narrow = type.isF16() || type.isBF16();
  Type wide = narrow ? n.b.getF32Type() : type;
  auto list = [&](ArrayRef<int64_t> values) { return n.b.getDenseI64ArrayAttr(values); };
  Value y =
      n.create<nn::ConvOp>(n.cast(padded, wide), n.cast(weight, wide), Value(), Value(), list({1}),
                           list({1}), list({0, 0}), n.b.getI64IntegerAttr(channels),
                           nn::LayoutAttr::get(n.b.getContext(), nn::Layout::nchw), TypeAttr());
  if (n.hasOperand(2))
    y = n.add(y, n.reshape(n.cast(n.operand(2), wide), ArrayRef<int64_t>{channels, 1}));
  if (swish)
    y = n.unary(UnaryFn::swish, y, 1);
  n.setResult(0, n.cast(y, type));
  if (n.hasResult(1)) {
    // The last taps - 1 positions: of the input's length on.
    Value zero = n.ints({0});
    Value offsets = n.concat({zero, zero, math.vector(extents[2])}, 0);
    extents[2] = taps - 1;
    n.setResult(1, n.slice(padded, offsets, n.shapeFrom(extents)));
  }
  return success();
}

void burin::registerRecurrentAttentionOps(OpRegistry &registry) {
  registry.add("LinearAttention", 27, {3, 6}, importLinearAttention);
  registry.add("CausalConvWithState", 27, {2, 4}, importCausalConvWithState);
}
