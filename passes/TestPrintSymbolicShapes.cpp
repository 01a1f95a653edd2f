//===- TestPrintSymbolicShapes.cpp - Shows what is known of extents -------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/SymbolicShapes.h"
#include "passes/Passes.h"

#include "mlir/IR/Builders.h"

namespace burin {
#define GEN_PASS_DEF_TESTPRINTSYMBOLICSHAPES
#include "passes/Passes.h.inc"
} // namespace burin

using namespace mlir;

/// "N, 4" for a list of expressions.
static StringAttr textOf(Builder &builder, ArrayRef<burin::nn::DimExpr> list) {
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::interleaveComma(list, os, [&](burin::nn::DimExpr expr) { os << expr.str(); });
  return builder.getStringAttr(text);
}

namespace {
struct TestPrintSymbolicShapes : burin::impl::TestPrintSymbolicShapesBase<TestPrintSymbolicShapes> {
  void runOnOperation() override {
    Builder builder(&getContext());
    burin::nn::DimContext context;
    burin::nn::SymbolicShapes shapes(getOperation(), context);
    auto texts = [&](ValueRange values) {
      SmallVector<Attribute> result;
      for (Value value : values)
        result.push_back(textOf(builder, shapes.dims(value)));
      return builder.getArrayAttr(result);
    };
    getOperation().walk([&](Operation *op) {
      if (op == getOperation())
        return;
      if (op->getNumResults() > 0 &&
          llvm::any_of(op->getResultTypes(), llvm::IsaPred<RankedTensorType>))
        op->setAttr("dims", texts(op->getResults()));
      for (Value result : op->getResults())
        if (auto contents = shapes.contents(result))
          op->setAttr("contents", textOf(builder, *contents));
    });
    for (BlockArgument argument : getOperation().getArguments())
      getOperation().setArgAttr(argument.getArgNumber(), "test.dims",
                                textOf(builder, shapes.dims(argument)));
  }
};
} // namespace
