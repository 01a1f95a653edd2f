//===- GroupTestSupport.cpp - Compile a group and run it ------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "test/unit/GroupTestSupport.h"
#include "codegen/llvm/EmitObject.h"
#include "codegen/llvm/LowerToLLVM.h"
#include "codegen/lowering/LowerGroups.h"
#include "dialects/nn/Groups.h"
#include "dialects/nn/RuntimeCall.h"
#include "dialects/nn/interpreter/Interpreter.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/TargetSelect.h"

#include <cmath>
#include <map>

using namespace mlir;
using burin::nn::Tensor;

namespace burin::test {

MLIRContext &context() {
  static MLIRContext *instance = [] {
    DialectRegistry registry;
    registerLLVMLowering(registry);
    registry.insert<nn::NNDialect, tensor::TensorDialect>();
    auto *made = new MLIRContext(registry, MLIRContext::Threading::DISABLED);
    made->loadAllAvailableDialects();
    return made;
  }();
  return *instance;
}

Tensor numbers(Type type, ArrayRef<int64_t> shape, unsigned seed, double lo, double hi) {
  Tensor tensor(type, shape);
  uint64_t state = seed * 0x9e3779b97f4a7c15ull + 12345;
  for (int64_t i = 0, e = tensor.size(); i < e; ++i) {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    double unit = static_cast<double>(state >> 11) * 0x1p-53;
    if (type.isInteger(1))
      tensor.setInt(i, unit < 0.5);
    else if (isa<IntegerType>(type))
      tensor.setFloat(i, std::floor(lo + unit * (hi - lo + 1)));
    else
      tensor.setFloat(i, lo + unit * (hi - lo));
  }
  return tensor;
}

static std::string compare(const Tensor &got, const Tensor &want, double tolerance,
                           unsigned result) {
  bool isFloat = !isa<IntegerType>(want.elementType());
  for (int64_t i = 0, e = want.size(); i < e; ++i) {
    double x = got.floatAt(i), y = want.floatAt(i);
    bool same = isFloat ? (std::isnan(x) && std::isnan(y)) || x == y ||
                              std::fabs(x - y) <= tolerance + tolerance * std::fabs(y)
                        : got.intAt(i) == want.intAt(i);
    if (!same)
      return "result " + std::to_string(result) + " element " + std::to_string(i) + ": got " +
             std::to_string(x) + ", want " + std::to_string(y);
  }
  return {};
}

/// Runs the object's function on pointers and indices, all of them words.
static std::string call(ArrayRef<char> object, StringRef symbol, ArrayRef<intptr_t> words) {
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86Target();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86AsmPrinter();
  auto jit = llvm::orc::LLJITBuilder().create();
  if (!jit)
    return toString(jit.takeError());
  if (auto process = llvm::orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
          (*jit)->getDataLayout().getGlobalPrefix()))
    (*jit)->getMainJITDylib().addGenerator(std::move(*process));
  auto buffer = llvm::MemoryBuffer::getMemBufferCopy(StringRef(object.data(), object.size()));
  if (llvm::Error error = (*jit)->addObjectFile(std::move(buffer)))
    return toString(std::move(error));
  auto address = (*jit)->lookup(symbol);
  if (!address)
    return toString(address.takeError());
  intptr_t w[16] = {};
  std::copy(words.begin(), words.end(), w);
  auto *function = address->toPtr<void (*)(
      intptr_t, intptr_t, intptr_t, intptr_t, intptr_t, intptr_t, intptr_t, intptr_t, intptr_t,
      intptr_t, intptr_t, intptr_t, intptr_t, intptr_t, intptr_t, intptr_t)>();
  function(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7], w[8], w[9], w[10], w[11], w[12], w[13],
           w[14], w[15]);
  return {};
}

std::string checkGroup(const GroupCase &test) {
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(test.text, &context());
  if (!module)
    return "cannot parse";
  func::FuncOp group;
  for (auto function : module->getOps<func::FuncOp>())
    if (function->hasAttr(nn::kGroupAttr))
      group = function;
  std::string name = group.getName().str();
  std::map<std::string, int64_t> extents;
  SmallVector<std::string> symbols = nn::groupSymbols(group);
  for (auto [i, symbol] : llvm::enumerate(symbols))
    extents[symbol] = test.dims[i];

  std::vector<Tensor> inputs = test.inputs;
  for (unsigned i = inputs.size(); i < group.getNumArguments(); ++i) {
    auto type = cast<RankedTensorType>(group.getArgumentTypes()[i]);
    SmallVector<int64_t> shape;
    for (auto [extent, dim] : llvm::zip(type.getShape(), nn::argDims(group, i)))
      shape.push_back(ShapedType::isDynamic(extent) ? extents[dim] : extent);
    inputs.push_back(numbers(type.getElementType(), shape, i + 1, test.lo, test.hi));
  }
  auto wanted = nn::evaluateFunction(group, inputs);
  if (failed(wanted))
    return "the interpreter failed";

  std::unique_ptr<char[]> scratch;
  if (nn::runtimeCallOf(group))
    scratch = std::make_unique<char[]>(1 << 16);
  const Target *target = findTarget(test.target);
  if (failed(lowerGroups(*module, GroupOptions::of(*target))) || failed(module->verify()))
    return "lower-groups failed";
  llvm::LLVMContext llvmContext;
  auto llvmModule = translateToLLVM(*module, llvmContext, *target);
  if (!llvmModule)
    return "translation to LLVM failed";
  llvmModule->getFunction(name)->setLinkage(llvm::GlobalValue::ExternalLinkage);
  auto object = emitModule(*llvmModule, *target);
  if (!object)
    return toString(object.takeError());
  auto undefined = undefinedSymbols(*object);
  if (!undefined)
    return toString(undefined.takeError());
  for (const std::string &symbol : *undefined)
    if (symbol != "memcpy" && symbol != "memset" && symbol != "memmove" &&
        symbol != "_GLOBAL_OFFSET_TABLE_")
      return "undefined symbol " + symbol;

  std::vector<Tensor> outputs;
  SmallVector<intptr_t> words;
  for (const Tensor &input : inputs)
    words.push_back(reinterpret_cast<intptr_t>(input.data()));
  for (const Tensor &want : *wanted) {
    outputs.emplace_back(want.elementType(), want.shape());
    std::memset(outputs.back().mutableData(), 0x7b, outputs.back().byteSize());
    words.push_back(reinterpret_cast<intptr_t>(outputs.back().mutableData()));
  }
  if (scratch)
    words.push_back(reinterpret_cast<intptr_t>(scratch.get()));
  words.append(test.dims.begin(), test.dims.end());
  if (std::string error = call(*object, name, words); !error.empty())
    return error;
  for (auto [i, want] : llvm::enumerate(*wanted))
    if (std::string error = compare(outputs[i], want, test.tolerance, i); !error.empty())
      return error;
  return {};
}

} // namespace burin::test
