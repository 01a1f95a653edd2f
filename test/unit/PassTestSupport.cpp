//===- PassTestSupport.cpp - A pass must not change results ---------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "test/unit/PassTestSupport.h"

#include "dialects/nn/Groups.h"
#include "dialects/nn/interpreter/Interpreter.h"
#include "passes/Passes.h"

#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

#include <cmath>

using namespace mlir;
using namespace burin;

namespace {

/// Small deterministic generator (xorshift), so that failures repeat.
struct Random {
  uint64_t state = 0x9E3779B97F4A7C15;
  uint64_t next() {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
  }
  double real() { return double(next() >> 11) * 0x1p-52 - 1; }
};

using Values = SmallVector<nn::Tensor>;

FailureOr<Values> arguments(func::FuncOp function, const SameOptions &options) {
  Random random;
  Values values;
  for (auto [i, type] : llvm::enumerate(function.getArgumentTypes())) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor)
      return failure();
    SmallVector<int64_t> shape(tensor.getShape());
    SmallVector<std::string> names = nn::argDims(function, i);
    for (auto [extent, name] : llvm::zip(shape, names)) {
      if (!ShapedType::isDynamic(extent))
        continue;
      auto found = options.dims.find(name);
      if (found == options.dims.end())
        return failure();
      extent = found->second;
    }
    nn::Tensor value(tensor.getElementType(), shape);
    for (int64_t k = 0; k < value.size(); ++k) {
      if (isa<FloatType>(tensor.getElementType()))
        value.setFloat(k, random.real());
      else
        value.setInt(k, (random.next() >> 20) % (tensor.getElementType().isInteger(1) ? 2 : 5));
    }
    values.push_back(value);
  }
  return values;
}

std::string compare(const nn::Tensor &before, const nn::Tensor &after, const SameOptions &options) {
  if (before.shape() != after.shape() || before.elementType() != after.elementType())
    return "types differ";
  for (int64_t i = 0; i < before.size(); ++i) {
    double a = before.floatAt(i), b = after.floatAt(i);
    if (a == b || (std::isnan(a) && std::isnan(b)))
      continue;
    if (!(std::fabs(a - b) <= options.absolute + options.relative * std::fabs(a)))
      return "element " + std::to_string(i) + ": " + std::to_string(a) + " became " +
             std::to_string(b);
  }
  return "";
}

} // namespace

std::string differenceAfter(const std::string &pipeline, const std::string &module,
                            const SameOptions &options) {
  static const bool registered = [] {
    registerBurinPasses();
    registerTransformsPasses();
    return true;
  }();
  (void)registered;
  MLIRContext context(MLIRContext::Threading::DISABLED);
  context.loadDialect<nn::NNDialect, func::FuncDialect, scf::SCFDialect, tensor::TensorDialect,
                      arith::ArithDialect>();
  OwningOpRef<ModuleOp> parsed = parseSourceString<ModuleOp>(module, &context);
  if (!parsed)
    return "does not parse";
  llvm::StringMap<Values> inputs, expected;
  for (auto function : parsed->getOps<func::FuncOp>()) {
    FailureOr<Values> values = arguments(function, options);
    if (failed(values))
      return "no arguments for " + function.getName().str();
    auto results = nn::evaluateFunction(function, *values);
    if (failed(results))
      return function.getName().str() + " cannot be evaluated before";
    inputs[function.getName()] = *values;
    expected[function.getName()] = *results;
  }
  PassManager manager(&context);
  if (failed(parsePassPipeline(pipeline, manager)) || failed(manager.run(*parsed)))
    return "the pipeline fails";
  bool left = false;
  parsed->walk([&](Operation *op) { left |= op->getName().getStringRef() == options.absent; });
  if (left)
    return options.absent + " is still there";
  for (auto function : parsed->getOps<func::FuncOp>()) {
    auto results = nn::evaluateFunction(function, inputs[function.getName()]);
    if (failed(results))
      return function.getName().str() + " cannot be evaluated after";
    for (auto [i, pair] : llvm::enumerate(llvm::zip(expected[function.getName()], *results))) {
      std::string difference = compare(std::get<0>(pair), std::get<1>(pair), options);
      if (!difference.empty())
        return function.getName().str() + " result " + std::to_string(i) + ": " + difference;
    }
  }
  return "";
}
