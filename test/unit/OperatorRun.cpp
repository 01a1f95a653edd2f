//===- OperatorRun.cpp - Models around one node ---------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "test/unit/OperatorRun.h"

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
OperatorRun &OperatorRun::strings(const std::string &name,
                                  std::initializer_list<const char *> values) {
  auto &attribute = addAttr(node(), name, kAttrStrings);
  for (const char *value : values)
    attribute.add_strings(value);
  return *this;
}
OperatorRun &OperatorRun::tensor(const std::string &name, int32_t type,
                                 std::initializer_list<int64_t> shape, std::vector<double> values) {
  fillTensor(*addAttr(node(), name, kAttrTensor).mutable_t(), "", type, shape,
             bytesOf(values, type));
  return *this;
}
