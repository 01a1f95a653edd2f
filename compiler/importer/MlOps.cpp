//===- MlOps.cpp - Operators of ai.onnx.ml on numbers ---------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/OperatorFamilies.h"
#include "compiler/importer/ShapeMath.h"
#include <cmath>

using namespace mlir;
using namespace burin;
using nn::CompareFn;
using nn::ReduceFn;
using nn::UnaryFn;

static Value floats(NodeBinder &n, ArrayRef<double> values) {
  return n.numbers(n.b.getF32Type(), values);
}

static LogicalResult importBinarizer(NodeBinder &n) {
  Value x = n.operand(0);
  Value above = n.compare(CompareFn::gt, x, n.scalarLike(x, n.floatAttr("threshold", 0)));
  n.setResult(0, n.cast(above, n.elementType(0)));
  return success();
}

static LogicalResult importScaler(NodeBinder &n) {
  Value y = n.cast(n.operand(0), n.b.getF32Type());
  SmallVector<double> offset = n.floatsAttr("offset"), scale = n.floatsAttr("scale");
  if (!offset.empty())
    y = n.sub(y, floats(n, offset));
  if (!scale.empty())
    y = n.mul(y, floats(n, scale));
  n.setResult(0, y);
  return success();
}

static LogicalResult importNormalizer(NodeBinder &n) {
  if (!n.requireMinRank(n.operand(0), 1, "the input"))
    return failure();
  std::string norm = n.stringAttr("norm", "MAX");
  Value x = n.cast(n.operand(0), n.b.getF32Type());
  int64_t axis = n.rank(0) - 1;
  Value size;
  if (norm == "MAX")
    size = n.reduce(ReduceFn::max, n.unary(UnaryFn::abs, x), {axis}, true);
  else if (norm == "L1")
    size = n.reduce(ReduceFn::sum, n.unary(UnaryFn::abs, x), {axis}, true);
  else if (norm == "L2")
    size = n.unary(UnaryFn::sqrt, n.reduce(ReduceFn::sum, n.mul(x, x), {axis}, true));
  else
    return n.emitError() << "norm is '" << norm << "', expected 'MAX', 'L1' or 'L2'";
  // A row of zeros stays as it is.
  Value isZero = n.compare(CompareFn::eq, size, n.scalarLike(size, 0));
  n.setResult(0, n.div(x, n.select(isZero, n.scalarLike(size, 1), size)));
  return success();
}

//===----------------------------------------------------------------------===//
// LabelEncoder
//===----------------------------------------------------------------------===//

/// The keys or values of the encoder (1-D), whichever attribute holds them.
static Value encoderList(NodeBinder &n, StringRef what) {
  std::string name = what.str();
  if (n.hasAttr(name + "_tensor")) {
    ElementsAttr tensor = n.tensorAttr(name + "_tensor");
    if (tensor && isa<nn::StrType>(tensor.getElementType()))
      n.emitError() << "'" << name << "_tensor' holds strings; only numbers are supported";
    return n.failed() || !tensor ? Value() : n.reshape(n.constant(tensor), ArrayRef<int64_t>{-1});
  }
  if (n.hasAttr(name + "_int64s"))
    return n.ints(n.intsAttr(name + "_int64s"));
  if (n.hasAttr(name + "_floats"))
    return floats(n, n.floatsAttr(name + "_floats"));
  n.emitError() << "'" << name << "' of numbers are missing; strings are not supported";
  return nullptr;
}

static LogicalResult importLabelEncoder(NodeBinder &n) {
  Value keys = encoderList(n, "keys"), values = n.failed() ? Value() : encoderList(n, "values");
  if (n.failed() || !keys || !values)
    return failure();
  auto numbers = n.constantFloats(keys);
  if (!numbers || NNBuilder::elementType(keys) != n.elementType(0))
    return n.emitError() << "the keys' type is not that of the input";
  std::optional<SmallVector<int64_t>> integers = n.constantInts(keys);
  int64_t count = static_cast<int64_t>(numbers->size());
  if (n.dim(values, 0) != count)
    return n.emitError() << count << " keys for " << n.dim(values, 0) << " values";
  // Ascending with NaN last; of equal keys the last one wins.
  auto less = [&](int64_t a, int64_t b) {
    if (integers)
      return (*integers)[a] < (*integers)[b];
    double l = (*numbers)[a], r = (*numbers)[b];
    return std::isnan(r) ? !std::isnan(l) : l < r;
  };
  SmallVector<int64_t> order = llvm::to_vector(llvm::seq<int64_t>(0, count)), kept;
  llvm::stable_sort(order, less);
  for (size_t i = 0; i < order.size(); ++i)
    if (i + 1 == order.size() || less(order[i], order[i + 1]))
      kept.push_back(order[i]);
  Type type = NNBuilder::elementType(values);
  Value otherwise;
  if (n.hasAttr("default_tensor")) {
    ElementsAttr tensor = n.tensorAttr("default_tensor");
    if (!tensor)
      return failure();
    otherwise = n.reshape(n.constant(tensor), ArrayRef<int64_t>{1});
  } else {
    bool isFloat = isa<FloatType>(type);
    double value = isFloat ? n.floatAttr("default_float", -0.0)
                           : static_cast<double>(n.intAttr("default_int64", -1));
    otherwise = n.reshape(n.scalar(type, value), ArrayRef<int64_t>{1});
  }
  SmallVector<Value> found = n.call("map_lookup", {RankedTensorType::get(n.shape(0), type)},
                                    {n.operand(0), n.gather(keys, n.ints(kept), 0),
                                     n.gather(values, n.ints(kept), 0), otherwise});
  if (n.failed())
    return failure();
  n.setResult(0, found.front());
  return success();
}

