//===- PlaceSections.cpp - Sections that linker scripts name --------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// Done on the object, as the code generator makes sections of its own beside those of
// functions and globals: constants that it loads, strings, jump tables.
//
//===----------------------------------------------------------------------===//

#include "codegen/object/PlaceSections.h"

#include "llvm/BinaryFormat/ELF.h"
#include "llvm/ObjCopy/ConfigManager.h"
#include "llvm/ObjCopy/ObjCopy.h"
#include "llvm/Object/ELFObjectFile.h"

using namespace llvm;

namespace burin::object {

/// What a section of the code generator's is called, empty where it keeps its name.
static std::string placedName(StringRef name, uint64_t flags, StringRef model) {
  auto place = [&](StringRef old, StringRef kind) -> std::string {
    StringRef rest = name;
    if (!rest.consume_front(old) || !(rest.empty() || rest.front() == '.'))
      return "";
    // Local symbols begin with ".L", which makes two dots.
    rest = rest.drop_while([](char c) { return c == '.'; });
    std::string placed = (kind == "text" ? ".text.burin." : ".rodata.burin.") + model.str();
    placed += kind == "text" ? "" : ".tables";
    return rest.empty() ? placed : placed + "." + rest.str();
  };
  if (flags & ELF::SHF_EXECINSTR)
    return place(".text", "text");
  // RISC-V keeps small constants apart, where its linker can reach them in one instruction.
  for (StringRef old : {".rodata", ".srodata"})
    if (std::string placed = place(old, "tables"); !placed.empty())
      return placed;
  return "";
}

Expected<SmallVector<char, 0>> placeSections(StringRef object, StringRef model) {
  auto file = llvm::object::ObjectFile::createObjectFile(MemoryBufferRef(object, model));
  if (!file)
    return file.takeError();
  objcopy::ConfigManager config;
  config.Common.InputFilename = config.Common.OutputFilename = model;
  // The configuration refers to names.
  std::vector<std::unique_ptr<std::string>> names;
  for (const llvm::object::SectionRef &section : (*file)->sections()) {
    auto name = section.getName();
    if (!name)
      return name.takeError();
    uint64_t flags = llvm::object::ELFSectionRef(section).getFlags();
    if (!(flags & ELF::SHF_ALLOC))
      continue;
    std::string placed = placedName(*name, flags, model);
    if (placed.empty())
      continue;
    names.push_back(std::make_unique<std::string>(std::move(placed)));
    config.Common.SectionsToRename[*name] = {*name, *names.back(), std::nullopt};
  }
  if (Error error = config.Common.ToRemove.addMatcher(objcopy::NameOrPattern::create(
          ".note.GNU-stack", objcopy::MatchStyle::Literal, [](Error e) { return e; })))
    return std::move(error);
  SmallVector<char, 0> placed;
  raw_svector_ostream out(placed);
  if (Error error = objcopy::executeObjcopyOnBinary(config, **file, out))
    return std::move(error);
  return placed;
}

} // namespace burin::object
