//===- ExpectedFailures.cpp - Cases that cannot pass yet ------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/verify/Suite.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace burin;
using namespace burin::verify;
using namespace llvm;

static constexpr std::pair<Outcome, StringLiteral> kOutcomes[] = {
    {Outcome::Passed, "passed"},    {Outcome::Mismatch, "mismatch"},
    {Outcome::BadData, "bad data"}, {Outcome::Unsupported, "unsupported"},
    {Outcome::Crashed, "crashed"},  {Outcome::TimedOut, "timed out"},
};

StringRef verify::outcomeName(Outcome outcome) {
  for (auto [value, name] : kOutcomes)
    if (value == outcome)
      return name;
  return "";
}

std::optional<Outcome> verify::parseOutcome(StringRef text) {
  for (auto [value, name] : kOutcomes)
    if (name == text)
      return value;
  return std::nullopt;
}

static Error fail(const Twine &message) {
  return createStringError(std::make_error_code(std::errc::invalid_argument), message);
}

Expected<ExpectedFailures> ExpectedFailures::read(const std::string &path) {
  auto file = MemoryBuffer::getFile(path);
  if (!file)
    return fail(path + ": " + file.getError().message());
  Expected<json::Value> value = json::parse((*file)->getBuffer());
  if (!value)
    return fail(path + ": " + toString(value.takeError()));
  const json::Object *object = value->getAsObject();
  if (!object)
    return fail(path + ": is no object of case names");
  ExpectedFailures list;
  for (const auto &[key, entry] : *object) {
    StringRef name = key;
    auto [kind, reason] = entry.getAsString().value_or("").split(": ");
    std::optional<Outcome> outcome = parseOutcome(kind);
    if (!outcome || *outcome == Outcome::Passed)
      return fail(path + ": \"" + name + "\" needs an outcome and a reason, like \"" +
                  outcomeName(Outcome::Unsupported) + ": ...\"");
    list.set(name, {*outcome, reason.str()});
  }
  return list;
}

Error ExpectedFailures::write(const std::string &path) const {
  std::error_code error;
  raw_fd_ostream out(path, error);
  if (error)
    return fail(path + ": " + error.message());
  json::OStream json(out, /*IndentSize=*/2);
  json.object([&] {
    for (const auto &[name, entry] : entries)
      json.attribute(name, (outcomeName(entry.outcome) + ": " + entry.reason).str());
  });
  out << '\n';
  out.close();
  return out.has_error() ? fail(path + ": " + out.error().message()) : Error::success();
}

const ExpectedFailures::Entry *ExpectedFailures::find(StringRef name) const {
  auto found = entries.find(name.str());
  return found == entries.end() ? nullptr : &found->second;
}

void ExpectedFailures::add(const ExpectedFailures &other) {
  for (const auto &[name, entry] : other.entries)
    set(name, entry);
}
