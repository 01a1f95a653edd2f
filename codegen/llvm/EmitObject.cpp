//===- EmitObject.cpp - LLVM IR to an object file -------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/llvm/EmitObject.h"

#include "codegen/llvm/OrderCompares.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/Linker/Linker.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/IPO/Internalize.h"
#include "llvm/Transforms/Utils/Cloning.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

using namespace llvm;

namespace burin {

static constexpr StringLiteral kRuntimePrefix = "burin_rt_";

std::string findInstalled(StringRef name) {
  static int anchor;
  // Once: a build may replace the file while a long run goes on.
  static const std::string executable = sys::fs::getMainExecutable(nullptr, &anchor);
  SmallString<256> path(sys::path::parent_path(executable));
  sys::path::append(path, "..", "lib", "burin", name);
  return std::string(path);
}

std::string findRuntimeBitcode(const Target &target) {
  return findInstalled("runtime/" + target.runtimeFolder + "/burin_rt.bc");
}

/// Links what the module declares and the runtime library has, as internal functions.
static Error linkDeclared(Module &module, const Target &target, const EmitOptions &options) {
  std::string path =
      options.runtimeBitcode.empty() ? findRuntimeBitcode(target) : options.runtimeBitcode;
  auto buffer = MemoryBuffer::getFile(path);
  if (!buffer)
    return createStringError(buffer.getError(), "cannot read the runtime library " + path);
  auto runtime = getOwningLazyBitcodeModule(std::move(*buffer), module.getContext());
  if (!runtime)
    return runtime.takeError();
  (*runtime)->setTargetTriple(module.getTargetTriple());
  (*runtime)->setDataLayout(module.getDataLayout());
  auto internalize = [](Module &linked, const StringSet<> &added) {
    internalizeModule(linked, [&](const GlobalValue &value) {
      return !value.hasName() || !added.contains(value.getName());
    });
  };
  if (Linker::linkModules(module, std::move(*runtime), Linker::LinkOnlyNeeded, internalize))
    return createStringError(inconvertibleErrorCode(), "cannot link the runtime library " + path);
  return Error::success();
}

static Error linkRuntime(Module &module, const Target &target, const EmitOptions &options) {
  bool needed = any_of(module, [](const Function &function) {
    return function.isDeclaration() && function.getName().starts_with(kRuntimePrefix);
  });
  if (!needed)
    return Error::success();
  if (Error failure = linkDeclared(module, target, options))
    return failure;
  for (const Function &function : module)
    if (function.isDeclaration() && function.getName().starts_with(kRuntimePrefix) &&
        !function.use_empty())
      return createStringError(inconvertibleErrorCode(),
                               "internal error: the runtime library lacks " + function.getName());
  return Error::success();
}

/// The header's stack bound counts frames, so no frame may grow while it runs.
static Error checkStack(const Module &module) {
  for (const Function &function : module)
    for (const BasicBlock &block : function)
      for (const Instruction &instruction : block)
        if (const auto *memory = dyn_cast<AllocaInst>(&instruction);
            memory && !memory->isStaticAlloca())
          return createStringError(inconvertibleErrorCode(),
                                   "internal error: stack memory of run-time size in " +
                                       function.getName());
  return Error::success();
}

/// All functions for the same CPU, or they would not inline into each other.
static void setTargetAttributes(Module &module, const Target &target, bool small) {
  for (Function &function : module) {
    if (function.isDeclaration())
      continue;
    function.removeFnAttr("tune-cpu");
    function.addFnAttr("target-cpu", target.cpu);
    function.removeFnAttr("target-features");
    if (!target.features.empty())
      function.addFnAttr("target-features", target.features);
    if (target.vectorBits >= 512)
      function.addFnAttr("prefer-vector-width", std::to_string(target.vectorBits));
    function.addFnAttr(Attribute::NoUnwind);
    function.removeFnAttr(Attribute::UWTable);
    if (small)
      function.addFnAttr(Attribute::OptimizeForSize);
  }
  // Padding costs flash, and no load needs more.
  for (GlobalVariable &global : module.globals())
    if (small && !global.isDeclaration() && global.getAlign().valueOrOne() > target.arenaAlignment)
      global.setAlignment(Align(target.arenaAlignment));
}

/// Gives the module a probe of its own, named so that nothing clashes.
static void addStackProbe(Module &module, const Target &target) {
  if (target.stackProbe.empty())
    return;
  std::string name = "burin_stack_probe", text = target.stackProbe;
  for (size_t at = 0; (at = text.find("{name}", at)) != std::string::npos;)
    text.replace(at, 6, name);
  module.appendModuleInlineAsm(text);
  for (Function &function : module)
    if (!function.isDeclaration())
      function.addFnAttr("probe-stack", name);
}

/// No library function exists but these three.
static TargetLibraryInfoImpl libraryInfo(const Module &module) {
  TargetLibraryInfoImpl info(Triple(module.getTargetTriple()));
  info.disableAllFunctions();
  for (LibFunc function : {LibFunc_memcpy, LibFunc_memmove, LibFunc_memset})
    info.setAvailable(function);
  return info;
}

static void optimize(Module &module, TargetMachine &machine, const Target &target, unsigned level,
                     bool small) {
  PipelineTuningOptions tuning;
  tuning.LoopVectorization = tuning.SLPVectorization = level >= 2 && target.vectorBits > 32;
  tuning.LoopUnrolling = !small;
  PassBuilder builder(&machine, tuning);
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager callGraph;
  ModuleAnalysisManager modules;
  functions.registerPass([&] { return TargetLibraryAnalysis(libraryInfo(module)); });
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(callGraph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, callGraph, modules);
  const OptimizationLevel levels[] = {OptimizationLevel::O0, OptimizationLevel::O1,
                                      OptimizationLevel::O2, OptimizationLevel::O3};
  OptimizationLevel chosen = levels[std::min(level, 3u)];
  ModulePassManager passes = level == 0 ? builder.buildO0DefaultPipeline(chosen)
                                        : builder.buildPerModuleDefaultPipeline(chosen);
  passes.run(module, modules);
}

static Expected<SmallVector<char, 0>> generate(Module &module, TargetMachine &machine,
                                               CodeGenFileType type) {
  SmallVector<char, 0> bytes;
  raw_svector_ostream stream(bytes);
  legacy::PassManager passes;
  passes.add(new TargetLibraryInfoWrapperPass(libraryInfo(module)));
  if (machine.addPassesToEmitFile(passes, stream, nullptr, type))
    return createStringError(inconvertibleErrorCode(), "target cannot emit this kind of file");
  passes.run(module);
  return bytes;
}

/// Links the helpers that the code generator calls where an instruction is missing
/// (runtime-lib/Helpers.c). Which these are is known once code is there, so that
/// some is made for it; helpers may need helpers.
static Error linkHelpers(Module &module, TargetMachine &machine, const Target &target,
                         const EmitOptions &options, bool small) {
  StringSet<> tried;
  for (bool grows = true; grows;) {
    grows = false;
    std::unique_ptr<Module> trial = CloneModule(module);
    auto code = generate(*trial, machine, CodeGenFileType::ObjectFile);
    if (!code)
      return code.takeError();
    auto missing = undefinedSymbols(*code);
    if (!missing)
      return missing.takeError();
    auto *type = FunctionType::get(Type::getVoidTy(module.getContext()), false);
    std::vector<std::string> wanted;
    for (const std::string &name : *missing)
      if (!module.getNamedValue(name) && tried.insert(name).second) {
        module.getOrInsertFunction(name, type);
        wanted.push_back(name);
      }
    if (wanted.empty())
      return Error::success();
    if (Error failure = linkDeclared(module, target, options))
      return failure;
    SmallVector<GlobalValue *> helpers;
    for (const std::string &name : wanted) {
      Function *function = module.getFunction(name);
      if (function->isDeclaration()) {
        function->eraseFromParent();
        continue;
      }
      helpers.push_back(function);
      grows = true;
    }
    appendToCompilerUsed(module, helpers);
    setTargetAttributes(module, target, small);
  }
  return Error::success();
}

Expected<SmallVector<char, 0>> emitModule(Module &module, const Target &target,
                                          const EmitOptions &options) {
  static constexpr CodeGenOptLevel kLevels[] = {CodeGenOptLevel::None, CodeGenOptLevel::Less,
                                                CodeGenOptLevel::Default,
                                                CodeGenOptLevel::Aggressive};
  std::string error;
  std::unique_ptr<TargetMachine> machine =
      createTargetMachine(target, kLevels[std::min(options.optLevel, 3u)], error);
  if (!machine)
    return createStringError(inconvertibleErrorCode(), error);
  module.setTargetTriple(target.triple);
  module.setDataLayout(machine->createDataLayout());
  if (target.positionIndependent)
    module.setPICLevel(PICLevel::BigPIC);
  bool small = target.optimizeForSize && options.optLevel < 3;
  if (Error failure = linkRuntime(module, target, options))
    return std::move(failure);
  setTargetAttributes(module, target, small);
  if (Error failure = checkStack(module))
    return std::move(failure);
  addStackProbe(module, target);
  optimize(module, *machine, target, options.optLevel, small);
  if (target.invertsCompares)
    orderCompares(module);
  if (target.linksHelpers)
    if (Error failure = linkHelpers(module, *machine, target, options, small))
      return std::move(failure);
  if (options.beforeBackend)
    options.beforeBackend(module);
  if (options.kind == EmitKind::LLVMIR) {
    SmallVector<char, 0> bytes;
    raw_svector_ostream(bytes) << module;
    return bytes;
  }
  return generate(module, *machine,
                  options.kind == EmitKind::Object ? CodeGenFileType::ObjectFile
                                                   : CodeGenFileType::AssemblyFile);
}

Expected<std::vector<std::string>> undefinedSymbols(ArrayRef<char> object) {
  MemoryBufferRef buffer(StringRef(object.data(), object.size()), "object");
  auto file = object::ObjectFile::createObjectFile(buffer);
  if (!file)
    return file.takeError();
  std::vector<std::string> names;
  for (const object::SymbolRef &symbol : (*file)->symbols()) {
    Expected<uint32_t> flags = symbol.getFlags();
    if (!flags)
      return flags.takeError();
    if (!(*flags & object::SymbolRef::SF_Undefined))
      continue;
    Expected<StringRef> name = symbol.getName();
    if (!name)
      return name.takeError();
    if (!name->empty())
      names.push_back(name->str());
  }
  llvm::sort(names);
  return names;
}

} // namespace burin
