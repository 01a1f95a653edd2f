//===- AttentionOps.cpp - Attention and rotary embeddings -----------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/OperatorFamilies.h"
#include "compiler/importer/ShapeMath.h"
#include <cmath>

using namespace mlir;
using namespace burin;
using nn::BinaryFn;
using nn::CompareFn;
using nn::UnaryFn;

/// x itself, or in f32 where its own type is too narrow for intermediates.
static Value widen(NodeBinder &n, Value x) {
  Type type = NNBuilder::elementType(x);
  return type.isF16() || type.isBF16() ? n.cast(x, n.b.getF32Type()) : x;
}

namespace {
/// What qk_matmul_output holds, by its number in the attribute.
enum class LogitsOutput { Product, Capped, Biased, Probabilities };

/// The parts of an attention: q [B, Hq, S, D], k [B, H, T, D], v [B, H, T, Dv].
struct Attention {
  Value q, k, v;
  Value mask;   ///< broadcasts to [B, Hq, S, T]; i1 (false hides) or float; may be null
  Value kvLen;  ///< valid keys, i64 [B]; may be null
  Value offset; ///< position of the first query, i64 [] or [B]; may be null
  double scale = 1, softcap = 0;
  bool causal = false;
  int64_t left = -1, right = -1;
  Type softmaxType; ///< may be null
};
} // namespace

/// [B, S, H * D] as [B, H, S, D]; rank 4 as it is.
static Value splitHeads(NodeBinder &n, Value x, std::optional<int64_t> heads, StringRef attribute) {
  if (NNBuilder::rank(x) == 4)
    return x;
  if (!n.requireRank(x, 3, "an input that is not of rank 4"))
    return x;
  int64_t width = NNBuilder::dim(x, 2);
  if (!heads || *heads < 1) {
    n.emitError() << "inputs of rank 3 need '" << attribute << "'";
    return x;
  }
  if (width == ShapedType::kDynamic || width % *heads != 0) {
    n.emitError() << *heads << " heads (" << attribute << ") do not divide the last extent";
    return x;
  }
  SmallVector<Extent> extents = n.extents(x);
  return n.transpose(n.reshape(x, {extents[0], extents[1], Extent(*heads), Extent(width / *heads)}),
                     {0, 2, 1, 3});
}

/// [B, H, S, D] as [B, S, H * D].
static Value mergeHeads(NodeBinder &n, Value x) {
  SmallVector<Extent> extents = n.extents(x);
  return n.reshape(n.transpose(x, {0, 2, 1, 3}),
                   {extents[0], extents[2], n.product({extents[1], extents[3]})});
}

/// A mask for fewer keys than there are hides the others.
static Value padMask(NodeBinder &n, Value mask, Extent keys) {
  int64_t rank = NNBuilder::rank(mask);
  int64_t given = NNBuilder::dim(mask, rank - 1);
  // One column for all keys is a broadcast unless there is one key.
  if (rank == 0 || !keys.isStatic() || given == ShapedType::kDynamic || given >= keys.value)
    return mask;
  SmallVector<Extent> extents = n.extents(mask);
  extents.back() = keys.value - given;
  bool isBool = NNBuilder::elementType(mask).isInteger(1);
  Value hidden = n.scalarLike(mask, isBool ? 0 : -std::numeric_limits<double>::infinity());
  return n.concat({mask, n.broadcastTo(hidden, n.shapeFrom(extents))}, rank - 1);
}

/// Where keys are hidden from queries, i1 that broadcasts to [B, Hq, S, T];
/// null where nowhere.
static Value hiddenKeys(NodeBinder &n, const Attention &a) {
  ShapeMath math(n);
  Value hidden;
  auto hide = [&](Value more) { hidden = hidden ? n.binary(BinaryFn::or_, hidden, more) : more; };
  if (a.mask && NNBuilder::elementType(a.mask).isInteger(1))
    hide(n.unary(UnaryFn::not_, a.mask));
  else if (a.mask)
    hide(n.compare(CompareFn::eq, a.mask,
                   n.scalarLike(a.mask, -std::numeric_limits<double>::infinity())));
  Value key = math.iota(n.extent(a.k, 2));
  auto perBatch = [&](Value x) {
    return NNBuilder::rank(x) == 0 ? x : n.reshape(x, {n.extent(x, 0), 1, 1, 1});
  };
  if (a.kvLen)
    hide(n.compare(CompareFn::ge, key, perBatch(a.kvLen)));
  if (!a.causal && a.left < 0 && a.right < 0)
    return hidden;
  Extent queries = n.extent(a.q, 2);
  Value query = n.reshape(math.iota(queries), {queries, Extent(1)});
  if (a.offset)
    query = n.add(query, perBatch(a.offset));
  Value distance = n.sub(key, query); // > 0: in the future
  if (a.causal)
    hide(n.compare(CompareFn::gt, distance, n.index(0)));
  if (a.left >= 0)
    hide(n.compare(CompareFn::lt, distance, n.index(-a.left)));
  if (a.right >= 0)
    hide(n.compare(CompareFn::gt, distance, n.index(a.right)));
  return hidden;
}

