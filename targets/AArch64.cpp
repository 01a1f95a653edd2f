//===- AArch64.cpp - 64-bit ARM -------------------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "targets/Architectures.h"

#include "llvm/Support/TargetSelect.h"

namespace burin {

static void initializeAArch64() {
  LLVMInitializeAArch64TargetInfo();
  LLVMInitializeAArch64Target();
  LLVMInitializeAArch64TargetMC();
  LLVMInitializeAArch64AsmPrinter();
}

/// NEON: 32 registers of 128 bits. A tile of 8x8 f32 holds 16 of them, a row of
/// weights 2 and the left side's elements 8, which fmla takes by lane.
Target neon(llvm::StringRef name, llvm::StringRef cpu, llvm::StringRef features) {
  Target target;
  target.name = name.str();
  target.triple = "aarch64-unknown-linux-gnu";
  target.cpu = cpu.str();
  target.features = features.str();
  target.runtimeFolder = "aarch64";
  target.vectorBits = 128;
  target.vectorRegisters = 32;
  target.hasFma = target.hasNativeHalf = target.hasRounding = true;
  target.multipliesByLane = true;
  target.f32Tile = target.i8Tile = {8, 8};
  target.initialize = initializeAArch64;
  target.runner.harness = "aarch64-linux";
  target.runner.command = {"qemu-aarch64", "-cpu", "max", "{program}"};
  target.runner.package = "qemu-user";
  return target;
}

/// sdot: four products of bytes in every lane.
Target withDotProducts(Target target) {
  target.byteDot = {ByteDot::s8s8, {{4, "llvm.aarch64.neon.sdot.v4i32.v16i8"}}};
  return target;
}

/// smmla: blocks of two rows and two columns of eight bytes.
static Target withMatrices(Target target) {
  target.byteDot.blocks = "llvm.aarch64.neon.smmla.v4i32.v16i8";
  return target;
}

/// Linux with another C library, of which a model needs nothing.
static Target android(Target target) {
  target.triple = "aarch64-unknown-linux-android21";
  return target;
}

std::vector<Target> aarch64Targets() {
  return {neon("aarch64", "generic"),
          withDotProducts(neon("aarch64+dotprod", "generic", "+dotprod")),
          withMatrices(withDotProducts(neon("aarch64+i8mm", "generic", "+dotprod,+i8mm"))),
          neon("raspberrypi4", "cortex-a72"),
          withDotProducts(neon("raspberrypi5", "cortex-a76")),
          android(neon("aarch64-android", "generic"))};
}

} // namespace burin
