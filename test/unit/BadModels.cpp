//===- BadModels.cpp - Files that must fail with a message ----------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "test/unit/BadModels.h"

#include "test/unit/OnnxTestSupport.h"

#include <sys/stat.h>

using namespace burin;
using namespace burin::onnx;
using namespace burin::test;
namespace fs = std::filesystem;

namespace {
/// Collects the rows.
class Table {
public:
  std::vector<BadModel> rows;

  /// Any files.
  void add(const char *name, const char *message,
           std::function<void(const fs::path &folder)> write) {
    rows.push_back({name, message, std::move(write)});
  }
  /// A file with these bytes.
  void bytes(const char *name, const char *message, std::string content) {
    add(name, message,
        [content](const fs::path &folder) { writeFile(folder / "model.onnx", content); });
  }
  /// The model x: f32[2,3] -> Relu "relu" -> y with a change.
  void model(const char *name, const char *message,
             const std::function<void(ModelProto &model, GraphProto &graph)> &change) {
    ModelProto proto = makeRelu();
    change(proto, *proto.mutable_graph());
    bytes(name, message, proto.SerializeAsString());
  }
  /// The model with a node Add(x, w) and what `fill` makes of initializer w,
  /// f32[2,3]; `prepare` may write files.
  void weight(const char *name, const char *message,
              const std::function<void(TensorProto &weight)> &fill,
              const std::function<void(const fs::path &folder)> &prepare = {}) {
    ModelProto proto = makeRelu();
    GraphProto &graph = *proto.mutable_graph();
    fill(addTensor(graph, "w", kFloat, {2, 3}, std::string(24, 0)));
    addNode(graph, "Add", {"x", "w"}, {"z"});
    std::string content = proto.SerializeAsString();
    add(name, message, [content, prepare](const fs::path &folder) {
      writeFile(folder / "model.onnx", content);
      if (prepare)
        prepare(folder);
    });
  }
  /// The same with external data.
  void external(const char *name, const char *message,
                std::initializer_list<std::pair<const char *, const char *>> entries,
                const std::function<void(const fs::path &folder)> &prepare = {}) {
    weight(
        name, message,
        [&](TensorProto &w) {
          w.clear_raw_data();
          w.set_data_location(1);
          for (auto [key, value] : entries) {
            auto *entry = w.add_external_data();
            entry->set_key(key);
            entry->set_value(value);
          }
        },
        prepare);
  }
};
} // namespace

static void setDims(TensorProto &tensor, std::initializer_list<int64_t> dims) {
  tensor.clear_dims();
  for (int64_t dim : dims)
    tensor.add_dims(dim);
}

static void addFiles(Table &t) {
  std::string good = makeRelu().SerializeAsString();
  t.bytes("empty", "the file is empty", "");
  t.bytes("text", "model.onnx: error: ", "Once upon a time there was a model.\n");
  t.bytes("png", "model.onnx: error: ", "\x89PNG\r\n\x1a\n and so on");
  t.bytes("zeros", "not a protobuf message", std::string(1000, '\0'));
  t.bytes("cut-in-half", "not a protobuf message", good.substr(0, good.size() / 2));
  t.bytes("cut-by-one", "not a protobuf message", good.substr(0, good.size() - 1));
  t.bytes("garbage-behind", "not a protobuf message", good + "\xff\xff\xff");
  t.bytes("no-graph", "it has no graph", std::string("\x08\x0a", 2));
  t.bytes("graph-is-number", "it has no graph", std::string("\x08\x0a\x38\x01", 4));
  t.add("missing-file", "No such file or directory", [](const fs::path &) {});
  t.add("folder", "is not a regular file",
        [](const fs::path &folder) { fs::create_directory(folder / "model.onnx"); });
  // A length-delimited field that nests itself: graph, node, attribute, graph…
  std::string nested;
  for (int level = 0; level < 3000; ++level) {
    // Field numbers from the inside: g = 6, attribute = 5, node = 1.
    char tag = level % 3 == 0 ? 0x32 : level % 3 == 1 ? 0x2a : 0x0a;
    std::string length;
    for (size_t rest = nested.size();; rest >>= 7) {
      length.push_back(static_cast<char>((rest & 127) | (rest > 127 ? 128 : 0)));
      if (rest <= 127)
        break;
    }
    nested.insert(0, tag + length);
  }
  std::string length;
  for (size_t rest = nested.size();; rest >>= 7) {
    length.push_back(static_cast<char>((rest & 127) | (rest > 127 ? 128 : 0)));
    if (rest <= 127)
      break;
  }
  t.bytes("messages-3000-deep", "nested more than 200 levels deep", '\x3a' + length + nested);
}

