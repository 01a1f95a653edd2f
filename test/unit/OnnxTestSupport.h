//===- OnnxTestSupport.h - Models made by tests -----------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_TEST_UNIT_ONNXTESTSUPPORT_H
#define BURIN_TEST_UNIT_ONNXTESTSUPPORT_H

#include "compiler/driver/DiagnosticPrinter.h"
#include "compiler/importer/Importer.h"
#include "compiler/onnx/ModelLoader.h"

#include "mlir/IR/MLIRContext.h"
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <string>

namespace burin::test {

/// A dimension of a value: a number or a name; "" is an unnamed one.
struct Dim {
  Dim(int64_t value) : value(value) {}
  Dim(const char *name) : name(name), named(true) {}
  int64_t value = 0;
  std::string name;
  bool named = false;
};
using Shape = std::initializer_list<Dim>;

inline void setType(onnx::TypeProto &type, int32_t elementType, Shape shape) {
  auto *tensor = type.mutable_tensor_type();
  tensor->set_elem_type(elementType);
  tensor->mutable_shape();
  for (const Dim &dim : shape) {
    auto *proto = tensor->mutable_shape()->add_dim();
    if (!dim.named)
      proto->set_dim_value(dim.value);
    else if (!dim.name.empty())
      proto->set_dim_param(dim.name);
  }
}

inline onnx::NodeProto &addNode(google::protobuf::RepeatedPtrField<onnx::NodeProto> *nodes,
                                const std::string &opType, std::initializer_list<const char *> in,
                                std::initializer_list<const char *> out,
                                const std::string &name = "") {
  onnx::NodeProto &node = *nodes->Add();
  node.set_op_type(opType);
  node.set_name(name);
  for (const char *input : in)
    node.add_input(input);
  for (const char *output : out)
    node.add_output(output);
  return node;
}

inline onnx::NodeProto &addNode(onnx::GraphProto &graph, const std::string &opType,
                                std::initializer_list<const char *> in,
                                std::initializer_list<const char *> out,
                                const std::string &name = "") {
  return addNode(graph.mutable_node(), opType, in, out, name);
}

inline void addInput(onnx::GraphProto &graph, const std::string &name, Shape shape,
                     int32_t elementType = onnx::kFloat) {
  auto *info = graph.add_input();
  info->set_name(name);
  setType(*info->mutable_type(), elementType, shape);
}

inline void addOutput(onnx::GraphProto &graph, const std::string &name) {
  graph.add_output()->set_name(name);
}

inline onnx::AttributeProto &addAttr(onnx::NodeProto &node, const std::string &name, int32_t type) {
  auto *attribute = node.add_attribute();
  attribute->set_name(name);
  attribute->set_type(type);
  return *attribute;
}
inline void addInt(onnx::NodeProto &node, const std::string &name, int64_t value) {
  addAttr(node, name, onnx::kAttrInt).set_i(value);
}
inline void addFloat(onnx::NodeProto &node, const std::string &name, float value) {
  addAttr(node, name, onnx::kAttrFloat).set_f(value);
}
inline void addString(onnx::NodeProto &node, const std::string &name, const std::string &value) {
  addAttr(node, name, onnx::kAttrString).set_s(value);
}
inline onnx::GraphProto &addGraph(onnx::NodeProto &node, const std::string &name) {
  return *addAttr(node, name, onnx::kAttrGraph).mutable_g();
}

inline onnx::TensorProto &fillTensor(onnx::TensorProto &tensor, const std::string &name,
                                     int32_t elementType, std::initializer_list<int64_t> dims,
                                     const std::string &raw) {
  tensor.set_name(name);
  tensor.set_data_type(elementType);
  for (int64_t dim : dims)
    tensor.add_dims(dim);
  tensor.set_raw_data(raw);
  return tensor;
}
/// An initializer with these bytes.
inline onnx::TensorProto &addTensor(onnx::GraphProto &graph, const std::string &name,
                                    int32_t elementType, std::initializer_list<int64_t> dims,
                                    const std::string &raw) {
  return fillTensor(*graph.add_initializer(), name, elementType, dims, raw);
}

template <typename T> std::string rawBytes(std::initializer_list<T> values) {
  std::string raw;
  for (const T &value : values)
    raw.append(reinterpret_cast<const char *>(&value), sizeof(T));
  return raw;
}

/// An empty model of a recent version.
inline onnx::ModelProto makeModel(int64_t opset = 21) {
  onnx::ModelProto model;
  model.set_ir_version(10);
  model.add_opset_import()->set_version(opset);
  model.mutable_graph()->set_name("g");
  return model;
}

/// x: f32[2,3] -> Relu "relu" -> y.
inline onnx::ModelProto makeRelu() {
  onnx::ModelProto model = makeModel();
  addInput(*model.mutable_graph(), "x", {2, 3});
  addNode(*model.mutable_graph(), "Relu", {"x"}, {"y"}, "relu");
  addOutput(*model.mutable_graph(), "y");
  return model;
}

/// What became of a model.
struct Imported {
  std::string ir; ///< empty where there was an error
  std::string messages;
  size_t errors = 0;

  bool says(const std::string &text) const { return messages.find(text) != std::string::npos; }
  bool has(const std::string &text) const { return ir.find(text) != std::string::npos; }
};

inline std::string printModule(mlir::ModuleOp module) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  module.print(stream);
  // The printer's spacing is not what tests are about; indentation is none.
  std::string single;
  for (char c : text)
    if (c != ' ' || single.empty() || single.back() != ' ')
      single.push_back(c);
  return single;
}

inline Imported importLoaded(const onnx::LoadedModel &model, Diagnostics &diagnostics,
                             const ImportOptions &options = {},
                             const OpRegistry &registry = makeOpRegistry()) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  DiagnosticPrinter printer(&context, diagnostics);
  auto module = importModel(context, model, options, registry);
  Imported result;
  if (module)
    result.ir = printModule(*module);
  result.messages = diagnostics.str();
  result.errors = diagnostics.errorCount();
  return result;
}

/// Imports a model made in memory as "test.onnx".
inline Imported import(const onnx::ModelProto &proto, const ImportOptions &options = {},
                       const OpRegistry &registry = makeOpRegistry()) {
  Diagnostics diagnostics;
  auto model = onnx::LoadedModel::fromProto(proto, "test.onnx", "");
  return importLoaded(*model, diagnostics, options, registry);
}

/// Loads and imports a file, as the command line does.
inline Imported importFile(const std::string &path) {
  Diagnostics diagnostics;
  auto model = onnx::LoadedModel::load(path, diagnostics);
  if (model)
    return importLoaded(*model, diagnostics);
  return {"", diagnostics.str(), diagnostics.errorCount()};
}

/// A folder that vanishes with the test.
class TemporaryFolder {
public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "burin-test-XXXXXX").string();
    folder = mkdtemp(pattern.data());
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }
  TemporaryFolder(const TemporaryFolder &) = delete;
  const std::filesystem::path &path() const { return folder; }
  std::string file(const std::string &name) const { return (folder / name).string(); }

private:
  std::filesystem::path folder;
};

inline void writeFile(const std::filesystem::path &path, const std::string &bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

} // namespace burin::test

#endif // BURIN_TEST_UNIT_ONNXTESTSUPPORT_H
