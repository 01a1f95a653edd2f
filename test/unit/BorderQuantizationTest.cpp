//===- BorderQuantizationTest.cpp - Scales of inputs and outputs ----------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "test/unit/OnnxTestSupport.h"

#include "compiler/driver/Compile.h"

#include <catch2/catch.hpp>

using namespace burin;
using namespace burin::onnx;
using namespace burin::test;

/// Parameters "xs", "xz", "ys", "yz": 0.5, -3, 0.25, 7; "cs" of two channels.
static ModelProto makeQuantized(int32_t inputType = kInt8) {
  ModelProto model = makeModel();
  model.add_opset_import()->set_domain("com.microsoft");
  model.mutable_opset_import(1)->set_version(1);
  GraphProto &graph = *model.mutable_graph();
  addTensor(graph, "xs", kFloat, {1}, rawBytes<float>({0.5f}));
  addTensor(graph, "xz", kInt8, {1}, rawBytes<int8_t>({-3}));
  addTensor(graph, "ys", kFloat, {}, rawBytes<float>({0.25f}));
  addTensor(graph, "yz", kInt8, {}, rawBytes<int8_t>({7}));
  addTensor(graph, "cs", kFloat, {2}, rawBytes<float>({1, 2}));
  addTensor(graph, "ws", kFloat, {}, rawBytes<float>({0.125f}));
  addTensor(graph, "w", kInt8, {2, 2}, rawBytes<int8_t>({1, 2, 3, 4}));
  addInput(graph, "x", {2, 2}, inputType);
  addOutput(graph, "y");
  return model;
}

static const char *const kInput =
    "%arg0: tensor<2x2xi8> {nn.dims = [2, 2], nn.name = \"x\", nn.quantization = {scale = "
    "5.000000e-01 : f32, zero_point = -3 : i64}}";
static const char *const kOutput =
    "nn.name = \"y\", nn.quantization = {scale = 2.500000e-01 : f32, zero_point = 7 : i64}}";

TEST_CASE("quantised borders tell their scale", "[importer][quantization]") {
  ModelProto model = makeQuantized();
  GraphProto &graph = *model.mutable_graph();
  SECTION("QDQ") {
    addNode(graph, "DequantizeLinear", {"x", "xs", "xz"}, {"f"});
    addNode(graph, "Relu", {"f"}, {"g"});
    addNode(graph, "QuantizeLinear", {"g", "ys", "yz"}, {"y"});
  }
  SECTION("behind nodes that move elements") {
    addNode(graph, "Transpose", {"x"}, {"t"});
    addNode(graph, "DequantizeLinear", {"t", "xs", "xz"}, {"f"});
    addNode(graph, "QuantizeLinear", {"f", "ys", "yz"}, {"q"});
    addNode(graph, "Flatten", {"q"}, {"y"});
  }
  SECTION("QLinearMatMul") {
    addNode(graph, "QLinearMatMul", {"x", "xs", "xz", "w", "ws", "xz", "ys", "yz"}, {"y"});
  }
  SECTION("second operand") {
    addNode(graph, "QLinearAdd", {"w", "ws", "xz", "x", "xs", "xz", "ys", "yz"}, {"y"})
        .set_domain("com.microsoft");
  }
  SECTION("concatenation") {
    addNode(graph, "QLinearConcat", {"ys", "yz", "w", "ws", "xz", "x", "xs", "xz"}, {"y"})
        .set_domain("com.microsoft");
    addInt(*graph.mutable_node(0), "axis", 0);
  }
  Imported result = import(model);
  CAPTURE(result.ir);
  CHECK(result.messages == "");
  CHECK(result.has(kInput));
  CHECK(result.has(kOutput));
}

TEST_CASE("float borders tell no scale, though quantised at once", "[importer][quantization]") {
  ModelProto model = makeQuantized(kFloat);
  addNode(*model.mutable_graph(), "QuantizeLinear", {"x", "xs", "xz"}, {"q"});
  addNode(*model.mutable_graph(), "DequantizeLinear", {"q", "xs", "xz"}, {"y"});
  Imported result = import(model);
  CHECK(result.ir != "");
  CHECK_FALSE(result.has("nn.quantization"));
}

TEST_CASE("borders without one meaning tell no scale", "[importer][quantization]") {
  ModelProto model = makeQuantized();
  GraphProto &graph = *model.mutable_graph();
  SECTION("per channel") { addNode(graph, "DequantizeLinear", {"x", "cs"}, {"y"}); }
  SECTION("contradictory") {
    addNode(graph, "DequantizeLinear", {"x", "xs", "xz"}, {"a"});
    addNode(graph, "DequantizeLinear", {"x", "ys", "yz"}, {"b"});
    addNode(graph, "Add", {"a", "b"}, {"y"});
  }
  SECTION("computed") {
    addInput(graph, "s", {});
    addNode(graph, "DequantizeLinear", {"x", "s"}, {"y"});
  }
  SECTION("plain integers") { addNode(graph, "Identity", {"x"}, {"y"}); }
  Imported result = import(model);
  CAPTURE(result.ir);
  CHECK(result.messages == "");
  CHECK(result.ir != "");
  CHECK_FALSE(result.has("nn.quantization"));
}

TEST_CASE("scales survive until the library", "[importer][quantization]") {
  ModelProto model = makeQuantized();
  GraphProto &graph = *model.mutable_graph();
  addNode(graph, "QLinearMatMul", {"x", "xs", "xz", "w", "ws", "xz", "ys", "yz"}, {"y"});
  TemporaryFolder folder;
  CompileOptions options;
  options.modelPath = folder.file("model.onnx");
  writeFile(options.modelPath, model.SerializeAsString());
  Diagnostics diagnostics;
  Compilation compilation(options, diagnostics);
  REQUIRE(succeeded(compilation.lower()));
  const object::TensorInfo &x = compilation.interface().inputs[0];
  const object::TensorInfo &y = compilation.interface().outputs[0];
  REQUIRE((x.quantization && y.quantization));
  CHECK(x.quantization->scale == 0.5f);
  CHECK(x.quantization->zeroPoint == -3);
  CHECK(y.quantization->scale == 0.25f);
  CHECK(y.quantization->zeroPoint == 7);
}
