//===- TransformerOps.cpp - com.microsoft's fused transformer operators ---===//
//
// Part of Burin, under the Apache License v2.0.
//
// Optimisers of exported transformers leave these operators behind.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/OperatorFamilies.h"
#include "compiler/importer/Products.h"
#include "compiler/importer/ShapeMath.h"
#include "compiler/importer/Windows.h"

using namespace mlir;
using namespace burin;
using nn::BinaryFn;
using nn::CompareFn;
using nn::UnaryFn;

//===----------------------------------------------------------------------===//
// Activations
//===----------------------------------------------------------------------===//

/// BiasGelu, FastGelu and Gelu: a bias, which may be absent, then the variant.
static LogicalResult importBiasGelu(NodeBinder &n) {
  Value x = widen(n, n.operand(0));
  if (Value bias = n.operand(1))
    x = n.add(x, widen(n, bias));
  n.setResult(0, n.cast(n.unary(static_cast<UnaryFn>(n.variant()), x), n.elementType(0)));
  return success();
}

static LogicalResult importQuickGelu(NodeBinder &n) {
  n.setResult(0, n.unary(UnaryFn::swish, n.operand(0), n.floatAttr("alpha", 1.702f)));
  return success();
}

static LogicalResult importBiasAdd(NodeBinder &n) {
  n.setResult(0, n.add(n.add(n.operand(0), n.operand(1)), n.operand(2)));
  return success();
}

//===----------------------------------------------------------------------===//
// Embeddings
//===----------------------------------------------------------------------===//

/// Sums of rows of two or three tables, normalised.
static LogicalResult importEmbedLayerNormalization(NodeBinder &n) {
  ShapeMath math(n);
  Value ids = n.operand(0);
  for (size_t i : {2, 3, 5, 6})
    if (!n.hasOperand(i))
      return n.emitError() << "input " << i << " is missing";
  Value words = n.operand(2), positions = n.operand(3);
  if (!n.requireRank(ids, 2, "the ids") || !n.requireRank(words, 2, "the word embedding") ||
      !n.requireRank(positions, 2, "the position embedding"))
    return failure();
  Type type = n.elementType(words);
  auto rows = [&](Value table, Value indices) {
    return widen(n, n.gather(table, n.cast(indices, n.b.getI64Type()), 0));
  };
  Value places = n.hasOperand(8) ? n.operand(8) : math.iota(n.extent(ids, 1));
  Value sum = n.add(rows(words, ids), rows(positions, places));
  if (n.hasOperand(1) && n.hasOperand(4))
    sum = n.add(sum, rows(n.operand(4), n.operand(1)));
  Value y = n.create<nn::NormalizeOp>(
      nn::NormalizeFnAttr::get(n.b.getContext(), nn::NormalizeFn::layer), sum,
      n.b.getDenseI64ArrayAttr({2}), n.b.getF64FloatAttr(n.floatAttr("epsilon", 1e-12f)));
  y = n.add(n.mul(y, widen(n, n.operand(5))), widen(n, n.operand(6)));
  n.setResult(0, n.cast(y, type));
  if (n.hasResult(1)) {
    // How many entries of the mask are set; no mask counts as none.
    Type i32 = n.b.getI32Type();
    Value count = n.hasOperand(7)
                      ? n.reduce(nn::ReduceFn::sum, n.cast(n.operand(7), i32), {1}, false)
                      : n.broadcastTo(n.scalar(i32, 0), n.shapeFrom({n.extent(ids, 0)}));
    n.setResult(1, count);
  }
  if (n.hasResult(2))
    n.setResult(2, n.cast(sum, type));
  return success();
}

//===----------------------------------------------------------------------===//
// Attention
//===----------------------------------------------------------------------===//

/// mask_index as a bias that broadcasts to [B, heads, S, T]: what is hidden
/// gets mask_filter_value, which is no -Inf here. Lengths [B], ends and starts
/// [2 B], or 0 and 1 as [B, T] or [B, S, T].
static Value maskBias(NodeBinder &n, Value mask, Extent batch, Extent keys, Type type) {
  ShapeMath math(n);
  Type i64 = n.b.getI64Type();
  mask = n.cast(mask, i64);
  Value visible;
  if (n.rank(mask) == 1) {
    Value key = math.iota(keys);
    int64_t length = n.dim(mask, 0);
    bool ranges = !ShapedType::isDynamic(length) && batch.isStatic() && length != batch.value;
    if (ranges && length != 2 * batch.value) {
      n.emitError() << "a mask_index of " << length << " entries is not supported for a batch of "
                    << batch.value;
      return Value();
    }
    auto column = [&](Extent first) {
      Value part = n.slice(mask, math.vector(first), math.vector(batch));
      return n.reshape(part, {batch, Extent(1), Extent(1), Extent(1)});
    };
    visible = n.compare(CompareFn::lt, key, column(0));
    if (ranges)
      visible = n.binary(BinaryFn::and_, visible, n.compare(CompareFn::ge, key, column(batch)));
  } else if (n.rank(mask) == 2 || n.rank(mask) == 3) {
    SmallVector<Extent> extents = n.extents(mask);
    extents.insert(extents.begin() + 1, 4 - extents.size(), Extent(1));
    visible = n.compare(CompareFn::ne, n.reshape(mask, extents), n.index(0));
  } else {
    n.emitError() << "a mask_index of rank " << n.rank(mask) << " is not supported";
    return Value();
  }
  return n.select(visible, n.scalar(type, 0),
                  n.scalar(type, n.floatAttr("mask_filter_value", -10000)));
}

