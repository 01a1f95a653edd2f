//===- OperatorRun.h - One node, imported and evaluated ---------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_TEST_UNIT_OPERATORRUN_H
#define BURIN_TEST_UNIT_OPERATORRUN_H

#include "test/unit/OnnxTestSupport.h"

#include <vector>

namespace burin::test {

/// A result: its elements, and its shape.
struct Values {
  std::vector<int64_t> shape;
  std::vector<double> elements;
};

/// A model around the node "subject", built by chained calls:
///   OperatorRun("DFT", 20).input({1, 2, 1}, {3, 4}).constant({}, {1}, onnx::kInt64).run()
class OperatorRun {
public:
  explicit OperatorRun(const std::string &opType, int64_t opset, const std::string &domain = "");

  /// An input of the model with the values of the run.
  OperatorRun &input(std::initializer_list<int64_t> shape, std::vector<double> values,
                     int32_t type = onnx::kFloat);
  /// An initializer.
  OperatorRun &constant(std::initializer_list<int64_t> shape, std::vector<double> values,
                        int32_t type = onnx::kFloat);
  /// An operand of the node that is another node's result, see graph().
  OperatorRun &operand(const std::string &name);
  /// An operand that is left out.
  OperatorRun &missing() { return operand(""); }
  OperatorRun &set(const std::string &name, int64_t value);
  OperatorRun &set(const std::string &name, int value) { return set(name, int64_t(value)); }
  OperatorRun &set(const std::string &name, double value);
  OperatorRun &set(const std::string &name, const char *value);
  OperatorRun &ints(const std::string &name, std::initializer_list<int64_t> values);
  OperatorRun &floats(const std::string &name, std::initializer_list<float> values);
  OperatorRun &strings(const std::string &name, std::initializer_list<const char *> values);
  OperatorRun &tensor(const std::string &name, int32_t type, std::initializer_list<int64_t> shape,
                      std::vector<double> values);
  /// How many results the node has; 1 without this. All are the model's outputs.
  OperatorRun &results(int count);
  /// The graph, for further nodes; no more outputs are added when they are given.
  onnx::GraphProto &graph() { return *model.mutable_graph(); }
  onnx::NodeProto &node() { return *graph().mutable_node(subject); }
  const onnx::ModelProto &proto() const { return model; }

  /// All results; none, after a failed check, where there was an error.
  std::vector<Values> run();
  /// The first result.
  Values value();
  /// The messages of the import, which must be errors that tell the node's name.
  std::string error();

private:
  struct Argument {
    std::vector<int64_t> shape;
    std::vector<double> values;
    int32_t type;
  };
  std::string addOperand();

  onnx::ModelProto model;
  int subject = 0;
  std::vector<Argument> arguments;
};

/// Compares within `tolerance` of the larger of 1 and the magnitude.
void checkValues(const Values &actual, const std::vector<int64_t> &shape,
                 const std::vector<double> &expected, double tolerance = 2e-6);

} // namespace burin::test

#endif // BURIN_TEST_UNIT_OPERATORRUN_H
