//===- InterpreterTestSupport.cpp - Evaluation of IR text -----------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "InterpreterTestSupport.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/Format.h"

using namespace mlir;

namespace burin::test {

std::unique_ptr<MLIRContext> makeContext() {
  auto context = std::make_unique<MLIRContext>(MLIRContext::Threading::DISABLED);
  context->loadDialect<nn::NNDialect, func::FuncDialect, scf::SCFDialect, tensor::TensorDialect,
                       arith::ArithDialect>();
  return context;
}

std::string toText(const nn::Tensor &tensor) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << tensor.tensorType();
  for (int64_t i = 0; i < tensor.size(); ++i) {
    if (isa<IntegerType>(tensor.elementType())) {
      bool isUnsigned = tensor.elementType().isUnsignedInteger();
      int64_t value = tensor.intAt(i);
      os << ' ' << (isUnsigned ? std::to_string(uint64_t(value)) : std::to_string(value));
    } else {
      double value = tensor.floatAt(i);
      if (std::isnan(value))
        os << " nan"; // without its sign
      else
        os << llvm::format(" %.6g", value);
    }
  }
  return text;
}

static std::string toText(ArrayRef<nn::Tensor> tensors) {
  return llvm::join(llvm::map_range(tensors, [](const nn::Tensor &t) { return toText(t); }), " | ");
}

namespace {
/// Collects the first diagnostic.
class FirstError {
public:
  FirstError(MLIRContext *context)
      : handler(context, [this](Diagnostic &diagnostic) {
          if (message.empty())
            message = "error: " + diagnostic.str();
          return success();
        }) {}
  std::string message;

private:
  ScopedDiagnosticHandler handler;
};
} // namespace

std::string run(const std::string &ops) {
  auto context = makeContext();
  FirstError error(context.get());
  auto module = parseSourceString<ModuleOp>(ops, context.get());
  if (!module)
    return error.message;
  DenseMap<Value, nn::Tensor> values;
  std::string last;
  for (Operation &op : *module->getBody()) {
    SmallVector<nn::Tensor> operands;
    for (Value operand : op.getOperands())
      operands.push_back(values.lookup(operand));
    auto results = nn::evaluateOp(&op, operands);
    if (failed(results))
      return error.message;
    for (auto [value, tensor] : llvm::zip(op.getResults(), *results))
      values[value] = tensor;
    last = toText(*results);
  }
  return last;
}

std::string runMain(const std::string &text, ArrayRef<std::string> arguments,
                    const nn::EvalLimits &limits) {
  auto context = makeContext();
  FirstError error(context.get());
  auto module = parseSourceString<ModuleOp>(text, context.get());
  if (!module)
    return error.message;
  SmallVector<nn::Tensor> tensors;
  for (const std::string &argument : arguments) {
    auto attr = dyn_cast_or_null<ElementsAttr>(parseAttribute(argument, context.get()));
    if (!attr)
      return error.message;
    tensors.push_back(nn::Tensor::fromAttr(attr));
  }
  auto results = nn::evaluateFunction(module->lookupSymbol<func::FuncOp>("main"), tensors, limits);
  return failed(results) ? error.message : toText(*results);
}

} // namespace burin::test
