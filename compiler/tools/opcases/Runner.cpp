//===- Runner.cpp - Compiled code against the interpreter -----------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/tools/opcases/Runner.h"

#include "compiler/driver/Compile.h"
#include "compiler/driver/DiagnosticPrinter.h"
#include "compiler/importer/ElementTypes.h"
#include "compiler/verify/Compare.h"
#include "compiler/verify/Machine.h"
#include "dialects/nn/interpreter/Interpreter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"

using namespace mlir;

namespace burin::opcases {

static onnx::TensorData toData(const nn::Tensor &tensor) {
  auto owner = std::make_shared<nn::Tensor>(tensor);
  onnx::TensorData data;
  data.dataType = onnxTypeOf(tensor.elementType());
  data.dims = tensor.shape().vec();
  data.bytes = reinterpret_cast<const uint8_t *>(owner->data());
  data.size = owner->byteSize();
  data.owner = owner;
  return data;
}

/// The first message of a failed step, or a fallback.
static std::string firstError(const Diagnostics &diagnostics, const char *fallback) {
  for (const Message &message : diagnostics.messages())
    if (message.severity == Severity::Error)
      return message.text;
  return fallback;
}

/// Generated code computes in the element type, the interpreter in double.
static verify::Tolerance toleranceOf(Type type) {
  if (type.isF64())
    return {1e-12, 1e-11, 1e-12, 0};
  if (type.isF32())
    return {1e-6, 2e-5, 1e-5, 0};
  // A unit in the last place of f16 or bf16; tiny floats come from exact casts.
  return {1e-6, type.isBF16() ? 1e-2 : 2e-3, 0, type.isBF16() ? 1e-2 : 2e-3};
}

/// Compiles the module's text and runs it.
static Outcome runCompiled(ModuleOp module, ArrayRef<nn::Tensor> inputs,
                           ArrayRef<nn::Tensor> expected, const RunOptions &options) {
  // The driver reads files.
  SmallString<128> path;
  int file;
  if (llvm::sys::fs::createTemporaryFile("case", "mlir", file, path))
    return {Verdict::Failed, "cannot write a temporary file"};
  llvm::FileRemover remover(path);
  {
    llvm::raw_fd_ostream stream(file, /*shouldClose=*/true);
    module->print(stream, OpPrintingFlags().enableDebugInfo());
  }
  Diagnostics diagnostics;
  CompileOptions compileOptions;
  compileOptions.modelPath = path.str().str();
  compileOptions.name = "opcase";
  compileOptions.target = options.target;
  const Target &target = *findTarget(options.target);
  verify::MachineOptions machineOptions;
  machineOptions.emulate = compileOptions.emulate = target.device != nullptr;
  machineOptions.threadOrder = verify::ThreadOrder::Shuffled;
  Compilation compilation(compileOptions, diagnostics);
  if (failed(compilation.compileToObject()))
    return {Verdict::Skipped, firstError(diagnostics, "the compiler failed without a message")};

  auto machine = verify::makeMachine(compilation, target, machineOptions);
  if (!machine)
    return {Verdict::Failed, "link: " + llvm::toString(machine.takeError())};
  verify::DataSet set;
  for (const nn::Tensor &input : inputs)
    set.inputs.push_back(toData(input));
  for (const nn::Tensor &output : expected)
    set.outputs.push_back(toData(output));
  auto results = (*machine)->run(set);
  llvm::Expected<verify::RunResult> &result = results.front();
  if (!result)
    return {Verdict::Failed, "run: " + llvm::toString(result.takeError())};
  if (result->outputs.size() != expected.size())
    return {Verdict::Failed, "the number of results differs"};
  for (auto [i, output] : llvm::enumerate(result->outputs)) {
    auto comparison =
        verify::compareTensors(output, set.outputs[i], toleranceOf(expected[i].elementType()));
    if (!comparison.matches)
      return {Verdict::Failed, "result " + std::to_string(i) + ": " + comparison.message};
  }
  return {};
}

Outcome runCase(const NamedGenerator &generator, uint64_t seed, const RunOptions &options) {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  context.loadDialect<nn::NNDialect, func::FuncDialect, scf::SCFDialect, tensor::TensorDialect,
                      arith::ArithDialect>();
  Diagnostics diagnostics;
  DiagnosticPrinter printer(&context, diagnostics);
  CaseBuilder builder(context, seed);
  OwningOpRef<ModuleOp> module = builder.finish(generator.generate(builder));
  if (!module)
    return {Verdict::Failed, "generator: " + firstError(diagnostics, "made no op")};
  if (options.print)
    module->print(llvm::outs());
  auto expected =
      nn::evaluateFunction(module->lookupSymbol<func::FuncOp>("main"), builder.inputs());
  if (failed(expected))
    return {Verdict::Failed, "interpreter: " + firstError(diagnostics, "failed")};
  if (!options.compile)
    return {};
  return runCompiled(*module, builder.inputs(), *expected, options);
}

} // namespace burin::opcases
