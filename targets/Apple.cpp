//===- Apple.cpp - macOS and iOS ------------------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// The triple carries the oldest system that runs the code; it goes into the objects.
//
//===----------------------------------------------------------------------===//

#include "targets/Architectures.h"

namespace burin {

/// Nothing here runs the programs; tests link and inspect them.
static Target apple(Target target, llvm::StringRef triple) {
  target.triple = triple.str();
  target.runner = Runner();
  return target;
}

std::vector<Target> appleTargets() {
  // The oldest CPU under macOS 11, and what Rosetta translates.
  Target intel = x86Level("x86_64-macos", "penryn", 128);
  intel.hasRounding = true;
  auto m1 = [](llvm::StringRef name) {
    return apple(withDotProducts(neon(name, "apple-m1")), "arm64-apple-macosx11.0.0");
  };
  return {apple(intel, "x86_64-apple-macosx11.0.0"), m1("aarch64-macos"), m1("apple-m1"),
          apple(neon("aarch64-ios", "apple-a9"), "arm64-apple-ios14.0.0")};
}

} // namespace burin
