//===- HostLaunch.cpp - The host's side of kernels ------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/gpu/HostLaunch.h"
#include "codegen/gpu/Cooperation.h"
#include "codegen/gpu/DeviceModule.h"
#include "codegen/object/Descriptor.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;

namespace burin {

namespace {

class LaunchEmitter {
public:
  LaunchEmitter(Module &module, ArrayRef<DeviceGroup> groups, const Target &device,
                const HostLaunch &launch)
      : module(module), groups(groups), device(device), launch(launch),
        context(module.getContext()), pointer(PointerType::getUnqual(context)),
        word(Type::getInt64Ty(context)), half(Type::getInt32Ty(context)) {}

  GlobalVariable *run() {
    Function *entry = addContext(*module.getFunction(launch.entry));
    unsigned kernel = 0;
    for (const DeviceGroup &group : groups) {
      Function *function = module.getFunction(group.name);
      unsigned number = group.isKernel() ? kernel++ : 0;
      if (!function)
        continue; // nobody calls it
      Function *stub =
          group.isKernel() ? kernelStub(group, *function, number) : hostStub(group, *function);
      redirect(*function, *stub, *entry);
      if (function->isDeclaration() && function->use_empty())
        function->eraseFromParent();
    }
    keepValid(*entry);
    return emitModel();
  }

private:
  FunctionCallee runtime(const char *name, ArrayRef<Type *> arguments) {
    return module.getOrInsertFunction((Twine("burin_rt_gpu_") + name).str(),
                                      FunctionType::get(half, arguments, false));
  }

  /// The same function with the context in front.
  Function *addContext(Function &old) {
    SmallVector<Type *> types{pointer};
    append_range(types, old.getFunctionType()->params());
    auto *type = FunctionType::get(old.getReturnType(), types, false);
    auto *fresh = Function::Create(type, old.getLinkage(), "", module);
    fresh->takeName(&old);
    fresh->splice(fresh->begin(), &old);
    for (auto [from, to] : zip(old.args(), drop_begin(fresh->args())))
      from.replaceAllUsesWith(&to);
    fresh->setDoesNotThrow();
    old.eraseFromParent();
    return fresh;
  }

  Function *startStub(const DeviceGroup &group, const Function &function, IRBuilder<> &builder) {
    SmallVector<Type *> types{pointer};
    append_range(types, function.getFunctionType()->params());
    auto *stub = Function::Create(FunctionType::get(half, types, false),
                                  GlobalValue::InternalLinkage, group.name + ".launch", module);
    stub->setDoesNotThrow();
    builder.SetInsertPoint(BasicBlock::Create(context, "", stub));
    return stub;
  }

  /// Elements or bytes of a buffer, given the group's index arguments.
  Value *sizeOf(const DeviceBuffer &buffer, uint64_t unit, const DeviceGroup &group, Function *stub,
                IRBuilder<> &builder) {
    if (buffer.isUnbounded)
      return builder.getInt64(uint64_t(1) << 40); // clipped to the buffer
    Value *size = builder.getInt64(buffer.bytes / unit);
    for (unsigned symbol : buffer.symbols)
      size = builder.CreateMul(size, stub->getArg(stub->arg_size() - group.symbols + symbol));
    return size;
  }

