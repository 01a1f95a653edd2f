//===- RiscV32.cpp - RISC-V microcontrollers ------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "targets/Target.h"

#include "llvm/Support/TargetSelect.h"

namespace burin {

static void initializeRiscV() {
  LLVMInitializeRISCVTargetInfo();
  LLVMInitializeRISCVTarget();
  LLVMInitializeRISCVTargetMC();
  LLVMInitializeRISCVAsmPrinter();
}

static Target microcontroller(llvm::StringRef name, llvm::StringRef features) {
  Target target;
  target.name = name.str();
  target.triple = "riscv32-unknown-none-elf";
  target.cpu = "generic-rv32";
  target.features = features.str();
  target.abi = "ilp32";
  target.runtimeFolder = "riscv32";
  target.pointerBits = 32;
  target.vectorBits = 32;
  target.arenaAlignment = 8;
  target.hardFloat = target.hardDouble = false;
  target.hosted = false;
  target.positionIndependent = false;
  target.optimizeForSize = target.linksHelpers = true;
  target.f32Tile = {1, 2};
  target.i8Tile = {2, 4};
  target.initialize = initializeRiscV;
  target.runner.harness = "riscv32";
  target.runner.linkArguments = {"--gc-sections", "-L{harness}", "-T", "{harness}/virt.ld"};
  // `minstret` counts instructions.
  target.runner.command = {"qemu-system-riscv32",
                           "-M",
                           "virt",
                           "-bios",
                           "none",
                           "-icount",
                           "shift=0,align=off,sleep=off",
                           "-semihosting-config",
                           "enable=on,target=native",
                           "-nographic",
                           "-monitor",
                           "none",
                           "-serial",
                           "none",
                           "-kernel",
                           "{program}"};
  target.runner.package = "qemu-system-misc";
  target.runner.guardBytes = 64;
  return target;
}

std::vector<Target> riscV32Targets() {
  return {microcontroller("riscv32imc", "+m,+c"), microcontroller("riscv32imac", "+m,+a,+c")};
}

} // namespace burin
