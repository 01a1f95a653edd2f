//===- Archive.cpp - lib<model>.a -----------------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// The file: "!<arch>\n", then members, each behind a header of 60 characters and at an
// even offset. The first member maps symbols to the offsets of the members that define
// them, the second holds names of more than 15 characters.
//
//===----------------------------------------------------------------------===//

#include "codegen/object/Archive.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace burin::object {

static constexpr StringLiteral kMagic = "!<arch>\n";
static constexpr uint64_t kHeaderSize = 60;
/// The size field has ten digits.
static constexpr uint64_t kMaxMemberSize = 9'999'999'999;
static constexpr size_t kMaxShortName = 15;

static Error fail(const Twine &message) {
  return createStringError(std::make_error_code(std::errc::invalid_argument), message);
}

Expected<ArchiveMember> objectMember(StringRef name, StringRef object) {
  ArchiveMember member;
  member.name = name.str();
  member.size = object.size();
  member.write = [object](raw_ostream &out) {
    out.write(object.data(), object.size());
    return Error::success();
  };
  Expected<std::unique_ptr<llvm::object::ObjectFile>> file =
      llvm::object::ObjectFile::createObjectFile(MemoryBufferRef(object, name));
  if (!file)
    return createFileError(name, file.takeError());
  for (const llvm::object::SymbolRef &symbol : (*file)->symbols()) {
    Expected<uint32_t> flags = symbol.getFlags();
    if (!flags)
      return flags.takeError();
    using llvm::object::BasicSymbolRef;
    if (!(*flags & BasicSymbolRef::SF_Global) ||
        (*flags & (BasicSymbolRef::SF_Undefined | BasicSymbolRef::SF_FormatSpecific)))
      continue;
    Expected<StringRef> symbolName = symbol.getName();
    if (!symbolName)
      return symbolName.takeError();
    member.symbols.push_back(symbolName->str());
  }
  return member;
}

static void writeMemberHeader(raw_ostream &out, StringRef name, uint64_t size) {
  out << formatv("{0,-16}{1,-12}{2,-6}{3,-6}{4,-8}{5,-10}`\n", name, 0, 0, 0, "100644", size);
}

/// `text` and the byte that keeps members at even offsets.
static void writeTableMember(raw_ostream &out, StringRef name, StringRef text) {
  writeMemberHeader(out, name, alignTo(text.size(), 2));
  out << text;
  if (text.size() % 2)
    out << '\0';
}

/// The symbol table for members that start at `offsets`; its size does not depend on
/// the offsets' values.
static std::string symbolTable(ArrayRef<ArchiveMember> members, ArrayRef<uint64_t> offsets,
                               bool wide) {
  std::string text;
  auto number = [&](uint64_t value) {
    char bytes[8];
    support::endian::write64be(bytes, value);
    text.append(wide ? bytes : bytes + 4, wide ? 8 : 4);
  };
  uint64_t count = 0;
  for (const ArchiveMember &member : members)
    count += member.symbols.size();
  number(count);
  for (auto [member, offset] : zip_equal(members, offsets))
    for (size_t i = 0; i < member.symbols.size(); ++i)
      number(offset);
  for (const ArchiveMember &member : members)
    for (const std::string &symbol : member.symbols)
      text.append(symbol.c_str(), symbol.size() + 1);
  return text;
}

Error writeArchive(raw_ostream &out, ArrayRef<ArchiveMember> members) {
  std::string longNames;
  SmallVector<std::string> fields;
  uint64_t total = 0;
  for (const ArchiveMember &member : members) {
    if (member.size > kMaxMemberSize)
      return fail("\"" + member.name + "\" is too large for a static library");
    total += kHeaderSize + alignTo(member.size, 2);
    if (member.name.size() <= kMaxShortName) {
      fields.push_back(member.name + "/");
      continue;
    }
    fields.push_back("/" + std::to_string(longNames.size()));
    longNames += member.name + "/\n";
  }

  SmallVector<uint64_t> offsets(members.size(), 0);
  // Wide numbers only where needed: not every tool reads them.
  bool wide = total > (uint64_t(1) << 31);
  uint64_t tableSize = symbolTable(members, offsets, wide).size();
  uint64_t offset = kMagic.size() + kHeaderSize + alignTo(tableSize, 2);
  if (!longNames.empty())
    offset += kHeaderSize + alignTo(longNames.size(), 2);
  for (auto [member, start] : zip_equal(members, offsets)) {
    start = offset;
    offset += kHeaderSize + alignTo(member.size, 2);
  }

  out << kMagic;
  writeTableMember(out, wide ? "/SYM64/" : "/", symbolTable(members, offsets, wide));
  if (!longNames.empty())
    writeTableMember(out, "//", longNames);
  for (auto [member, field] : zip_equal(members, fields)) {
    writeMemberHeader(out, field, member.size);
    uint64_t start = out.tell();
    if (Error error = member.write(out))
      return createFileError(member.name, std::move(error));
    if (out.tell() - start != member.size)
      return fail("\"" + member.name + "\" has not the size that was announced");
    if (member.size % 2)
      out << '\n';
  }
  return Error::success();
}

} // namespace burin::object
