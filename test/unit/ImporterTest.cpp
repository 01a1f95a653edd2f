//===- ImporterTest.cpp - From ONNX graphs to nn --------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "test/unit/OnnxTestSupport.h"

#include "compiler/importer/ElementTypes.h"
#include "compiler/importer/NodeBinder.h"
#include "compiler/importer/TopologicalSort.h"
#include "dialects/nn/NodeLoc.h"

#include <catch2/catch.hpp>
#include <chrono>

using namespace burin;
using namespace burin::onnx;
using namespace burin::test;

TEST_CASE("a model becomes a function of nn ops", "[importer]") {
  Imported result = import(makeRelu());
  CHECK(result.messages == "");
  CHECK(result.has("func.func @main(%arg0: tensor<2x3xf32> {nn.dims = [2, 3], nn.name = \"x\"}) -> "
                   "(tensor<2x3xf32> {nn.dims = [2, 3], nn.name = \"y\"})"));
  CAPTURE(result.ir);
  CHECK(result.has("nn.unary relu, %arg0"));
}

TEST_CASE("element types map both ways", "[importer]") {
  mlir::MLIRContext context;
  context.loadDialect<nn::NNDialect>();
  for (int32_t type = 1; type <= 26; ++type)
    CHECK(onnxTypeOf(elementTypeOf(&context, type)) == type);
  CHECK(elementTypeOf(&context, 0) == nullptr);
  CHECK(elementTypeOf(&context, 27) == nullptr);
  CHECK(onnxTypeOf(mlir::IndexType::get(&context)) == kUndefined);
}

TEST_CASE("nodes may come in any order", "[importer]") {
  ModelProto model = makeModel();
  GraphProto &graph = *model.mutable_graph();
  addInput(graph, "x", {4});
  addNode(graph, "Neg", {"b"}, {"c"});
  addNode(graph, "Abs", {"a"}, {"b"});
  addNode(graph, "Exp", {"x"}, {"a"});
  addNode(graph, "Sin", {"x"}, {"unused"});
  addOutput(graph, "c");
  SortedNodes sorted = sortNodes(graph.node(), [](const std::string &name) { return name == "x"; });
  CHECK(sorted.order == std::vector<int>{2, 1, 0, 3});
  Imported result = import(model);
  CHECK(result.messages == "");
  CHECK(result.ir.find("nn.unary exp") < result.ir.find("nn.unary abs"));
}

TEST_CASE("initializers become constants, also among the inputs", "[importer]") {
  ModelProto model = makeModel();
  model.set_ir_version(3);
  GraphProto &graph = *model.mutable_graph();
  addInput(graph, "x", {2});
  addInput(graph, "w", {2});
  addTensor(graph, "w", kFloat, {2}, rawBytes<float>({1, 2}));
  addTensor(graph, "big", kFloat, {100}, std::string(400, 0));
  addNode(graph, "Add", {"x", "w"}, {"y"});
  addNode(graph, "Neg", {"big"}, {"z"});
  addOutput(graph, "y");
  addOutput(graph, "z");
  Imported result = import(model);
  CHECK(result.messages == "");
  CHECK(result.has("@main(%arg0: tensor<2xf32>"));
  CHECK_FALSE(result.has("%arg1"));
  CHECK(result.has("dense<[1.000000e+00, 2.000000e+00]>"));
  CHECK(result.has("tensor<100xf32>"));
}