static void addVersions(Table &t) {
  t.model("no-ir-version", "does not tell its IR version",
          [](ModelProto &m, GraphProto &) { m.clear_ir_version(); });
  t.model("ir-version-99", "IR version 99 is newer",
          [](ModelProto &m, GraphProto &) { m.set_ir_version(99); });
  t.model("opset-0", "opset 0 of ai.onnx does not exist",
          [](ModelProto &m, GraphProto &) { m.mutable_opset_import(0)->set_version(0); });
  t.model("opset-negative", "opset -1 of ai.onnx does not exist",
          [](ModelProto &m, GraphProto &) { m.mutable_opset_import(0)->set_version(-1); });
  t.model("opset-huge", "opset 9223372036854775807 of ai.onnx is newer",
          [](ModelProto &m, GraphProto &) {
            m.mutable_opset_import(0)->set_version(std::numeric_limits<int64_t>::max());
          });
  t.model("opset-twice", "domain ai.onnx is imported twice, with opsets 21 and 7",
          [](ModelProto &m, GraphProto &) {
            auto *again = m.add_opset_import();
            again->set_domain("ai.onnx");
            again->set_version(7);
          });
}

static void addGraphs(Table &t) {
  t.model("unknown-operator", "unsupported operator 'Nonsense' of ai.onnx opset 21",
          [](ModelProto &, GraphProto &g) { g.mutable_node(0)->set_op_type("Nonsense"); });
  t.model("no-operator", "unsupported operator ''",
          [](ModelProto &, GraphProto &g) { g.mutable_node(0)->clear_op_type(); });
  t.model("unknown-domain", "the model imports no opset of domain nowhere",
          [](ModelProto &, GraphProto &g) { g.mutable_node(0)->set_domain("nowhere"); });
  t.model("cycle-of-one", "the graph has a cycle",
          [](ModelProto &, GraphProto &g) { g.mutable_node(0)->set_input(0, "y"); });
  t.model("cycle-of-three", "the graph has a cycle", [](ModelProto &, GraphProto &g) {
    g.mutable_node(0)->set_input(0, "c");
    addNode(g, "Relu", {"y"}, {"b"});
    addNode(g, "Relu", {"b"}, {"c"});
  });
  t.model("value-twice", "its output \"y\" is the name of another value",
          [](ModelProto &, GraphProto &g) { addNode(g, "Exp", {"x"}, {"y"}); });
  t.model("output-named-as-input", "its output \"x\" is the name of another value",
          [](ModelProto &, GraphProto &g) { addNode(g, "Exp", {"y"}, {"x"}); });
  t.model("input-twice", "there are two inputs \"x\"",
          [](ModelProto &, GraphProto &g) { addInput(g, "x", {1}); });
  t.model("input-without-name", "an input has no name",
          [](ModelProto &, GraphProto &g) { addInput(g, "", {1}); });
  t.model("unknown-value", "its input \"nowhere\" is made by no node",
          [](ModelProto &, GraphProto &g) { g.mutable_node(0)->set_input(0, "nowhere"); });
  t.model("unknown-output", "output \"nothing\" of graph \"g\" is made by no node",
          [](ModelProto &, GraphProto &g) { addOutput(g, "nothing"); });
  t.model("no-outputs", "the graph has no outputs",
          [](ModelProto &, GraphProto &g) { g.clear_output(); });
  t.model("empty-graph", "the graph has no outputs",
          [](ModelProto &, GraphProto &g) { g.Clear(); });
  t.model("input-missing", "it has 0 inputs, this operator takes 1",
          [](ModelProto &, GraphProto &g) { g.mutable_node(0)->set_input(0, ""); });
  t.model("too-many-inputs", "it has 3 inputs, this operator takes 1",
          [](ModelProto &, GraphProto &g) {
            g.mutable_node(0)->add_input("x");
            g.mutable_node(0)->add_input("x");
          });
  t.model("too-many-outputs", "this operator has no output 1",
          [](ModelProto &, GraphProto &g) { g.mutable_node(0)->add_output("z"); });
  t.model("attribute-kind", "attribute 'alpha' must be a float", [](ModelProto &, GraphProto &g) {
    g.mutable_node(0)->set_op_type("Elu");
    addString(*g.mutable_node(0), "alpha", "one");
  });
  t.model("cast-to-nothing", "unknown element type 12345", [](ModelProto &, GraphProto &g) {
    g.mutable_node(0)->set_op_type("Cast");
    addInt(*g.mutable_node(0), "to", 12345);
  });
  t.model("shapes-differ", "do not broadcast", [](ModelProto &, GraphProto &g) {
    addInput(g, "w", {4});
    addNode(g, "Add", {"x", "w"}, {"z"});
  });
  t.model("types-differ", "element types", [](ModelProto &, GraphProto &g) {
    addInput(g, "w", {3}, kInt64);
    addNode(g, "Add", {"x", "w"}, {"z"});
  });
  t.model("result-too-big", "elements", [](ModelProto &, GraphProto &g) {
    addInput(g, "p", {1 << 24, 1, 1});
    addInput(g, "q", {1, 1 << 20, 1 << 20});
    addNode(g, "Add", {"p", "q"}, {"z"});
  });
}

