//===- Compile.cpp - The way of a model, step by step ---------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// The whole compiler in one file: read it from top to bottom. A model is imported,
// simplified while it is still tensors, cut into groups whose memory is planned, lowered
// to loops, and written as a library. `burin compile --trace` prints these steps as they
// run, `--emit mlir=STEP` shows the IR after any of them.
//
//===----------------------------------------------------------------------===//

#include "compiler/driver/Compile.h"

#include "codegen/entry/LowerEntry.h"
#include "codegen/entry/RunFunction.h"
#include "codegen/gpu/DeviceModule.h"
#include "codegen/gpu/HostLaunch.h"
#include "codegen/kernels/SelectKernels.h"
#include "codegen/llvm/EmitObject.h"
#include "codegen/llvm/LowerToLLVM.h"
#include "codegen/lowering/LowerGroups.h"
#include "codegen/object/Descriptor.h"
#include "codegen/object/Library.h"
#include "codegen/object/OutputSet.h"
#include "codegen/object/PlaceSections.h"
#include "codegen/object/StackBound.h"
#include "compiler/driver/DiagnosticPrinter.h"
#include "compiler/driver/ModelDescription.h"
#include "compiler/driver/Oracle.h"
#include "compiler/driver/Trace.h"
#include "compiler/importer/Importer.h"
#include "dialects/kernel/Kernel.h"
#include "dialects/nn/interpreter/Tensor.h"
#include "passes/Passes.h"
#include "passes/memory/ArenaPlan.h"
#include "runtime-lib/GpuLauncher.h"
#include "targets/Target.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/TargetParser/Triple.h"

#include <fmt/format.h>

using namespace burin;
using namespace mlir;

llvm::StringRef burin::burinVersion() { return BURIN_VERSION; }

//===----------------------------------------------------------------------===//
// What a compilation keeps between its steps
//===----------------------------------------------------------------------===//

struct Compilation::State {
  State(CompileOptions given, Diagnostics &diagnostics)
      : options(std::move(given)), diagnostics(diagnostics), context(makeRegistry(), kThreading),
        printer(&context, diagnostics), trace(options.trace, options.stopAfter) {
    // Steps that are no passes have nobody who loads their dialects.
    context.loadAllAvailableDialects();
  }

  /// Compilations are short and run beside each other: a thread pool costs more than
  /// it gives.
  static constexpr auto kThreading = MLIRContext::Threading::DISABLED;
  static DialectRegistry makeRegistry() {
    DialectRegistry registry;
    registerLLVMLowering(registry);
    registry.insert<arith::ArithDialect, func::FuncDialect, memref::MemRefDialect,
                    kernel::KernelDialect, nn::NNDialect, scf::SCFDialect, tensor::TensorDialect,
                    vector::VectorDialect>();
    return registry;
  }
  LogicalResult fail(const llvm::Twine &text) {
    diagnostics.error(llvm::sys::path::filename(options.modelPath), text);
    return failure();
  }
  LogicalResult check(llvm::Error error) {
    return error ? fail(llvm::toString(std::move(error))) : success();
  }
  /// Runs passes, unless the wanted step was reached already.
  LogicalResult runPasses(llvm::function_ref<void(PassManager &)> add);
  LogicalResult emitModule(EmitKind kind, llvm::SmallVector<char, 0> &code);
  LogicalResult emitDevice(llvm::Module &host, llvm::GlobalVariable *&gpuModel);
  LogicalResult emitEmulated(const llvm::Module &device);
  llvm::Error writeDepfile(object::OutputSet &outputs, llvm::StringRef library) const;

  CompileOptions options;
  Diagnostics &diagnostics;
  MLIRContext context;
  DiagnosticPrinter printer;
  Trace trace;
  const Target *target = nullptr;

  std::shared_ptr<onnx::LoadedModel> loaded;
  OwningOpRef<ModuleOp> module;
  OwningOpRef<ModuleOp> imported; ///< as it was before the first pass, for the oracle
  bool simplified = false, lowered = false;

