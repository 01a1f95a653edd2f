//===- RunFunction.cpp - The exported functions of a model ----------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/entry/RunFunction.h"
#include "codegen/object/Descriptor.h"

#include "llvm/IR/IRBuilder.h"

using namespace llvm;

namespace burin {

using object::Status;

namespace {

class RunEmitter {
public:
  RunEmitter(Module &module, const object::ModelInterface &model, const LoweredEntry &entry,
             GlobalVariable *gpuModel)
      : module(module), model(model), entry(entry), gpuModel(gpuModel),
        builder(module.getContext()), pointer(PointerType::getUnqual(module.getContext())),
        word(builder.getInt64Ty()),
        index(module.getDataLayout().getIntPtrType(module.getContext())) {
    // As the header declares it: pointers, dimensions, then shape and capacity of
    // outputs that depend on data.
    SmallVector<Type *> members(model.inputs.size() + model.outputs.size(), pointer);
    members.append(model.symbols.size(), word);
    for (bool dependent : entry.dataDependent)
      if (dependent)
        members.append({pointer, word});
    ioType = StructType::get(module.getContext(), members);
  }

  void run() {
    emitArenaBytes();
    emitShapes();
    emitRun();
    if (gpuModel)
      emitGpuFunctions();
  }

private:
  Function *define(const std::string &name, Type *result, ArrayRef<Type *> arguments) {
    auto *function = Function::Create(FunctionType::get(result, arguments, false),
                                      GlobalValue::ExternalLinkage, name, module);
    function->setDoesNotThrow();
    builder.SetInsertPoint(BasicBlock::Create(module.getContext(), "", function));
    return function;
  }

  Value *member(Value *io, unsigned number) { return builder.CreateStructGEP(ioType, io, number); }

  SmallVector<Value *> loadSymbols(Value *dims) {
    SmallVector<Value *> symbols;
    for (size_t i = 0; i < model.symbols.size(); ++i)
      symbols.push_back(
          builder.CreateLoad(word, builder.CreateConstInBoundsGEP1_32(word, dims, i)));
    return symbols;
  }

  /// As the entry takes them, which knows them to be in bounds.
  SmallVector<Value *> asIndices(ArrayRef<Value *> symbols) {
    SmallVector<Value *> indices;
    for (Value *symbol : symbols)
      indices.push_back(builder.CreateTrunc(symbol, index));
    return indices;
  }

  /// i1: all symbols within their bounds, and so that an index holds them.
  Value *symbolsInBounds(ArrayRef<Value *> symbols) {
    Value *valid = builder.getTrue();
    for (auto [value, symbol] : llvm::zip(symbols, model.symbols)) {
      valid = builder.CreateAnd(valid, builder.CreateICmpSGE(value, builder.getInt64(symbol.lo)));
      int64_t most = APInt::getSignedMaxValue(index->getBitWidth()).getSExtValue();
      int64_t hi = std::min(symbol.hi.value_or(most), most);
      if (hi != INT64_MAX)
        valid = builder.CreateAnd(valid, builder.CreateICmpSLE(value, builder.getInt64(hi)));
    }
    return valid;
  }

  /// 0 for dimensions that are out of bounds or too big, so never 0 for others.
  void emitArenaBytes() {
    if (model.symbols.empty())
      return;
    Function *function = define(model.name + "_arena_bytes", index, {pointer});
    Value *dims = function->getArg(0);
    BasicBlock *fail = BasicBlock::Create(module.getContext(), "", function);
    guard(function, builder.CreateIsNotNull(dims), fail);
    SmallVector<Value *> symbols = loadSymbols(dims);
    guard(function, symbolsInBounds(symbols), fail);
    if (entry.arenaBytesName.empty())
      builder.CreateRet(
          ConstantInt::get(index, std::max<uint64_t>(model.arenaBytes.value_or(0), 1)));
    else
      builder.CreateRet(
          builder.CreateCall(module.getFunction(entry.arenaBytesName), asIndices(symbols)));
    builder.SetInsertPoint(fail);
    builder.CreateRet(ConstantInt::get(index, 0));
    arenaBytes = function;
  }

