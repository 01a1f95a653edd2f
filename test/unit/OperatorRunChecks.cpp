//===- OperatorRunChecks.cpp - One node, imported and evaluated -----------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "test/unit/FamilyModels.h"

#include "compiler/importer/ElementTypes.h"
#include "dialects/nn/interpreter/Interpreter.h"

#include <catch2/catch.hpp>
#include <cmath>

using namespace burin;
using namespace burin::onnx;
using namespace burin::test;

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

TEST_CASE("the seeds for fuzzing are good models", "[importer][families]") {
  for (const OperatorRun &run : familyModels()) {
    INFO(run.proto().graph().node(0).op_type());
    CHECK(import(run.proto()).messages == "");
  }
}
