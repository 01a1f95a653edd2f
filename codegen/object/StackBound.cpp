//===- StackBound.cpp - How much stack a model needs ----------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/object/StackBound.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/InstrTypes.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/DataExtractor.h"

#include <map>

using namespace llvm;
using namespace llvm::object;

namespace burin::object {

namespace {

/// A place in the object: section index and offset.
using Place = std::pair<uint64_t, uint64_t>;

/// Frames by function name, out of `.stack_sizes`.
class FrameReader {
public:
  explicit FrameReader(const ELFObjectFileBase &file) : file(file) {}
  Error read(StringMap<uint64_t> &frames);

private:
  Error readNames();
  Error readSection(const SectionRef &section, StringMap<uint64_t> &frames);

  const ELFObjectFileBase &file;
  std::map<Place, std::vector<std::string>> names; // aliases share a place
};

/// Walks the call graph, each function once.
class ChainFinder {
public:
  ChainFinder(const StringMap<uint64_t> &frames, uint64_t returnAddress)
      : frames(frames), returnAddress(returnAddress) {}
  /// Nothing when it has no bound.
  std::optional<uint64_t> bound(const Function &function);
  std::vector<std::string> chain(const Function &entry) const;

private:
  struct Entry {
    std::optional<uint64_t> bytes;
    const Function *heaviest = nullptr;
    bool done = false;
  };
  const StringMap<uint64_t> &frames;
  uint64_t returnAddress;
  DenseMap<const Function *, Entry> entries;
};

} // namespace

Error FrameReader::readNames() {
  for (const ELFSymbolRef &symbol : file.symbols()) {
    Expected<section_iterator> section = symbol.getSection();
    if (!section)
      return section.takeError();
    if (*section == file.section_end() || symbol.getELFType() == ELF::STT_SECTION)
      continue;
    Expected<StringRef> name = symbol.getName();
    Expected<uint64_t> value = symbol.getValue();
    if (!name || !value)
      return joinErrors(name.takeError(), value.takeError());
    names[{(*section)->getIndex(), *value}].push_back(name->str());
  }
  return Error::success();
}

/// Entries are an address, filled in by a relocation, and a ULEB128 size.
Error FrameReader::readSection(const SectionRef &section, StringMap<uint64_t> &frames) {
  Expected<StringRef> contents = section.getContents();
  if (!contents)
    return contents.takeError();
  std::map<uint64_t, Place> targets;
  for (const SectionRef &other : file.sections()) {
    Expected<section_iterator> relocated = other.getRelocatedSection();
    if (!relocated)
      return relocated.takeError();
    if (*relocated == file.section_end() || **relocated != section)
      continue;
    for (const ELFRelocationRef relocation : other.relocations()) {
      symbol_iterator symbol = relocation.getSymbol();
      if (symbol == file.symbol_end())
        continue;
      Expected<section_iterator> home = symbol->getSection();
      Expected<uint64_t> value = symbol->getValue();
      if (!home || !value)
        return joinErrors(home.takeError(), value.takeError());
      // REL files keep the addend in place; it is added below.
      int64_t addend = 0;
      if (Expected<int64_t> explicitAddend = relocation.getAddend())
        addend = *explicitAddend;
      else
        consumeError(explicitAddend.takeError());
      if (*home != file.section_end())
        targets[relocation.getOffset()] = {(*home)->getIndex(),
                                           *value + static_cast<uint64_t>(addend)};
    }
  }
  DataExtractor data(*contents, file.isLittleEndian(), file.getBytesInAddress());
  DataExtractor::Cursor cursor(0);
  while (cursor && cursor.tell() < contents->size()) {
    uint64_t at = cursor.tell();
    uint64_t inPlace = data.getAddress(cursor);
    uint64_t size = data.getULEB128(cursor);
    auto target = targets.find(at);
    if (!cursor || target == targets.end())
      continue;
    auto found = names.find({target->second.first, target->second.second + inPlace});
    if (found != names.end())
      for (const std::string &name : found->second)
        frames[name] = size;
  }
  return cursor.takeError();
}

Error FrameReader::read(StringMap<uint64_t> &frames) {
  if (Error error = readNames())
    return error;
  for (const SectionRef &section : file.sections()) {
    Expected<StringRef> name = section.getName();
    if (!name)
      return name.takeError();
    if (*name == ".stack_sizes")
      if (Error error = readSection(section, frames))
        return error;
  }
  return Error::success();
}

std::optional<uint64_t> ChainFinder::bound(const Function &function) {
  auto [found, isNew] = entries.try_emplace(&function);
  // Not done means that it is being walked: recursion.
  if (!isNew)
    return found->second.done ? found->second.bytes : std::nullopt;
  auto frame = frames.find(function.getName());
  bool known = frame != frames.end();
  uint64_t deepest = 0;
  const Function *heaviest = nullptr;
  for (const Instruction &instruction : instructions(function)) {
    const auto *call = dyn_cast<CallBase>(&instruction);
    if (!call || isa<IntrinsicInst>(call) || !known)
      continue;
    const auto *callee =
        dyn_cast<Function>(call->getCalledOperand()->stripPointerCastsAndAliases());
    if (!callee && !call->isInlineAsm()) {
      known = false;
      continue;
    }
    if (!callee || callee->isDeclaration())
      continue;
    std::optional<uint64_t> bytes = bound(*callee);
    known = known && bytes;
    if (bytes && *bytes >= deepest) {
      deepest = *bytes;
      heaviest = callee;
    }
  }
  Entry &entry = entries[&function];
  entry.done = true;
  entry.heaviest = heaviest;
  if (known)
    entry.bytes = frame->second + returnAddress + deepest;
  return entry.bytes;
}

std::vector<std::string> ChainFinder::chain(const Function &entry) const {
  std::vector<std::string> result;
  for (const Function *function = &entry; function;
       function = entries.find(function)->second.heaviest)
    result.push_back(function->getName().str());
  return result;
}

Expected<std::optional<StackBound>> stackBound(const Module &module, StringRef object,
                                               StringRef entry) {
  Expected<std::unique_ptr<ObjectFile>> file =
      ObjectFile::createObjectFile(MemoryBufferRef(object, module.getName()));
  if (!file)
    return file.takeError();
  // LLVM tells the frames in ELF files only.
  if (!(*file)->isELF())
    return std::nullopt;
  const auto &elf = *cast<ELFObjectFileBase>(file->get());
  StringMap<uint64_t> frames;
  if (Error error = FrameReader(elf).read(frames))
    return error;
  const Function *function = module.getFunction(entry);
  if (!function || function->isDeclaration())
    return std::nullopt;
  // x86 pushes the return address; elsewhere it is saved inside the frame.
  bool pushes = elf.getEMachine() == ELF::EM_X86_64 || elf.getEMachine() == ELF::EM_386;
  ChainFinder finder(frames, pushes ? elf.getBytesInAddress() : 0);
  std::optional<uint64_t> bytes = finder.bound(*function);
  if (!bytes)
    return std::nullopt;
  // The code generator's own calls, to functions that no instruction here names.
  for (const Function &helper : module)
    if (helper.getName().starts_with("__") && !helper.isDeclaration())
      *bytes += frames.lookup(helper.getName());
  return StackBound{*bytes, finder.chain(*function)};
}

} // namespace burin::object