static Value product(NodeBinder &n, Value l, Value r, bool transposed) {
  return n.create<nn::MatMulOp>(l, r, Value(), Value(), n.b.getBoolAttr(false),
                                n.b.getBoolAttr(transposed), TypeAttr());
}

/// The attention in small steps, for nodes whose logits are an output too.
/// Gives the result and those logits, both in f32 or f64.
static std::pair<Value, Value> decomposed(NodeBinder &n, const Attention &a, LogitsOutput wanted) {
  Value q = widen(n, a.q), k = widen(n, a.k), v = widen(n, a.v);
  Type type = NNBuilder::elementType(q);
  // Heads that share a key head become an axis of their own.
  SmallVector<Extent> qs = n.extents(q), ks = n.extents(k), vs = n.extents(v);
  ShapeMath math(n);
  Extent shared = math.div(qs[1], ks[1]);
  q = n.reshape(q, {qs[0], ks[1], shared, qs[2], qs[3]});
  k = n.reshape(k, {ks[0], ks[1], Extent(1), ks[2], ks[3]});
  v = n.reshape(v, {vs[0], vs[1], Extent(1), vs[2], vs[3]});
  Value scaled = n.mul(product(n, q, k, true), n.scalar(type, a.scale));
  Value logits = n.reshape(scaled, {qs[0], qs[1], qs[2], ks[2]});
  Value output = logits;
  if (a.softcap > 0) {
    Value cap = n.scalar(type, a.softcap);
    logits = n.mul(n.unary(UnaryFn::tanh, n.div(logits, cap)), cap);
  }
  if (wanted == LogitsOutput::Capped)
    output = logits;
  Value hidden = hiddenKeys(n, a);
  if (a.mask && !NNBuilder::elementType(a.mask).isInteger(1))
    logits = n.add(logits, n.cast(a.mask, type));
  if (hidden)
    logits = n.select(hidden, n.scalar(type, -std::numeric_limits<double>::infinity()), logits);
  if (wanted == LogitsOutput::Biased)
    output = logits;
  if (a.softmaxType)
    logits = n.cast(logits, a.softmaxType);
  Value weights = n.cast(
      n.create<nn::SoftmaxOp>(logits, n.b.getDenseI64ArrayAttr({3}), n.b.getBoolAttr(false)), type);
  // A query that sees no key gets 0, not the NaN of its softmax.
  if (hidden)
    weights = n.select(hidden, n.scalar(type, 0), weights);
  if (wanted == LogitsOutput::Probabilities)
    output = weights;
  Value grouped = n.reshape(weights, {qs[0], ks[1], shared, qs[2], ks[2]});
  return {n.reshape(product(n, grouped, v, false), {qs[0], qs[1], qs[2], vs[3]}), output};
}

static Value attention(NodeBinder &n, const Attention &a) {
  auto i64 = [&](int64_t value) { return n.b.getI64IntegerAttr(value); };
  return n.create<nn::AttentionOp>(a.q, a.k, a.v, a.mask, a.kvLen, a.offset, Value(),
                                   n.b.getF64FloatAttr(a.scale), n.b.getF64FloatAttr(a.softcap),
                                   n.b.getBoolAttr(a.causal), i64(a.left), i64(a.right),
                                   a.softmaxType ? TypeAttr::get(a.softmaxType) : TypeAttr());
}

