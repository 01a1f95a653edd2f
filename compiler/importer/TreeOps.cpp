//===- TreeOps.cpp - Ensembles of decision trees --------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// TreeEnsemble, and the older operators for regression and classification, which
// number nodes by tree. Both become the tables of one runtime function.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/NodeBinder.h"
#include "compiler/importer/OperatorFamilies.h"

#include "llvm/ADT/StringSwitch.h"
#include <cmath>
#include <map>
#include <set>

using namespace mlir;
using namespace burin;
using nn::CompareFn;
using nn::ReduceFn;
using nn::UnaryFn;

namespace {
enum PostTransform : int64_t { None, Softmax, Logistic, SoftmaxZero, Probit };
enum NodeMode : int64_t { Leq, Lt, Gte, Gt, Eq, Neq, Member, Leaf };
enum Aggregate : int64_t { Average, Sum, Min, Max };

/// Inner nodes and leaves, both numbered from 0, as operator TreeEnsemble 5 has them.
struct TreeTables {
  SmallVector<int64_t> features, trueIds, falseIds, trueLeafs, falseLeafs, roots;
  Value splits, modes;          ///< per node, of the input's type and ui8
  SmallVector<int64_t> missing; ///< per node, or none
  Value members;                ///< sets of the nodes in mode Member, or null
  SmallVector<int64_t> targets; ///< per entry
  Value weights;                ///< per entry, of the input's type
  bool allPositive = false;     ///< all weights, of the older operators
  SmallVector<int64_t> firstOf; ///< first entry per leaf, and the end; none: entry i is leaf i's
  int64_t leaves() const {
    return static_cast<int64_t>(firstOf.empty() ? targets.size() : firstOf.size() - 1);
  }
};
} // namespace

/// Reports an id that leads outside of the tables or back to its own node.
static LogicalResult checkTrees(NodeBinder &n, const TreeTables &t, int64_t features,
                                int64_t numTargets) {
  int64_t nodes = static_cast<int64_t>(t.features.size()), leaves = t.leaves();
  for (const auto *list : {&t.trueIds, &t.falseIds, &t.trueLeafs, &t.falseLeafs})
    if (static_cast<int64_t>(list->size()) != nodes)
      return n.emitError() << "its tables of " << nodes << " nodes differ in length";
  if (!t.missing.empty() && static_cast<int64_t>(t.missing.size()) != nodes)
    return n.emitError() << "'nodes_missing_value_tracks_true' has " << t.missing.size()
                         << " entries for " << nodes << " nodes";
  for (int64_t target : t.targets)
    if (target < 0 || target >= numTargets)
      return n.emitError() << "leaf target " << target << " is not below " << numTargets;
  for (int64_t i = 0; i < nodes; ++i) {
    if (t.features[i] < 0 || (features != ShapedType::kDynamic && t.features[i] >= features))
      return n.emitError() << "node " << i << " reads feature " << t.features[i] << " of "
                           << features;
    int64_t ifTrue = t.trueLeafs[i] ? leaves : nodes, ifFalse = t.falseLeafs[i] ? leaves : nodes;
    if (t.trueIds[i] < 0 || t.trueIds[i] >= ifTrue || t.falseIds[i] < 0 || t.falseIds[i] >= ifFalse)
      return n.emitError() << "node " << i << " leads to what does not exist";
  }
  // A walk with a stack of its own; a node met while it is open is a cycle.
  enum : uint8_t { New, Open, Done };
  SmallVector<uint8_t> state(nodes, New);
  SmallVector<int64_t> stack;
  for (int64_t root : t.roots) {
    if (root < 0 || root >= nodes)
      return n.emitError() << "tree root " << root << " is not one of " << nodes << " nodes";
    stack.push_back(root);
    while (!stack.empty()) {
      int64_t node = stack.back();
      if (state[node] != New) {
        state[node] = Done;
        stack.pop_back();
        continue;
      }
      state[node] = Open;
      for (bool isTrue : {true, false}) {
        if ((isTrue ? t.trueLeafs : t.falseLeafs)[node])
          continue;
        int64_t next = (isTrue ? t.trueIds : t.falseIds)[node];
        if (state[next] == Open)
          return n.emitError() << "node " << next << " leads back to itself";
        if (state[next] == New)
          stack.push_back(next);
      }
    }
  }
  return success();
}