TEST_CASE("dimensions have names, which options fix or bound", "[importer]") {
  ModelProto model = makeModel();
  GraphProto &graph = *model.mutable_graph();
  addInput(graph, "x", {"N", 3, "my dim", ""});
  addNode(graph, "Relu", {"x"}, {"y"});
  addOutput(graph, "y");
  SECTION("symbols") {
    Imported result = import(model);
    CHECK(result.has("tensor<?x3x?x?xf32> {nn.dims = [\"N\", 3, \"my_dim\", \"x_3\"]"));
  }
  SECTION("fixed and bounded") {
    ImportOptions options;
    std::string error;
    CHECK(options.addDim("N=2", error));
    CHECK(options.addDim("my dim=1..512", error));
    CHECK(options.addDim("x_3=7", error));
    Imported result = import(model, options);
    CHECK(result.messages == "");
    CHECK(result.has("tensor<2x3x?x7xf32> {nn.dims = [2, 3, \"my_dim\", 7]"));
    CHECK(result.has("nn.dim_ranges = {my_dim = [1, 512]}"));
  }
  SECTION("shape") {
    ImportOptions options;
    std::string error;
    CHECK(options.addShape("x=1,3,H,5", error));
    Imported result = import(model, options);
    CHECK(result.has("tensor<1x3x?x5xf32> {nn.dims = [1, 3, \"H\", 5]"));
    CHECK(options.addShape("x=1,4,H,5", error));
    CHECK(import(model, options)
              .says("test.onnx: error: --shape changes dimension 1 of input "
                    "\"x\", which the model fixes to 3"));
    CHECK(options.addShape("x=1", error));
    CHECK(import(model, options).says("--shape gives input \"x\" 1 dimensions, the model 4"));
  }
  SECTION("names that differ only in spaces") {
    addInput(graph, "z", {"my_dim", "N"});
    CHECK(import(model).has("nn.dims = [\"my_dim_2\", \"N\"], nn.name = \"z\""));
  }
  SECTION("unknown names") {
    ImportOptions options;
    std::string error;
    CHECK(options.addDim("M=2", error));
    CHECK(options.addShape("z=1", error));
    Imported result = import(model, options);
    CHECK(result.says("--dim names \"M\", but the inputs' dimensions are N, my dim, x_3"));
    CHECK(options.dims.size() == 1);
  }
  SECTION("broken texts") {
    ImportOptions options;
    std::string error;
    for (const char *text : {"N", "=3", "N=", "N=x", "N=3..", "N=3..1", "N=-1", "N=1..99999999999"})
      CHECK_FALSE(options.addDim(text, error));
    CHECK(error == "'N=1..99999999999' is no range of sizes");
    for (const char *text : {"x", "=1", "x=1,,2", "x=-1", "x=1,2y"})
      CHECK_FALSE(options.addShape(text, error));
    CHECK(options.addShape("scalar=", error));
  }
}

TEST_CASE("an input without shape needs --shape", "[importer]") {
  ModelProto model = makeRelu();
  model.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->clear_shape();
  CHECK(import(model).messages ==
        "test.onnx: error: input \"x\" has no shape; give one with --shape 'x=…'\n");
  ImportOptions options;
  std::string error;
  CHECK(options.addShape("x=N,2", error));
  CHECK(import(model, options).has("tensor<?x2xf32>"));
}

TEST_CASE("all independent problems are reported, each once", "[importer]") {
  ModelProto model = makeModel(13);
  GraphProto &graph = *model.mutable_graph();
  addInput(graph, "x", {4});
  addNode(graph, "Frobnicate", {"x"}, {"a"}, "first");
  addNode(graph, "Relu", {"a"}, {"b"}, "silent");
  addNode(graph, "Add", {"b", "x"}, {"c"}, "silent too");
  addNode(graph, "Mystery", {"c"}, {"d"}, "second").set_domain("my.domain");
  addNode(graph, "Gelu", {"x"}, {"e"}, "third");
  addNode(graph, "Relu", {"nowhere"}, {"f"}, "fourth");
  addNode(graph, "Relu", {"x", "x"}, {"g"}, "fifth");
  addOutput(graph, "d");
  Imported result = import(model);
  CHECK(result.ir.empty());
  CHECK(result.messages ==
        "test.onnx: node \"first\" (Frobnicate): error: unsupported operator 'Frobnicate' of "
        "ai.onnx opset 13; no version of it is supported\n"
        "test.onnx: node \"second\" (Mystery): error: the model imports no opset of domain "
        "my.domain\n"
        "test.onnx: node \"third\" (Gelu): error: unsupported operator 'Gelu' of ai.onnx opset "
        "13; supported since version 20\n"
        "test.onnx: node \"fourth\" (Relu): error: its input \"nowhere\" is made by no node and "
        "is no input\n"
        "test.onnx: node \"fifth\" (Relu): error: it has 2 inputs, this operator takes 1\n");
}

