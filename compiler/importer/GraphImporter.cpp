//===- GraphImporter.cpp - Imports the nodes of graphs --------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/GraphImporter.h"

#include "compiler/importer/ElementTypes.h"
#include "compiler/importer/TopologicalSort.h"
#include "dialects/nn/NodeLoc.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace burin;
using namespace burin::onnx;

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

static std::string functionKey(StringRef domain, StringRef name, StringRef overload) {
  std::string key = OpRegistry::normalizeDomain(domain).str();
  for (StringRef part : {name, overload}) {
    key.push_back('\0');
    key += part;
  }
  return key;
}

bool FunctionTable::insert(const FunctionProto &function) {
  return functions
      .try_emplace(functionKey(function.domain(), function.name(), function.overload()), &function)
      .second;
}

const FunctionProto *FunctionTable::lookup(const NodeProto &node) const {
  if (functions.empty())
    return nullptr;
  return functions.lookup(functionKey(node.domain(), node.op_type(), node.overload()));
}

const AttributeProto *Environment::resolve(const AttributeProto &attribute) const {
  if (attribute.ref_attr_name().empty())
    return &attribute;
  return attributes.lookup(attribute.ref_attr_name());
}

const Scope::Binding *Scope::lookup(StringRef name) const {
  for (const Scope *scope = this; scope; scope = scope->outer) {
    auto found = scope->values.find(name);
    if (found != scope->values.end())
      return &found->second;
  }
  return nullptr;
}

std::string burin::displayName(const NodeProto &node) {
  if (!node.name().empty())
    return node.name();
  for (const std::string &output : node.output())
    if (!output.empty())
      return output;
  return node.op_type();
}

Location GraphImporter::nodeLocation(const NodeProto &node, StringRef name, int index) const {
  return nn::nodeLoc(b.getContext(), model.fileName(), name, node.op_type(), index);
}

InFlightDiagnostic GraphImporter::emitErrorAt(Location loc) {
  hasFailed = true;
  return mlir::emitError(loc);
}

InFlightDiagnostic GraphImporter::emitError() {
  return emitErrorAt(nn::modelLoc(b.getContext(), model.fileName()));
}

//===----------------------------------------------------------------------===//
// Values that graphs declare
//===----------------------------------------------------------------------===//

RankedTensorType GraphImporter::tensorType(const TypeProto &type) const {
  if (!type.has_tensor_type() || !type.tensor_type().has_shape())
    return nullptr;
  Type elementType = elementTypeOf(b.getContext(), type.tensor_type().elem_type());
  if (!elementType)
    return nullptr;
  SmallVector<int64_t> dims;
  for (const auto &dim : type.tensor_type().shape().dim())
    dims.push_back(dim.has_dim_value() && dim.dim_value() >= 0 ? dim.dim_value()
                                                               : ShapedType::kDynamic);
  return RankedTensorType::get(dims, elementType);
}

void GraphImporter::declareTypes(const GraphProto &graph, Scope &scope) {
  for (const auto *infos : {&graph.output(), &graph.value_info()})
    for (const ValueInfoProto &info : *infos)
      if (info.has_type())
        scope.declared.try_emplace(info.name(), &info.type());
}

void GraphImporter::bindInitializers(const GraphProto &graph, Scope &scope) {
  auto bind = [&](const std::string &name, std::optional<TensorData> data,
                  const std::string &error) {
    Location loc = nn::nodeLoc(b.getContext(), model.fileName(), name, nn::kInitializer, 0);
    auto [at, isNew] = scope.values.try_emplace(name);
    if (name.empty()) {
      emitError() << "an initializer has no name";
      return;
    }
    if (!isNew) {
      emitErrorAt(loc) << "there are two initializers of this name";
      return;
    }
    ElementsAttr value = data ? constantAttr(b.getContext(), *data) : ElementsAttr();
    if (!value) {
      // The location names it already.
      StringRef reason = error;
      reason.consume_front("tensor \"" + name + "\": ");
      emitErrorAt(loc) << reason;
      at->second.poisoned = true;
      return;
    }
    at->second.value = BoundValue(b.create<nn::ConstantOp>(loc, value));
  };
  std::string error;
  for (const TensorProto &proto : graph.initializer())
    bind(proto.name(), model.tensor(proto, error), error);
  for (const SparseTensorProto &proto : graph.sparse_initializer())
    bind(proto.values().name(), model.tensor(proto, error), error);
}