/// The sums [N, targets] of the leaves that the rows of x [N, F] reach; null where the tables are
/// wrong.
static Value sumOfLeaves(NodeBinder &n, Value x, const TreeTables &t, int64_t aggregate,
                         int64_t numTargets) {
  if (n.failed() || failed(checkTrees(n, t, NNBuilder::dim(x, 1), numTargets)))
    return nullptr;
  SmallVector<Value> operands{x,
                              n.ints(t.features),
                              t.splits,
                              t.modes,
                              n.ints(t.trueIds),
                              n.ints(t.falseIds),
                              n.ints(t.trueLeafs),
                              n.ints(t.falseLeafs)};
  SmallVector<bool> present(14, true);
  auto add = [&](unsigned input, Value value) {
    present[input] = static_cast<bool>(value);
    if (value)
      operands.push_back(value);
  };
  add(8, t.missing.empty() ? Value() : n.ints(t.missing));
  add(9, t.members);
  operands.append({n.ints(t.roots), n.ints(t.targets), t.weights});
  add(13, t.firstOf.empty() ? Value() : n.ints(t.firstOf));
  Type type = RankedTensorType::get({NNBuilder::dim(x, 0), numTargets}, NNBuilder::elementType(x));
  SmallVector<Value> found =
      n.call("tree_ensemble", {type}, operands, {aggregate, numTargets}, {}, present);
  return n.failed() ? Value() : found.front();
}

/// The scores of each row under a post_transform.
static Value postTransform(NodeBinder &n, Value scores, int64_t kind) {
  switch (kind) {
  case None:
    return scores;
  case Softmax:
    return n.create<nn::SoftmaxOp>(scores, n.b.getDenseI64ArrayAttr({1}), n.b.getBoolAttr(false));
  case Logistic:
    return n.unary(UnaryFn::sigmoid, scores);
  case SoftmaxZero: { // zeros stay
    Value zero = n.scalarLike(scores, 0);
    Value isZero = n.compare(CompareFn::eq, scores, zero);
    Value largest = n.reduce(ReduceFn::max, scores, {1}, true);
    Value powers = n.select(isZero, zero, n.unary(UnaryFn::exp, n.sub(scores, largest)));
    Value sum = n.reduce(ReduceFn::sum, powers, {1}, true);
    Value isEmpty = n.compare(CompareFn::eq, sum, zero);
    return n.div(powers, n.select(isEmpty, n.scalarLike(scores, 1), sum));
  }
  default:
    n.emitError() << "post_transform " << kind << " is not supported";
    return scores;
  }
}

//===----------------------------------------------------------------------===//
// TreeEnsemble
//===----------------------------------------------------------------------===//

