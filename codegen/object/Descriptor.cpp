//===- Descriptor.cpp - The model's description in its library ------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/object/Descriptor.h"

#include "llvm/IR/Constants.h"
#include "llvm/IR/DerivedTypes.h"
#include "llvm/IR/GlobalAlias.h"
#include "llvm/IR/GlobalVariable.h"
#include "llvm/IR/Module.h"

using namespace llvm;

namespace burin::object {

const char *statusMessage(int status) {
  switch (static_cast<Status>(status)) {
  case Status::Ok:
    return "ok";
  case Status::Null:
    return "a pointer is null";
  case Status::Align:
    return "the arena is not aligned";
  case Status::Dims:
    return "a dimension is out of bounds";
  case Status::Capacity:
    return "a buffer is too small";
  case Status::Check:
    return "a check of the model failed";
  case Status::Data:
    return "an operator cannot work on what it was given";
  case Status::NoDevice:
    return "there is no NVIDIA driver, no GPU, or the GPU is older than the target";
  case Status::Device:
    return "the GPU's driver reports an error";
  case Status::Internal:
    break;
  }
  return "internal error";
}

namespace {

/// Builds the constants. Structure types are laid out by the module's data layout,
/// which is C's layout for the target.
class DescriptorBuilder {
public:
  DescriptorBuilder(Module &module, const ModelInterface &model)
      : module(module), model(model), context(module.getContext()),
        pointer(PointerType::getUnqual(context)), int32(Type::getInt32Ty(context)),
        int64(Type::getInt64Ty(context)),
        dimType(StructType::get(context, {int64, int64, int64, pointer, int32, int32})),
        tensorType(StructType::get(context, {pointer, pointer, pointer, pointer, int64,
                                             Type::getFloatTy(context), int32, int32, int32})),
        symbolType(StructType::get(context, {pointer, pointer, int64, int64})) {}

  void build(Function *run);

private:
  Constant *number32(int64_t value) { return ConstantInt::getSigned(int32, value); }
  Constant *number64(int64_t value) { return ConstantInt::getSigned(int64, value); }
  Constant *null() { return ConstantPointerNull::get(pointer); }

  Constant *hidden(Constant *value, const Twine &name) {
    return new GlobalVariable(module, value->getType(), /*isConstant=*/true,
                              GlobalValue::PrivateLinkage, value, model.name + name);
  }
  Constant *text(StringRef value) {
    auto *global =
        new GlobalVariable(module, ArrayType::get(Type::getInt8Ty(context), value.size() + 1),
                           /*isConstant=*/true, GlobalValue::PrivateLinkage,
                           ConstantDataArray::getString(context, value), model.name + ".text");
    global->setUnnamedAddr(GlobalValue::UnnamedAddr::Global);
    global->setAlignment(Align(1));
    return global;
  }
  /// Null for an empty array.
  Constant *array(StructType *type, ArrayRef<Constant *> elements, const Twine &name) {
    if (elements.empty())
      return null();
    return hidden(ConstantArray::get(ArrayType::get(type, elements.size()), elements), name);
  }
  Constant *function(const Twine &name, Type *result, ArrayRef<Type *> arguments) {
    return cast<Constant>(
        module
            .getOrInsertFunction(name.str(),
                                 FunctionType::get(result, arguments, /*isVarArg=*/false))
            .getCallee());
  }
  Constant *dims(const TensorInfo &tensor);
  Constant *tensors(ArrayRef<TensorInfo> list, bool areOutputs, const Twine &name);
  Constant *symbols();

