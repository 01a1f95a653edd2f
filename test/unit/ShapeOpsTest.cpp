//===- ShapeOpsTest.cpp - Movement operators on unknown extents -----------===//
//
// Part of Burin, under the Apache License v2.0.
//
// ONNX's own tests have static shapes only. Here models are imported with
// unknown extents or run-time shape operands, and evaluated.
//
//===----------------------------------------------------------------------===//

#include "OnnxTestSupport.h"

#include "dialects/nn/interpreter/Interpreter.h"

#include "catch2/catch.hpp"
#include <numeric>

using namespace burin;
using namespace burin::test;

namespace {
using Ints = std::vector<int64_t>;

/// A tensor of the test: f32 data or i64 shapes.
struct Data {
  Ints shape;
  Ints values;
  bool isShape = false;
  bool operator==(const Data &) const = default;
};

Data counting(Ints shape) {
  Data data{shape, {}, false};
  data.values.resize(std::accumulate(shape.begin(), shape.end(), 1, std::multiplies<>()));
  std::iota(data.values.begin(), data.values.end(), 0);
  return data;
}
Data shapeData(Ints values) { return {{static_cast<int64_t>(values.size())}, values, true}; }

/// The first result of the model on these arguments; empty with a message in
/// `error` where it cannot be imported or evaluated.
Data run(const onnx::ModelProto &proto, std::vector<Data> arguments, std::string &error) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  Diagnostics diagnostics;
  DiagnosticPrinter printer(&context, diagnostics);
  auto model = onnx::LoadedModel::fromProto(proto, "test.onnx", "");
  auto module = importModel(context, *model);
  Data result;
  error = diagnostics.str();
  if (!module)
    return result;
  llvm::SmallVector<nn::Tensor> tensors;
  for (const Data &argument : arguments) {
    mlir::Type type = mlir::Float32Type::get(&context);
    if (argument.isShape)
      type = mlir::IntegerType::get(&context, 64);
    nn::Tensor tensor(type, argument.shape);
    for (size_t i = 0; i < argument.values.size(); ++i)
      tensor.setInt(i, argument.values[i]);
    tensors.push_back(tensor);
  }
  auto results = nn::evaluateFunction(module->lookupSymbol<mlir::func::FuncOp>("main"), tensors);
  error = diagnostics.str();
  if (mlir::failed(results))
    return result;
  const nn::Tensor &first = results->front();
  result.shape.assign(first.shape().begin(), first.shape().end());
  result.isShape = mlir::isa<mlir::IntegerType>(first.elementType());
  for (int64_t i = 0; i < first.size(); ++i)
    result.values.push_back(first.intAt(i));
  return result;
}

/// A model of one node over x (f32 with unknown extents) and i64 operands that
/// only the run knows.
struct OneNode {
  onnx::ModelProto model;
  onnx::NodeProto *node;

  OneNode(const std::string &opType, size_t rank, std::initializer_list<int64_t> shapeLengths,
          int64_t opset = 21)
      : model(makeModel(opset)) {
    onnx::GraphProto &graph = *model.mutable_graph();
    auto *info = graph.add_input();
    info->set_name("x");
    auto *type = info->mutable_type()->mutable_tensor_type();
    type->set_elem_type(onnx::kFloat);
    type->mutable_shape();
    for (size_t i = 0; i < rank; ++i)
      type->mutable_shape()->add_dim()->set_dim_param("d" + std::to_string(i));
    node = &addNode(graph, opType, {"x"}, {"y"});
    int number = 0;
    for (int64_t length : shapeLengths) {
      std::string name = "s" + std::to_string(number++);
      addInput(graph, name, {length}, onnx::kInt64);
      node->add_input(name);
    }
    addOutput(graph, "y");
  }

  Data operator()(std::vector<Data> arguments) {
    std::string error;
    Data result = run(model, std::move(arguments), error);
    INFO(error);
    CHECK(error.empty());
    return result;
  }
};
} // namespace