static LogicalResult importAttention(NodeBinder &n) {
  ShapeMath math(n);
  auto optional = [&](size_t i) { return n.hasOperand(i) ? n.operand(i) : Value(); };
  Attention a;
  bool joined = n.rank(0) == 3;
  std::optional<int64_t> kvHeads = n.optionalInt("kv_num_heads");
  a.q = splitHeads(n, n.operand(0), n.optionalInt("q_num_heads"), "q_num_heads");
  a.k = splitHeads(n, n.operand(1), kvHeads, "kv_num_heads");
  a.v = splitHeads(n, n.operand(2), kvHeads, "kv_num_heads");
  if (n.failed())
    return failure();
  Value pastKey = optional(4), pastValue = optional(5);
  if (bool(pastKey) != bool(pastValue))
    return n.emitError() << "'past_key' and 'past_value' come together";
  if (pastKey) {
    if (!n.requireRank(pastKey, 4, "'past_key'") || !n.requireRank(pastValue, 4, "'past_value'"))
      return failure();
    a.offset = math.scalar(n.extent(pastKey, 2));
    a.k = n.concat({pastKey, a.k}, 2);
    a.v = n.concat({pastValue, a.v}, 2);
  }
  if (Value valid = optional(6)) {
    if (!n.requireRank(valid, 1, "'nonpad_kv_seqlen'"))
      return failure();
    a.kvLen = n.cast(valid, n.b.getI64Type());
    if (!pastKey)
      a.offset = n.sub(a.kvLen, math.vector(n.extent(a.q, 2)));
  }
  if (Value mask = optional(3))
    a.mask = padMask(n, mask, n.extent(a.k, 2));
  int64_t depth = n.dim(a.q, 3);
  if (auto scale = n.optionalFloat("scale"))
    a.scale = *scale;
  else if (depth > 0)
    a.scale = 1 / std::sqrt(static_cast<double>(depth));
  else
    return n.emitError() << "the head size of the queries must be known, or 'scale' given";
  a.softcap = n.floatAttr("softcap", 0);
  a.causal = n.boolAttr("is_causal", false);
  if (int64_t window = n.intAttr("local_window_size", -1); window != -1) {
    if (window < 1 || !a.causal)
      return n.emitError() << "local_window_size " << window
                           << " must be positive, and 'is_causal' be set";
    a.left = window - 1; // the query's own position counts
  }
  if (int64_t type = n.intAttr("softmax_precision", 0))
    a.softmaxType = n.dataType(type);
  Value y;
  if (n.hasResult(3)) {
    int64_t mode = n.intAttr("qk_matmul_output_mode", 0);
    if (mode < 0 || mode > 3)
      return n.emitError() << "qk_matmul_output_mode is " << mode << ", expected 0 to 3";
    auto [result, logits] = decomposed(n, a, static_cast<LogitsOutput>(mode));
    y = n.cast(result, n.elementType(0));
    n.setResult(3, n.cast(logits, n.elementType(0)));
  } else {
    y = attention(n, a);
  }
  n.setResult(0, joined ? mergeHeads(n, y) : y);
  if (n.hasResult(1))
    n.setResult(1, a.k);
  if (n.hasResult(2))
    n.setResult(2, a.v);
  return success();
}

//===----------------------------------------------------------------------===//
// FlexAttention
//===----------------------------------------------------------------------===//

/// x after the graph in an attribute, which maps one tensor to one of the same
/// shape; x itself without the attribute.
static Value applyGraph(NodeBinder &n, StringRef attribute, Value x) {
  if (!n.hasAttr(attribute))
    return x;
  const onnx::GraphProto *graph = n.graphAttr(attribute);
  if (!graph || n.failed())
    return x;
  if (graph->input_size() != 1 || graph->output_size() != 1) {
    n.emitError() << "'" << attribute << "' must have one input and one output";
    return x;
  }
  SmallVector<Value> results;
  if (failed(n.importGraph(*graph, ValueRange(x), results))) {
    n.fail();
    return x;
  }
  if (results.front().getType() != x.getType())
    n.emitError() << "'" << attribute << "' turns " << x.getType() << " into "
                  << results.front().getType();
  return results.front();
}

static LogicalResult importFlexAttention(NodeBinder &n) {
  Value q = n.operand(0), k = n.operand(1), v = n.operand(2);
  for (Value x : {q, k, v})
    if (!n.requireRank(x, 4, "every input"))
      return failure();
  int64_t depth = n.dim(q, 3);
  auto scale = n.optionalFloat("scale");
  if (!scale && depth < 1)
    return n.emitError() << "the head size of the queries must be known, or 'scale' given";
  Type type = n.elementType(0);
  Type precise = type.isF16() || type.isBF16() ? n.b.getF32Type() : type;
  if (int64_t number = n.intAttr("softmax_precision", 0))
    precise = n.dataType(number);
  SmallVector<Extent> qs = n.extents(q), ks = n.extents(k), vs = n.extents(v);
  Extent shared = ShapeMath(n).div(qs[1], ks[1]);
  q = n.reshape(widen(n, q), {qs[0], ks[1], shared, qs[2], qs[3]});
  k = n.reshape(widen(n, k), {ks[0], ks[1], Extent(1), ks[2], ks[3]});
  v = n.reshape(n.cast(v, precise), {vs[0], vs[1], Extent(1), vs[2], vs[3]});
  Value factor = n.scalarLike(q, scale.value_or(1 / std::sqrt(static_cast<double>(depth))));
  Value scores = n.reshape(n.mul(product(n, q, k, true), factor), {qs[0], qs[1], qs[2], ks[2]});
  scores = applyGraph(n, "score_mod", n.cast(scores, precise));
  Value weights =
      n.create<nn::SoftmaxOp>(scores, n.b.getDenseI64ArrayAttr({3}), n.b.getBoolAttr(false));
  weights = applyGraph(n, "prob_mod", weights);
  weights = n.reshape(weights, {qs[0], ks[1], shared, qs[2], ks[2]});
  Value y = n.reshape(product(n, weights, v, false), {qs[0], qs[1], qs[2], vs[3]});
  n.setResult(0, n.cast(y, type));
  return success();
}

