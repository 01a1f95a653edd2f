//===- Wasm.cpp - WebAssembly -----------------------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "targets/Target.h"

#include "llvm/Support/TargetSelect.h"

namespace burin {

static void initialize() {
  LLVMInitializeWebAssemblyTargetInfo();
  LLVMInitializeWebAssemblyTarget();
  LLVMInitializeWebAssemblyTargetMC();
  LLVMInitializeWebAssemblyAsmPrinter();
}

std::vector<Target> wasmTargets() {
  Target target;
  target.name = "wasm32";
  target.triple = "wasm32-unknown-unknown";
  target.cpu = "generic";
  // What every browser has since 2023. With bulk-memory nothing calls memcpy.
  target.features = "+simd128,+bulk-memory,+nontrapping-fptoint,+sign-ext,+mutable-globals";
  target.runtimeFolder = "wasm32";
  target.pointerBits = 32;
  target.vectorBits = 128;
  target.vectorRegisters = 16;
  target.arenaAlignment = 16;
  target.hasRounding = true;
  target.hosted = false;
  target.positionIndependent = false;
  target.f32Tile = {4, 8};
  target.i8Tile = {4, 8};
  target.byteDot = {ByteDot::pairs, {{4, "llvm.wasm.dot"}}};
  target.initialize = initialize;
  target.runner.harness = "wasm32";
  target.runner.linker = "wasm-ld";
  // An overflow of a stack that comes first traps.
  target.runner.linkArguments = {"--no-entry", "--export=burin_harness_main", "--stack-first", "-z",
                                 "stack-size=1048576"};
  target.runner.command = {"node", "{harness}/host.mjs", "{program}"};
  target.runner.package = "nodejs";
  return {target};
}

} // namespace burin