TEST_CASE("Slice of unknown extents clamps both ends", "[importer][ops]") {
  OneNode slice("Slice", 1, {1, 1, 1, 1});
  auto expected = [](int64_t n, int64_t start, int64_t end, int64_t step) {
    Data result{{}, {}, false};
    auto wrap = [&](int64_t at, int64_t lo, int64_t hi) {
      at = at < -n ? lo : at < 0 ? at + n : at;
      return std::max(lo, std::min(at, hi));
    };
    // Unlike numpy, a start far below 0 is clamped to 0 for negative steps too.
    if (step > 0)
      for (int64_t i = wrap(start, 0, n), e = wrap(end, 0, n); i < e; i += step)
        result.values.push_back(i);
    else if (n > 0)
      for (int64_t i = wrap(start, 0, n - 1), e = wrap(end, -1, n - 1); i > e; i += step)
        result.values.push_back(i);
    result.shape = {static_cast<int64_t>(result.values.size())};
    return result;
  };
  for (int64_t n : {0, 1, 5})
    for (int64_t start : {int64_t(0), int64_t(2), int64_t(-2), int64_t(-9), INT64_MAX, INT64_MIN})
      for (int64_t end : {int64_t(0), int64_t(4), int64_t(-1), int64_t(-9), INT64_MAX, INT64_MIN})
        for (int64_t step : {1, 2, -1, -3}) {
          INFO(n << " " << start << " " << end << " " << step);
          Data wanted = expected(n, start, end, step);
          CHECK(slice({counting({n}), shapeData({start}), shapeData({end}), shapeData({0}),
                       shapeData({step})}) == wanted);
          // The same with constants on the unknown extent.
          OneNode fixed("Slice", 1, {});
          onnx::GraphProto &graph = *fixed.model.mutable_graph();
          int number = 0;
          for (int64_t value : {start, end, int64_t(-1), step}) {
            std::string name = "c" + std::to_string(number++);
            addTensor(graph, name, onnx::kInt64, {1}, rawBytes<int64_t>({value}));
            fixed.node->add_input(name);
          }
          CHECK(fixed({counting({n})}) == wanted);
        }
}

TEST_CASE("Reshape to a run-time shape copies zeros and infers -1", "[importer][ops]") {
  OneNode reshape("Reshape", 3, {2});
  CHECK(reshape({counting({2, 3, 4}), shapeData({6, 4})}).shape == Ints{6, 4});
  CHECK(reshape({counting({2, 3, 4}), shapeData({0, -1})}).shape == Ints{2, 12});
  CHECK(reshape({counting({2, 3, 4}), shapeData({-1, 0})}).shape == Ints{8, 3});
}

TEST_CASE("Expand, Tile and Pad with run-time operands", "[importer][ops]") {
  OneNode expand("Expand", 2, {3});
  CHECK(expand({counting({2, 1}), shapeData({3, 1, 4})}).shape == Ints{3, 2, 4});
  OneNode tile("Tile", 2, {2});
  CHECK(tile({counting({1, 2}), shapeData({2, 2})}) ==
        Data{{2, 4}, {0, 1, 0, 1, 0, 1, 0, 1}, false});
  CHECK(tile({counting({1, 2}), shapeData({0, 1})}).shape == Ints{0, 2});
  OneNode pad("Pad", 1, {2});
  CHECK(pad({counting({4}), shapeData({-1, 2})}) == Data{{5}, {1, 2, 3, 0, 0}, false});
  addString(*pad.node, "mode", "reflect");
  CHECK(pad({counting({3}), shapeData({4, 1})}) == Data{{8}, {0, 1, 2, 1, 0, 1, 2, 1}, false});
}

TEST_CASE("Split of an unknown extent", "[importer][ops]") {
  OneNode split("Split", 1, {});
  addInt(*split.node, "num_outputs", 3);
  split.node->add_output("b");
  split.node->add_output("c");
  CHECK(split({counting({7})}) == Data{{3}, {0, 1, 2}, false});
  OneNode sized("Split", 1, {2});
  sized.node->add_output("b");
  CHECK(sized({counting({7}), shapeData({5, 2})}).shape == Ints{5});
}

TEST_CASE("Gather wraps negative indices of unknown extents", "[importer][ops]") {
  OneNode gather("Gather", 1, {3});
  CHECK(gather({counting({5}), shapeData({-1, 0, -5})}) == Data{{3}, {4, 0, 0}, false});
}

/// y = Loop over `trips` (input) of carried = Concat(carried, x) and a scan
/// output Identity(x); x has an unknown extent.
TEST_CASE("Loop with a growing value and a scan output", "[importer][ops]") {
  onnx::ModelProto model = makeModel();
  onnx::GraphProto &graph = *model.mutable_graph();
  addInput(graph, "trips", {}, onnx::kInt64);
  addInput(graph, "x", {2});
  onnx::NodeProto &loop = addNode(graph, "Loop", {"trips", "", "x"}, {"y", "rows"});
  onnx::GraphProto &body = addGraph(loop, "body");
  addInput(body, "i", {}, onnx::kInt64);
  addInput(body, "c", {}, onnx::kBool);
  addInput(body, "v", {""});
  addNode(body, "Identity", {"c"}, {"c2"});
  onnx::NodeProto &concat = addNode(body, "Concat", {"v", "x"}, {"v2"});
  addInt(concat, "axis", 0);
  addNode(body, "Identity", {"x"}, {"row"});
  for (const char *name : {"c2", "v2", "row"})
    addOutput(body, name);
  SECTION("the carried value") { addOutput(graph, "y"); }
  SECTION("the rows") { addOutput(graph, "rows"); }
  bool rows = graph.output(0).name() == "rows";
  for (int64_t trips : {0, 1, 3}) {
    std::string error;
    Data counter{{}, {trips}, true};
    Data result = run(model, {counter, counting({2})}, error);
    INFO(error);
    CHECK(result.shape == (rows ? Ints{trips, 2} : Ints{2 + 2 * trips}));
  }
}

