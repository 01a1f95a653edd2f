//===- RecurrentOps.cpp - LSTM, GRU and RNN -------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/OperatorFamilies.h"
#include "compiler/importer/ShapeMath.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace burin;
using nn::UnaryFn;

namespace {
/// An activation by its ONNX name. Those with parameters take the next ones of
/// the node's lists, or these defaults.
struct Activation {
  const char *name;
  UnaryFn fn;
  bool hasAlpha = false, hasBeta = false;
  double alpha = 0, beta = 0;
};

struct Activations {
  SmallVector<Attribute> fns;
  SmallVector<double> alphas, betas;
};
} // namespace

static constexpr Activation kActivations[] = {
    {"relu", UnaryFn::relu},
    {"tanh", UnaryFn::tanh},
    {"sigmoid", UnaryFn::sigmoid},
    {"softsign", UnaryFn::softsign},
    {"softplus", UnaryFn::softplus},
    {"affine", UnaryFn::affine, true, true, 1, 0},
    {"scaledtanh", UnaryFn::scaled_tanh, true, true, 1, 1},
    {"hardsigmoid", UnaryFn::hard_sigmoid, true, true, 0.2f, 0.5f},
    {"leakyrelu", UnaryFn::leaky_relu, true, false, 0.01f},
    {"thresholdedrelu", UnaryFn::thresholded_relu, true, false, 1},
    {"elu", UnaryFn::elu, true, false, 1},
};

/// The node's activations, `perDirection` for each direction; files also give
/// them once for both.
static std::optional<Activations> readActivations(NodeBinder &n, size_t directions,
                                                  ArrayRef<StringRef> defaults) {
  std::vector<std::string> names = n.stringsAttr("activations");
  SmallVector<double> alphas = n.floatsAttr("activation_alpha");
  SmallVector<double> betas = n.floatsAttr("activation_beta");
  bool once = names.size() == defaults.size() && directions == 2;
  if (names.empty())
    for (size_t i = 0; i < directions; ++i)
      names.insert(names.end(), defaults.begin(), defaults.end());
  if (names.size() != defaults.size() * directions && !once) {
    n.emitError() << "needs " << defaults.size() * directions << " activations, got "
                  << names.size();
    return std::nullopt;
  }
  Activations result;
  size_t nextAlpha = 0, nextBeta = 0;
  for (const std::string &name : names) {
    const Activation *row = llvm::find_if(kActivations, [&](const Activation &candidate) {
      return StringRef(name).equals_insensitive(candidate.name);
    });
    if (row == std::end(kActivations)) {
      n.emitError() << "unknown activation '" << name << "'";
      return std::nullopt;
    }
    bool takesAlpha = row->hasAlpha && nextAlpha < alphas.size();
    bool takesBeta = row->hasBeta && nextBeta < betas.size();
    result.fns.push_back(nn::UnaryFnAttr::get(n.b.getContext(), row->fn));
    result.alphas.push_back(takesAlpha ? alphas[nextAlpha++] : row->alpha);
    result.betas.push_back(takesBeta ? betas[nextBeta++] : row->beta);
  }
  if (once) {
    result.fns.append(SmallVector<Attribute>(result.fns));
    result.alphas.append(SmallVector<double>(result.alphas));
    result.betas.append(SmallVector<double>(result.betas));
  }
  return result;
}

static std::optional<nn::Direction> readDirection(NodeBinder &n) {
  std::string direction = n.stringAttr("direction", "forward");
  // The default of version 1 is spelled so.
  if (direction == "forward" || direction == "foward")
    return nn::Direction::forward;
  if (direction == "reverse")
    return nn::Direction::reverse;
  if (direction == "bidirectional")
    return nn::Direction::bidirectional;
  n.emitError() << "attribute 'direction' has the unknown value '" << direction << "'";
  return std::nullopt;
}

/// The first two axes swapped: the states of layout 1, which has the batch
/// before the direction, and back.
static Value swapLeading(NodeBinder &n, Value x) { return x ? n.transpose(x, {1, 0, 2}) : x; }

/// The variant is the cell.
static LogicalResult importRecurrent(NodeBinder &n) {
  auto kind = static_cast<nn::RnnKind>(n.variant());
  bool lstm = kind == nn::RnnKind::lstm;
  static constexpr StringRef kDefaults[][3] = {
      {"sigmoid", "tanh", "tanh"}, {"sigmoid", "tanh"}, {"tanh"}};
  size_t count = lstm ? 3 : kind == nn::RnnKind::gru ? 2 : 1;
  auto direction = readDirection(n);
  if (!direction)
    return failure();
  size_t directions = *direction == nn::Direction::bidirectional ? 2 : 1;
  auto activations =
      readActivations(n, directions, ArrayRef(kDefaults[static_cast<size_t>(kind)], count));
  if (!activations)
    return failure();
  Value x = n.operand(0), w = n.operand(1), r = n.operand(2);
  Value lens = n.operand(4), h0 = n.operand(5), c0 = lstm ? n.operand(6) : Value();
  Value peepholes = lstm ? n.operand(7) : Value();
  if (!n.requireRank(x, 3, "the input") || !n.requireRank(r, 3, "the recurrent weights"))
    return failure();
  int64_t hidden = n.intAttr("hidden_size", n.dim(r, 2));
  if (!ShapedType::isDynamic(n.dim(r, 2)) && hidden != n.dim(r, 2))
    return n.emitError() << "attribute 'hidden_size' says " << hidden
                         << ", the recurrent weights have " << n.dim(r, 2);
  // Batch first: everything is turned around the layer.
  bool batchFirst = n.intAttr("layout", 0) == 1;
  if (batchFirst) {
    x = swapLeading(n, x);
    h0 = swapLeading(n, h0);
    c0 = swapLeading(n, c0);
  }
  MLIRContext *context = n.b.getContext();
  SmallVector<Value> states = n.create<nn::RnnOp>(
      nn::RnnKindAttr::get(context, kind), x, w, r, n.operand(3), lens, h0, c0, peepholes,
      nn::DirectionAttr::get(context, *direction), n.b.getArrayAttr(activations->fns),
      n.b.getDenseF64ArrayAttr(activations->alphas), n.b.getDenseF64ArrayAttr(activations->betas),
      n.b.getF64FloatAttr(n.floatAttr("clip", 0)),
      n.b.getBoolAttr(lstm && n.boolAttr("input_forget", false)),
      n.b.getBoolAttr(kind == nn::RnnKind::gru && n.boolAttr("linear_before_reset", false)));
  if (n.failed())
    return failure();
  // y is [T, D, B, H]; the batch comes first in layout 1.
  if (n.hasResult(0))
    n.setResult(0, batchFirst ? n.transpose(states[0], {2, 0, 1, 3}) : states[0]);
  for (size_t i = 1; i < states.size(); ++i)
    if (n.hasResult(i))
      n.setResult(i, batchFirst ? swapLeading(n, states[i]) : states[i]);
  return success();
}

void burin::registerRecurrentOps(OpRegistry &registry) {
  registry.add("LSTM", 1, {3, 8}, importRecurrent, static_cast<int64_t>(nn::RnnKind::lstm));
  registry.add("GRU", 1, {3, 6}, importRecurrent, static_cast<int64_t>(nn::RnnKind::gru));
  registry.add("RNN", 1, {3, 6}, importRecurrent, static_cast<int64_t>(nn::RnnKind::rnn));
}
