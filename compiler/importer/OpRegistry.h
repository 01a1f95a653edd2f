//===- OpRegistry.h - Which function imports which operator -----*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// A table keyed by (domain, operator, since-version). A node is imported by
// the entry with the largest since-version that its model's opset allows. The
// families fill the table through plain functions (RegisterAll.cpp); nothing
// registers itself.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_IMPORTER_OPREGISTRY_H
#define BURIN_COMPILER_IMPORTER_OPREGISTRY_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/LogicalResult.h"
#include <cstdint>
#include <limits>
#include <string>

namespace burin {

class NodeBinder;

/// Builds the nn ops of one node; reports through the binder.
using ImportFn = llvm::LogicalResult (*)(NodeBinder &);

/// How many inputs a node may have. The first `min` ones are present when the
/// entry is called; the others may be missing or have an empty name.
struct Arity {
  unsigned min = 0;
  unsigned max = 0;
  static constexpr unsigned kVariadic = std::numeric_limits<unsigned>::max();

  constexpr Arity(unsigned exactly) : min(exactly), max(exactly) {}
  constexpr Arity(unsigned min, unsigned max) : min(min), max(max) {}
  static constexpr Arity atLeast(unsigned min) { return {min, kVariadic}; }
};

/// What an entry accepts besides plain tensors.
enum class Accepts : uint8_t {
  Tensors,  ///< every input is a ranked tensor when the entry is called
  Anything, ///< sequences and optionals too
};

struct OpEntry {
  int64_t since = 1;
  Arity arity = 0;
  ImportFn import = nullptr;
  /// Free for the family: lets one function serve many operators.
  int64_t variant = 0;
  Accepts accepts = Accepts::Tensors;
  /// Set where the operator ended with this version: says what replaced it.
  std::string removed;
};

class OpRegistry {
public:
  /// The domain of the standard operators, which files also spell "ai.onnx".
  static constexpr llvm::StringLiteral kOnnxDomain = "";
  static constexpr llvm::StringLiteral kMlDomain = "ai.onnx.ml";
  static constexpr llvm::StringLiteral kMicrosoftDomain = "com.microsoft";

  /// Adds an operator of ai.onnx from version `since` on (until the next one
  /// registered).
  void add(llvm::StringRef opType, int64_t since, Arity arity, ImportFn import, int64_t variant = 0,
           Accepts accepts = Accepts::Tensors) {
    addTo(kOnnxDomain, opType, since, arity, import, variant, accepts);
  }
  void addTo(llvm::StringRef domain, llvm::StringRef opType, int64_t since, Arity arity,
             ImportFn import, int64_t variant = 0, Accepts accepts = Accepts::Tensors);
  /// Ends an operator with version `since`; `instead` is shown to the user.
  void remove(llvm::StringRef domain, llvm::StringRef opType, int64_t since,
              llvm::StringRef instead);

  /// The entry for an operator under an opset, or null.
  const OpEntry *lookup(llvm::StringRef domain, llvm::StringRef opType, int64_t opset) const;
  /// Why lookup() gave no usable entry: the operator, its domain and opset,
  /// and what is supported instead.
  std::string explainMissing(llvm::StringRef domain, llvm::StringRef opType, int64_t opset) const;

  /// The largest opset of a domain whose meaning is known; 0 for a domain
  /// without a list of versions.
  static int64_t newestKnownOpset(llvm::StringRef domain);
  /// "" for both spellings of the standard domain.
  static llvm::StringRef normalizeDomain(llvm::StringRef domain) {
    return domain == "ai.onnx" ? llvm::StringRef() : domain;
  }
  /// The domain as messages show it.
  static llvm::StringRef domainName(llvm::StringRef domain) {
    return domain.empty() ? llvm::StringRef("ai.onnx") : domain;
  }

  /// Every (domain, operator) that has an entry, sorted.
  llvm::SmallVector<std::pair<std::string, std::string>> operators() const;

private:
  // Keyed by "domain\0operator"; entries ascend by since-version.
  llvm::StringMap<llvm::SmallVector<OpEntry, 2>> entries;
};

/// A registry with every family (RegisterAll.cpp).
OpRegistry makeOpRegistry();

} // namespace burin

#endif // BURIN_COMPILER_IMPORTER_OPREGISTRY_H
