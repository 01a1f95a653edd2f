//===- TopologicalSort.cpp - Brings nodes into order ----------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/TopologicalSort.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include <queue>

using namespace burin;
using namespace burin::onnx;

using NameCallback = llvm::function_ref<void(const std::string &)>;

static void forEachInnerName(const NodeProto &node, NameCallback callback);

// Calls back for every name that a subgraph takes from outside.
static void forEachInnerName(const GraphProto &graph, NameCallback callback) {
  llvm::StringSet<> own;
  for (const auto &input : graph.input())
    own.insert(input.name());
  for (const auto &initializer : graph.initializer())
    own.insert(initializer.name());
  for (const NodeProto &node : graph.node())
    for (const std::string &output : node.output())
      own.insert(output);
  auto filtered = [&](const std::string &name) {
    if (!own.contains(name))
      callback(name);
  };
  for (const NodeProto &node : graph.node()) {
    for (const std::string &input : node.input())
      filtered(input);
    forEachInnerName(node, filtered);
  }
  for (const auto &output : graph.output())
    filtered(output.name());
}

static void forEachInnerName(const NodeProto &node, NameCallback callback) {
  for (const AttributeProto &attribute : node.attribute()) {
    if (attribute.has_g())
      forEachInnerName(attribute.g(), callback);
    for (const GraphProto &graph : attribute.graphs())
      forEachInnerName(graph, callback);
  }
}

SortedNodes burin::sortNodes(const google::protobuf::RepeatedPtrField<NodeProto> &nodes,
                             llvm::function_ref<bool(const std::string &)> isGiven) {
  int count = nodes.size();
  llvm::StringMap<int> producers;
  for (int i = 0; i < count; ++i)
    for (const std::string &output : nodes[i].output())
      if (!output.empty() && !isGiven(output))
        producers.try_emplace(output, i);

  std::vector<std::vector<int>> users(count);
  std::vector<int> waitingFor(count, 0);
  for (int i = 0; i < count; ++i) {
    auto depend = [&](const std::string &name) {
      auto producer = producers.find(name);
      if (producer == producers.end())
        return;
      users[producer->second].push_back(i);
      ++waitingFor[i];
    };
    for (const std::string &input : nodes[i].input())
      depend(input);
    forEachInnerName(nodes[i], depend);
  }

  SortedNodes result;
  std::priority_queue<int, std::vector<int>, std::greater<>> ready;
  for (int i = 0; i < count; ++i)
    if (!waitingFor[i])
      ready.push(i);
  while (!ready.empty()) {
    int node = ready.top();
    ready.pop();
    result.order.push_back(node);
    for (int user : users[node])
      if (--waitingFor[user] == 0)
        ready.push(user);
  }
  for (int i = 0; i < count; ++i)
    if (waitingFor[i])
      result.cyclic.push_back(i);
  return result;
}
