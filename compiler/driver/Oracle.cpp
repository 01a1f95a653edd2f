//===- Oracle.cpp - What a model should give ------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/driver/Oracle.h"

#include "compiler/importer/ElementTypes.h"
#include "dialects/nn/interpreter/Interpreter.h"

using namespace burin;
using namespace burin::onnx;

std::optional<std::vector<TensorData>> burin::evaluate(mlir::func::FuncOp function,
                                                       llvm::ArrayRef<TensorData> inputs) {
  llvm::SmallVector<nn::Tensor> arguments;
  for (const TensorData &input : inputs)
    arguments.emplace_back(elementTypeOf(function.getContext(), input.dataType), input.dims,
                           input.owner, reinterpret_cast<const char *>(input.bytes));
  auto results = nn::evaluateFunction(function, arguments);
  if (failed(results))
    return std::nullopt;
  std::vector<TensorData> outputs;
  for (const nn::Tensor &result : *results) {
    TensorData &output = outputs.emplace_back();
    auto owner = std::make_shared<nn::Tensor>(result);
    output.dataType = onnxTypeOf(result.elementType());
    output.dims = result.shape().vec();
    output.bytes = reinterpret_cast<const uint8_t *>(owner->data());
    output.size = owner->byteSize();
    output.owner = owner;
  }
  return outputs;
}
