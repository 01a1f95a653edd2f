//===- X86.cpp - x86-64 at its levels, and the host -----------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "targets/Architectures.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/SubtargetFeature.h"

namespace burin {

static void initializeX86() {
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86Target();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86AsmPrinter();
}

/// Tiles by vector width: accumulators, one row of B and a broadcast of A fill
/// the register file.
static void setTiles(Target &target) {
  switch (target.vectorBits) {
  case 512:
    target.f32Tile = {8, 32};
    target.i8Tile = {8, 32};
    break;
  case 256:
    target.f32Tile = {6, 16};
    target.i8Tile = {6, 16};
    break;
  default:
    target.f32Tile = {4, 8};
    target.i8Tile = {4, 8};
  }
}

/// vpdpbusd where it is; else pmaddwd, which every x86-64 has. (vpmaddubsw
/// saturates.)
static void setByteDot(Target &target, bool hasVnni) {
  if (hasVnni)
    target.byteDot = {ByteDot::u8s8,
                      {{4, "llvm.x86.avx512.vpdpbusd.128"}, {8, "llvm.x86.avx512.vpdpbusd.256"}}};
  else
    target.byteDot = {ByteDot::pairs, {{4, "llvm.x86.sse2.pmadd.wd"}}};
  auto &intrinsics = target.byteDot.intrinsics;
  if (!hasVnni && target.vectorBits >= 256)
    intrinsics.emplace_back(8, "llvm.x86.avx2.pmadd.wd");
  if (target.vectorBits >= 512)
    intrinsics.emplace_back(16, hasVnni ? "llvm.x86.avx512.vpdpbusd.512"
                                        : "llvm.x86.avx512.pmaddw.d.512");
}

Target x86Level(llvm::StringRef name, llvm::StringRef cpu, unsigned vectorBits) {
  Target target;
  target.name = name.str();
  target.triple = "x86_64-unknown-linux-gnu";
  target.cpu = cpu.str();
  target.runtimeFolder = "x86_64";
  target.vectorBits = vectorBits;
  target.vectorRegisters = vectorBits == 512 ? 32 : 16;
  target.hasFma = target.hasNativeHalf = target.hasRounding = vectorBits >= 256;
  target.initialize = initializeX86;
  target.runner.harness = "x86_64-linux";
  target.runner.command = {"qemu-x86_64", "-cpu", "max", "{program}"};
  target.runner.package = "qemu-user";
  setTiles(target);
  setByteDot(target, false);
  return target;
}

/// The host as LLVM sees it; on other hosts than x86-64 the list has no native.
static std::optional<Target> native() {
#if defined(__x86_64__)
  Target target = x86Level("native", llvm::sys::getHostCPUName(), 128);
  llvm::SubtargetFeatures features;
  llvm::StringMap<bool> host = llvm::sys::getHostCPUFeatures();
  // Sorted: the same host gives the same bytes.
  std::vector<std::pair<std::string, bool>> sorted;
  for (const auto &feature : host)
    sorted.emplace_back(feature.getKey().str(), feature.getValue());
  llvm::sort(sorted);
  for (const auto &[name, enabled] : sorted)
    features.AddFeature(name, enabled);
  target.features = features.getString();
  auto has = [&](llvm::StringRef name) { return host.lookup(name); };
  bool avx512 = has("avx512f") && has("avx512bw") && has("avx512vl") && has("avx512dq");
  target.vectorBits = avx512 ? 512 : has("avx2") ? 256 : 128;
  target.vectorRegisters = avx512 ? 32 : 16;
  target.hasFma = has("fma");
  target.hasNativeHalf = has("f16c");
  target.hasRounding = has("sse4.1");
  setTiles(target);
  setByteDot(target, avx512 ? has("avx512vnni") : has("avxvnni"));
  return target;
#else
  return std::nullopt;
#endif
}

std::vector<Target> x86Targets() {
  std::vector<Target> targets{x86Level("x86-64", "x86-64", 128),
                              x86Level("x86-64-v3", "x86-64-v3", 256),
                              x86Level("x86-64-v4", "x86-64-v4", 512)};
  if (std::optional<Target> host = native())
    targets.push_back(std::move(*host));
  return targets;
}

} // namespace burin
