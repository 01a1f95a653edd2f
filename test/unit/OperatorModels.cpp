//===- OperatorModels.cpp - Small models of every operator ----------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "test/unit/OperatorModels.h"

#include "test/unit/OnnxTestSupport.h"

#include <random>

using namespace burin;
using namespace burin::onnx;
using namespace burin::test;

namespace {
/// Makes one model out of random choices.
class Maker {
public:
  explicit Maker(unsigned seed) : random(seed) {}

  ModelProto make(const std::string &domain, const std::string &opType, const OpEntry &entry);

private:
  int below(int n) { return static_cast<int>(random() % n); }
  void addOperand(GraphProto &graph, NodeProto &node, int i);
  void addAttribute(NodeProto &node);
  GraphProto &addBody(NodeProto &node, const char *name);

  std::minstd_rand random;
};
} // namespace

void Maker::addOperand(GraphProto &graph, NodeProto &node, int i) {
  if (below(12) == 0) {
    node.add_input("");
    return;
  }
  std::string name = "x" + std::to_string(i);
  node.add_input(name);
  static constexpr int32_t kTypes[] = {kFloat,   kFloat, kFloat, kInt64,  kInt64, kInt32,
                                       kFloat16, kUint8, kInt8,  kDouble, kBool,  kString};
  int32_t type = kTypes[below(std::size(kTypes))];
  // Mostly what the first operand has.
  if (i > 0 && below(2))
    type = graph.input_size() ? graph.input(0).type().tensor_type().elem_type() : kFloat;
  std::vector<int64_t> dims;
  for (int axis = below(6); axis > 0; --axis)
    dims.push_back(std::array{1, 2, 3, 4, 0, 2}[below(6)]);
  if (below(3) == 0) { // a constant
    TensorProto &tensor = *graph.add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(type);
    int64_t count = 1;
    for (int64_t dim : dims) {
      tensor.add_dims(dim);
      count *= dim;
    }
    for (int64_t e = 0; type == kString && e < count; ++e)
      tensor.add_string_data("text");
    if (type == kString)
      return;
    // Small numbers: they may be axes, sizes, counts.
    std::string raw;
    for (int64_t e = 0; e < count; ++e) {
      int64_t value = below(6) - 2;
      auto real = static_cast<double>(value);
      auto single = static_cast<float>(real);
      size_t width = elementTypeInfo(type)->memoryBytes;
      const void *source = type == kFloat    ? static_cast<const void *>(&single)
                           : type == kDouble ? static_cast<const void *>(&real)
                                             : static_cast<const void *>(&value);
      raw.append(static_cast<const char *>(source), width);
    }
    tensor.set_raw_data(raw);
    return;
  }
  auto *info = graph.add_input();
  info->set_name(name);
  setType(*info->mutable_type(), type, {});
  for (int64_t dim : dims) {
    auto *proto = info->mutable_type()->mutable_tensor_type()->mutable_shape()->add_dim();
    if (below(4))
      proto->set_dim_value(dim);
    else if (below(3))
      proto->set_dim_param("N");
  }
}

GraphProto &Maker::addBody(NodeProto &node, const char *name) {
  GraphProto &body = addGraph(node, name);
  int inputs = below(4);
  for (int i = 0; i < inputs; ++i)
    addInput(body, "b" + std::to_string(i), {2}, std::array{kInt64, kBool, kFloat}[below(3)]);
  for (int i = 0; i < below(4); ++i) {
    std::string output = "r" + std::to_string(i);
    NodeProto &inner = addNode(body, "Identity", {}, {output.c_str()});
    inner.add_input(inputs ? "b" + std::to_string(below(inputs)) : "x0");
    addOutput(body, output);
  }
  return body;
}