SmallVector<StringRef> GraphImporter::outputNames(const GraphProto &graph) {
  SmallVector<StringRef> names;
  for (const ValueInfoProto &output : graph.output())
    names.push_back(output.name());
  return names;
}

LogicalResult GraphImporter::collectOutputs(const GraphProto &graph, const Scope &scope,
                                            SmallVectorImpl<BoundValue> &results) {
  bool complete = true;
  for (const ValueInfoProto &output : graph.output()) {
    const Scope::Binding *binding = scope.lookup(output.name());
    if (!binding)
      emitError() << "output \"" << output.name() << "\" of graph \"" << graph.name()
                  << "\" is made by no node";
    if (!binding || binding->poisoned) {
      complete = false;
      continue;
    }
    results.push_back(binding->value);
  }
  return success(complete);
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

void GraphImporter::importNodes(const NodeList &nodes, Scope &scope, const Environment &environment,
                                ArrayRef<StringRef> outputs) {
  SortedNodes sorted =
      sortNodes(nodes, [&](const std::string &name) { return scope.values.contains(name); });
  auto locationOf = [&](int i) {
    return nodeLocation(nodes[i], environment.prefix + displayName(nodes[i]), i);
  };
  if (!sorted.cyclic.empty()) {
    InFlightDiagnostic diagnostic = emitErrorAt(locationOf(sorted.cyclic.front()))
                                    << "it needs its own result: the graph has a cycle";
    constexpr size_t kShown = 4;
    for (int i : ArrayRef(sorted.cyclic).drop_front().take_front(kShown))
      diagnostic.attachNote(locationOf(i)) << "on or behind the cycle";
  }
  // Whatever a node on a cycle makes counts as known and broken.
  for (int i : sorted.cyclic)
    for (const std::string &output : nodes[i].output())
      scope.values[output].poisoned = true;
  importPending({nodes, sorted.order, outputs, environment}, scope);
}

void GraphImporter::importPending(Pending pending, Scope &scope) {
  for (; !pending.order.empty(); pending.order = pending.order.drop_front()) {
    if (++importedNodes > kMaxImportedNodes) {
      if (importedNodes == kMaxImportedNodes + 1)
        emitError() << "the model has more than " << kMaxImportedNodes
                    << " nodes once its functions are inlined";
      return;
    }
    if (importNode(pending, scope))
      return;
  }
}

/// Names of the graph's outputs that nodes from here on make.
static SmallVector<StringRef> openOutputs(ArrayRef<StringRef> outputs, const Scope &scope) {
  SmallVector<StringRef> open;
  for (StringRef name : outputs)
    if (!scope.lookup(name) && !llvm::is_contained(open, name))
      open.push_back(name);
  return open;
}

LogicalResult GraphImporter::importRest(const Pending &pending, const Scope &scope, Location loc,
                                        ArrayRef<BoundValue> values,
                                        SmallVectorImpl<BoundValue> &results) {
  if (scope.forks >= kMaxForks)
    return emitErrorAt(loc) << "more than " << kMaxForks
                            << " operators whose results differ in kind follow each other";
  Scope inner;
  inner.outer = &scope;
  inner.depth = scope.depth;
  inner.forks = scope.forks + 1;
  inner.declared = scope.declared;
  bool before = std::exchange(hasFailed, false);
  bindOutputs(pending.nodes[pending.order.front()], loc, values, inner, /*poisoned=*/false);
  Pending rest = pending;
  rest.order = rest.order.drop_front();
  importPending(rest, inner);
  for (StringRef name : openOutputs(pending.outputs, scope)) {
    const Scope::Binding *binding = inner.lookup(name);
    if (!binding)
      emitErrorAt(loc) << "output \"" << name << "\" of its graph is made by no node";
    hasFailed |= !binding || binding->poisoned;
    results.push_back(binding ? binding->value : BoundValue());
  }
  bool good = !hasFailed;
  hasFailed = before;
  return success(good);
}

bool GraphImporter::bindInputs(const NodeProto &node, Location loc, const Scope &scope,
                               SmallVectorImpl<BoundValue> &inputs) {
  bool usable = true;
  for (const std::string &name : node.input()) {
    if (name.empty()) {
      inputs.emplace_back();
      continue;
    }
    const Scope::Binding *binding = scope.lookup(name);
    if (!binding)
      emitErrorAt(loc) << "its input \"" << name << "\" is made by no node and is no input";
    if (!binding || binding->poisoned) {
      usable = false;
      continue;
    }
    inputs.push_back(binding->value);
  }
  // Missing inputs at the end are as good as none.
  while (usable && !inputs.empty() && !inputs.back())
    inputs.pop_back();
  return usable;
}

void GraphImporter::bindOutputs(const NodeProto &node, Location loc, ArrayRef<BoundValue> outputs,
                                Scope &scope, bool poisoned) {
  for (auto [i, name] : llvm::enumerate(node.output())) {
    if (name.empty())
      continue;
    auto [at, isNew] = scope.values.try_emplace(name);
    if (!isNew) {
      emitErrorAt(loc) << "its output \"" << name
                       << "\" is the name of another value of this graph";
      continue;
    }
    at->second.poisoned = poisoned || i >= outputs.size() || !outputs[i];
    if (!at->second.poisoned)
      at->second.value = outputs[i];
    else if (!poisoned)
      emitErrorAt(loc) << "this operator has no output " << i << " (\"" << name << "\")";
  }
}

// How many inputs an operator takes, in words.
static std::string arityText(Arity arity) {
  if (arity.max == Arity::kVariadic)
    return "at least " + std::to_string(arity.min);
  if (arity.min == arity.max)
    return std::to_string(arity.min);
  return std::to_string(arity.min) + " to " + std::to_string(arity.max);
}

// Whether the inputs are what the entry counts on; says what is wrong.
static bool checkInputs(GraphImporter &importer, const OpEntry &entry, ArrayRef<BoundValue> inputs,
                        Location loc) {
  if (inputs.size() < entry.arity.min || inputs.size() > entry.arity.max) {
    importer.emitErrorAt(loc) << "it has " << inputs.size() << " inputs, this operator takes "
                              << arityText(entry.arity);
    return false;
  }
  for (auto [i, input] : llvm::enumerate(inputs)) {
    bool missing = !input;
    if (missing && (i < entry.arity.min || entry.arity.max == Arity::kVariadic)) {
      importer.emitErrorAt(loc) << "its input " << i << " is missing";
      return false;
    }
    if (!missing && entry.accepts == Accepts::Tensors &&
        (!input.isPlain() || !isa<RankedTensorType>(input.value.getType()))) {
      importer.emitErrorAt(loc) << "its input " << i << " must be a tensor";
      return false;
    }
  }
  return true;
}

bool GraphImporter::importNode(const Pending &pending, Scope &scope) {
  int index = pending.order.front();
  const NodeProto &node = pending.nodes[index];
  const Environment &environment = pending.environment;
  std::string name = environment.prefix + displayName(node);
  Location loc = nodeLocation(node, name, index);
  SmallVector<BoundValue> inputs;
  bool usable = bindInputs(node, loc, scope, inputs);
  const FunctionProto *function = functions.lookup(node);
  if (usable && function) {
    importCall(*function, node, loc, name, scope, environment);
    return false;
  }
  // Unknown operators are reported by checkOperators().
  int64_t opset = environment.opset(node.domain());
  const OpEntry *entry = registry.lookup(node.domain(), node.op_type(), opset);
  if (!usable || !entry || !checkInputs(*this, *entry, inputs, loc)) {
    fail();
    bindOutputs(node, loc, {}, scope, /*poisoned=*/true);
    return false;
  }
  auto rest = [&](ArrayRef<BoundValue> values, SmallVectorImpl<BoundValue> &results) {
    return importRest(pending, scope, loc, values, results);
  };
  NodeContext context{*this, node,        std::move(name),   *entry, opset,
                      scope, environment, std::move(inputs), {},     rest,
                      {}};
  context.outputs.resize(node.output_size());
  // An entry may leave the builder inside of a region.
  OpBuilder::InsertionGuard guard(b);
  NodeBinder binder(b, loc, context);
  bool imported = succeeded(entry->import(binder)) && !binder.failed();
  if (!imported)
    fail();
  if (!imported || !context.rest) {
    bindOutputs(node, loc, context.outputs, scope, /*poisoned=*/!imported);
    return false;
  }
  for (auto [name, value] : llvm::zip(openOutputs(pending.outputs, scope), *context.rest))
    scope.values[name].value = value;
  return true;
}

//===----------------------------------------------------------------------===//
// Bodies
//===----------------------------------------------------------------------===//

void GraphImporter::importCall(const FunctionProto &function, const NodeProto &node, Location loc,
                               StringRef name, Scope &scope, const Environment &environment) {
  SmallVector<BoundValue> outputs;
  auto poisonAll = [&] {
    fail();
    bindOutputs(node, loc, {}, scope, /*poisoned=*/true);
  };
  if (environment.functionDepth >= kMaxFunctionDepth) {
    emitErrorAt(loc) << "functions call each other more than " << kMaxFunctionDepth
                     << " levels deep";
    return poisonAll();
  }
  if (node.input_size() > function.input_size() || node.output_size() > function.output_size()) {
    emitErrorAt(loc) << "it has " << node.input_size() << " inputs and " << node.output_size()
                     << " outputs, its function has " << function.input_size() << " and "
                     << function.output_size();
    return poisonAll();
  }

  Environment inner;
  inner.inFunction = true;
  inner.functionDepth = environment.functionDepth + 1;
  inner.prefix = name.str() + "/";
  inner.opsets = readOpsets(*this, "function " + function.name(), function.opset_import());
  // Files from before IR 10 may leave the imports to the model.
  if (function.opset_import().empty())
    inner.opsets = environment.opsets;
  for (const AttributeProto &attribute : function.attribute_proto())
    inner.attributes[attribute.name()] = &attribute;
  for (const AttributeProto &attribute : node.attribute())
    if (const AttributeProto *resolved = environment.resolve(attribute))
      inner.attributes[attribute.name()] = resolved;

  Scope body;
  body.depth = scope.depth;
  for (const ValueInfoProto &info : function.value_info())
    if (info.has_type())
      body.declared.try_emplace(info.name(), &info.type());
  for (auto [i, input] : llvm::enumerate(function.input())) {
    // A missing input is known under its name, and missing wherever it is used.
    auto [at, isNew] = body.values.try_emplace(input);
    if (!isNew) {
      emitErrorAt(loc) << "two inputs of its function are named \"" << input << "\"";
      return poisonAll();
    }
    if (static_cast<int>(i) < node.input_size() && !node.input(i).empty())
      at->second.value = scope.lookup(node.input(i))->value;
  }
  SmallVector<StringRef> names(function.output().begin(), function.output().end());
  importNodes(function.node(), body, inner, names);
  bool poisoned = false;
  for (auto [i, output] : llvm::enumerate(function.output())) {
    const Scope::Binding *binding = body.lookup(output);
    bool wanted = static_cast<int>(i) < node.output_size() && !node.output(i).empty();
    if (!binding)
      emitErrorAt(loc) << "output \"" << output << "\" of its function is made by no node";
    poisoned |= wanted && (!binding || binding->poisoned);
    outputs.push_back(binding ? binding->value : BoundValue());
  }
  if (poisoned)
    return poisonAll();
  bindOutputs(node, loc, outputs, scope, /*poisoned=*/false);
}

LogicalResult GraphImporter::importGraph(const GraphProto &graph, const Scope &outer,
                                         const Environment &environment, Location loc,
                                         ArrayRef<BoundValue> inputs,
                                         SmallVectorImpl<BoundValue> &results) {
  if (outer.depth >= kMaxGraphDepth) {
    emitErrorAt(loc) << "its subgraphs are nested more than " << kMaxGraphDepth << " levels deep";
    return failure();
  }
  if (static_cast<size_t>(graph.input_size()) != inputs.size()) {
    emitErrorAt(loc) << "its subgraph \"" << graph.name() << "\" has " << graph.input_size()
                     << " inputs where the operator gives " << inputs.size();
    return failure();
  }
  Scope scope;
  scope.outer = &outer;
  scope.depth = outer.depth + 1;
  declareTypes(graph, scope);
  bindInitializers(graph, scope);
  bool distinct = true;
  for (auto [info, value] : llvm::zip(graph.input(), inputs)) {
    auto [at, isNew] = scope.values.try_emplace(info.name());
    at->second.value = value;
    if (!isNew) {
      emitErrorAt(loc) << "input \"" << info.name()
                       << "\" of its subgraph is the name of another value";
      distinct = false;
    }
  }
  importNodes(graph.node(), scope, environment, outputNames(graph));
  if (!distinct)
    return failure();
  return collectOutputs(graph, scope, results);
}
