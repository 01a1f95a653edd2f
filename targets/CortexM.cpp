//===- CortexM.cpp - ARM microcontrollers ---------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "targets/Architectures.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/TargetSelect.h"

namespace burin {

static void initializeArm() {
  LLVMInitializeARMTargetInfo();
  LLVMInitializeARMTarget();
  LLVMInitializeARMTargetMC();
  LLVMInitializeARMAsmPrinter();
  // LLVM 19 scales the step of a strided gather by the element's size twice: Helium reads
  // wrong addresses. Such loads stay scalar.
  auto &options = llvm::cl::getRegisteredOptions();
  if (auto it = options.find("enable-arm-maskedgatscat"); it != options.end())
    *static_cast<llvm::cl::opt<bool> *>(it->second) = false;
}

/// `triple` ends with hf where the core has an FPU.
static Target cortexM(llvm::StringRef name, llvm::StringRef triple) {
  Target target = microcontroller(name, triple, name);
  target.runtimeFolder = "thumb";
  target.hardFloat = target.hasFma = triple.ends_with("hf");
  // Sums, one word of the left side and of the weights, and addresses fill r0 to r12.
  target.i8Tile = {2, 2};
  if (target.hardFloat)
    target.f32Tile = {4, 4};
  target.initialize = initializeArm;
  return target;
}

/// A single-precision FPU, and the instructions on pairs of 16 bits.
static Target withFpuAndDsp(llvm::StringRef name, llvm::StringRef triple) {
  Target target = cortexM(name, triple);
  target.roundToWord = "llvm.arm.vcvtr";
  target.byteDot = {ByteDot::halves, {{1, "llvm.arm.smlad"}}, "llvm.arm.sxtb16", "llvm.arm.uxtb16"};
  return target;
}

std::vector<Target> cortexMTargets() {
  // gnueabi: memcpy has its own name instead of __aeabi_memcpy.
  std::vector<Target> targets{cortexM("cortex-m0plus", "thumbv6m-none-unknown-gnueabi"),
                              cortexM("cortex-m3", "thumbv7m-none-unknown-gnueabi"),
                              withFpuAndDsp("cortex-m4", "thumbv7em-none-unknown-gnueabihf"),
                              withFpuAndDsp("cortex-m7", "thumbv7em-none-unknown-gnueabihf"),
                              withFpuAndDsp("cortex-m33", "thumbv8m.main-none-unknown-gnueabihf")};
  // The M7 that all boards have is the one without double precision.
  targets[3].features = "-fp64";
  Target helium = cortexM("cortex-m55", "thumbv8.1m.main-none-unknown-gnueabihf");
  helium.vectorBits = 128;
  helium.vectorRegisters = 8;
  helium.arenaAlignment = 16;
  helium.hardDouble = helium.hasRounding = helium.hasNativeHalf = true;
  helium.roundToWord = "llvm.arm.vcvtr";
  helium.selectsDoubleExtrema = false;
  helium.roundsVectors = helium.invertsCompares = true;
  helium.byteDot.kind = ByteDot::across;
  helium.f32Tile = {2, 8};
  helium.i8Tile = {4, 4};
  targets.push_back(helium);
  // No machine has an M0+: its code runs on an M3 that traps unaligned accesses.
  const std::pair<const char *, const char *> machines[] = {
      {"mps2-an385", "mps2.ld"}, {"mps2-an385", "mps2.ld"},       {"mps2-an386", "mps2.ld"},
      {"mps2-an500", "mps2.ld"}, {"mps2-an505", "mps2-an505.ld"}, {"mps3-an547", "mps3-an547.ld"}};
  for (auto [target, machine] : llvm::zip_equal(targets, machines)) {
    runOnMachine(target, target.name, "qemu-system-arm", {machine.first}, machine.second);
    target.runner.package = "qemu-system-arm";
  }
  return targets;
}

} // namespace burin