void Maker::addAttribute(NodeProto &node) {
  static constexpr const char *kInts[] = {"axis",
                                          "keepdims",
                                          "group",
                                          "to",
                                          "axes",
                                          "batch_dims",
                                          "allowzero",
                                          "ceil_mode",
                                          "block_size",
                                          "blocksize",
                                          "num_outputs",
                                          "hidden_size",
                                          "num_heads",
                                          "kv_num_heads",
                                          "p",
                                          "dtype",
                                          "k",
                                          "exclusive",
                                          "largest",
                                          "select_last_index",
                                          "transA",
                                          "noop_with_empty_axes",
                                          "new_axis",
                                          "num_groups",
                                          "layout",
                                          "output_dtype",
                                          "broadcast",
                                          "body_inputs",
                                          "num_scan_inputs"};
  static constexpr const char *kLists[] = {
      "axes",  "perm",   "kernel_shape", "strides",      "pads",           "dilations", "shape",
      "split", "starts", "ends",         "output_shape", "output_padding", "sizes",     "paddings"};
  static constexpr std::pair<const char *, const char *> kStrings[] = {
      {"mode", "linear"},
      {"mode", "reflect"},
      {"mode", "nearest"},
      {"auto_pad", "SAME_UPPER"},
      {"auto_pad", "VALID"},
      {"reduction", "add"},
      {"reduction", "none"},
      {"direction", "bidirectional"},
      {"direction", "LEFT"},
      {"equation", "ij,jk->ik"},
      {"coordinate_transformation_mode", "asymmetric"}};
  switch (below(4)) {
  case 0:
    addInt(node, kInts[below(std::size(kInts))], below(7) - 2);
    break;
  case 1: {
    auto &attribute = addAttr(node, kLists[below(std::size(kLists))], kAttrInts);
    for (int i = below(5); i > 0; --i)
      attribute.add_ints(below(5) - 1);
    break;
  }
  case 2: {
    auto [name, value] = kStrings[below(std::size(kStrings))];
    addString(node, name, value);
    break;
  }
  default:
    addFloat(node, std::array{"alpha", "epsilon", "beta", "scale"}[below(4)],
             static_cast<float>(below(3)) - 1);
  }
}

ModelProto Maker::make(const std::string &domain, const std::string &opType, const OpEntry &entry) {
  ModelProto model = makeModel(domain.empty() ? entry.since : 21);
  if (!domain.empty()) {
    auto *import = model.add_opset_import();
    import->set_domain(domain);
    import->set_version(entry.since);
  }
  GraphProto &graph = *model.mutable_graph();
  NodeProto &node = addNode(graph, opType, {}, {}, "node");
  node.set_domain(domain);
  int most = static_cast<int>(std::min(entry.arity.max, entry.arity.min + 4));
  int count = static_cast<int>(entry.arity.min) + below(most - entry.arity.min + 1);
  for (int i = 0; i < count; ++i)
    addOperand(graph, node, i);
  for (int i = below(4); i > 0; --i)
    addAttribute(node);
  if (opType == "If") {
    addBody(node, "then_branch").clear_input();
    addBody(node, "else_branch").clear_input();
  } else if (opType == "Loop" || opType == "Scan" || opType == "SequenceMap") {
    addBody(node, "body");
  }
  for (int i = 0; i <= below(3); ++i) {
    node.add_output("y" + std::to_string(i));
    addOutput(graph, "y" + std::to_string(i));
  }
  return model;
}

void burin::test::forEachOperatorModel(
    bool thorough, const std::function<void(const std::string &, const ModelProto &)> &callback) {
  OpRegistry registry = makeOpRegistry();
  int variants = thorough ? 60 : 4;
  unsigned seed = 1;
  for (const auto &[domain, opType] : registry.operators()) {
    const OpEntry *last = nullptr;
    for (int64_t opset = 1; opset <= 28; ++opset) {
      const OpEntry *entry = registry.lookup(domain, opType, opset);
      if (!entry || entry == last)
        continue;
      last = entry;
      for (int i = 0; i < variants; ++i) {
        std::string name =
            domain + "." + opType + "-" + std::to_string(entry->since) + "-" + std::to_string(i);
        callback(name, Maker(seed++).make(domain, opType, *entry));
      }
    }
  }
}
