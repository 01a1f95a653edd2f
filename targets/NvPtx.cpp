//===- NvPtx.cpp - NVIDIA GPUs beside an x86-64 host ----------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "targets/Target.h"

#include "llvm/Support/TargetSelect.h"

namespace burin {

static void initializeNvPtx() {
  LLVMInitializeNVPTXTargetInfo();
  LLVMInitializeNVPTXTarget();
  LLVMInitializeNVPTXTargetMC();
  LLVMInitializeNVPTXAsmPrinter();
}

static std::vector<MatrixUnit> matrixUnits(bool isAmpere) {
  if (!isAmpere)
    return {{MatrixUnit::f16, MatrixUnit::f16, 8, "llvm.nvvm.mma.m16n8k8.row.col.f32.f32"}};
  return {{MatrixUnit::f16, MatrixUnit::f16, 16, "llvm.nvvm.mma.m16n8k16.row.col.f32.f32"},
          {MatrixUnit::bf16, MatrixUnit::bf16, 16, "llvm.nvvm.mma.m16n8k16.row.col.bf16"},
          {MatrixUnit::tf32, MatrixUnit::tf32, 8, "llvm.nvvm.mma.m16n8k8.row.col.tf32"},
          {MatrixUnit::s8, MatrixUnit::s8, 32, "llvm.nvvm.mma.m16n8k32.row.col.s8"},
          {MatrixUnit::s8, MatrixUnit::u8, 32, "llvm.nvvm.mma.m16n8k32.row.col.s8.u8"},
          {MatrixUnit::u8, MatrixUnit::s8, 32, "llvm.nvvm.mma.m16n8k32.row.col.u8.s8"},
          {MatrixUnit::u8, MatrixUnit::u8, 32, "llvm.nvvm.mma.m16n8k32.row.col.u8"}};
}

/// The oldest PTX that knows the chip and its matrix units, so that old drivers take it too.
static Target device(llvm::StringRef chip, llvm::StringRef ptx) {
  Target target;
  target.name = chip.str();
  target.triple = "nvptx64-nvidia-cuda";
  target.cpu = chip.str();
  target.features = ("+" + ptx).str();
  target.runtimeFolder = "nvptx64";
  target.vectorBits = 32;
  target.hasFma = target.hasNativeHalf = target.hasRounding = true;
  target.hosted = false;
  target.blockThreads = 256;
  target.matrixUnits = matrixUnits(/*isAmpere=*/chip != "sm_75");
  target.initialize = initializeNvPtx;
  return target;
}

std::vector<Target> nvPtxTargets() {
  std::vector<Target> targets;
  for (auto [chip, ptx] : {std::pair("sm_75", "ptx65"), {"sm_80", "ptx70"}, {"sm_90", "ptx78"}}) {
    // The host does little: the baseline runs everywhere.
    Target target = x86Targets().front();
    auto gpu = std::make_shared<Target>(device(chip, ptx));
    target.name = "nvptx-sm" + gpu->cpu.substr(3);
    target.device = std::move(gpu);
    targets.push_back(std::move(target));
  }
  return targets;
}

} // namespace burin