static void addInputs(Table &t) {
  auto type = [](GraphProto &g) -> TypeProto & { return *g.mutable_input(0)->mutable_type(); };
  auto tensor = [=](GraphProto &g) -> TypeProto::Tensor & {
    return *type(g).mutable_tensor_type();
  };
  t.model("input-without-type", "is of no type",
          [=](ModelProto &, GraphProto &g) { type(g).Clear(); });
  t.model("input-of-type-99", "has unknown element type 99",
          [=](ModelProto &, GraphProto &g) { tensor(g).set_elem_type(99); });
  t.model("input-of-type-0", "has unknown element type 0",
          [=](ModelProto &, GraphProto &g) { tensor(g).clear_elem_type(); });
  t.model("input-of-type-minus-1", "has unknown element type -1",
          [=](ModelProto &, GraphProto &g) { tensor(g).set_elem_type(-1); });
  t.model("input-without-shape", "has no shape; give one with --shape",
          [=](ModelProto &, GraphProto &g) { tensor(g).clear_shape(); });
  t.model("input-negative", "has negative dimension -5", [=](ModelProto &, GraphProto &g) {
    tensor(g).mutable_shape()->mutable_dim(0)->set_dim_value(-5);
  });
  t.model("input-overflows", "the dimensions of input \"x\" overflow",
          [=](ModelProto &, GraphProto &g) {
            for (int i = 0; i < 2; ++i)
              tensor(g).mutable_shape()->mutable_dim(i)->set_dim_value(int64_t(1) << 40);
          });
  t.model("input-is-map", "which is not supported", [=](ModelProto &, GraphProto &g) {
    type(g).Clear();
    type(g).mutable_map_type()->set_key_type(kInt64);
  });
}

