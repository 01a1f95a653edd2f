//===- CortexM.cpp - ARM microcontrollers ---------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "targets/Target.h"

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

static Target microcontroller(llvm::StringRef name, llvm::StringRef cpu, llvm::StringRef triple) {
  Target target;
  target.name = name.str();
  target.cpu = cpu.str();
  target.triple = triple.str();
  target.runtimeFolder = "thumb";
  target.pointerBits = 32;
  target.vectorBits = 32;
  target.arenaAlignment = 8;
  target.hardFloat = triple.ends_with("hf");
  target.hardDouble = false;
  target.hosted = false;
  target.positionIndependent = false;
  target.optimizeForSize = target.linksHelpers = true;
  target.hasFma = target.hardFloat;
  // Sums, one word of the left side and of the weights, and addresses fill r0 to r12.
  target.i8Tile = {2, 2};
  target.f32Tile = target.hardFloat ? RegisterTile{4, 4} : RegisterTile{1, 2};
  target.initialize = initializeArm;
  return target;
}

/// QEMU's machine with the core, `script` being its memory map.
static void setRunner(Target &target, llvm::StringRef machine, llvm::StringRef script) {
  Runner &runner = target.runner;
  runner.harness = target.name;
  runner.linkArguments = {"--gc-sections", "-L{harness}", "-T", "{harness}/" + script.str()};
  // An instruction takes a nanosecond: SysTick counts them.
  runner.command = {"qemu-system-arm",
                    "-M",
                    machine.str(),
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
  runner.package = "qemu-system-arm";
  runner.guardBytes = 64;
}

/// A single-precision FPU, and the instructions on pairs of 16 bits.
static Target withFpuAndDsp(llvm::StringRef name, llvm::StringRef cpu, llvm::StringRef triple) {
  Target target = microcontroller(name, cpu, triple);
  target.roundToWord = "llvm.arm.vcvtr";
  target.byteDot = {ByteDot::halves, {{1, "llvm.arm.smlad"}}, "llvm.arm.sxtb16", "llvm.arm.uxtb16"};
  return target;
}

std::vector<Target> cortexMTargets() {
  // gnueabi: memcpy has its own name instead of __aeabi_memcpy.
  std::vector<Target> targets{
      microcontroller("cortex-m0plus", "cortex-m0plus", "thumbv6m-none-unknown-gnueabi"),
      microcontroller("cortex-m3", "cortex-m3", "thumbv7m-none-unknown-gnueabi"),
      withFpuAndDsp("cortex-m4", "cortex-m4", "thumbv7em-none-unknown-gnueabihf"),
      withFpuAndDsp("cortex-m7", "cortex-m7", "thumbv7em-none-unknown-gnueabihf"),
      withFpuAndDsp("cortex-m33", "cortex-m33", "thumbv8m.main-none-unknown-gnueabihf")};
  // The M7 that all boards have is the one without double precision.
  targets[3].features = "-fp64";
  Target helium =
      microcontroller("cortex-m55", "cortex-m55", "thumbv8.1m.main-none-unknown-gnueabihf");
  helium.vectorBits = 128;
  helium.vectorRegisters = 8;
  helium.arenaAlignment = 16;
  helium.hardDouble = helium.hasRounding = helium.hasNativeHalf = true;
  helium.roundToWord = "llvm.arm.vcvtr";
  helium.roundsVectors = true;
  helium.byteDot.kind = ByteDot::across;
  helium.f32Tile = {2, 8};
  helium.i8Tile = {4, 4};
  targets.push_back(helium);
  // No machine has an M0+: its code runs on an M3 that traps unaligned accesses.
  const std::pair<const char *, const char *> machines[] = {
      {"mps2-an385", "mps2.ld"}, {"mps2-an385", "mps2.ld"},       {"mps2-an386", "mps2.ld"},
      {"mps2-an500", "mps2.ld"}, {"mps2-an505", "mps2-an505.ld"}, {"mps3-an547", "mps3-an547.ld"}};
  for (auto [target, machine] : llvm::zip_equal(targets, machines))
    setRunner(target, machine.first, machine.second);
  return targets;
}

} // namespace burin
