//===- LowerToLLVM.cpp - Loops on buffers to LLVM IR ----------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// One conversion with all patterns at once: faster than a pass per dialect, and
// no casts between half-converted types.
//
//===----------------------------------------------------------------------===//

#include "codegen/llvm/LowerToLLVM.h"
#include "codegen/llvm/NarrowIndex.h"
#include "dialects/nn/NN.h"

#include "mlir/Conversion/AffineToStandard/AffineToStandard.h"
#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVM.h"
#include "mlir/Conversion/IndexToLLVM/IndexToLLVM.h"
#include "mlir/Conversion/LLVMCommon/ConversionTarget.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/MemRefToLLVM/MemRefToLLVM.h"
#include "mlir/Conversion/ReconcileUnrealizedCasts/ReconcileUnrealizedCasts.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Conversion/UBToLLVM/UBToLLVM.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVM.h"
#include "mlir/Conversion/VectorToSCF/VectorToSCF.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Index/IR/IndexDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/Transforms/LoweringPatterns.h"
#include "mlir/Dialect/Vector/Transforms/VectorRewritePatterns.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;

namespace burin {

namespace {
/// Division that rounds up or down; the other expansions of arith would hide
/// minimum and maximum from LLVM's vectoriser.
struct ExpandDivisionPass : PassWrapper<ExpandDivisionPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ExpandDivisionPass)
  StringRef getArgument() const override { return "burin-expand-division"; }
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    arith::populateCeilFloorDivExpandOpsPatterns(patterns);
    ConversionTarget target(getContext());
    target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
    target.addIllegalOp<arith::CeilDivSIOp, arith::CeilDivUIOp, arith::FloorDivSIOp>();
    if (failed(applyPartialConversion(getOperation(), target, std::move(patterns))))
      signalPassFailure();
  }
};

/// Vector ops of several dimensions become ops of one. Upstream's pass goes on to
/// LLVM's dialect, with an index of 64 bits on every target.
struct LowerVectorsPass : PassWrapper<LowerVectorsPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(LowerVectorsPass)
  StringRef getArgument() const override { return "burin-lower-vectors"; }
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    vector::populateVectorToVectorCanonicalizationPatterns(patterns);
    vector::populateVectorBroadcastLoweringPatterns(patterns);
    vector::populateVectorShapeCastLoweringPatterns(patterns);
    vector::populateVectorTransposeLoweringPatterns(patterns, vector::VectorTransformsOptions());
    vector::populateVectorTransferLoweringPatterns(patterns, /*maxTransferRank=*/1);
    (void)applyPatternsAndFoldGreedily(getOperation(), std::move(patterns));
  }
};

struct ConvertToLLVMPass : PassWrapper<ConvertToLLVMPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ConvertToLLVMPass)
  explicit ConvertToLLVMPass(unsigned indexBits) : indexBits(indexBits) {}
  StringRef getArgument() const override { return "burin-convert-to-llvm"; }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<LLVM::LLVMDialect>();
  }
  void runOnOperation() override {
    MLIRContext *context = &getContext();
    LowerToLLVMOptions options(context);
    options.useBarePtrCallConv = true;
    options.overrideIndexBitwidth(indexBits);
    LLVMTypeConverter converter(context, options);
    RewritePatternSet patterns(context);
    arith::populateArithToLLVMConversionPatterns(converter, patterns);
    cf::populateControlFlowToLLVMConversionPatterns(converter, patterns);
    index::populateIndexToLLVMConversionPatterns(converter, patterns);
    populateFinalizeMemRefToLLVMConversionPatterns(converter, patterns);
    populateFuncToLLVMConversionPatterns(converter, patterns);
    populateMathToLLVMConversionPatterns(converter, patterns);
    populateVectorToLLVMConversionPatterns(converter, patterns, /*reassociateFPReductions=*/true);
    ub::populateUBToLLVMConversionPatterns(converter, patterns);
    LLVMConversionTarget target(*context);
    target.addLegalOp<ModuleOp>();
    if (failed(applyPartialConversion(getOperation(), target, std::move(patterns))))
      signalPassFailure();
  }
  unsigned indexBits;
};
} // namespace

void buildLowerToLLVM(OpPassManager &passes, unsigned indexBits) {
  if (indexBits < 64)
    passes.addPass(createNarrowIndexPass(indexBits));
  passes.addPass(createConvertVectorToSCFPass());
  passes.addPass(createConvertSCFToCFPass());
  passes.addPass(memref::createExpandStridedMetadataPass());
  passes.addPass(createLowerAffinePass());
  passes.addPass(std::make_unique<ExpandDivisionPass>());
  passes.addPass(std::make_unique<LowerVectorsPass>());
  passes.addPass(std::make_unique<ConvertToLLVMPass>(indexBits));
  passes.addPass(createReconcileUnrealizedCastsPass());
}

/// A small group is cheaper inlined; a big one makes LLVM quadratic.
static bool isSmall(const llvm::Function &function) {
  size_t instructions = 0;
  for (const llvm::BasicBlock &block : function)
    instructions += block.size();
  return function.size() == 1 && instructions < 30;
}

std::unique_ptr<llvm::Module> translateToLLVM(ModuleOp module, llvm::LLVMContext &context,
                                              const Target &target) {
  llvm::StringSet<> groups;
  bool wellFormed = true;
  module.walk([&](Operation *op) {
    if (auto function = dyn_cast<FunctionOpInterface>(op); function && op->hasAttr(nn::kGroupAttr))
      groups.insert(function.getName());
    if (isa<memref::AllocOp>(op)) {
      auto parent = op->getParentOfType<func::FuncOp>();
      op->emitError() << "internal error: a buffer is allocated in group @"
                      << (parent ? parent.getName() : StringRef("?"));
      wellFormed = false;
    }
  });
  if (!wellFormed)
    return nullptr;
  PassManager passes(module.getContext());
  buildLowerToLLVM(passes, target.pointerBits);
  if (failed(passes.run(module)))
    return nullptr;
  std::unique_ptr<llvm::Module> result = translateModuleToLLVMIR(module, context, "model");
  if (!result)
    return nullptr;
  std::string error;
  auto machine = createTargetMachine(target, llvm::CodeGenOptLevel::None, error);
  if (!machine) {
    module.emitError() << error;
    return nullptr;
  }
  result->setTargetTriple(target.triple);
  result->setDataLayout(machine->createDataLayout());
  for (llvm::Function &function : *result) {
    function.addFnAttr(llvm::Attribute::NoUnwind);
    if (function.isDeclaration())
      continue;
    if (function.hasPrivateLinkage()) // keeps the name for profilers
      function.setLinkage(llvm::GlobalValue::InternalLinkage);
    if (groups.contains(function.getName()) && !isSmall(function))
      function.addFnAttr(llvm::Attribute::NoInline);
  }
  return result;
}

void registerLLVMLowering(DialectRegistry &registry) {
  registry.insert<affine::AffineDialect, arith::ArithDialect, cf::ControlFlowDialect,
                  func::FuncDialect, index::IndexDialect, LLVM::LLVMDialect, math::MathDialect,
                  memref::MemRefDialect, scf::SCFDialect, ub::UBDialect, vector::VectorDialect>();
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
}

} // namespace burin
