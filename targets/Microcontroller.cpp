//===- Microcontroller.cpp - What 32-bit firmware targets share -----------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "targets/Architectures.h"

namespace burin {

Target microcontroller(llvm::StringRef name, llvm::StringRef triple, llvm::StringRef cpu) {
  Target target;
  target.name = name.str();
  target.triple = triple.str();
  target.cpu = cpu.str();
  target.pointerBits = 32;
  target.vectorBits = 32;
  target.arenaAlignment = 8;
  target.hardFloat = target.hardDouble = false;
  target.hosted = false;
  target.positionIndependent = false;
  target.optimizeForSize = target.linksHelpers = true;
  target.f32Tile = {1, 2};
  return target;
}

void runOnMachine(Target &target, llvm::StringRef harness, llvm::StringRef emulator,
                  std::initializer_list<llvm::StringRef> machine, llvm::StringRef script) {
  Runner &runner = target.runner;
  runner.harness = harness.str();
  runner.linkArguments = {"--gc-sections", "-L{harness}", "-T", "{harness}/" + script.str()};
  runner.command = {emulator.str(), "-M"};
  for (llvm::StringRef word : machine)
    runner.command.push_back(word.str());
  // An instruction takes a nanosecond, so the machine's clock counts them.
  for (const char *word :
       {"-icount", "shift=0,align=off,sleep=off", "-semihosting-config", "enable=on,target=native",
        "-nographic", "-monitor", "none", "-serial", "none", "-kernel", "{program}"})
    runner.command.emplace_back(word);
  runner.guardBytes = 64;
}

} // namespace burin