static LogicalResult importTreeEnsemble(NodeBinder &n) {
  Value x = n.operand(0);
  if (!n.requireRank(x, 2, "the input"))
    return failure();
  int64_t targets = n.intAttr("n_targets", 1), aggregate = n.intAttr("aggregate_function", Sum);
  TreeTables t;
  t.features = n.intsAttr("nodes_featureids");
  t.trueIds = n.intsAttr("nodes_truenodeids");
  t.falseIds = n.intsAttr("nodes_falsenodeids");
  t.trueLeafs = n.intsAttr("nodes_trueleafs");
  t.falseLeafs = n.intsAttr("nodes_falseleafs");
  t.roots = n.intsAttr("tree_roots");
  t.missing = n.intsAttr("nodes_missing_value_tracks_true");
  t.targets = n.intsAttr("leaf_targetids");
  ElementsAttr splits = n.tensorAttr("nodes_splits"), modes = n.tensorAttr("nodes_modes");
  ElementsAttr weights = n.tensorAttr("leaf_weights");
  ElementsAttr members = n.tensorAttr("membership_values");
  if (n.failed())
    return failure();
  if (!splits || !modes || !weights)
    return n.emitError() << "'nodes_splits', 'nodes_modes' and 'leaf_weights' must be given";
  if (targets < 1 || targets > (int64_t(1) << 31) || aggregate < Average || aggregate > Max)
    return n.emitError() << "n_targets " << targets << " or aggregate_function " << aggregate
                         << " is out of range";
  int64_t nodes = static_cast<int64_t>(t.features.size());
  if (splits.getNumElements() != nodes || modes.getNumElements() != nodes)
    return n.emitError() << nodes << " nodes have " << splits.getNumElements() << " splits and "
                         << modes.getNumElements() << " modes";
  if (static_cast<int64_t>(t.targets.size()) != weights.getNumElements())
    return n.emitError() << t.targets.size() << " leaf targets for " << weights.getNumElements()
                         << " leaf weights";
  auto list = [&](ElementsAttr attr, Type element) {
    return n.reshape(n.cast(n.constant(attr), element), ArrayRef<int64_t>{-1});
  };
  t.modes = n.reshape(n.constant(modes), ArrayRef<int64_t>{-1});
  auto modeNumbers = n.constantInts(t.modes);
  int64_t sets = 0;
  if (!modeNumbers)
    return n.emitError() << "has more nodes than supported";
  for (int64_t mode : *modeNumbers) {
    if (mode < Leq || mode > Member)
      return n.emitError() << "node mode " << mode << " is unknown";
    sets += mode == Member;
  }
  if (sets > 0) {
    auto numbers = members ? n.constantFloats(n.constant(members)) : std::nullopt;
    int64_t ends = numbers ? llvm::count_if(*numbers, [](double v) { return std::isnan(v); }) : 0;
    if (ends != sets)
      return n.emitError() << "'membership_values' tells " << ends << " sets for " << sets
                           << " nodes";
    t.members = list(members, n.elementType(0));
  }
  t.splits = list(splits, n.elementType(0));
  t.weights = list(weights, n.elementType(0));
  Value scores = sumOfLeaves(n, x, t, aggregate, targets);
  if (!scores)
    return failure();
  n.setResult(0, postTransform(n, scores, n.intAttr("post_transform", None)));
  return success();
}

//===----------------------------------------------------------------------===//
// TreeEnsembleRegressor and TreeEnsembleClassifier
//===----------------------------------------------------------------------===//

/// An attribute of floats, or from version 3 on the tensor of the same meaning.
static SmallVector<double> floatsOrTensor(NodeBinder &n, const std::string &name) {
  if (!n.hasAttr(name + "_as_tensor"))
    return n.floatsAttr(name);
  ElementsAttr tensor = n.tensorAttr(name + "_as_tensor");
  auto values = tensor ? n.constantFloats(n.constant(tensor)) : std::nullopt;
  if (!values && !n.failed())
    n.emitError() << "'" << name << "_as_tensor' is no small tensor of numbers";
  return values.value_or(SmallVector<double>());
}

static int64_t modeOf(NodeBinder &n, StringRef name) {
  int64_t mode = llvm::StringSwitch<int64_t>(name)
                     .Case("BRANCH_LEQ", Leq)
                     .Case("BRANCH_LT", Lt)
                     .Case("BRANCH_GTE", Gte)
                     .Case("BRANCH_GT", Gt)
                     .Case("BRANCH_EQ", Eq)
                     .Case("BRANCH_NEQ", Neq)
                     .Case("LEAF", Leaf)
                     .Default(-1);
  if (mode < 0)
    n.emitError() << "node mode '" << name << "' is unknown";
  return mode;
}

static int64_t postTransformAttr(NodeBinder &n) {
  std::string name = n.stringAttr("post_transform", "NONE");
  int64_t kind = llvm::StringSwitch<int64_t>(name)
                     .Case("NONE", None)
                     .Case("SOFTMAX", Softmax)
                     .Case("LOGISTIC", Logistic)
                     .Case("SOFTMAX_ZERO", SoftmaxZero)
                     .Default(Probit);
  if (kind == Probit)
    n.emitError() << "post_transform '" << name << "' is not supported";
  return kind;
}