  object::ModelInterface interface;
  LoweredEntry entry;
  std::vector<nn::Tensor> constants; ///< keep the bytes of `weights` alive
  std::vector<object::WeightConstant> weights;
  llvm::SmallVector<char, 0> modelObject;
  object::ObjectFormat format;           ///< of modelObject
  std::vector<DeviceGroup> deviceGroups; ///< of a GPU target
  std::vector<std::string> kernels;
  llvm::SmallVector<char, 0> ptx, emulatedObject;
  bool overBudget = false;
};

Compilation::Compilation(CompileOptions options, Diagnostics &diagnostics)
    : state(std::make_unique<State>(std::move(options), diagnostics)) {}
Compilation::~Compilation() = default;

LogicalResult Compilation::State::runPasses(llvm::function_ref<void(PassManager &)> add) {
  if (trace.reached())
    return success();
  PassManager passes(&context, ModuleOp::getOperationName());
  add(passes);
  trace.attach(passes);
  if (succeeded(passes.run(*module)))
    return success();
  return diagnostics.hasErrors() ? failure() : fail("a pass failed without a message");
}

//===----------------------------------------------------------------------===//
// The story
//===----------------------------------------------------------------------===//

/// Reads the file and turns its nodes into nn ops: ONNX's versions and composite
/// operators end here. All problems of a model are reported together.
LogicalResult Compilation::import() {
  State &s = *state;
  if (s.module)
    return success();
  ImportOptions importOptions;
  std::string error;
  for (const std::string &dim : s.options.dims)
    if (!importOptions.addDim(dim, error))
      return s.fail("--dim " + error);
  for (const std::string &shape : s.options.shapes)
    if (!importOptions.addShape(shape, error))
      return s.fail("--shape " + error);
  s.target = findTarget(s.options.target);
  if (!s.target)
    return s.fail(unknownTargetMessage(s.options.target));

  // A module of nn ops as text, for tests and for looking into single steps.
  if (llvm::sys::path::extension(s.options.modelPath) == ".mlir")
    return s.trace.step("parse", nullptr, [&]() -> Operation * {
      s.module = parseSourceFile<ModuleOp>(s.options.modelPath, &s.context);
      if (s.module && !s.module->lookupSymbol<func::FuncOp>("main")) {
        (void)s.fail("has no function @main");
        return nullptr;
      }
      return s.module ? s.module->getOperation() : nullptr;
    });

  if (failed(s.trace.stepWithoutIR("load", [&] {
        s.loaded = onnx::LoadedModel::load(s.options.modelPath, s.diagnostics);
        return success(s.loaded != nullptr);
      })))
    return failure();
  return s.trace.step("import", nullptr, [&]() -> Operation * {
    s.module = importModel(s.context, *s.loaded, importOptions);
    return s.module ? s.module->getOperation() : nullptr;
  });
}

/// Learns all it can while the model is a graph of tensors.
LogicalResult Compilation::importAndSimplify() {
  State &s = *state;
  if (failed(import()) || s.simplified)
    return failure(!s.module);
  // The oracle must not depend on the passes that it checks. Constants are shared.
  s.imported = s.module->clone();
  s.simplified = true;
  return s.runPasses([&](PassManager &passes) {
    // Types and sizes first: most rewrites need them.
    passes.addPass(createInferShapes());
    // Subgraphs of constants vanish, shape arithmetic and repacked weights with them.
    passes.addNestedPass<func::FuncOp>(createFoldConstants());
    passes.addPass(createCanonicalizerPass());
    passes.addPass(createCSEPass());
    // Transposes sink to where they vanish, so that the patterns behind see through them.
    passes.addNestedPass<func::FuncOp>(createCanonicalizeMovement());
    // What exporters spelled out becomes one op again; batch normalisation disappears in
    // weights. Both round differently from the nodes as they are written.
    if (!s.options.exact) {
      passes.addNestedPass<func::FuncOp>(createRecognizeActivation());
      passes.addNestedPass<func::FuncOp>(createRecognizeSoftmax());
      passes.addNestedPass<func::FuncOp>(createRecognizeNormalize());
      passes.addNestedPass<func::FuncOp>(createFoldAffine());
    }
    passes.addNestedPass<func::FuncOp>(createFoldPad());
    // Quantised layers compute in integers.
    passes.addNestedPass<func::FuncOp>(createQuantizeCompute());
    // Composite ops without a kernel of their own become loops and products.
    passes.addNestedPass<func::FuncOp>(createExpandRnn());
    passes.addNestedPass<func::FuncOp>(createExpandAttention());
    passes.addNestedPass<func::FuncOp>(createExpandConvTranspose());
    // Channels go last, where the kernels want them.
    passes.addNestedPass<func::FuncOp>(createLayoutNhwc());
    // That made new shapes and constants.
    passes.addPass(createInferShapes());
    passes.addNestedPass<func::FuncOp>(createFoldConstants());
    passes.addPass(createCanonicalizerPass());
    passes.addPass(createCSEPass());
  });
}

