//===- DeviceModule.cpp - Kernels as a module of their own ----------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/gpu/DeviceModule.h"
#include "runtime-lib/GpuLauncher.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/DebugInfo.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/IntrinsicsNVPTX.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/Transforms/Utils/Cloning.h"

using namespace llvm;

namespace burin {

std::vector<std::string> kernelNames(ArrayRef<DeviceGroup> groups) {
  std::vector<std::string> names;
  for (const DeviceGroup &group : groups) {
    if (!group.isKernel())
      continue;
    // PTX has fewer characters for names than LLVM; the number keeps them apart.
    std::string name = "k" + std::to_string(names.size()) + "_" + group.name;
    for (char &c : name)
      if (!isAlnum(c))
        c = '_';
    names.push_back(std::move(name));
  }
  return names;
}

/// Declarations and data that nobody uses any more.
static void eraseUnused(Module &module) {
  for (bool changed = true; changed;) {
    changed = false;
    for (Function &function : make_early_inc_range(module))
      if (function.use_empty() && (function.isDeclaration() || function.hasLocalLinkage())) {
        function.eraseFromParent();
        changed = true;
      }
    for (GlobalVariable &global : make_early_inc_range(module.globals())) {
      global.removeDeadConstantUsers();
      if (global.use_empty() && (global.isDeclaration() || global.hasLocalLinkage())) {
        global.eraseFromParent();
        changed = true;
      }
    }
  }
}

static void makeKernel(Function &function, StringRef name, KernelShape shape,
                       const Target &device) {
  Module &module = *function.getParent();
  function.setName(name);
  function.setLinkage(GlobalValue::ExternalLinkage);
  function.setVisibility(GlobalValue::DefaultVisibility);
  function.setCallingConv(CallingConv::PTX_Kernel);
  function.removeFnAttr(Attribute::NoInline);
  LLVMContext &context = module.getContext();
  auto number = [&](unsigned value) {
    return ConstantAsMetadata::get(ConstantInt::get(Type::getInt32Ty(context), value));
  };
  NamedMDNode *annotations = module.getOrInsertNamedMetadata("nvvm.annotations");
  auto annotate = [&](StringRef key, unsigned value) {
    annotations->addOperand(MDNode::get(
        context, {ConstantAsMetadata::get(&function), MDString::get(context, key), number(value)}));
  };
  annotate("kernel", 1);
  // How many registers a thread may take: all that a block of this size leaves, or half of
  // them where blocks that wait for memory should have company.
  annotate("maxntidx", device.blockThreads);
  annotate("minctasm", shape == KernelShape::Tiles ? 2 : 1);
}

static std::optional<EmulatedRegister> registerOf(Intrinsic::ID id) {
  switch (id) {
  case Intrinsic::nvvm_read_ptx_sreg_tid_x:
    return EmulatedRegister::Thread;
  case Intrinsic::nvvm_read_ptx_sreg_ctaid_x:
    return EmulatedRegister::Block;
  case Intrinsic::nvvm_read_ptx_sreg_ntid_x:
    return EmulatedRegister::BlockThreads;
  case Intrinsic::nvvm_read_ptx_sreg_nctaid_x:
    return EmulatedRegister::Blocks;
  default:
    return std::nullopt;
  }
}

/// The target's description of a matrix instruction; null for other calls.
static const MatrixUnit *unitOf(const CallBase &call, const Target &device) {
  const Function *callee = call.getCalledFunction();
  if (!callee || !callee->isIntrinsic())
    return nullptr;
  for (const MatrixUnit &unit : device.matrixUnits)
    if (unit.intrinsic == callee->getName())
      return &unit;
  return nullptr;
}

/// What the launcher starts (GpuLauncher.h): LLVM then computes what it can of the indices in
/// 32 bits.
static void boundRegisters(Module &module, const Target &device) {
  MDBuilder builder(module.getContext());
  auto range = [&](uint64_t low, uint64_t high) { // high excluded
    return builder.createRange(APInt(32, low), APInt(32, high));
  };
  for (Function &function : module)
    for (Instruction &instruction : instructions(function)) {
      auto *call = dyn_cast<IntrinsicInst>(&instruction);
      auto which = call ? registerOf(call->getIntrinsicID()) : std::nullopt;
      if (!which)
        continue;
      uint64_t low = 0, high = 0;
      switch (*which) {
      case EmulatedRegister::Thread:
        high = device.blockThreads;
        break;
      case EmulatedRegister::Block:
        high = BURIN_GPU_MAX_BLOCKS;
        break;
      case EmulatedRegister::BlockThreads:
        low = device.blockThreads;
        high = low + 1;
        break;
      case EmulatedRegister::Blocks:
        low = 1;
        high = BURIN_GPU_MAX_BLOCKS + 1;
        break;
      }
      call->setMetadata(LLVMContext::MD_range, range(low, high));
    }
}

/// LLVM takes matrix instructions for arithmetic of one thread, which may move below a
/// branch on the thread.
static void keepTogether(Module &module, const Target &device) {
  for (Function &function : module)
    for (Instruction &instruction : instructions(function))
      if (auto *call = dyn_cast<CallBase>(&instruction); call && unitOf(*call, device))
        call->setConvergent();
}

std::unique_ptr<Module> splitDevice(Module &module, ArrayRef<DeviceGroup> groups,
                                    const Target &device) {
  SmallPtrSet<const GlobalValue *, 32> kernels;
  for (const DeviceGroup &group : groups)
    if (group.isKernel())
      kernels.insert(module.getFunction(group.name));
  ValueToValueMapTy map;
  std::unique_ptr<Module> result = CloneModule(module, map, [&](const GlobalValue *value) {
    return isa<GlobalVariable>(value) || kernels.contains(value);
  });
  std::vector<std::string> names = kernelNames(groups);
  size_t next = 0;
  for (const DeviceGroup &group : groups)
    if (group.isKernel())
      makeKernel(*result->getFunction(group.name), names[next++], group.shape, device);
  // Debug locations are for the host; PTX would become a debug build.
  StripDebugInfo(*result);
  eraseUnused(*result);
  keepTogether(*result, device);
  boundRegisters(*result, device);
  for (const DeviceGroup &group : groups)
    if (group.isKernel())
      module.getFunction(group.name)->deleteBody();
  eraseUnused(module);
  return result;
}

//===----------------------------------------------------------------------===//
// On the host
//===----------------------------------------------------------------------===//

/// Words in memory: four of the left factor, two of the right one, four sums.
static void replaceProduct(IntrinsicInst &call, FunctionCallee multiply, unsigned site,
                           unsigned unit, unsigned leftWords) {
  IRBuilder<> builder(&*call.getFunction()->getEntryBlock().begin());
  Type *word = builder.getInt32Ty();
  Value *words = builder.CreateAlloca(word, builder.getInt32(10));
  builder.SetInsertPoint(&call);
  auto slot = [&](unsigned number) {
    return builder.CreateConstInBoundsGEP1_32(word, words, number);
  };
  unsigned factors = call.arg_size() - 4;
  for (auto [i, operand] : enumerate(call.args())) {
    unsigned number = i < leftWords ? i : i < factors ? 4 + i - leftWords : 6 + i - factors;
    builder.CreateStore(operand, slot(number));
  }
  builder.CreateCall(multiply, {builder.getInt32(site), builder.getInt32(unit), words});
  Value *result = PoisonValue::get(call.getType());
  for (unsigned i = 0; i < 4; ++i) {
    Type *type = cast<StructType>(call.getType())->getElementType(i);
    result = builder.CreateInsertValue(result, builder.CreateLoad(type, slot(6 + i)), i);
  }
  call.replaceAllUsesWith(result);
  call.eraseFromParent();
}

static void replaceIntrinsics(Module &module, const Target &device) {
  LLVMContext &context = module.getContext();
  Type *word = Type::getInt32Ty(context);
  FunctionCallee readRegister = module.getOrInsertFunction("burin_emu_register", word, word);
  FunctionCallee barrier =
      module.getOrInsertFunction("burin_emu_barrier", Type::getVoidTy(context), word);
  FunctionCallee multiply = module.getOrInsertFunction(
      "burin_emu_multiply", Type::getVoidTy(context), word, word, PointerType::getUnqual(context));
  for (FunctionCallee meeting : {barrier, multiply})
    cast<Function>(meeting.getCallee())->addFnAttr(Attribute::NoDuplicate);
  unsigned sites = 0;
  for (Function &function : module)
    for (Instruction &instruction : make_early_inc_range(instructions(function))) {
      auto *call = dyn_cast<IntrinsicInst>(&instruction);
      if (!call)
        continue;
      IRBuilder<> builder(call);
      if (auto which = registerOf(call->getIntrinsicID())) {
        Value *value =
            builder.CreateCall(readRegister, builder.getInt32(static_cast<unsigned>(*which)));
        call->replaceAllUsesWith(value);
        call->eraseFromParent();
      } else if (call->getIntrinsicID() == Intrinsic::nvvm_barrier0) {
        builder.CreateCall(barrier, builder.getInt32(sites++));
        call->eraseFromParent();
      } else if (const MatrixUnit *unit = unitOf(*call, device)) {
        // Twice as many words on the left as on the right.
        replaceProduct(*call, multiply, sites++, unit - device.matrixUnits.data(),
                       (call->arg_size() - 4) / 3 * 2);
      }
    }
}

/// `void k.emulated(ptr parameters)`.
static void addTrampoline(Function &kernel) {
  Module &module = *kernel.getParent();
  LLVMContext &context = module.getContext();
  auto *pointer = PointerType::getUnqual(context);
  auto *function =
      Function::Create(FunctionType::get(Type::getVoidTy(context), pointer, false),
                       GlobalValue::ExternalLinkage, kernel.getName() + ".emulated", module);
  IRBuilder<> builder(BasicBlock::Create(context, "", function));
  SmallVector<Value *> arguments;
  for (Argument &argument : kernel.args()) {
    Value *where =
        builder.CreateLoad(pointer, builder.CreateConstInBoundsGEP1_64(pointer, function->getArg(0),
                                                                       argument.getArgNo()));
    arguments.push_back(builder.CreateLoad(argument.getType(), where));
  }
  builder.CreateCall(&kernel, arguments);
  builder.CreateRetVoid();
}

/// The blocks' memory: one copy, as blocks run after each other.
static void listSharedMemory(Module &module) {
  LLVMContext &context = module.getContext();
  auto *pointer = PointerType::getUnqual(context);
  auto *size = Type::getInt64Ty(context);
  auto *entry = StructType::get(pointer, size);
  std::vector<Constant *> entries;
  for (GlobalVariable &global : module.globals()) {
    if (global.getAddressSpace() != 3)
      continue;
    global.setInitializer(Constant::getNullValue(global.getValueType()));
    entries.push_back(ConstantStruct::get(
        entry,
        {ConstantExpr::getAddrSpaceCast(&global, pointer),
         ConstantInt::get(size, module.getDataLayout().getTypeAllocSize(global.getValueType()))}));
  }
  entries.push_back(Constant::getNullValue(entry));
  auto *type = ArrayType::get(entry, entries.size());
  new GlobalVariable(module, type, /*isConstant=*/true, GlobalValue::ExternalLinkage,
                     ConstantArray::get(type, entries), "burin_emu_shared");
}

std::unique_ptr<Module> emulatedForm(const Module &kernelModule, const Target &device) {
  std::unique_ptr<Module> module = CloneModule(kernelModule);
  SmallVector<Function *> kernels;
  for (Function &function : *module) {
    if (function.getCallingConv() == CallingConv::PTX_Kernel) {
      function.setCallingConv(CallingConv::C);
      kernels.push_back(&function);
    }
    function.removeFnAttr("target-cpu");
    function.removeFnAttr("target-features");
  }
  if (NamedMDNode *annotations = module->getNamedMetadata("nvvm.annotations"))
    module->eraseNamedMetadata(annotations);
  replaceIntrinsics(*module, device);
  listSharedMemory(*module);
  for (Function *kernel : kernels)
    addTrampoline(*kernel);
  return module;
}

} // namespace burin