static void addWeights(Table &t) {
  t.weight("weight-negative", "negative dimension -2", [](TensorProto &w) { setDims(w, {-2, 3}); });
  t.weight("weight-overflows", "its dimensions overflow",
           [](TensorProto &w) { setDims(w, {int64_t(1) << 62, int64_t(1) << 62}); });
  t.weight("weight-overflows-beside-zero", "its dimensions overflow", [](TensorProto &w) {
    w.clear_raw_data();
    setDims(w, {(int64_t(1) << 40) + 1, 0});
  });
  t.weight("gigabytes-in-tiny-file", "raw_data has 24 bytes, its type needs 4398046511104",
           [](TensorProto &w) { setDims(w, {1 << 20, 1 << 20}); });
  t.weight("gigabytes-without-data", "float_data has 0 entries, its type needs 68719476736",
           [](TensorProto &w) {
             w.clear_raw_data();
             setDims(w, {1 << 18, 1 << 18});
           });
  t.weight("gigabytes-of-int4", "int32_data has 1 entries, its type needs", [](TensorProto &w) {
    w.clear_raw_data();
    w.set_data_type(kInt4);
    w.add_int32_data(1);
    setDims(w, {1 << 18, 1 << 18});
  });
  t.weight("gigabytes-of-strings", "string_data has 0 entries", [](TensorProto &w) {
    w.set_data_type(kString);
    setDims(w, {1 << 18, 1 << 18});
  });
  t.model("gigabytes-sparse", "made dense it would take more than",
          [](ModelProto &, GraphProto &g) {
            SparseTensorProto &sparse = *g.add_sparse_initializer();
            fillTensor(*sparse.mutable_values(), "s", kFloat, {1}, rawBytes<float>({1}));
            fillTensor(*sparse.mutable_indices(), "", kInt64, {1}, rawBytes<int64_t>({0}));
            sparse.add_dims(1 << 20);
            sparse.add_dims(1 << 20);
          });
  t.model("sparse-out-of-range", "index 9 is out of range", [](ModelProto &, GraphProto &g) {
    SparseTensorProto &sparse = *g.add_sparse_initializer();
    fillTensor(*sparse.mutable_values(), "s", kFloat, {1}, rawBytes<float>({1}));
    fillTensor(*sparse.mutable_indices(), "", kInt64, {1}, rawBytes<int64_t>({9}));
    sparse.add_dims(4);
  });
  t.weight("raw-too-short", "raw_data has 23 bytes, its type needs 24",
           [](TensorProto &w) { w.mutable_raw_data()->pop_back(); });
  t.weight("raw-too-long", "raw_data has 25 bytes, its type needs 24",
           [](TensorProto &w) { w.mutable_raw_data()->push_back(0); });
  t.weight("field-too-short", "float_data has 2 entries, its type needs 6", [](TensorProto &w) {
    w.clear_raw_data();
    w.add_float_data(1);
    w.add_float_data(2);
  });
  t.weight("wrong-field", "float_data has 0 entries, its type needs 6", [](TensorProto &w) {
    w.clear_raw_data();
    for (int i = 0; i < 6; ++i)
      w.add_int64_data(i);
  });
  t.weight("weight-of-type-77", "unknown element type 77",
           [](TensorProto &w) { w.set_data_type(77); });
  t.weight("weight-of-no-type", "unknown element type 0",
           [](TensorProto &w) { w.clear_data_type(); });
  t.weight("weight-in-segments", "tensors in segments are not supported",
           [](TensorProto &w) { w.mutable_segment()->set_begin(0); });
  t.weight("weight-without-name", "an initializer has no name",
           [](TensorProto &w) { w.clear_name(); });
  t.weight("weight-nowhere", "unknown data location 2",
           [](TensorProto &w) { w.set_data_location(2); });
  t.model("weight-twice", "there are two initializers of this name",
          [](ModelProto &, GraphProto &g) {
            addTensor(g, "w", kFloat, {1}, std::string(4, 0));
            addTensor(g, "w", kFloat, {1}, std::string(4, 0));
          });
}

static void addExternal(Table &t) {
  auto data = [](const fs::path &folder) { writeFile(folder / "w.bin", std::string(24, 0)); };
  t.external("external-missing", "initializer \"w\"", {{"location", "gone.bin"}});
  t.external("external-nowhere", "external data without a location", {});
  t.external("external-parent", "leaves the model's folder", {{"location", "../w.bin"}});
  t.external("external-inner-parent", "leaves the model's folder", {{"location", "a/../../w"}});
  t.external("external-absolute", "is absolute", {{"location", "/etc/passwd"}});
  t.external("external-link", "by a symbolic link", {{"location", "w.bin"}},
             [](const fs::path &folder) { fs::create_symlink("/etc/passwd", folder / "w.bin"); });
  t.external("external-device", "by a symbolic link", {{"location", "w.bin"}},
             [](const fs::path &folder) { fs::create_symlink("/dev/zero", folder / "w.bin"); });
  t.external("external-pipe", "is not a regular file", {{"location", "w.bin"}},
             [](const fs::path &folder) { mkfifo((folder / "w.bin").c_str(), 0600); });
  t.external("external-folder", "is not a regular file", {{"location", "."}, {"length", "24"}});
  t.external("external-short", "has only 24", {{"location", "w.bin"}, {"offset", "4"}}, data);
  t.external("external-offset", "is not a number", {{"location", "w.bin"}, {"offset", "four"}},
             data);
  t.external("external-negative", "is not a number", {{"location", "w.bin"}, {"length", "-24"}},
             data);
  t.external("external-wrong-length", "has a length of 20 bytes",
             {{"location", "w.bin"}, {"length", "20"}}, data);
}