/// Cuts the graph into groups, one function each, gives every value between them its
/// place in the arena, and lowers groups and entry to loops and pointers.
LogicalResult Compilation::lower() {
  State &s = *state;
  if (s.lowered)
    return success();
  if (failed(importAndSimplify()) || failed(s.runPasses([](PassManager &passes) {
        passes.addPass(createAdoptFolded());
        passes.addPass(createPackBorders());
        passes.addPass(createFormGroups());
      })))
    return failure();
  if (s.trace.reached())
    return success();
  describeGroups(*s.module, s.interface);
  // The heavy groups that have a named kernel get their weights packed for it. A GPU takes
  // all groups that it can.
  if (failed(s.trace.step("select-kernels", *s.module, [&]() -> Operation * {
        if (s.target->device)
          s.deviceGroups = chooseDeviceGroups(*s.module);
        else
          selectKernels(*s.module, *s.target);
        return s.module->getOperation();
      })))
    return failure();
  if (s.trace.reached())
    return success();

  object::ModelInterface &model = s.interface;
  llvm::StringRef stem = llvm::sys::path::stem(s.options.modelPath);
  model.name = s.options.name.empty() ? object::makeIdentifier(stem) : s.options.name;
  model.compilerVersion = burinVersion().str();
  model.target = s.target->name;
  model.options = fmt::format("-O{}{}", s.options.optLevel, s.options.exact ? " --exact" : "");
  model.arenaAlignment = s.target->arenaAlignment;

  auto entry = s.module->lookupSymbol<func::FuncOp>("main");
  nn::DimContext dims;
  nn::SymbolicShapes shapes(entry, dims);
  if (failed(describeBorder(entry, shapes, model)))
    return failure();
  s.kernels = kernelNames(s.deviceGroups);
  for (auto [info, group] : llvm::zip(model.groups, s.deviceGroups))
    info.hostReason = group.hostReason;
  if (s.target->device)
    model.gpuContextBytes =
        BURIN_GPU_CONTEXT_BYTES(s.kernels.size(), 1 + model.inputs.size() + model.outputs.size());

  if (failed(s.trace.step("plan-arena", *s.module, [&]() -> Operation * {
        auto plan = ArenaPlan::compute(entry, shapes, s.target->arenaAlignment);
        if (failed(plan))
          return nullptr;
        describeArena(*plan, model);
        auto loweredEntry = lowerEntry(entry, *plan, shapes, model.name, s.target->pointerBits);
        if (failed(loweredEntry))
          return nullptr;
        s.entry = std::move(*loweredEntry);
        return s.module->getOperation();
      })))
    return failure();
  for (const WeightConstant &weight : s.entry.weights) {
    const nn::Tensor &tensor = s.constants.emplace_back(nn::Tensor::fromAttr(weight.value));
    uint64_t alignment = std::min(64U, s.target->arenaAlignment);
    s.weights.push_back({weight.symbol, alignment, {tensor.data(), tensor.byteSize()}});
  }
  model.weightsBytes = object::weightsSectionSize(s.weights);
  uint64_t arena = model.arenaBytes.value_or(0);
  if (uint64_t reach = uint64_t(1) << (s.target->pointerBits - 1);
      arena >= reach || model.weightsBytes >= reach - arena)
    return s.fail(fmt::format("an arena of {} bytes and {} bytes of weights are more than "
                              "'{}' addresses",
                              arena, model.weightsBytes, s.target->name));
  s.lowered = true;
  return s.runPasses([&](PassManager &passes) {
    GroupOptions device = GroupOptions::of(s.target->device ? *s.target->device : *s.target);
    // They sum up floats in an order and a rounding of their own.
    if (s.options.exact)
      llvm::erase_if(device.matrixUnits, [](const MatrixUnit &unit) { return unit.sumsFloats(); });
    passes.addPass(createLowerGroupsPass(GroupOptions::of(*s.target), device));
    passes.addPass(createCanonicalizerPass());
    passes.addPass(createCSEPass());
  });
}

