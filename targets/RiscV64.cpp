//===- RiscV64.cpp - 64-bit RISC-V under Linux ----------------------------===//
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

std::vector<Target> riscV64Targets() {
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
  return {target};
}

} // namespace burin