TEST_CASE("Loop that ends by its condition", "[importer][ops]") {
  onnx::ModelProto model = makeModel();
  onnx::GraphProto &graph = *model.mutable_graph();
  addInput(graph, "limit", {}, onnx::kInt64);
  addInput(graph, "start", {}, onnx::kInt64);
  onnx::NodeProto &loop = addNode(graph, "Loop", {"", "", "start"}, {"y"});
  onnx::GraphProto &body = addGraph(loop, "body");
  addInput(body, "i", {}, onnx::kInt64);
  addInput(body, "c", {}, onnx::kBool);
  addInput(body, "v", {}, onnx::kInt64);
  addNode(body, "Add", {"v", "v"}, {"v2"});
  addNode(body, "Less", {"v2", "limit"}, {"c2"});
  addOutput(body, "c2");
  addOutput(body, "v2");
  addOutput(graph, "y");
  std::string error;
  Data result = run(model, {{{}, {100}, true}, {{}, {3}, true}}, error);
  INFO(error);
  CHECK(result.values == Ints{192});
}

TEST_CASE("If joins what its branches know", "[importer][ops]") {
  onnx::ModelProto model = makeModel();
  onnx::GraphProto &graph = *model.mutable_graph();
  addInput(graph, "x", {3});
  addInput(graph, "a", {}, onnx::kInt64);
  addInput(graph, "b", {}, onnx::kInt64);
  addNode(graph, "Less", {"a", "b"}, {"c"});
  onnx::NodeProto &branch = addNode(graph, "If", {"c"}, {"y"});
  onnx::GraphProto &yes = addGraph(branch, "then_branch"), &no = addGraph(branch, "else_branch");
  onnx::NodeProto &concat = addNode(yes, "Concat", {"x", "x"}, {"t"});
  addInt(concat, "axis", 0);
  addOutput(yes, "t");
  addNode(no, "Identity", {"x"}, {"e"});
  addOutput(no, "e");
  addOutput(graph, "y");
  std::string error;
  CHECK(run(model, {counting({3}), {{}, {1}, true}, {{}, {2}, true}}, error).shape == Ints{6});
  CHECK(run(model, {counting({3}), {{}, {2}, true}, {{}, {1}, true}}, error).shape == Ints{3});
  INFO(error);
  CHECK(error.empty());
}

/// x: f32[3], a, b: i64. y = If(a < b, x, x as [1, 3]), for the caller to go on with.
static onnx::ModelProto makeFork() {
  onnx::ModelProto model = makeModel();
  onnx::GraphProto &graph = *model.mutable_graph();
  addInput(graph, "x", {3});
  addInput(graph, "a", {}, onnx::kInt64);
  addInput(graph, "b", {}, onnx::kInt64);
  addTensor(graph, "zero", onnx::kInt64, {1}, rawBytes<int64_t>({0}));
  addNode(graph, "Less", {"a", "b"}, {"c"});
  onnx::NodeProto &branch = addNode(graph, "If", {"c"}, {"y"}, "fork");
  onnx::GraphProto &yes = addGraph(branch, "then_branch"), &no = addGraph(branch, "else_branch");
  addNode(yes, "Identity", {"x"}, {"t"});
  addOutput(yes, "t");
  addNode(no, "Unsqueeze", {"x", "zero"}, {"e"});
  addOutput(no, "e");
  return model;
}

TEST_CASE("branches of different rank take the rest of the graph along", "[importer][ops]") {
  onnx::ModelProto model = makeFork();
  onnx::GraphProto &graph = *model.mutable_graph();
  addNode(graph, "Size", {"y"}, {"early"}); // not made after the fork only
  addInt(addNode(graph, "Flatten", {"y"}, {"f"}), "axis", 0);
  addNode(graph, "Add", {"f", "f"}, {"z"});
  addOutput(graph, "z");
  addOutput(graph, "x");
  std::string error;
  for (int64_t a : {1, 2}) {
    Data result = run(model, {counting({3}), {{}, {a}, true}, {{}, {2}, true}}, error);
    INFO(error);
    CHECK(result == Data{{1, 3}, {0, 2, 4}, false});
  }
  CHECK(error.empty());
}

