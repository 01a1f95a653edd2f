//===- OpRegistry.cpp - Which function imports which operator -------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/OpRegistry.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"

using namespace burin;
using llvm::StringRef;
using llvm::Twine;

static std::string keyOf(StringRef domain, StringRef opType) {
  std::string key = OpRegistry::normalizeDomain(domain).str();
  key.push_back('\0');
  key += opType;
  return key;
}

static void insertSorted(llvm::SmallVectorImpl<OpEntry> &versions, OpEntry entry) {
  auto at = llvm::lower_bound(versions, entry.since,
                              [](const OpEntry &e, int64_t since) { return e.since < since; });
  versions.insert(at, std::move(entry));
}

void OpRegistry::addTo(StringRef domain, StringRef opType, int64_t since, Arity arity,
                       ImportFn import, int64_t variant, Accepts accepts) {
  insertSorted(entries[keyOf(domain, opType)],
               OpEntry{since, arity, import, variant, accepts, std::string()});
}

void OpRegistry::remove(StringRef domain, StringRef opType, int64_t since, StringRef instead) {
  OpEntry entry;
  entry.since = since;
  entry.removed = instead.str();
  insertSorted(entries[keyOf(domain, opType)], std::move(entry));
}

const OpEntry *OpRegistry::lookup(StringRef domain, StringRef opType, int64_t opset) const {
  auto found = entries.find(keyOf(domain, opType));
  if (found == entries.end())
    return nullptr;
  const OpEntry *best = nullptr;
  for (const OpEntry &entry : found->second)
    if (entry.since <= opset)
      best = &entry;
  return best && best->import ? best : nullptr;
}

std::string OpRegistry::explainMissing(StringRef domain, StringRef opType, int64_t opset) const {
  std::string text = (Twine("unsupported operator '") + opType + "' of " +
                      domainName(normalizeDomain(domain)) + " opset " + Twine(opset))
                         .str();
  auto found = entries.find(keyOf(domain, opType));
  if (found == entries.end())
    return text + "; no version of it is supported";
  std::string removed, sep;
  std::string versions;
  for (const OpEntry &entry : found->second) {
    if (!entry.import) {
      if (entry.since <= opset)
        removed = "; it ended with opset " + std::to_string(entry.since - 1) + ": " + entry.removed;
      continue;
    }
    versions += sep + std::to_string(entry.since);
    sep = ", ";
  }
  if (!removed.empty())
    return text + removed;
  return text + "; supported since version " + versions;
}

int64_t OpRegistry::newestKnownOpset(StringRef domain) {
  domain = normalizeDomain(domain);
  if (domain == kOnnxDomain)
    return 28;
  if (domain == kMlDomain)
    return 5;
  if (domain == "ai.onnx.training" || domain == "ai.onnx.preview.training" ||
      domain == "ai.onnx.preview")
    return 1;
  return 0;
}

llvm::SmallVector<std::pair<std::string, std::string>> OpRegistry::operators() const {
  llvm::SmallVector<std::pair<std::string, std::string>> names;
  for (const auto &entry : entries) {
    auto [domain, opType] = entry.getKey().split('\0');
    names.emplace_back(domain.str(), opType.str());
  }
  llvm::sort(names);
  return names;
}