//===----------------------------------------------------------------------===//
// TfIdfVectorizer
//===----------------------------------------------------------------------===//

static LogicalResult importTfIdfVectorizer(NodeBinder &n) {
  Value x = n.operand(0);
  Type type = n.elementType(0);
  if (!type.isSignlessInteger(32) && !type.isSignlessInteger(64))
    return n.emitError() << "counts n-grams of integers only, got " << type;
  if (n.rank(0) > 2 || !n.requireMinRank(x, 1, "the input"))
    return n.emitError() << "the input must be of rank 1 or 2";
  int64_t shortest = n.requiredInt("min_gram_length"), longest = n.requiredInt("max_gram_length");
  int64_t skips = n.requiredInt("max_skip_count");
  std::string mode = n.stringAttr("mode", "TF");
  int64_t modeNumber = mode == "TF" ? 0 : mode == "IDF" ? 1 : mode == "TFIDF" ? 2 : -1;
  SmallVector<int64_t> pool = n.intsAttr("pool_int64s"), counts = n.intsAttr("ngram_counts");
  SmallVector<int64_t> indexes = n.intsAttr("ngram_indexes");
  SmallVector<double> weights = n.floatsAttr("weights");
  if (n.failed())
    return failure();
  if (modeNumber < 0)
    return n.emitError() << "mode is '" << mode << "', expected 'TF', 'IDF' or 'TFIDF'";
  if (shortest < 1 || longest < shortest || skips < 0)
    return n.emitError() << "n-grams of " << shortest << " to " << longest << " elements with "
                         << skips << " skips make no sense";
  // Part i of the pool holds n-grams of i + 1 elements.
  int64_t size = static_cast<int64_t>(pool.size()), total = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    int64_t end = i + 1 < counts.size() ? counts[i + 1] : size;
    int64_t length = static_cast<int64_t>(i) + 1;
    if (counts[i] < 0 || end < counts[i] || end > size || (end - counts[i]) % length != 0)
      return n.emitError() << "'ngram_counts' does not divide the pool of " << size << " elements";
    total += (end - counts[i]) / length;
  }
  if (total != static_cast<int64_t>(indexes.size()) || indexes.empty())
    return n.emitError() << "'ngram_indexes' has " << indexes.size() << " entries for " << total
                         << " n-grams";
  if (!weights.empty() && weights.size() != indexes.size())
    return n.emitError() << "'weights' has " << weights.size() << " entries for " << total
                         << " n-grams";
  int64_t width = *llvm::max_element(indexes) + 1;
  if (*llvm::min_element(indexes) < 0 || width > (int64_t(1) << 31))
    return n.emitError() << "'ngram_indexes' is out of range";
  SmallVector<int64_t> shape(n.shape(0).drop_back());
  shape.push_back(width);
  SmallVector<Value> operands{x, n.ints(pool), n.ints(counts), n.ints(indexes)};
  if (!weights.empty())
    operands.push_back(floats(n, weights));
  SmallVector<Value> found = n.call("tfidf", {RankedTensorType::get(shape, n.b.getF32Type())},
                                    operands, {shortest, longest, skips, modeNumber}, {},
                                    {true, true, true, true, !weights.empty()});
  if (n.failed())
    return failure();
  n.setResult(0, found.front());
  return success();
}

void burin::registerMlOps(OpRegistry &registry) {
  auto add = [&](StringRef opType, int64_t since, ImportFn import) {
    registry.addTo(OpRegistry::kMlDomain, opType, since, 1, import);
  };
  add("Binarizer", 1, importBinarizer);
  add("Scaler", 1, importScaler);
  add("Normalizer", 1, importNormalizer);
  add("LabelEncoder", 2, importLabelEncoder);
  add("LabelEncoder", 4, importLabelEncoder);
  registry.add("TfIdfVectorizer", 9, 1, importTfIdfVectorizer);
}