//===----------------------------------------------------------------------===//
// Rotary embedding
//===----------------------------------------------------------------------===//

/// Every `step`-th of the last axis from `first` on, `count` of them.
static Value sliceLast(NodeBinder &n, Value x, int64_t first, int64_t count, int64_t step = 1) {
  SmallVector<Extent> sizes = n.extents(x);
  SmallVector<int64_t> offsets(sizes.size(), 0), steps(sizes.size(), 1);
  sizes.back() = count;
  offsets.back() = first;
  steps.back() = step;
  return n.slice(x, n.ints(offsets), n.shapeFrom(sizes), steps);
}

static LogicalResult importRotaryEmbedding(NodeBinder &n) {
  Value x = n.operand(0);
  SmallVector<Extent> given = n.extents(x);
  int64_t heads = n.intAttr("num_heads", 0);
  bool joined = n.rank(0) == 3;
  if (joined) {
    int64_t width = n.dim(x, 2);
    if (heads < 1 || width < 0 || width % heads != 0)
      return n.emitError() << "an input of rank 3 needs 'num_heads' that divides its last extent";
    x = n.reshape(x, {given[0], given[1], Extent(heads), Extent(width / heads)});
  } else if (!n.requireRank(x, 4, "the input")) {
    return failure();
  }
  int64_t depth = n.dim(x, 3), rotated = n.intAttr("rotary_embedding_dim", 0);
  if (depth < 0)
    return n.emitError() << "the head size must be known";
  if (rotated == 0)
    rotated = depth;
  if (rotated < 0 || rotated > depth || rotated % 2 != 0)
    return n.emitError() << "cannot rotate " << rotated << " of " << depth << " elements";
  bool interleaved = n.boolAttr("interleaved", false);
  // cos and sin [B, S, rotated / 2], with an axis of length 1 for the heads.
  auto angles = [&](size_t i) {
    Value cache = n.operand(i);
    if (n.hasOperand(3))
      cache = n.gather(cache, n.cast(n.operand(3), n.b.getI64Type()), 0);
    if (!n.requireRank(cache, 3, "the cache at its positions"))
      return cache;
    SmallVector<Extent> extents = n.extents(cache);
    extents.insert(extents.begin() + (joined ? 2 : 1), Extent(1));
    return widen(n, n.reshape(cache, extents));
  };
  Value cos = angles(1), sin = angles(2);
  if (n.failed())
    return failure();
  int64_t half = rotated / 2;
  Value wide = widen(n, x);
  Value first = sliceLast(n, wide, 0, half, interleaved ? 2 : 1);
  Value second = sliceLast(n, wide, interleaved ? 1 : half, half, interleaved ? 2 : 1);
  Value real = n.sub(n.mul(cos, first), n.mul(sin, second));
  Value imaginary = n.add(n.mul(sin, first), n.mul(cos, second));
  Value y;
  if (interleaved) {
    SmallVector<Extent> pair = n.extents(real), merged = pair;
    pair.push_back(Extent(1));
    merged.back() = rotated;
    y = n.reshape(n.concat({n.reshape(real, pair), n.reshape(imaginary, pair)}, 4), merged);
  } else {
    y = n.concat({real, imaginary}, 3);
  }
  if (rotated < depth)
    y = n.concat({y, sliceLast(n, wide, rotated, depth - rotated)}, 3);
  y = n.cast(y, n.elementType(0));
  n.setResult(0, joined ? n.reshape(y, given) : y);
  return success();
}

void burin::registerAttentionOps(OpRegistry &registry) {
  registry.add("Attention", 23, {3, 6}, importAttention);
  registry.add("Attention", 24, {3, 7}, importAttention);
  registry.add("Attention", 25, {3, 7}, importAttention);
  registry.addTo("ai.onnx.preview", "FlexAttention", 1, 3, importFlexAttention);
  registry.add("RotaryEmbedding", 23, {3, 4}, importRotaryEmbedding);
}