  void emitShapes() {
    for (auto [i, output] : llvm::enumerate(model.outputs)) {
      if (!object::needsShapeFunction(output))
        continue;
      Function *function = define(model.name + "_" + output.identifier + "_shape",
                                  builder.getVoidTy(), {pointer, pointer});
      SmallVector<Value *> symbols = asIndices(loadSymbols(function->getArg(0)));
      for (auto [d, dim] : llvm::enumerate(output.dims)) {
        const std::string &name = entry.outputDimNames[i][d];
        Value *extent = builder.getInt64(dim.size);
        if (!name.empty())
          extent = builder.CreateSExt(builder.CreateCall(module.getFunction(name), symbols), word);
        builder.CreateStore(extent,
                            builder.CreateConstInBoundsGEP1_32(word, function->getArg(1), d));
      }
      builder.CreateRetVoid();
    }
  }

  /// Goes on where the condition holds, to `fail` elsewhere.
  void guard(Function *function, Value *condition, BasicBlock *fail) {
    BasicBlock *next = BasicBlock::Create(module.getContext(), "", function);
    builder.CreateCondBr(condition, next, fail);
    builder.SetInsertPoint(next);
  }

  BasicBlock *returning(Function *function, Status status) {
    BasicBlock *&block = exits[static_cast<int>(status)];
    if (!block) {
      block = BasicBlock::Create(module.getContext(), "", function);
      IRBuilder<>(block).CreateRet(builder.getInt32(static_cast<int>(status)));
    }
    return block;
  }

  /// i1: some extent of the tensor is 0, so that its pointer may be null.
  Value *isEmpty(const object::TensorInfo &tensor, ArrayRef<Value *> symbols) {
    Value *empty = builder.getFalse();
    for (const object::Dim &dim : tensor.dims) {
      if (dim.isStatic())
        empty = dim.size == 0 ? static_cast<Value *>(builder.getTrue()) : empty;
      else if (dim.symbol >= 0)
        empty =
            builder.CreateOr(empty, builder.CreateICmpEQ(symbols[dim.symbol], builder.getInt64(0)));
      else
        empty = builder.getTrue(); // a formula: not worth evaluating for a null check
    }
    return empty;
  }

  void emitRun() {
    Type *status = builder.getInt32Ty();
    Function *function =
        gpuModel ? define(model.name + "_gpu_run", status, {pointer, pointer, pointer, pointer})
                 : define(model.name + "_run", status, {pointer, pointer});
    Value *io = function->getArg(gpuModel ? 1 : 0), *arena = function->getArg(gpuModel ? 2 : 1);
    guard(function, builder.CreateIsNotNull(io), returning(function, Status::Null));
    uint64_t bytes = model.arenaBytes.value_or(1);
    if (bytes > 0)
      guard(function, builder.CreateIsNotNull(arena), returning(function, Status::Null));
    Value *low = builder.CreateAnd(builder.CreatePtrToInt(arena, index),
                                   ConstantInt::get(index, model.arenaAlignment - 1));
    guard(function, builder.CreateIsNull(low), returning(function, Status::Align));

    unsigned inputs = model.inputs.size(), outputs = model.outputs.size();
    SmallVector<Value *> symbols;
    if (!model.symbols.empty()) {
      Value *dims = member(io, inputs + outputs);
      symbols = loadSymbols(dims);
      guard(function, symbolsInBounds(symbols), returning(function, Status::Dims));
      if (arenaBytes)
        guard(function, builder.CreateIsNotNull(builder.CreateCall(arenaBytes, {dims})),
              returning(function, Status::Dims));
    }
    SmallVector<Value *> arguments{arena};
    auto addPointer = [&](const object::TensorInfo &tensor, unsigned number) {
      Value *value = builder.CreateLoad(pointer, member(io, number));
      guard(function, builder.CreateOr(builder.CreateIsNotNull(value), isEmpty(tensor, symbols)),
            returning(function, Status::Null));
      arguments.push_back(value);
    };
    for (auto [i, tensor] : llvm::enumerate(model.inputs))
      addPointer(tensor, i);
    for (auto [i, tensor] : llvm::enumerate(model.outputs))
      addPointer(tensor, inputs + i);
    unsigned next = inputs + outputs + symbols.size();
    for (auto [i, tensor] : llvm::enumerate(model.outputs)) {
      if (!entry.dataDependent[i])
        continue;
      Value *shape = builder.CreateLoad(pointer, member(io, next));
      guard(function, builder.CreateIsNotNull(shape), returning(function, Status::Null));
      arguments.push_back(shape);
      // No buffer has as many elements as an index counts: the last number is for more.
      Value *capacity = builder.CreateLoad(word, member(io, next + 1));
      Value *most =
          ConstantInt::get(word, APInt::getSignedMaxValue(index->getBitWidth()).getSExtValue() - 1);
      capacity = builder.CreateSelect(builder.CreateICmpSLT(capacity, most), capacity, most);
      arguments.push_back(builder.CreateTrunc(capacity, index));
      next += 2;
    }
    arguments.append(asIndices(symbols));
    if (gpuModel)
      return emitGpuRun(function, arguments, symbols);
    builder.CreateRet(builder.CreateCall(module.getFunction(entry.runName), arguments));
  }