TEST_CASE("the registry picks the largest version that the opset allows", "[importer]") {
  OpRegistry registry;
  ImportFn fn = [](NodeBinder &) { return mlir::success(); };
  registry.add("Foo", 7, 1, fn);
  registry.add("Foo", 1, 1, fn);
  registry.add("Foo", 13, 1, fn);
  registry.remove("", "Foo", 20, "use Bar");
  CHECK(registry.lookup("", "Foo", 6)->since == 1);
  CHECK(registry.lookup("ai.onnx", "Foo", 7)->since == 7);
  CHECK(registry.lookup("", "Foo", 19)->since == 13);
  CHECK(registry.lookup("", "Foo", 20) == nullptr);
  CHECK(registry.lookup("other", "Foo", 7) == nullptr);
  CHECK(registry.explainMissing("", "Foo", 21) ==
        "unsupported operator 'Foo' of ai.onnx opset 21; it ended with opset 19: use Bar");
}

// Imports the graph attribute "body" in place, with the node's inputs.
static mlir::LogicalResult importInPlace(NodeBinder &n) {
  llvm::SmallVector<mlir::Value> results;
  const GraphProto *body = n.graphAttr("body");
  if (!body)
    return n.emitError() << "no body";
  llvm::SmallVector<mlir::Value> inputs = n.operands();
  if (mlir::failed(n.importGraph(*body, inputs, results)))
    return mlir::failure();
  for (auto [i, result] : llvm::enumerate(results))
    n.setResult(i, result);
  return mlir::success();
}

static OpRegistry registryWithBody() {
  OpRegistry registry = makeOpRegistry();
  registry.add("Body", 1, Arity::atLeast(0), importInPlace);
  return registry;
}

TEST_CASE("subgraphs see the names around them", "[importer]") {
  ModelProto model = makeModel();
  GraphProto &graph = *model.mutable_graph();
  addInput(graph, "x", {4});
  // The node comes before the one whose result its subgraph uses.
  GraphProto &body = addGraph(addNode(graph, "Body", {"x"}, {"y"}, "outer"), "body");
  addInput(body, "i", {4});
  addTensor(body, "w", kFloat, {1}, rawBytes<float>({1}));
  GraphProto &inner = addGraph(addNode(body, "Body", {}, {"p"}, "inner"), "body");
  addNode(inner, "Add", {"w", "later"}, {"q"});
  addOutput(inner, "q");
  addNode(body, "Mul", {"i", "p"}, {"r"});
  addOutput(body, "r");
  addNode(graph, "Exp", {"x"}, {"later"});
  addOutput(graph, "y");
  Imported result = import(model, {}, registryWithBody());
  CHECK(result.messages == "");
  CHECK(result.ir.find("nn.unary exp") < result.ir.find("nn.binary add"));
  CHECK(result.ir.find("nn.binary add") < result.ir.find("nn.binary mul"));

  // Problems inside are reported at the inner node, and once.
  inner.mutable_node(0)->set_input(0, "gone");
  CHECK(import(model, {}, registryWithBody()).messages ==
        "test.onnx: node \"q\" (Add): error: its input \"gone\" is made by no node and is no "
        "input\n");
  body.clear_input();
  CHECK(import(model, {}, registryWithBody())
            .says("node \"outer\" (Body): error: its subgraph \"\" has 0 inputs where the "
                  "operator gives 1"));
}