static LogicalResult importAttention(NodeBinder &n) {
  ShapeMath math(n);
  Value x = n.operand(0), past = n.operand(4);
  if (!n.requireRank(x, 3, "the input") || !n.requireRank(n.operand(1), 2, "the weights"))
    return failure();
  if (n.boolAttr("do_rotary", false) || n.boolAttr("past_present_share_buffer", false))
    return n.emitError() << "rotary embedding and shared buffers inside Attention are not "
                            "supported: export without them";
  int64_t heads = n.requiredInt("num_heads"), width = n.dim(n.operand(1), 1);
  if (n.failed())
    return failure();
  SmallVector<int64_t> sizes = n.intsAttr("qkv_hidden_sizes");
  if (sizes.empty() && !ShapedType::isDynamic(width))
    sizes.assign(3, width / 3);
  bool fits = sizes.size() == 3 && heads > 0;
  for (int64_t size : sizes)
    fits &= size > 0 && size <= width && size % std::max<int64_t>(heads, 1) == 0;
  if (!fits || sizes[0] + sizes[1] + sizes[2] != width)
    return n.emitError() << heads << " heads do not fit weights of " << width << " columns";
  Value packed = buildNumpyMatMul(n, x, n.operand(1));
  if (Value bias = n.operand(2))
    packed = n.add(packed, bias);
  // [B, S, heads, size] -> [B, heads, S, size]
  Extent batch = n.extent(x, 0), queries = n.extent(x, 1);
  int64_t offset = 0;
  auto part = [&](int64_t size) {
    Value own =
        n.slice(packed, n.ints({0, 0, offset}), n.shapeFrom({batch, queries, Extent(size)}));
    offset += size;
    own = n.reshape(own, {batch, queries, Extent(heads), Extent(size / heads)});
    return n.transpose(own, {0, 2, 1, 3});
  };
  Value q = part(sizes[0]), k = part(sizes[1]), v = part(sizes[2]);
  Value before = n.index(0);
  if (past) {
    if (!n.requireRank(past, 5, "past"))
      return failure();
    SmallVector<Extent> extents = n.extents(past), single = extents;
    single[0] = 1;
    auto half = [&](int64_t which) {
      Value own = n.slice(past, n.ints({which, 0, 0, 0, 0}), n.shapeFrom(single));
      return n.reshape(own, ArrayRef(extents).drop_front());
    };
    k = n.concat({half(0), k}, 2);
    v = n.concat({half(1), v}, 2);
    before = math.scalar(extents[3]);
  }
  if (n.hasResult(1)) {
    auto stacked = [&](Value own) {
      SmallVector<Extent> extents = n.extents(own);
      extents.insert(extents.begin(), Extent(1));
      return n.reshape(own, extents);
    };
    n.setResult(1, n.concat({stacked(k), stacked(v)}, 0));
  }
  Value bias;
  if (n.hasOperand(3))
    bias = maskBias(n, n.operand(3), batch, n.extent(k, 2), n.elementType(x));
  if (n.failed())
    return failure();
  if (Value extra = n.operand(5))
    bias = bias ? n.add(bias, extra) : extra;
  double scale = n.floatAttr("scale", 0);
  if (scale == 0)
    scale = 1 / std::sqrt(static_cast<double>(sizes[0]) / static_cast<double>(heads));
  Value y = n.create<nn::AttentionOp>(
      q, k, v, bias, Value(), before, Value(), n.b.getF64FloatAttr(scale), n.b.getF64FloatAttr(0),
      n.b.getBoolAttr(n.boolAttr("unidirectional", false)), n.b.getI64IntegerAttr(-1),
      n.b.getI64IntegerAttr(-1), TypeAttr());
  n.setResult(0, n.reshape(n.transpose(y, {0, 2, 1, 3}), {batch, queries, Extent(sizes[2])}));
  return success();
}

void burin::registerTransformerOps(OpRegistry &registry) {
  StringRef domain = OpRegistry::kMicrosoftDomain;
  auto gelu = static_cast<int64_t>(UnaryFn::gelu), tanh = static_cast<int64_t>(UnaryFn::gelu_tanh);
  registry.addTo(domain, "Gelu", 1, 1, importBiasGelu, gelu);
  registry.addTo(domain, "BiasGelu", 1, 2, importBiasGelu, gelu);
  registry.addTo(domain, "FastGelu", 1, {1, 2}, importBiasGelu, tanh);
  registry.addTo(domain, "QuickGelu", 1, 1, importQuickGelu);
  registry.addTo(domain, "BiasAdd", 1, 3, importBiasAdd);
  registry.addTo(domain, "EmbedLayerNormalization", 1, {1, 9}, importEmbedLayerNormalization);
  registry.addTo(domain, "Attention", 1, {2, 7}, importAttention);
}