TEST_CASE("a branch from which the model cannot go on is an error at run time", "[importer][ops]") {
  onnx::ModelProto model = makeFork();
  onnx::GraphProto &graph = *model.mutable_graph();
  onnx::NodeProto &transpose = addNode(graph, "Transpose", {"y"}, {"z"}, "needs_one_axis");
  addAttr(transpose, "perm", onnx::kAttrInts).add_ints(0);
  addOutput(graph, "z");
  Imported imported = import(model);
  CHECK(imported.errors == 0);
  CHECK(imported.says("a run fails where its condition is false"));
  CHECK(imported.says("needs_one_axis"));
  CHECK(imported.has("nn.check"));
  CHECK_FALSE(imported.has("scf.if"));
  std::string error;
  Data taken = run(model, {counting({3}), {{}, {1}, true}, {{}, {2}, true}}, error);
  CHECK(taken == counting({3}));
  run(model, {counting({3}), {{}, {2}, true}, {{}, {1}, true}}, error);
  CHECK(error.find("a branch is taken that the model cannot continue from") != std::string::npos);

  // Neither works: the first one's error.
  onnx::NodeProto &three = addNode(graph, "Transpose", {"y"}, {"w"}, "needs_three_axes");
  onnx::AttributeProto &perm = addAttr(three, "perm", onnx::kAttrInts);
  for (int64_t axis : {0, 1, 2})
    perm.add_ints(axis);
  addOutput(graph, "w");
  Imported refused = import(model);
  CHECK(refused.errors == 1);
  CHECK(refused.says("needs_three_axes"));
}

TEST_CASE("forks are few", "[importer][ops]") {
  onnx::ModelProto model = makeFork();
  onnx::GraphProto &graph = *model.mutable_graph();
  for (int i = 0; i < 12; ++i) {
    std::string from = i == 0 ? "y" : "y" + std::to_string(i), to = "y" + std::to_string(i + 1);
    onnx::NodeProto &branch = addNode(graph, "If", {"c"}, {to.c_str()});
    onnx::GraphProto &yes = addGraph(branch, "then_branch"), &no = addGraph(branch, "else_branch");
    addNode(yes, "Identity", {from.c_str()}, {"t"});
    addOutput(yes, "t");
    addNode(no, "Unsqueeze", {from.c_str(), "zero"}, {"e"});
    addOutput(no, "e");
  }
  addNode(graph, "Size", {"y12"}, {"z"});
  addOutput(graph, "z");
  Imported refused = import(model);
  CHECK(refused.errors > 0);
  CHECK(refused.says("follow each other"));
}

TEST_CASE("conditions on static extents of dynamic tensors are known", "[importer][ops]") {
  for (bool sliced : {false, true}) {
    onnx::ModelProto model = makeModel();
    onnx::GraphProto &graph = *model.mutable_graph();
    addInput(graph, "x", {"N", 1});
    addTensor(graph, "one", onnx::kInt64, {1}, rawBytes<int64_t>({1}));
    addTensor(graph, "two", onnx::kInt64, {1}, rawBytes<int64_t>({2}));
    addNode(graph, "Shape", {"x"}, {"s"});
    if (sliced)
      addNode(graph, "Slice", {"s", "one", "two"}, {"n"});
    else
      addNode(graph, "Gather", {"s", "one"}, {"n"});
    addNode(graph, "Equal", {"n", "one"}, {"c"});
    onnx::NodeProto &branch = addNode(graph, "If", {"c"}, {"y"});
    onnx::GraphProto &yes = addGraph(branch, "then_branch"), &no = addGraph(branch, "else_branch");
    addNode(yes, "Squeeze", {"x", "one"}, {"t"});
    addOutput(yes, "t");
    addNode(no, "Identity", {"x"}, {"e"});
    addOutput(no, "e");
    addOutput(graph, "y");
    Imported imported = import(model);
    INFO(imported.messages << imported.ir);
    CHECK(imported.messages.empty());
    CHECK_FALSE(imported.has("scf.if"));
    CHECK(imported.has("-> tensor<?xf32>"));
  }
}

TEST_CASE("what needs constants is refused with a message", "[importer][ops]") {
  std::string error;
  OneNode squeeze("Squeeze", 2, {1});
  run(squeeze.model, {}, error);
  CHECK(error.find("axes must be constant") != std::string::npos);
  OneNode bare("Squeeze", 2, {});
  run(bare.model, {}, error);
  CHECK(error.find("every extent must be known") != std::string::npos);
  OneNode reduce("ReduceSum", 2, {1});
  run(reduce.model, {}, error);
  CHECK(error.find("axes must be constant") != std::string::npos);
}