  /// Values in an array, as the launcher wants them.
  Function *kernelStub(const DeviceGroup &group, const Function &function, unsigned number) {
    IRBuilder<> builder(context);
    Function *stub = startStub(group, function, builder);
    unsigned count = function.arg_size();
    Value *values = builder.CreateAlloca(ArrayType::get(word, count));
    Value *parameters = builder.CreateAlloca(ArrayType::get(pointer, count));
    unsigned pointers = 0;
    for (auto [i, argument] : enumerate(drop_begin(stub->args()))) {
      pointers += argument.getType()->isPointerTy();
      Value *value = argument.getType()->isPointerTy() ? builder.CreatePtrToInt(&argument, word)
                                                       : builder.CreateZExt(&argument, word);
      builder.CreateStore(value, builder.CreateConstInBoundsGEP1_64(word, values, i));
    }
    Value *work = builder.getInt64(0);
    for (const DeviceBuffer &result : group.results) {
      Value *elements = sizeOf(result, result.elementBytes, group, stub, builder);
      work = builder.CreateSelect(builder.CreateICmpUGT(elements, work), elements, work);
    }
    // What the blocks of such kernels compute; each makes up for the threads of one.
    uint64_t threads = device.blockThreads;
    if (group.shape == KernelShape::Rows)
      work = builder.CreateMul(work, builder.getInt64(threads));
    else if (group.shape == KernelShape::Tiles) {
      Value *whole = builder.CreateAdd(
          builder.CreateUDiv(work, builder.getInt64(kTileRows * kTileColumns / threads)),
          builder.getInt64(threads));
      Value *edges = builder.CreateBinaryIntrinsic(Intrinsic::umin, work,
                                                   builder.getInt64(kEdgeBlocks * threads));
      work = builder.CreateBinaryIntrinsic(Intrinsic::umax, whole, edges);
    } else if (group.shape == KernelShape::Runs)
      work = builder.CreateBinaryIntrinsic(
          Intrinsic::umin,
          builder.CreateUDiv(builder.CreateAdd(work, builder.getInt64(kRunShare - 1)),
                             builder.getInt64(kRunShare)),
          builder.getInt64(kMaxRuns * threads));
    FunctionCallee start = runtime("launch", {pointer, half, word, pointer, pointer, half, half});
    builder.CreateRet(builder.CreateCall(start, {stub->getArg(0), builder.getInt32(number), work,
                                                 values, parameters, builder.getInt32(pointers),
                                                 builder.getInt32(count)}));
    return stub;
  }

  /// Operands to the host, the group, results to the device.
  Function *hostStub(const DeviceGroup &group, Function &function) {
    IRBuilder<> builder(context);
    Function *stub = startStub(group, function, builder);
    FunctionCallee toHost = runtime("to_host", {pointer, pointer, word});
    FunctionCallee toDevice = runtime("to_device", {pointer, pointer, word});
    Value *gpu = stub->getArg(0);
    auto leaveIf = [&](Value *status) {
      auto *fail = BasicBlock::Create(context, "", stub);
      auto *next = BasicBlock::Create(context, "", stub);
      builder.CreateCondBr(builder.CreateIsNotNull(status), fail, next);
      builder.SetInsertPoint(fail);
      builder.CreateRet(status);
      builder.SetInsertPoint(next);
    };
    auto move = [&](FunctionCallee how, const DeviceBuffer &buffer, unsigned argument) {
      Value *size = sizeOf(buffer, 1, group, stub, builder);
      leaveIf(builder.CreateCall(how, {gpu, stub->getArg(1 + argument), size}));
    };
    for (auto [i, input] : enumerate(group.inputs))
      move(toHost, input, i);
    SmallVector<Value *> arguments;
    for (Argument &argument : drop_begin(stub->args()))
      arguments.push_back(&argument);
    Value *called = builder.CreateCall(&function, arguments);
    if (group.hasScratch)
      leaveIf(builder.CreateSelect(builder.CreateIsNotNull(called),
                                   builder.getInt32(static_cast<int>(object::Status::Data)),
                                   builder.getInt32(0)));
    for (auto [i, result] : enumerate(group.results))
      move(toDevice, result, group.inputs.size() + i);
    builder.CreateRet(builder.getInt32(0));
    return stub;
  }

  /// Returns the status from the entry where it is an error.
  void leaveIf(Value *status, Instruction *before) {
    IRBuilder<> builder(before);
    Instruction *exit = SplitBlockAndInsertIfThen(builder.CreateIsNotNull(status), before,
                                                  /*Unreachable=*/true);
    ReturnInst::Create(context, status, exit->getIterator());
    exit->eraseFromParent();
  }

  void redirect(Function &function, Function &stub, Function &entry) {
    for (User *user : make_early_inc_range(function.users())) {
      auto *call = dyn_cast<CallInst>(user);
      if (!call || call->getFunction() != &entry)
        continue;
      SmallVector<Value *> arguments{entry.getArg(0)};
      append_range(arguments, call->args());
      IRBuilder<> builder(call);
      Value *status = builder.CreateCall(&stub, arguments);
      Instruction *next = call->getNextNode();
      if (!call->getType()->isVoidTy())
        call->replaceAllUsesWith(Constant::getNullValue(call->getType()));
      call->eraseFromParent();
      leaveIf(status, next);
    }
  }