/// Functions named f0, f1, … of domain "my", each of which calls what
/// `callees` says.
static void addFunctions(ModelProto &model, int count,
                         const std::function<std::vector<std::string>(int)> &callees) {
  auto importMine = [](auto *imports) {
    imports->Add()->set_version(21);
    auto *mine = imports->Add();
    mine->set_domain("my");
    mine->set_version(1);
  };
  model.clear_opset_import();
  importMine(model.mutable_opset_import());
  for (int i = 0; i < count; ++i) {
    FunctionProto &function = *model.add_functions();
    function.set_domain("my");
    function.set_name("f" + std::to_string(i));
    function.add_input("v0");
    importMine(function.mutable_opset_import());
    int values = 0;
    for (const std::string &callee : callees(i)) {
      NodeProto &node = *function.add_node();
      node.set_op_type(callee);
      node.set_domain(callee == "Relu" ? "" : "my");
      node.add_input("v" + std::to_string(values));
      node.add_output("v" + std::to_string(++values));
    }
    function.add_output("v" + std::to_string(values));
  }
  model.mutable_graph()->mutable_node(0)->set_op_type("f0");
  model.mutable_graph()->mutable_node(0)->set_domain("my");
}

static void addNesting(Table &t) {
  using Names = std::vector<std::string>;
  t.model("function-recursion", "calls itself",
          [](ModelProto &m, GraphProto &) { addFunctions(m, 1, [](int) { return Names{"f0"}; }); });
  t.model("function-mutual-recursion", "calls itself", [](ModelProto &m, GraphProto &) {
    addFunctions(m, 3, [](int i) { return Names{"f" + std::to_string((i + 1) % 3)}; });
  });
  t.model("functions-100-deep", "more than 64 levels deep", [](ModelProto &m, GraphProto &) {
    addFunctions(m, 100, [](int i) {
      return Names{i == 99 ? std::string("Relu") : "f" + std::to_string(i + 1)};
    });
  });
  t.model("functions-blow-up", "nodes once its functions are inlined",
          [](ModelProto &m, GraphProto &) {
            addFunctions(m, 30, [](int i) {
              return Names(4, i == 29 ? std::string("Relu") : "f" + std::to_string(i + 1));
            });
          });
  t.model("function-twice", "there are two functions \"f0\"", [](ModelProto &m, GraphProto &) {
    addFunctions(m, 1, [](int) { return Names{"Relu"}; });
    m.add_functions()->CopyFrom(m.functions(0));
  });
  t.model("function-without-value", "output \"nothing\" of its function is made by no node",
          [](ModelProto &m, GraphProto &) {
            addFunctions(m, 1, [](int) { return Names{"Relu"}; });
            m.mutable_functions(0)->set_output(0, "nothing");
          });
  t.model("function-inputs", "its function has 1 and 1", [](ModelProto &m, GraphProto &g) {
    addFunctions(m, 1, [](int) { return Names{"Relu"}; });
    g.mutable_node(0)->add_input("x");
  });
  t.model("subgraphs-60-deep", "nested more than 48 levels deep", [](ModelProto &, GraphProto &g) {
    GraphProto *graph = &g;
    for (int level = 0; level < 60; ++level)
      graph = &addGraph(addNode(*graph, "If", {"x"}, {"z"}), "then_branch");
  });
}

std::vector<BadModel> burin::test::badModels() {
  Table table;
  addFiles(table);
  addVersions(table);
  addGraphs(table);
  addInputs(table);
  addWeights(table);
  addExternal(table);
  addNesting(table);
  return std::move(table.rows);
}