namespace {
/// Reads nodes that are numbered within their trees. What a leaf gives is told by entries of
/// their own, any number for a leaf.
class TreeReader {
public:
  TreeReader(NodeBinder &n, Type type) : n(n), type(type) {}

  /// `prefix` is "target" or "class".
  FailureOr<TreeTables> read(const std::string &prefix);

private:
  using Key = std::pair<int64_t, int64_t>; ///< tree, node

  LogicalResult readNodes();
  LogicalResult readEntries(const std::string &prefix);
  /// Where node `from` goes on: the number of a leaf or node.
  LogicalResult follow(size_t from, int64_t to, bool isTrue);
  /// A node in front of a tree that is a leaf: both ways lead there.
  int64_t nodeBefore(int64_t leaf);

  NodeBinder &n;
  Type type;
  TreeTables t;
  SmallVector<int64_t> trees, ids;
  SmallVector<double> splits, modes;
  std::map<Key, size_t> rows;    ///< of the attributes, by node
  SmallVector<int64_t> numberOf; ///< per row: of the inner node or leaf
  SmallVector<bool> isLeaf, isChild;
  int64_t leaves = 0;
};
} // namespace

LogicalResult TreeReader::follow(size_t from, int64_t to, bool isTrue) {
  auto it = rows.find({trees[from], to});
  if (it == rows.end())
    return n.emitError() << "node " << ids[from] << " of tree " << trees[from] << " leads to node "
                         << to << ", which does not exist";
  size_t row = it->second;
  isChild[row] = true;
  (isTrue ? t.trueIds : t.falseIds).push_back(numberOf[row]);
  (isTrue ? t.trueLeafs : t.falseLeafs).push_back(isLeaf[row]);
  return success();
}

int64_t TreeReader::nodeBefore(int64_t leaf) {
  t.features.push_back(0);
  splits.push_back(0);
  modes.push_back(Leq);
  for (auto *list : {&t.trueIds, &t.falseIds})
    list->push_back(leaf);
  for (auto *list : {&t.trueLeafs, &t.falseLeafs})
    list->push_back(1);
  if (!t.missing.empty())
    t.missing.push_back(0);
  return static_cast<int64_t>(t.features.size()) - 1;
}

LogicalResult TreeReader::readNodes() {
  trees = n.intsAttr("nodes_treeids");
  ids = n.intsAttr("nodes_nodeids");
  SmallVector<int64_t> features = n.intsAttr("nodes_featureids");
  SmallVector<int64_t> ifTrue = n.intsAttr("nodes_truenodeids");
  SmallVector<int64_t> ifFalse = n.intsAttr("nodes_falsenodeids");
  SmallVector<int64_t> missing = n.intsAttr("nodes_missing_value_tracks_true");
  SmallVector<double> values = floatsOrTensor(n, "nodes_values");
  std::vector<std::string> names = n.stringsAttr("nodes_modes");
  if (n.failed())
    return failure();
  size_t count = ids.size();
  for (size_t size : {trees.size(), features.size(), ifTrue.size(), ifFalse.size(), values.size(),
                      names.size(), missing.empty() ? count : missing.size()})
    if (size != count)
      return n.emitError() << "its tables of " << count << " nodes differ in length";
  int64_t nodes = 0;
  for (size_t i = 0; i < count; ++i) {
    if (!rows.try_emplace({trees[i], ids[i]}, i).second)
      return n.emitError() << "tree " << trees[i] << " has two nodes " << ids[i];
    int64_t mode = modeOf(n, names[i]);
    if (n.failed())
      return failure();
    isLeaf.push_back(mode == Leaf);
    numberOf.push_back(mode == Leaf ? leaves++ : nodes++);
    if (mode == Leaf)
      continue;
    t.features.push_back(features[i]);
    splits.push_back(values[i]);
    modes.push_back(static_cast<double>(mode));
    if (!missing.empty())
      t.missing.push_back(missing[i]);
  }
  isChild.assign(count, false);
  for (size_t i = 0; i < count; ++i)
    if (!isLeaf[i] && (failed(follow(i, ifTrue[i], true)) || failed(follow(i, ifFalse[i], false))))
      return failure();
  // A tree begins where no node leads to.
  std::set<int64_t> all(trees.begin(), trees.end()), rooted;
  for (size_t i = 0; i < count; ++i) {
    if (isChild[i])
      continue;
    if (!rooted.insert(trees[i]).second)
      return n.emitError() << "tree " << trees[i] << " has two nodes that nothing leads to";
    t.roots.push_back(isLeaf[i] ? nodeBefore(numberOf[i]) : numberOf[i]);
  }
  if (rooted.size() != all.size())
    return n.emitError() << "a tree has no root: every node of it is another's successor";
  return success();
}