// A function (domain "my") of LeakyRelu and Clip with attribute references.
static ModelProto makeFunctionModel() {
  ModelProto model = makeModel(18);
  auto *import = model.add_opset_import();
  import->set_domain("my");
  import->set_version(1);
  FunctionProto &function = *model.add_functions();
  function.set_domain("my");
  function.set_name("Act");
  function.add_input("in");
  function.add_input("limit");
  function.add_output("out");
  function.add_attribute("slope");
  auto &preset = *function.add_attribute_proto();
  preset.set_name("fallback");
  preset.set_type(kAttrFloat);
  preset.set_f(0.75f);
  function.add_opset_import()->set_version(18);
  auto *nodes = function.mutable_node();
  auto refer = [](NodeProto &node, const char *name, const char *to) {
    addAttr(node, name, kAttrFloat).set_ref_attr_name(to);
  };
  refer(addNode(nodes, "LeakyRelu", {"in"}, {"t"}, "leaky"), "alpha", "slope");
  refer(addNode(nodes, "Elu", {"t"}, {"u"}, "elu"), "alpha", "fallback");
  addNode(nodes, "Clip", {"u", "", "limit"}, {"out"}, "clip");
  GraphProto &graph = *model.mutable_graph();
  addInput(graph, "x", {4});
  NodeProto &call = addNode(graph, "Act", {"x"}, {"y"}, "call");
  call.set_domain("my");
  addOutput(graph, "y");
  return model;
}

TEST_CASE("model-local functions are inlined", "[importer]") {
  ModelProto model = makeFunctionModel();
  Imported plain = import(model);
  CHECK(plain.messages == "");
  CHECK(plain.has("alpha = 0.0099999"));
  CHECK(plain.has("alpha = 7.500000e-01"));
  CHECK_FALSE(plain.has("nn.binary min"));

  addFloat(*model.mutable_graph()->mutable_node(0), "slope", 0.5f);
  addTensor(*model.mutable_graph(), "six", kFloat, {}, rawBytes<float>({6}));
  model.mutable_graph()->mutable_node(0)->add_input("six");
  Imported given = import(model);
  CHECK(given.has("alpha = 5.000000e-01"));
  CHECK(given.has("nn.binary min"));

  // A problem in a function names the way to it.
  model.mutable_functions(0)->mutable_node(1)->set_input(0, "gone");
  CHECK(import(model).messages ==
        "test.onnx: node \"call/elu\" (Elu): error: its input \"gone\" is "
        "made by no node and is no input\n");
}

TEST_CASE("recursion and blow-up of functions end", "[importer]") {
  ModelProto model = makeFunctionModel();
  auto *nodes = model.mutable_functions(0)->mutable_node();
  SECTION("a function that calls itself") {
    addNode(nodes, "Act", {"in"}, {"again"}, "self").set_domain("my");
    CHECK(import(model).messages ==
          "test.onnx: node \"Act/self\" (Act): error: function \"Act\" calls itself, directly or "
          "through others\n");
  }
  SECTION("2^40 nodes") {
    for (int level = 0; level < 40; ++level) {
      FunctionProto &function = *model.add_functions();
      function.set_domain("my");
      function.set_name("F" + std::to_string(level));
      function.add_input("a");
      function.add_output("c");
      function.add_opset_import()->set_version(18);
      auto *import = function.add_opset_import();
      import->set_domain("my");
      import->set_version(1);
      std::string next = level == 39 ? "Act" : "F" + std::to_string(level + 1);
      for (auto [in, out] : {std::pair("a", "b"), std::pair("b", "c")})
        addNode(function.mutable_node(), next, {in}, {out}).set_domain("my");
    }
    model.mutable_graph()->mutable_node(0)->set_op_type("F0");
    CHECK(import(model).says("the model has more than 262144 nodes once its functions are "
                             "inlined"));
  }
}

TEST_CASE("the binder reports wrong attributes and operands at the node", "[importer]") {
  ModelProto model = makeModel();
  GraphProto &graph = *model.mutable_graph();
  addInput(graph, "x", {2, 3});
  addInput(graph, "i", {2, 3}, kInt32);
  addInput(graph, "z", {4});
  addInt(addNode(graph, "LeakyRelu", {"x"}, {"a"}, "kind"), "alpha", 1);
  addInt(addNode(graph, "Cast", {"x"}, {"b"}, "type"), "to", 99);
  addNode(graph, "Cast", {"x"}, {"c"}, "missing");
  addNode(graph, "Add", {"x", "i"}, {"d"}, "mixed");
  addNode(graph, "Add", {"x", "z"}, {"e"}, "shapes");
  addNode(graph, "Relu", {"x"}, {"f", "g"}, "outputs");
  addOutput(graph, "a");
  Imported result = import(model);
  CHECK(result.says("node \"kind\" (LeakyRelu): error: attribute 'alpha' must be a float"));
  CHECK(result.says("node \"type\" (Cast): error: unknown element type 99"));
  CHECK(result.says("node \"missing\" (Cast): error: attribute 'to' is missing"));
  CHECK(result.says("node \"mixed\" (Add): error: operands of 'add' have element types"));
  CHECK(result.says("node \"shapes\" (Add): error: "));
  CHECK(result.says("node \"outputs\" (Relu): error: this operator has no output 1 (\"g\")"));
  CAPTURE(result.messages);
  CHECK(result.errors == 6);
}

