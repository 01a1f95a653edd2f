//===- ModelCheck.cpp - Opsets, unknown operators, recursion --------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// What can be told of a model before anything is built: one walk over all
// nodes, so that every unsupported operator is in the first report.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/GraphImporter.h"

#include "llvm/ADT/DenseMap.h"

using namespace mlir;
using namespace burin;
using namespace burin::onnx;

OpsetMap burin::readOpsets(GraphImporter &importer, StringRef subject,
                           const google::protobuf::RepeatedPtrField<OperatorSetIdProto> &imports) {
  OpsetMap opsets;
  auto emitError = [&] {
    InFlightDiagnostic diagnostic = importer.emitError();
    if (!subject.empty())
      diagnostic << subject << ": ";
    return diagnostic;
  };
  for (const OperatorSetIdProto &import : imports) {
    StringRef domain = OpRegistry::normalizeDomain(import.domain());
    int64_t newest = OpRegistry::newestKnownOpset(domain);
    if (import.version() < 1)
      emitError() << "opset " << import.version() << " of " << OpRegistry::domainName(domain)
                  << " does not exist";
    else if (newest && import.version() > newest)
      emitError() << "opset " << import.version() << " of " << OpRegistry::domainName(domain)
                  << " is newer than the newest one known, " << newest;
    auto [at, isNew] = opsets.try_emplace(domain, import.version());
    if (!isNew && at->second != import.version())
      emitError() << "domain " << OpRegistry::domainName(domain)
                  << " is imported twice, with opsets " << at->second << " and "
                  << import.version();
  }
  return opsets;
}

namespace {
class Checker {
public:
  Checker(GraphImporter &importer, const OpRegistry &registry, const FunctionTable &functions)
      : importer(importer), registry(registry), functions(functions) {}

  void check(const NodeList &nodes, const Environment &environment, unsigned graphDepth);
  bool endless = false;

private:
  enum class State : uint8_t { Open, Done };
  void checkCall(const FunctionProto &function, const Environment &environment, Location loc);

  GraphImporter &importer;
  const OpRegistry &registry;
  const FunctionTable &functions;
  DenseMap<const FunctionProto *, State> states;
};
} // namespace

void Checker::checkCall(const FunctionProto &function, const Environment &environment,
                        Location loc) {
  auto [state, isNew] = states.try_emplace(&function, State::Open);
  if (!isNew) {
    if (state->second == State::Open) {
      importer.emitErrorAt(loc) << "function \"" << function.name()
                                << "\" calls itself, directly or through others";
      endless = true;
    }
    return;
  }
  if (environment.functionDepth >= kMaxFunctionDepth) {
    importer.emitErrorAt(loc) << "functions call each other more than " << kMaxFunctionDepth
                              << " levels deep";
    endless = true;
  } else {
    Environment inner;
    inner.functionDepth = environment.functionDepth + 1;
    inner.prefix = function.name() + "/";
    inner.opsets =
        function.opset_import().empty()
            ? environment.opsets
            : readOpsets(importer, "function " + function.name(), function.opset_import());
    check(function.node(), inner, 0);
  }
  states[&function] = State::Done;
}

void Checker::check(const NodeList &nodes, const Environment &environment, unsigned graphDepth) {
  for (auto [i, node] : llvm::enumerate(nodes)) {
    Location loc = importer.nodeLocation(node, environment.prefix + displayName(node), i);
    if (graphDepth > kMaxGraphDepth) {
      importer.emitErrorAt(loc) << "subgraphs are nested more than " << kMaxGraphDepth
                                << " levels deep";
      endless = true;
      return;
    }
    int64_t opset = environment.opset(node.domain());
    if (const FunctionProto *function = functions.lookup(node))
      checkCall(*function, environment, loc);
    else if (!opset)
      importer.emitErrorAt(loc) << "the model imports no opset of domain "
                                << OpRegistry::domainName(
                                       OpRegistry::normalizeDomain(node.domain()));
    else if (!registry.lookup(node.domain(), node.op_type(), opset))
      importer.emitErrorAt(loc) << registry.explainMissing(node.domain(), node.op_type(), opset);
    for (const AttributeProto &attribute : node.attribute()) {
      if (attribute.has_g())
        check(attribute.g().node(), environment, graphDepth + 1);
      for (const GraphProto &graph : attribute.graphs())
        check(graph.node(), environment, graphDepth + 1);
    }
  }
}

LogicalResult burin::checkOperators(GraphImporter &importer, const NodeList &nodes,
                                    const OpRegistry &registry, const FunctionTable &functions,
                                    const Environment &environment) {
  Checker checker(importer, registry, functions);
  checker.check(nodes, environment, 0);
  return success(!checker.endless);
}