LogicalResult TreeReader::readEntries(const std::string &prefix) {
  SmallVector<int64_t> entryTrees = n.intsAttr(prefix + "_treeids");
  SmallVector<int64_t> entryNodes = n.intsAttr(prefix + "_nodeids");
  SmallVector<int64_t> targets = n.intsAttr(prefix + "_ids");
  SmallVector<double> weights = floatsOrTensor(n, prefix + "_weights");
  if (n.failed())
    return failure();
  size_t count = targets.size();
  if (entryTrees.size() != count || entryNodes.size() != count || weights.size() != count)
    return n.emitError() << "its tables of " << count << " leaf entries differ in length";
  // Sorted by leaf; those of one leaf stay in the order in which they were told.
  SmallVector<std::pair<int64_t, size_t>> order;
  for (size_t i = 0; i < count; ++i) {
    auto it = rows.find({entryTrees[i], entryNodes[i]});
    if (it == rows.end() || !isLeaf[it->second])
      return n.emitError() << "node " << entryNodes[i] << " of tree " << entryTrees[i]
                           << " has a weight, but is no leaf";
    order.emplace_back(numberOf[it->second], i);
  }
  llvm::sort(order);
  SmallVector<double> sorted;
  t.firstOf.push_back(0);
  for (auto [leaf, entry] : order) {
    t.firstOf.resize(leaf + 1, static_cast<int64_t>(sorted.size()));
    t.targets.push_back(targets[entry]);
    sorted.push_back(weights[entry]);
  }
  t.firstOf.resize(leaves + 1, static_cast<int64_t>(count));
  t.weights = n.numbers(type, sorted);
  t.allPositive = llvm::all_of(sorted, [](double weight) { return weight >= 0; });
  return success();
}

FailureOr<TreeTables> TreeReader::read(const std::string &prefix) {
  if (failed(readNodes()) || failed(readEntries(prefix)))
    return failure();
  t.splits = n.numbers(type, splits);
  t.modes = n.numbers(n.b.getIntegerType(8, /*isSigned=*/false), modes);
  return std::move(t);
}

/// The input as rows of floats; null with an error.
static Value featureRows(NodeBinder &n) {
  Value x = n.operand(0);
  if (n.rank(0) == 1)
    x = n.reshape(x, ArrayRef<int64_t>{1, -1});
  if (!n.requireRank(x, 2, "the input"))
    return nullptr;
  return n.cast(x, n.elementType(0).isF64() ? n.elementType(0) : n.b.getF32Type());
}

/// base_values, one per column of [N, count] or none.
static Value addBase(NodeBinder &n, Value scores, ArrayRef<double> base) {
  if (base.empty())
    return scores;
  if (static_cast<int64_t>(base.size()) != NNBuilder::dim(scores, 1)) {
    n.emitError() << "has " << base.size() << " base values for " << NNBuilder::dim(scores, 1)
                  << " columns";
    return scores;
  }
  return n.add(scores, n.numbers(NNBuilder::elementType(scores), base));
}

