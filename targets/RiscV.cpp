//===- RiscV.cpp - RISC-V: microcontrollers, and 64 bits under Linux ------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "targets/Architectures.h"

#include "llvm/Support/TargetSelect.h"

namespace burin {

static void initializeRiscV() {
  LLVMInitializeRISCVTargetInfo();
  LLVMInitializeRISCVTarget();
  LLVMInitializeRISCVTargetMC();
  LLVMInitializeRISCVAsmPrinter();
}

static Target firmware(llvm::StringRef name, llvm::StringRef features) {
  Target target = microcontroller(name, "riscv32-unknown-none-elf", "generic-rv32");
  target.features = features.str();
  target.abi = "ilp32";
  target.runtimeFolder = "riscv32";
  target.i8Tile = {2, 4};
  target.initialize = initializeRiscV;
  runOnMachine(target, "riscv32", "qemu-system-riscv32", {"virt", "-bios", "none"}, "virt.ld");
  target.runner.package = "qemu-system-misc";
  return target;
}

static Target linux64() {
  Target target;
  target.name = "riscv64";
  target.triple = "riscv64-unknown-linux-gnu";
  target.cpu = "generic-rv64";
  target.features = "+m,+a,+f,+d,+c";
  target.runtimeFolder = "riscv64";
  // No vectors: 32 scalar registers hold a tile of 4x4 and what it multiplies.
  target.vectorBits = 32;
  target.vectorRegisters = 32;
  target.hasFma = true;
  target.f32Tile = target.i8Tile = {4, 4};
  target.initialize = initializeRiscV;
  target.runner.harness = "riscv64-linux";
  target.runner.command = {"qemu-riscv64", "{program}"};
  target.runner.package = "qemu-user";
  return target;
}

std::vector<Target> riscVTargets() {
  return {linux64(), firmware("riscv32imc", "+m,+c"), firmware("riscv32imac", "+m,+a,+c")};
}

} // namespace burin
