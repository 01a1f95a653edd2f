//===- OperatorModelsTest.cpp - Operators with operands that do not fit ---===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "test/unit/OperatorModels.h"
#include "test/unit/OnnxTestSupport.h"

#include <catch2/catch.hpp>
#include <cstdlib>

using namespace burin;
using namespace burin::test;

TEST_CASE("no operator crashes on operands that it does not expect", "[operators]") {
  // BURIN_TRACE_OPERATORS=1 names each model before it is imported.
  bool trace = std::getenv("BURIN_TRACE_OPERATORS") != nullptr;
  OpRegistry registry = makeOpRegistry();
  auto context = std::make_unique<mlir::MLIRContext>(mlir::MLIRContext::Threading::DISABLED);
  size_t models = 0, imported = 0;
  forEachOperatorModel(
      /*thorough=*/true, [&](const std::string &name, const onnx::ModelProto &proto) {
        if (trace)
          fprintf(stderr, "%s\n", name.c_str());
        if (++models % 2000 == 0)
          context = std::make_unique<mlir::MLIRContext>(mlir::MLIRContext::Threading::DISABLED);
        Diagnostics diagnostics;
        DiagnosticPrinter printer(context.get(), diagnostics);
        auto model = onnx::LoadedModel::fromProto(proto, name, "");
        auto module = importModel(*context, *model, {}, registry);
        imported += bool(module);
        if (bool(module) == diagnostics.hasErrors()) {
          CAPTURE(name, diagnostics.str());
          CHECK(bool(module) != diagnostics.hasErrors());
        }
      });
  INFO(models << " models, " << imported << " of them valid");
  CHECK(imported > models / 100);
}