  //===--------------------------------------------------------------------===//
  // GPU
  //===--------------------------------------------------------------------===//

  FunctionCallee gpu(const char *name, ArrayRef<Type *> arguments) {
    return module.getOrInsertFunction(
        (Twine("burin_rt_gpu_") + name).str(),
        FunctionType::get(builder.getInt32Ty(), arguments, /*isVarArg=*/false));
  }

  /// Bytes of a tensor as it crosses the border. `extent` gives those that are not static.
  Value *bytesOf(const object::TensorInfo &tensor, function_ref<Value *(unsigned)> extent) {
    Value *elements = builder.getInt64(1);
    for (auto [d, dim] : llvm::enumerate(tensor.dims))
      elements =
          builder.CreateMul(elements, dim.isStatic() ? builder.getInt64(dim.size) : extent(d));
    unsigned bits = object::findElementType(tensor.elementType)->bits;
    if (bits >= 8)
      return builder.CreateMul(elements, builder.getInt64(bits / 8));
    Value *sum =
        builder.CreateAdd(builder.CreateMul(elements, builder.getInt64(bits)), builder.getInt64(7));
    return builder.CreateLShr(sum, 3);
  }

  /// Arrays of burin_gpu_buffer (runtime-lib/GpuLauncher.h): arena, inputs, outputs.
  void emitGpuRun(Function *function, ArrayRef<Value *> arguments, ArrayRef<Value *> symbols) {
    unsigned inputs = model.inputs.size(), outputs = model.outputs.size();
    unsigned count = 1 + inputs + outputs;
    Value *context = function->getArg(0), *stream = function->getArg(3);
    guard(function, builder.CreateIsNotNull(context), returning(function, Status::Null));
    IRBuilder<> atStart(&function->getEntryBlock(), function->getEntryBlock().begin());
    Value *buffers = atStart.CreateAlloca(ArrayType::get(word, 3 * count));
    auto put = [&](unsigned index, Value *host, Value *bytes, bool isInput) {
      Value *fields[] = {builder.CreatePtrToInt(host, word), bytes, builder.getInt64(isInput)};
      for (auto [k, field] : llvm::enumerate(fields))
        builder.CreateStore(field,
                            builder.CreateConstInBoundsGEP1_64(word, buffers, 3 * index + k));
    };
    Value *arenaSize = arenaBytes && !entry.arenaBytesName.empty()
                           ? builder.CreateCall(module.getFunction(entry.arenaBytesName), symbols)
                           : static_cast<Value *>(builder.getInt64(model.arenaBytes.value_or(0)));
    put(0, arguments[0], arenaSize, false);
    for (auto [i, tensor] : llvm::enumerate(model.inputs))
      put(1 + i, arguments[1 + i],
          bytesOf(tensor, [&](unsigned d) { return symbols[tensor.dims[d].symbol]; }), true);
    unsigned next = 1 + inputs + outputs;
    SmallVector<Value *> shapes(outputs);
    for (auto [i, tensor] : llvm::enumerate(model.outputs)) {
      Value *bytes;
      if (entry.dataDependent[i]) {
        // As much as fits: bytes are a multiple of the capacity.
        object::TensorInfo flat;
        flat.elementType = tensor.elementType;
        flat.dims = {object::Dim::dynamic(0)};
        shapes[i] = arguments[next];
        Value *capacity = arguments[next + 1];
        next += 2;
        bytes = bytesOf(flat, [&](unsigned) { return capacity; });
      } else {
        bytes = bytesOf(tensor, [&](unsigned d) -> Value * {
          return builder.CreateCall(module.getFunction(entry.outputDimNames[i][d]), symbols);
        });
      }
      put(1 + inputs + i, arguments[1 + inputs + i], bytes, false);
    }
    Value *begun = builder.CreateCall(gpu("begin", {pointer, pointer, pointer, i32()}),
                                      {context, stream, buffers, builder.getInt32(count)});
    auto *failed = BasicBlock::Create(module.getContext(), "", function);
    guard(function, builder.CreateIsNull(begun), failed);
    IRBuilder<>(failed).CreateRet(begun);
    SmallVector<Value *> all{context};
    all.append(arguments.begin(), arguments.end());
    Value *status = builder.CreateCall(module.getFunction(entry.runName), all);
    // The shape of such an output is known now; its buffer's rest stays as it is.
    for (auto [i, tensor] : llvm::enumerate(model.outputs)) {
      if (!shapes[i])
        continue;
      auto *good = BasicBlock::Create(module.getContext(), "", function);
      auto *after = BasicBlock::Create(module.getContext(), "", function);
      builder.CreateCondBr(builder.CreateIsNull(status), good, after);
      builder.SetInsertPoint(good);
      object::TensorInfo dynamic = tensor;
      for (object::Dim &dim : dynamic.dims)
        dim = object::Dim::dynamic(0);
      Value *bytes = bytesOf(dynamic, [&](unsigned d) {
        return builder.CreateLoad(word, builder.CreateConstInBoundsGEP1_64(word, shapes[i], d));
      });
      builder.CreateStore(
          bytes, builder.CreateConstInBoundsGEP1_64(word, buffers, 3 * (1 + inputs + i) + 1));
      builder.CreateBr(after);
      builder.SetInsertPoint(after);
    }
    Value *outputBuffers = builder.CreateConstInBoundsGEP1_64(word, buffers, 3 * (1 + inputs));
    builder.CreateRet(
        builder.CreateCall(gpu("end", {pointer, i32(), pointer, i32()}),
                           {context, status, outputBuffers, builder.getInt32(outputs)}));
  }

