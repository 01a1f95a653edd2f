//===- OperatorRun.cpp - One node, imported and evaluated -----------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "test/unit/OperatorRun.h"

#include "compiler/importer/ElementTypes.h"
#include "dialects/nn/interpreter/Interpreter.h"

#include <catch2/catch.hpp>
#include <cmath>

using namespace burin;
using namespace burin::onnx;
using namespace burin::test;

static std::string bytesOf(const std::vector<double> &values, int32_t type) {
  std::string raw;
  auto append = [&](auto value) {
    raw.append(reinterpret_cast<const char *>(&value), sizeof(value));
  };
  for (double value : values)
    if (type == kFloat)
      append(static_cast<float>(value));
    else if (type == kDouble)
      append(value);
    else if (type == kInt64)
      append(static_cast<int64_t>(value));
    else if (type == kInt32)
      append(static_cast<int32_t>(value));
    else
      append(static_cast<int8_t>(value));
  return raw;
}

OperatorRun::OperatorRun(const std::string &opType, int64_t opset, const std::string &domain)
    : model(makeModel(domain.empty() ? opset : 21)) {
  if (!domain.empty()) {
    auto *import = model.add_opset_import();
    import->set_domain(domain);
    import->set_version(opset);
  }
  addNode(graph(), opType, {}, {}, "subject").set_domain(domain);
  results(1);
}

OperatorRun &OperatorRun::results(int count) {
  node().clear_output();
  graph().clear_output();
  for (int i = 0; i < count; ++i) {
    node().add_output("y" + std::to_string(i));
    addOutput(graph(), "y" + std::to_string(i));
  }
  return *this;
}

std::string OperatorRun::addOperand() {
  std::string name = "x" + std::to_string(node().input_size());
  node().add_input(name);
  return name;
}

OperatorRun &OperatorRun::input(std::initializer_list<int64_t> shape, std::vector<double> values,
                                int32_t type) {
  std::string name = addOperand();
  auto *info = graph().add_input();
  info->set_name(name);
  setType(*info->mutable_type(), type, {});
  for (int64_t extent : shape)
    info->mutable_type()->mutable_tensor_type()->mutable_shape()->add_dim()->set_dim_value(extent);
  arguments.push_back({shape, std::move(values), type});
  return *this;
}

OperatorRun &OperatorRun::constant(std::initializer_list<int64_t> shape, std::vector<double> values,
                                   int32_t type) {
  addTensor(graph(), addOperand(), type, shape, bytesOf(values, type));
  return *this;
}

OperatorRun &OperatorRun::operand(const std::string &name) {
  node().add_input(name);
  return *this;
}

OperatorRun &OperatorRun::set(const std::string &name, int64_t value) {
  addInt(node(), name, value);
  return *this;
}
OperatorRun &OperatorRun::set(const std::string &name, double value) {
  addFloat(node(), name, static_cast<float>(value));
  return *this;
}
OperatorRun &OperatorRun::set(const std::string &name, const char *value) {
  addString(node(), name, value);
  return *this;
}
OperatorRun &OperatorRun::ints(const std::string &name, std::initializer_list<int64_t> values) {
  auto &attribute = addAttr(node(), name, kAttrInts);
  for (int64_t value : values)
    attribute.add_ints(value);
  return *this;
}
OperatorRun &OperatorRun::floats(const std::string &name, std::initializer_list<float> values) {
  auto &attribute = addAttr(node(), name, kAttrFloats);
  for (float value : values)
    attribute.add_floats(value);
  return *this;
}
OperatorRun &OperatorRun::tensor(const std::string &name, int32_t type,
                                 std::initializer_list<int64_t> shape, std::vector<double> values) {
  fillTensor(*addAttr(node(), name, kAttrTensor).mutable_t(), "", type, shape,
             bytesOf(values, type));
  return *this;
}

std::vector<Values> OperatorRun::run() {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  Diagnostics diagnostics;
  DiagnosticPrinter printer(&context, diagnostics);
  auto loaded = LoadedModel::fromProto(model, "test.onnx", "");
  auto module = importModel(context, *loaded);
  std::vector<Values> found;
  if (module) {
    llvm::SmallVector<nn::Tensor> tensors;
    for (const Argument &argument : arguments) {
      mlir::Type type = elementTypeOf(&context, argument.type);
      nn::Tensor &tensor = tensors.emplace_back(type, argument.shape);
      for (size_t i = 0; i < argument.values.size(); ++i)
        if (mlir::isa<mlir::FloatType>(type))
          tensor.setFloat(static_cast<int64_t>(i), argument.values[i]);
        else
          tensor.setInt(static_cast<int64_t>(i), static_cast<int64_t>(argument.values[i]));
    }
    auto results = nn::evaluateFunction(module->lookupSymbol<mlir::func::FuncOp>("main"), tensors);
    if (succeeded(results))
      for (const nn::Tensor &result : *results) {
        Values &values = found.emplace_back();
        values.shape.assign(result.shape().begin(), result.shape().end());
        for (int64_t i = 0; i < result.size(); ++i)
          values.elements.push_back(result.floatAt(i));
      }
  }
  CHECK(diagnostics.str() == "");
  CHECK_FALSE(found.empty());
  return found;
}

Values OperatorRun::value() {
  std::vector<Values> found = run();
  return found.empty() ? Values() : found.front();
}

std::string OperatorRun::error() {
  Imported imported = import(model);
  INFO(node().op_type());
  CHECK(imported.ir == "");
  CHECK(imported.errors > 0);
  CHECK(imported.says("subject"));
  return imported.messages;
}

void burin::test::checkValues(const Values &actual, const std::vector<int64_t> &shape,
                              const std::vector<double> &expected, double tolerance) {
  CHECK(actual.shape == shape);
  REQUIRE(actual.elements.size() == expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    INFO("element " << i);
    CHECK(actual.elements[i] ==
          Approx(expected[i]).margin(tolerance * std::max(1.0, std::fabs(expected[i]))));
  }
}