/// Kernels go to a module of their own and into the host's as PTX.
LogicalResult Compilation::State::emitDevice(llvm::Module &host, llvm::GlobalVariable *&gpuModel) {
  const Target &device = *target->device;
  std::unique_ptr<llvm::Module> kernelModule = splitDevice(host, deviceGroups, device);
  if (options.editKernels)
    options.editKernels(*kernelModule);
  EmitOptions emitOptions;
  emitOptions.optLevel = std::max(options.optLevel, 1u);
  emitOptions.kind = EmitKind::Assembly;
  bool good = true;
  if (options.emulate)
    emitOptions.beforeBackend = [&](const llvm::Module &optimized) {
      good = succeeded(emitEmulated(optimized));
    };
  auto emitted = burin::emitModule(*kernelModule, device, emitOptions);
  if (!emitted)
    return check(emitted.takeError());
  ptx = std::move(*emitted);
  HostLaunch launch{entry.runName, interface.name, {ptx.data(), ptx.size()}, {}};
  for (const object::WeightConstant &weight : weights)
    launch.weights.emplace_back(weight.symbol, weight.bytes.size());
  gpuModel = launchGroups(host, deviceGroups, device, launch);
  return success(good);
}

/// The same kernels for this machine.
LogicalResult Compilation::State::emitEmulated(const llvm::Module &device) {
  const Target *host = findTarget("native");
  if (!host)
    return fail("kernels cannot be emulated on this machine");
  std::unique_ptr<llvm::Module> form = emulatedForm(device, *target->device);
  EmitOptions emitOptions;
  emitOptions.optLevel = 1;
  auto emitted = burin::emitModule(*form, *host, emitOptions);
  if (!emitted)
    return check(emitted.takeError());
  emulatedObject = std::move(*emitted);
  return success();
}

/// Hands the loops to LLVM, which links in what they need of the runtime library,
/// optimises, and makes machine code in memory.
LogicalResult Compilation::State::emitModule(EmitKind kind, llvm::SmallVector<char, 0> &code) {
  llvm::LLVMContext llvmContext;
  std::unique_ptr<llvm::Module> llvmModule;
  if (failed(trace.stepWithoutIR("translate", [&] {
        llvmModule = translateToLLVM(*module, llvmContext, *target);
        return success(llvmModule != nullptr);
      })))
    return failure();
  llvmModule->setModuleIdentifier(interface.name);
  llvmModule->setSourceFileName(interface.name);
  llvm::GlobalVariable *gpuModel = nullptr;
  if (target->device &&
      failed(trace.stepWithoutIR("emit-device", [&] { return emitDevice(*llvmModule, gpuModel); })))
    return failure();
  emitRunFunctions(*llvmModule, interface, entry, gpuModel);
  if (failed(check(object::emitDescriptor(*llvmModule, interface))))
    return failure();
  return trace.stepWithoutIR("emit", [&]() -> LogicalResult {
    EmitOptions emitOptions;
    emitOptions.optLevel = options.optLevel;
    emitOptions.kind = kind;
    auto emitted = burin::emitModule(*llvmModule, *target, emitOptions);
    if (!emitted)
      return check(emitted.takeError());
    code = std::move(*emitted);
    if (kind != EmitKind::Object)
      return success();
    auto bound =
        object::stackBound(*llvmModule, {code.data(), code.size()}, interface.name + "_run");
    if (!bound)
      return check(bound.takeError());
    if (*bound)
      interface.stackBytes = (*bound)->bytes;
    if (target->hosted || !llvm::Triple(target->triple).isOSBinFormatELF())
      return success();
    auto placed = object::placeSections({code.data(), code.size()}, interface.name);
    if (!placed)
      return check(placed.takeError());
    code = std::move(*placed);
    return success();
  });
}