  Type *i32() { return builder.getInt32Ty(); }

  void emitGpuFunctions() {
    Function *run = module.getFunction(model.name + "_gpu_run");
    FunctionCallee create = gpu("create", {pointer, pointer, i32()});
    FunctionCallee destroy = module.getOrInsertFunction(
        "burin_rt_gpu_destroy", FunctionType::get(builder.getVoidTy(), {pointer}, false));
    Function *function = define(model.name + "_gpu_create", i32(), {pointer, i32()});
    builder.CreateRet(
        builder.CreateCall(create, {function->getArg(0), gpuModel, function->getArg(1)}));
    function = define(model.name + "_gpu_destroy", builder.getVoidTy(), {pointer});
    builder.CreateCall(destroy, {function->getArg(0)});
    builder.CreateRetVoid();
    // With a context that lives for one call.
    exits.clear();
    function = define(model.name + "_run", i32(), {pointer, pointer});
    AllocaInst *context =
        builder.CreateAlloca(ArrayType::get(builder.getInt8Ty(), *model.gpuContextBytes));
    context->setAlignment(Align(16));
    Value *created = builder.CreateCall(create, {context, gpuModel, builder.getInt32(0)});
    auto *failed = BasicBlock::Create(module.getContext(), "", function);
    guard(function, builder.CreateIsNull(created), failed);
    IRBuilder<>(failed).CreateRet(created);
    Value *status = builder.CreateCall(run, {context, function->getArg(0), function->getArg(1),
                                             ConstantPointerNull::get(pointer)});
    builder.CreateCall(destroy, {context});
    builder.CreateRet(status);
  }

  Module &module;
  const object::ModelInterface &model;
  const LoweredEntry &entry;
  GlobalVariable *gpuModel;
  IRBuilder<> builder;
  PointerType *pointer;
  IntegerType *word, *index;
  StructType *ioType;
  Function *arenaBytes = nullptr;
  std::map<int, BasicBlock *> exits;
};

} // namespace

void emitRunFunctions(Module &module, const object::ModelInterface &model,
                      const LoweredEntry &entry, GlobalVariable *gpuModel) {
  for (Function &function : module)
    if (!function.isDeclaration())
      function.setLinkage(GlobalValue::InternalLinkage);
  for (const WeightConstant &weight : entry.weights)
    if (GlobalVariable *global = module.getGlobalVariable(weight.symbol)) {
      global->setVisibility(GlobalValue::HiddenVisibility);
      global->setDSOLocal(true);
    }
  RunEmitter(module, model, entry, gpuModel).run();
}

} // namespace burin
