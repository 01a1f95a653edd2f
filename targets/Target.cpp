//===- Target.cpp - Registry of targets -----------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "targets/Target.h"

#include "llvm/MC/TargetRegistry.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Target/TargetOptions.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

namespace burin {

namespace {
struct Registry {
  Registry() {
    for (auto make : {x86Targets, aarch64Targets, riscVTargets, cortexMTargets, windowsTargets,
                      appleTargets, wasmTargets, nvPtxTargets})
      for (Target &target : make())
        targets.push_back(std::make_unique<const Target>(std::move(target)));
    for (const auto &target : targets)
      pointers.push_back(target.get());
  }
  std::vector<std::unique_ptr<const Target>> targets;
  std::vector<const Target *> pointers;
};
} // namespace

llvm::ArrayRef<const Target *> allTargets() {
  static const Registry registry;
  return registry.pointers;
}

const Target *findTarget(llvm::StringRef name) {
  for (const Target *target : allTargets())
    if (name == target->name)
      return target;
  return nullptr;
}

std::string unknownTargetMessage(llvm::StringRef name) {
  constexpr unsigned kNear = 4;
  const Target *nearest = nullptr;
  unsigned least = kNear;
  for (const Target *target : allTargets()) {
    unsigned distance = name.edit_distance(target->name, /*AllowReplacements=*/true, kNear);
    if (distance < least) {
      least = distance;
      nearest = target;
    }
  }
  std::string message = "there is no target '" + name.str() + "'";
  if (nearest)
    message += ", perhaps '" + nearest->name + "' is meant";
  return message + "; 'burin targets' lists them";
}

bool runsInProcess(const Target &target) {
  llvm::Triple host(llvm::sys::getProcessTriple()), other(target.triple);
  return host.getArch() == other.getArch() && host.getOS() == other.getOS() &&
         host.getEnvironment() == other.getEnvironment();
}

std::unique_ptr<llvm::TargetMachine>
createTargetMachine(const Target &target, llvm::CodeGenOptLevel level, std::string &error) {
  target.initialize();
  const llvm::Target *backend = llvm::TargetRegistry::lookupTarget(target.triple, error);
  if (!backend)
    return nullptr;
  llvm::TargetOptions options;
  options.FloatABIType = target.hardFloat ? llvm::FloatABI::Hard : llvm::FloatABI::Soft;
  options.FunctionSections = true;
  options.DataSections = true;
  // Not loaded anywhere; the stack's bound is read from it.
  options.EmitStackSizeSection = target.blockThreads == 0; // PTX has no sections
  // Products and sums fuse only where the code says so.
  options.AllowFPOpFusion = llvm::FPOpFusion::Standard;
  options.MCOptions.ABIName = target.abi;
  return std::unique_ptr<llvm::TargetMachine>(backend->createTargetMachine(
      target.triple, target.cpu, target.features, options,
      target.positionIndependent ? llvm::Reloc::PIC_ : llvm::Reloc::Static, std::nullopt, level));
}

} // namespace burin