TEST_CASE("broadcasting before opset 7 follows its attributes", "[importer]") {
  ModelProto model = makeModel(6);
  GraphProto &graph = *model.mutable_graph();
  addInput(graph, "x", {2, 3, 4});
  addInput(graph, "w", {3});
  NodeProto &node = addNode(graph, "Add", {"x", "w"}, {"y"}, "add");
  addOutput(graph, "y");
  CHECK(import(model).says("operands of ranks 3 and 1 need the attribute 'broadcast'"));
  addInt(node, "broadcast", 1);
  CHECK(import(model).errors == 1);
  addInt(node, "axis", 1);
  Imported result = import(model);
  CHECK(result.messages == "");
  CHECK(result.has("-> tensor<3x1xf32>"));
  node.mutable_attribute(1)->set_i(3);
  CHECK(import(model).says("axis 3 is not in [-3, 2]"));
}

TEST_CASE("of floats, narrow integers take the low bits", "[importer]") {
  ModelProto model = makeModel(25);
  GraphProto &graph = *model.mutable_graph();
  addTensor(graph, "x", kFloat, {3}, rawBytes<float>({-9.5f, 7, 8}));
  addInt(addNode(graph, "Cast", {"x"}, {"y"}, "cast"), "to", kInt4);
  addOutput(graph, "y");
  CHECK(import(model).has("dense<[7, 7, -8]> : tensor<3xi4>"));
}

TEST_CASE("locations tell model, node and operator", "[importer]") {
  mlir::MLIRContext context;
  mlir::Location loc = nn::nodeLoc(&context, "m.onnx", "/a/Conv", "Conv", 7);
  nn::NodeLocInfo info = nn::decodeNodeLoc(loc);
  CHECK(info.nodeName == "/a/Conv");
  CHECK(info.opType == "Conv");
  CHECK(info.index == 7);
  CHECK(nn::describeNodeLoc(loc) == "m.onnx: node \"/a/Conv\" (Conv)");
  mlir::Location other = nn::nodeLoc(&context, "m.onnx", "/b", "Add", 8);
  mlir::Location fused = mlir::FusedLoc::get(&context, {loc, other});
  CHECK(nn::describeNodeLoc(fused) == "m.onnx: node \"/a/Conv\" (Conv)");
  CHECK(nn::describeNodeLoc(nn::modelLoc(&context, "m.onnx")) == "m.onnx");
  CHECK(nn::describeNodeLoc(mlir::UnknownLoc::get(&context)) == "");
}

TEST_CASE("importing takes linear time", "[importer]") {
  auto seconds = [](int count) {
    ModelProto model = makeModel();
    GraphProto &graph = *model.mutable_graph();
    addInput(graph, "v0", {4});
    // The worst order for a sort that scans.
    for (int i = count - 1; i >= 0; --i)
      addNode(graph, "Relu", {("v" + std::to_string(i)).c_str()},
              {("v" + std::to_string(i + 1)).c_str()});
    addOutput(graph, "v" + std::to_string(count));
    auto start = std::chrono::steady_clock::now();
    CHECK(import(model).messages == "");
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  double small = seconds(2000), big = seconds(20000);
  INFO("2,000 nodes " << small << " s, 20,000 nodes " << big << " s");
  CHECK(big < 10 * small * 5 + 1);
  CHECK(big < 20);
}
