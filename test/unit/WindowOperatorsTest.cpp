//===- WindowOperatorsTest.cpp - Attributes that make no sense ------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// One row for every message of convolutions, pools, products, normalisations,
// recurrent layers and resizing.
//
//===----------------------------------------------------------------------===//

#include "test/unit/OnnxTestSupport.h"

#include <catch2/catch.hpp>

using namespace burin;
using namespace burin::onnx;
using namespace burin::test;

namespace {
/// A node over float inputs "a", "b", ... of these shapes; attributes as text
/// ("NAME"), integers or lists.
struct Attribute {
  const char *name;
  std::vector<int64_t> ints;
  const char *text = nullptr;
  bool isList = true;
};
struct Row {
  const char *opType;
  std::vector<std::vector<int64_t>> inputs;
  std::vector<Attribute> attributes;
  const char *message;
  int64_t opset = 21;
};
} // namespace

static Attribute list(const char *name, std::vector<int64_t> ints) { return {name, ints}; }
static Attribute number(const char *name, int64_t value) { return {name, {value}, nullptr, false}; }
static Attribute text(const char *name, const char *value) { return {name, {}, value, false}; }

static Imported importRow(const Row &row) {
  ModelProto model = makeModel(row.opset);
  GraphProto &graph = *model.mutable_graph();
  NodeProto &node = addNode(graph, row.opType, {}, {"y"}, "node");
  char name = 'a';
  for (const std::vector<int64_t> &shape : row.inputs) {
    std::string input(1, name++);
    addInput(graph, input, {});
    auto *type = graph.mutable_input()->rbegin()->mutable_type()->mutable_tensor_type();
    for (int64_t extent : shape)
      type->mutable_shape()->add_dim()->set_dim_value(extent);
    node.add_input(input);
  }
  for (const Attribute &attribute : row.attributes) {
    if (attribute.text) {
      addString(node, attribute.name, attribute.text);
    } else if (!attribute.isList) {
      addInt(node, attribute.name, attribute.ints.front());
    } else {
      auto &proto = addAttr(node, attribute.name, kAttrInts);
      for (int64_t value : attribute.ints)
        proto.add_ints(value);
    }
  }
  addOutput(graph, "y");
  return import(model);
}

TEST_CASE("wrong attributes of windows, products and layers are told", "[importer]") {
  const std::vector<std::vector<int64_t>> conv{{1, 2, 5, 5}, {4, 2, 3, 3}}, image{{1, 2, 5, 5}};
  const std::vector<std::vector<int64_t>> layer{{3, 1, 2}, {1, 8, 2}, {1, 8, 2}};
  const Row rows[] = {
      {"Conv", conv, {list("strides", {1})}, "attribute 'strides' must have 2 entries, got 1"},
      {"Conv", conv, {list("strides", {0, 1})}, "attribute 'strides' has the entry 0"},
      {"Conv", conv, {list("pads", {0, 0, -1, 0})}, "attribute 'pads' has the entry -1"},
      {"Conv", conv, {list("kernel_shape", {3, 2})}, "does not fit the shape of the weights"},
      {"Conv", conv, {text("auto_pad", "SAME")}, "'auto_pad' has the unknown value 'SAME'"},
      {"Conv", conv, {number("group", 3)}, "group 3 does not divide 2 input channels"},
      {"Conv", {{1, 2}, {4, 2}}, {}, "rank"},
      {"ConvTranspose",
       {{1, 4, 5, 5}, {4, 2, 3, 3}},
       {list("output_shape", {9})},
       "'output_padding' and 'output_shape' must have 2 entries"},
      {"MaxPool", image, {}, "needs the attribute 'kernel_shape'"},
      {"MaxPool", image, {list("kernel_shape", {3})}, "a kernel of 1 axes does not fit"},
      {"AveragePool", image, {list("kernel_shape", {9, 9})}, "exceeds the padded extent"},
      {"LpPool",
       image,
       {list("kernel_shape", {2, 2}), number("p", 0)},
       "attribute 'p' must be positive"},
      {"MatMul", {{2, 3}, {4, 2}}, {}, "inner extents of the product"},
      {"Gemm", {{2, 3}, {3}}, {}, "rank"},
      {"Einsum", {{2, 3}}, {text("equation", "i1->i")}, "unexpected character '1'"},
      {"Einsum", {{2, 3}}, {text("equation", "i,j->i")}, "has 2 terms for 1 inputs"},
      {"Einsum", {{2, 3}}, {text("equation", "ij->k")}, "a label that no input has"},
      {"Einsum", {{2, 3}}, {text("equation", "i->i")}, "does not fit input 0 of rank 2"},
      {"GroupNormalization",
       {{1, 4, 5}, {4}, {4}},
       {number("num_groups", 3)},
       "num_groups 3 does not divide 4 channels"},
      {"LayerNormalization", {{2, 3}, {3}}, {number("axis", 5)}, "axis 5"},
      {"LSTM", layer, {text("direction", "up")}, "attribute 'direction' has the unknown value"},
      {"LSTM", layer, {number("hidden_size", 7)}, "attribute 'hidden_size' says 7"},
      {"QuantizeLinear", {{2, 3}, {4}}, {}, "operand 'scale' has 4 entries"},
      {"Resize", image, {text("mode", "lanczos")}, "unknown mode 'lanczos'"},
      {"Resize", image, {text("nearest_mode", "up")}, "unknown nearest_mode 'up'"},
      {"Resize", image, {}, "needs 'sizes', or 'scales' with 4 entries"},
      {"GridSample", {{1, 1, 4, 4}, {1, 2, 2, 3}}, {}, "3 coordinates for 2 spatial"},
      {"Upsample", image, {}, "Resize"},
  };
  for (const Row &row : rows) {
    CAPTURE(row.opType, row.message);
    Imported result = importRow(row);
    CAPTURE(result.messages);
    CHECK(result.ir.empty());
    CHECK(result.says("\"node\""));
    CHECK(result.says(row.message));
  }
}