  /// Bytes that the entry reads, writes and copies itself.
  void keepValid(Function &entry) {
    FunctionCallee toHost = runtime("to_host", {pointer, pointer, word});
    FunctionCallee toDevice = runtime("to_device", {pointer, pointer, word});
    FunctionCallee copy = runtime("copy", {pointer, pointer, pointer, word});
    Value *gpu = entry.getArg(0);
    const DataLayout &layout = module.getDataLayout();
    SmallVector<Instruction *> accesses;
    for (Instruction &instruction : instructions(entry))
      if (isa<LoadInst, StoreInst, MemTransferInst>(instruction))
        accesses.push_back(&instruction);
    for (Instruction *access : accesses) {
      IRBuilder<> builder(access);
      if (auto *load = dyn_cast<LoadInst>(access)) {
        Value *size = builder.getInt64(layout.getTypeStoreSize(load->getType()));
        leaveIf(builder.CreateCall(toHost, {gpu, load->getPointerOperand(), size}), load);
      } else if (auto *store = dyn_cast<StoreInst>(access)) {
        Instruction *next = store->getNextNode();
        builder.SetInsertPoint(next);
        Value *size =
            builder.getInt64(layout.getTypeStoreSize(store->getValueOperand()->getType()));
        leaveIf(builder.CreateCall(toDevice, {gpu, store->getPointerOperand(), size}), next);
      } else if (auto *transfer = dyn_cast<MemTransferInst>(access)) {
        Instruction *next = transfer->getNextNode();
        Value *size = builder.CreateZExtOrTrunc(transfer->getLength(), word);
        Value *status =
            builder.CreateCall(copy, {gpu, transfer->getRawDest(), transfer->getRawSource(), size});
        transfer->eraseFromParent();
        leaveIf(status, next);
      }
    }
  }

  Constant *text(StringRef value, const Twine &name) {
    Constant *data = ConstantDataArray::getString(context, value);
    auto *global = new GlobalVariable(module, data->getType(), /*isConstant=*/true,
                                      GlobalValue::PrivateLinkage, data, name);
    global->setUnnamedAddr(GlobalValue::UnnamedAddr::Global);
    return global;
  }

  Constant *table(Type *element, ArrayRef<Constant *> values, const Twine &name) {
    auto *type = ArrayType::get(element, values.size());
    return new GlobalVariable(module, type, /*isConstant=*/true, GlobalValue::PrivateLinkage,
                              ConstantArray::get(type, values), name);
  }

  /// burin_gpu_model of GpuLauncher.h.
  GlobalVariable *emitModel() {
    IRBuilder<> builder(context);
    std::string prefix = launch.prefix + "_gpu";
    std::vector<Constant *> names, weights;
    for (const std::string &name : kernelNames(groups))
      names.push_back(text(name, prefix + "_name"));
    auto *weightType = StructType::get(pointer, word, word);
    uint64_t offset = 0;
    for (const auto &[symbol, bytes] : launch.weights) {
      GlobalVariable *global = module.getGlobalVariable(symbol);
      if (!global)
        continue; // no group takes it
      weights.push_back(ConstantStruct::get(
          weightType, {global, builder.getInt64(bytes), builder.getInt64(offset)}));
      offset = alignTo(offset + bytes, 256);
    }
    unsigned chip = 0;
    StringRef(device.cpu)
        .drop_while([](char c) { return c != '_'; })
        .drop_front()
        .getAsInteger(10, chip);
    Constant *fields[] = {text(launch.ptx, prefix + "_ptx"),
                          table(pointer, names, prefix + "_names"),
                          table(weightType, weights, prefix + "_weights"),
                          builder.getInt64(offset),
                          builder.getInt32(names.size()),
                          builder.getInt32(weights.size()),
                          builder.getInt32(device.blockThreads),
                          builder.getInt32(chip)};
    auto *type = StructType::get(pointer, pointer, pointer, word, half, half, half, half);
    return new GlobalVariable(module, type, /*isConstant=*/true, GlobalValue::InternalLinkage,
                              ConstantStruct::get(type, fields), prefix + "_model");
  }

  Module &module;
  ArrayRef<DeviceGroup> groups;
  const Target &device;
  const HostLaunch &launch;
  LLVMContext &context;
  PointerType *pointer;
  IntegerType *word, *half;
};

} // namespace

GlobalVariable *launchGroups(Module &module, ArrayRef<DeviceGroup> groups, const Target &device,
                             const HostLaunch &launch) {
  return LaunchEmitter(module, groups, device, launch).run();
}

} // namespace burin