LogicalResult Compilation::compileToObject() {
  State &s = *state;
  if (!s.modelObject.empty())
    return success();
  if (failed(lower()))
    return failure();
  auto file = llvm::MemoryBuffer::getFile(s.options.modelPath, /*IsText=*/false,
                                          /*RequiresNullTerminator=*/false);
  if (!file)
    return s.fail(file.getError().message());
  s.interface.modelHash = object::sha256((*file)->getBuffer());
  if (failed(s.emitModule(EmitKind::Object, s.modelObject)))
    return failure();
  llvm::StringRef modelObject(s.modelObject.data(), s.modelObject.size());
  auto format = object::readFormat(modelObject);
  if (!format)
    return s.check(format.takeError());
  s.format = *format;
  return s.check(describeFlash(modelObject, s.interface));
}

/// Sizes are known before anything is written.
LogicalResult Compilation::checkBudgets() {
  State &s = *state;
  auto over = [&](llvm::StringRef what, std::optional<uint64_t> size,
                  std::optional<uint64_t> budget) {
    if (!budget || (size && *size <= *budget))
      return;
    s.overBudget = true;
    std::string is = size ? fmt::format("{}", *size) : "unbounded";
    (void)s.fail(fmt::format("{} is {}, over the budget of {}", what.str(), is, *budget));
  };
  uint64_t flash = 0, macs = 0;
  for (const auto &[kind, bytes] : s.interface.flash)
    flash += bytes;
  for (const object::GroupInfo &group : s.interface.groups)
    macs += group.macs;
  over("the arena", s.interface.arenaBytes, s.options.maxRam);
  over("flash", flash, s.options.maxFlash);
  over("the number of multiplications", macs, s.options.maxMacs);
  return failure(s.overBudget);
}

/// A path as make reads it.
static std::string escapedForMake(llvm::StringRef path) {
  std::string text;
  for (char c : path) {
    if (c == ' ' || c == '#')
      text += '\\';
    text += c == '$' ? "$$" : std::string(1, c);
  }
  return text;
}

/// `library: model data...`
llvm::Error Compilation::State::writeDepfile(object::OutputSet &outputs,
                                             llvm::StringRef library) const {
  auto file = outputs.open(options.depfile);
  if (!file)
    return file.takeError();
  *file << escapedForMake(library) << ": " << escapedForMake(options.modelPath);
  for (const std::string &path : loaded ? loaded->dataFiles() : std::vector<std::string>())
    *file << " \\\n  " << escapedForMake(path);
  *file << '\n';
  return llvm::Error::success();
}