static LogicalResult importTreeEnsembleRegressor(NodeBinder &n) {
  Value x = featureRows(n);
  if (!x)
    return failure();
  int64_t targets = n.intAttr("n_targets", 1), kind = postTransformAttr(n);
  std::string name = n.stringAttr("aggregate_function", "SUM");
  int64_t aggregate = llvm::StringSwitch<int64_t>(name)
                          .Case("AVERAGE", Average)
                          .Case("SUM", Sum)
                          .Case("MIN", Min)
                          .Case("MAX", Max)
                          .Default(-1);
  if (aggregate < 0)
    return n.emitError() << "aggregate_function is '" << name
                         << "', expected 'AVERAGE', 'SUM', 'MIN' or 'MAX'";
  if (targets < 1 || targets > (int64_t(1) << 31))
    return n.emitError() << "n_targets " << targets << " is out of range";
  FailureOr<TreeTables> tables = TreeReader(n, NNBuilder::elementType(x)).read("target");
  Value sums = failed(tables) ? Value() : sumOfLeaves(n, x, *tables, aggregate, targets);
  if (!sums)
    return failure();
  sums = addBase(n, sums, floatsOrTensor(n, "base_values"));
  n.setResult(0, n.cast(postTransform(n, sums, kind), n.b.getF32Type()));
  return success();
}

/// Two classes of which the leaves tell one: its score decides, and the other one's follows from
/// it as in ONNX Runtime. Returns the scores [N, 2] and whether the second class is chosen [N, 1].
static std::pair<Value, Value> binaryScores(NodeBinder &n, Value score, bool allPositive,
                                            int64_t kind) {
  Value second = n.compare(CompareFn::gt, score, n.scalarLike(score, allPositive ? 0.5 : 0.0));
  Value other = allPositive ? n.sub(n.scalarLike(score, 1), score) : n.unary(UnaryFn::neg, score);
  Value scores = n.concat({other, score}, 1);
  return {kind == Logistic && !allPositive ? n.unary(UnaryFn::sigmoid, scores) : scores, second};
}

static LogicalResult importTreeEnsembleClassifier(NodeBinder &n) {
  Value x = featureRows(n);
  if (!x)
    return failure();
  if (n.hasAttr("classlabels_strings"))
    return n.emitError() << "'classlabels_strings' are not supported; give the model "
                            "'classlabels_int64s'";
  SmallVector<int64_t> labels = n.intsAttr("classlabels_int64s");
  SmallVector<double> base = floatsOrTensor(n, "base_values");
  int64_t classes = static_cast<int64_t>(labels.size()), kind = postTransformAttr(n);
  if (n.failed())
    return failure();
  if (labels.empty())
    return n.emitError() << "'classlabels_int64s' must be given";
  FailureOr<TreeTables> tables = TreeReader(n, NNBuilder::elementType(x)).read("class");
  Value scores = failed(tables) ? Value() : sumOfLeaves(n, x, *tables, Sum, classes);
  if (!scores)
    return failure();
  Value chosen;
  std::set<int64_t> told(tables->targets.begin(), tables->targets.end());
  if (classes == 2 && told.size() == 1 && base.size() < 2) {
    Value column =
        n.slice(scores, n.ints({0, *told.begin()}), n.shapeFrom({n.extent(scores, 0), 1}));
    auto [both, second] = binaryScores(n, addBase(n, column, base), tables->allPositive, kind);
    scores = both;
    chosen = n.cast(n.reshape(second, ArrayRef<int64_t>{-1}), n.b.getI64Type());
  } else {
    scores = addBase(n, scores, base);
    chosen = n.create<nn::ArgReduceOp>(nn::ArgFnAttr::get(n.b.getContext(), nn::ArgFn::max), scores,
                                       n.b.getI64IntegerAttr(1), n.b.getBoolAttr(false),
                                       n.b.getBoolAttr(false));
    scores = postTransform(n, scores, kind);
  }
  n.setResult(0, n.gather(n.ints(labels), chosen, 0));
  n.setResult(1, n.cast(scores, n.b.getF32Type()));
  return success();
}

void burin::registerTreeOps(OpRegistry &registry) {
  auto add = [&](StringRef opType, int64_t since, ImportFn import) {
    registry.addTo(OpRegistry::kMlDomain, opType, since, 1, import);
  };
  add("TreeEnsemble", 5, importTreeEnsemble);
  for (int64_t since : {1, 3, 5}) {
    add("TreeEnsembleRegressor", since, importTreeEnsembleRegressor);
    add("TreeEnsembleClassifier", since, importTreeEnsembleClassifier);
  }
}