  Module &module;
  const ModelInterface &model;
  LLVMContext &context;
  PointerType *pointer;
  IntegerType *int32, *int64;
  StructType *dimType, *tensorType, *symbolType;
};

} // namespace

Constant *DescriptorBuilder::dims(const TensorInfo &tensor) {
  SmallVector<Constant *> list;
  for (const Dim &dim : tensor.dims)
    list.push_back(ConstantStruct::get(
        dimType, {number64(dim.size), number64(dim.lo), number64(dim.hi.value_or(-1)),
                  dim.expression.empty() ? null() : text(dim.expression), number32(dim.symbol),
                  number32(0)}));
  return array(dimType, list, ".dims");
}

Constant *DescriptorBuilder::tensors(ArrayRef<TensorInfo> list, bool areOutputs,
                                     const Twine &name) {
  SmallVector<Constant *> elements;
  for (const TensorInfo &tensor : list) {
    Constant *shape = null();
    if (areOutputs && needsShapeFunction(tensor))
      shape = function(model.name + "_" + tensor.identifier + "_shape", Type::getVoidTy(context),
                       {pointer, pointer});
    Quantization none{0, 0};
    const Quantization &quantization = tensor.quantization.value_or(none);
    elements.push_back(ConstantStruct::get(
        tensorType,
        {text(tensor.onnxName), text(tensor.identifier), dims(tensor), shape,
         number64(quantization.zeroPoint), ConstantFP::get(context, APFloat(quantization.scale)),
         number32(tensor.elementType), number32(static_cast<int64_t>(tensor.dims.size())),
         number32(tensor.dataDependent)}));
  }
  return array(tensorType, elements, name);
}

Constant *DescriptorBuilder::symbols() {
  SmallVector<Constant *> list;
  for (const SymbolInfo &symbol : model.symbols)
    list.push_back(
        ConstantStruct::get(symbolType, {text(symbol.name), text(symbol.identifier),
                                         number64(symbol.lo), number64(symbol.hi.value_or(-1))}));
  return array(symbolType, list, ".symbols");
}

void DescriptorBuilder::build(Function *run) {
  Type *sizeType = module.getDataLayout().getIntPtrType(context);
  Constant *arenaBytesFor =
      model.isDynamic() ? function(model.name + "_arena_bytes", sizeType, {pointer}) : null();
  auto *type = StructType::get(context, {int32, int32, pointer, pointer, pointer, pointer, pointer,
                                         pointer, pointer, pointer, int32, int32, int32, int32,
                                         int64, int64, int64, pointer, pointer});
  auto count = [&](size_t size) { return number32(static_cast<int64_t>(size)); };
  Constant *value = ConstantStruct::get(
      type,
      {number32(kAbiVersion), count(module.getDataLayout().getTypeAllocSize(type)),
       text(model.name), text(model.modelHash), text(model.compilerVersion), text(model.target),
       text(model.options), tensors(model.inputs, /*areOutputs=*/false, ".inputs"),
       tensors(model.outputs, /*areOutputs=*/true, ".outputs"), symbols(),
       count(model.inputs.size()), count(model.outputs.size()), count(model.symbols.size()),
       number32(0), ConstantInt::get(int64, model.arenaBytes.value_or(UINT64_MAX)),
       ConstantInt::get(int64, model.arenaAlignment), ConstantInt::get(int64, model.weightsBytes),
       run, arenaBytesFor});
  new GlobalVariable(module, type, /*isConstant=*/true, GlobalValue::ExternalLinkage, value,
                     model.name + "_descriptor");
  GlobalAlias::create(run->getFunctionType(), 0, GlobalValue::ExternalLinkage,
                      model.name + "_run_" + interfaceKey(model), run, &module);
}

Error emitDescriptor(Module &module, const ModelInterface &model) {
  if (Error error = checkInterface(model))
    return error;
  auto fail = [&](const Twine &message) {
    return createStringError(std::make_error_code(std::errc::invalid_argument), message);
  };
  Function *run = module.getFunction(model.name + "_run");
  if (!run || run->isDeclaration())
    return fail("the module does not define \"" + model.name + "_run\"");
  for (const char *suffix : {"_descriptor", "_run_"}) {
    std::string name = model.name + suffix;
    if (StringRef(suffix) == "_run_")
      name += interfaceKey(model);
    if (module.getNamedValue(name))
      return fail("\"" + name + "\" is already in the module");
  }
  DescriptorBuilder(module, model).build(run);
  return Error::success();
}

} // namespace burin::object