/// Writes all files or none.
LogicalResult Compilation::write(Emit what, llvm::StringRef folder) {
  State &s = *state;
  llvm::SmallVector<char, 0> code;
  std::string text, extension;
  switch (what) {
  case Emit::Cpp:
    return s.fail("--emit cpp is not available yet");
  case Emit::Mlir:
    if (failed(lower()))
      return failure();
    if (!s.options.stopAfter.empty() && !s.trace.reached())
      return s.fail("there is no step '" + s.options.stopAfter + "'; the steps of this model are " +
                    llvm::join(s.trace.names(), ", "));
    text = s.trace.reached() ? s.trace.text() : printIR(*s.module);
    extension = ".mlir";
    break;
  case Emit::Llvm:
  case Emit::Assembly: {
    bool isAssembly = what == Emit::Assembly;
    if (failed(lower()) ||
        failed(s.emitModule(isAssembly ? EmitKind::Assembly : EmitKind::LLVMIR, code)))
      return failure();
    text.assign(code.begin(), code.end());
    extension = isAssembly ? ".s" : ".ll";
    break;
  }
  case Emit::Ptx:
    if (failed(lower()))
      return failure();
    if (!s.target->device)
      return s.fail("target " + s.target->name + " has no GPU, so there is no PTX");
    if (failed(s.emitModule(EmitKind::LLVMIR, code)))
      return failure();
    text.assign(s.ptx.begin(), s.ptx.end());
    extension = ".ptx";
    break;
  case Emit::Object:
  case Emit::Library:
    if (failed(compileToObject()) || failed(checkBudgets()))
      return failure();
    if (folder == "-")
      return s.fail("objects and libraries go to a folder, not to stdout");
    break;
  }
  if (folder == "-") {
    llvm::outs() << text;
    return success();
  }

  object::OutputSet outputs;
  llvm::StringRef modelObject(s.modelObject.data(), s.modelObject.size());
  std::string path = (folder + "/" + s.interface.name).str();
  auto add = [&]() -> llvm::Error {
    if (what == Emit::Library && !s.options.depfile.empty())
      if (auto error = s.writeDepfile(outputs, (folder + "/lib" + s.interface.name + ".a").str()))
        return error;
    if (what == Emit::Library)
      return object::writeLibrary(outputs, folder, s.interface, modelObject, s.format, s.weights);
    if (what == Emit::Object && !s.weights.empty()) {
      auto file = outputs.open(path + "_weights.o");
      if (!file)
        return file.takeError();
      if (llvm::Error error =
              object::writeWeightsObject(*file, s.format, s.interface.name, s.weights))
        return error;
    }
    auto file = outputs.open(path + (what == Emit::Object ? ".o" : extension));
    if (!file)
      return file.takeError();
    *file << (what == Emit::Object ? modelObject : llvm::StringRef(text));
    return llvm::Error::success();
  };
  return s.trace.stepWithoutIR("write", [&] {
    return failure(failed(s.check(add())) || failed(s.check(outputs.commit())));
  });
}

//===----------------------------------------------------------------------===//
// For those who run the result right here
//===----------------------------------------------------------------------===//

const object::ModelInterface &Compilation::interface() const { return state->interface; }
ModuleOp Compilation::module() { return *state->module; }
const onnx::LoadedModel *Compilation::loadedModel() const { return state->loaded.get(); }
bool Compilation::stopped() const { return state->trace.reached(); }
bool Compilation::overBudget() const { return state->overBudget; }
const std::vector<std::string> &Compilation::kernels() const { return state->kernels; }

std::vector<std::unique_ptr<llvm::MemoryBuffer>> Compilation::takeObjects() {
  State &s = *state;
  std::vector<std::unique_ptr<llvm::MemoryBuffer>> objects;
  objects.push_back(llvm::MemoryBuffer::getMemBufferCopy(
      {s.modelObject.data(), s.modelObject.size()}, s.interface.name + ".o"));
  if (!s.emulatedObject.empty())
    objects.push_back(llvm::MemoryBuffer::getMemBufferCopy(
        {s.emulatedObject.data(), s.emulatedObject.size()}, s.interface.name + "_kernels.o"));
  if (s.weights.empty())
    return objects;
  llvm::SmallVector<char, 0> bytes;
  bytes.reserve(object::weightsObjectSize(s.format, s.interface.name, s.weights));
  llvm::raw_svector_ostream out(bytes);
  if (failed(s.check(object::writeWeightsObject(out, s.format, s.interface.name, s.weights))))
    return {};
  objects.push_back(std::make_unique<llvm::SmallVectorMemoryBuffer>(
      std::move(bytes), s.interface.name + "_weights.o", /*RequiresNullTerminator=*/false));
  return objects;
}

std::optional<std::vector<onnx::TensorData>>
Compilation::interpret(llvm::ArrayRef<onnx::TensorData> inputs) {
  if (failed(importAndSimplify()))
    return std::nullopt;
  return evaluate(state->imported->lookupSymbol<func::FuncOp>("main"), inputs);
}
