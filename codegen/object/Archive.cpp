//===- Archive.cpp - lib<model>.a -----------------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// The file: "!<arch>\n", then members, each behind a header of 60 characters and at an
// even offset. The first member maps symbols to the offsets of the members that define
// them; where a system wants more is told below.
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

namespace {

/// A file of one of the three kinds. Everything but the members' contents is made
/// before the first byte is written.
class ArchiveWriter {
public:
  ArchiveWriter(raw_ostream &out, ArchiveKind kind, ArrayRef<ArchiveMember> members)
      : out(out), kind(kind), members(members) {
    // Wide numbers only where needed: not every tool reads them.
    uint64_t total = 0;
    for (const ArchiveMember &member : members)
      total += kHeaderSize + alignTo(member.size, 8);
    wide = total > (uint64_t(1) << 31);
  }
  Error write();

private:
  std::string nameField(const ArchiveMember &member);
  uint64_t contentsSize(const ArchiveMember &member) const;
  void placeMembers();
  std::string gnuTable() const;
  std::string coffTable() const;
  std::string darwinTable() const;
  std::vector<std::pair<std::string, std::string>> tables() const;
  void number(std::string &text, uint64_t value, endianness order, bool isWide = false) const;

  raw_ostream &out;
  ArchiveKind kind;
  ArrayRef<ArchiveMember> members;
  bool wide = false;
  std::string longNames;
  std::vector<std::string> fields; ///< the name in each member's header
  std::vector<uint64_t> offsets;   ///< of each member's header
};

} // namespace

static void writeMemberHeader(raw_ostream &out, StringRef name, uint64_t size) {
  out << formatv("{0,-16}{1,-12}{2,-6}{3,-6}{4,-8}{5,-10}`\n", name, 0, 0, 0, "100644", size);
}

/// BSD's long names stand before the contents, zeros up to a multiple of 8 behind them.
static std::string darwinName(StringRef name) {
  std::string text = name.str();
  text.resize(alignTo(name.size() + 1 + kHeaderSize, 8) - kHeaderSize, '\0');
  return text;
}

/// GNU's and COFF's names end with a slash, as they may hold spaces; long ones stand in a
/// member of their own.
std::string ArchiveWriter::nameField(const ArchiveMember &member) {
  if (kind == ArchiveKind::Darwin)
    return "#1/" + std::to_string(darwinName(member.name).size());
  if (member.name.size() <= kMaxShortName)
    return member.name + "/";
  std::string field = "/" + std::to_string(longNames.size());
  longNames += member.name;
  longNames += kind == ArchiveKind::Coff ? StringRef("\0", 1) : StringRef("/\n");
  return field;
}

/// What the header says: Apple's linker wants 64-bit objects at multiples of 8.
uint64_t ArchiveWriter::contentsSize(const ArchiveMember &member) const {
  if (kind == ArchiveKind::Darwin)
    return darwinName(member.name).size() + alignTo(member.size, 8);
  return member.size;
}

void ArchiveWriter::number(std::string &text, uint64_t value, endianness order, bool isWide) const {
  char bytes[8];
  if (isWide)
    support::endian::write<uint64_t>(bytes, value, order);
  else
    support::endian::write<uint32_t>(bytes, static_cast<uint32_t>(value), order);
  text.append(bytes, isWide ? 8 : 4);
}

/// Count, an offset per symbol, the symbols' names.
std::string ArchiveWriter::gnuTable() const {
  std::string text;
  uint64_t count = 0;
  for (const ArchiveMember &member : members)
    count += member.symbols.size();
  number(text, count, endianness::big, wide);
  for (auto [member, offset] : zip_equal(members, offsets))
    for (size_t i = 0; i < member.symbols.size(); ++i)
      number(text, offset, endianness::big, wide);
  for (const ArchiveMember &member : members)
    for (const std::string &symbol : member.symbols)
      text.append(symbol.c_str(), symbol.size() + 1);
  return text;
}

/// The members' offsets, then symbols by name, each with its member's number from 1.
std::string ArchiveWriter::coffTable() const {
  std::vector<std::pair<StringRef, uint16_t>> symbols;
  std::string text;
  number(text, members.size(), endianness::little);
  for (auto [index, member] : enumerate(members)) {
    number(text, offsets[index], endianness::little);
    for (const std::string &symbol : member.symbols)
      symbols.emplace_back(symbol, static_cast<uint16_t>(index + 1));
  }
  llvm::sort(symbols);
  number(text, symbols.size(), endianness::little);
  for (const auto &[symbol, member] : symbols)
    text.append({static_cast<char>(member & 255), static_cast<char>(member >> 8)});
  for (const auto &[symbol, member] : symbols)
    text.append(symbol.data(), symbol.size()).push_back('\0');
  return text;
}

/// Pairs of a name's and a member's offset, then the names; both with their size before.
std::string ArchiveWriter::darwinTable() const {
  std::string pairs, names;
  for (auto [member, offset] : zip_equal(members, offsets))
    for (const std::string &symbol : member.symbols) {
      number(pairs, names.size(), endianness::little, wide);
      number(pairs, offset, endianness::little, wide);
      names.append(symbol.c_str(), symbol.size() + 1);
    }
  names.resize(alignTo(names.size(), 8), '\0');
  std::string text = darwinName(wide ? "__.SYMDEF_64" : "__.SYMDEF");
  number(text, pairs.size(), endianness::little, wide);
  text += pairs;
  number(text, names.size(), endianness::little, wide);
  text += names;
  text.resize(alignTo(text.size(), 8), '\0');
  return text;
}

/// The members before the objects: header's name and contents. Their sizes do not depend
/// on the offsets' values.
std::vector<std::pair<std::string, std::string>> ArchiveWriter::tables() const {
  if (kind == ArchiveKind::Darwin)
    return {{"#1/" + std::to_string(darwinName(wide ? "__.SYMDEF_64" : "__.SYMDEF").size()),
             darwinTable()}};
  std::vector<std::pair<std::string, std::string>> list = {{wide ? "/SYM64/" : "/", gnuTable()}};
  if (kind == ArchiveKind::Coff)
    list.emplace_back("/", coffTable());
  if (!longNames.empty())
    list.emplace_back("//", longNames);
  return list;
}

void ArchiveWriter::placeMembers() {
  offsets.assign(members.size(), 0);
  uint64_t offset = kMagic.size();
  for (const auto &[name, contents] : tables())
    offset += kHeaderSize + alignTo(contents.size(), 2);
  for (auto [member, start] : zip_equal(members, offsets)) {
    start = offset;
    offset += kHeaderSize + alignTo(contentsSize(member), 2);
  }
}

Error ArchiveWriter::write() {
  for (const ArchiveMember &member : members) {
    if (contentsSize(member) > kMaxMemberSize || (wide && kind == ArchiveKind::Coff))
      return fail("\"" + member.name + "\" is too large for a static library");
    fields.push_back(nameField(member));
  }
  placeMembers();
  out << kMagic;
  for (const auto &[name, contents] : tables()) {
    writeMemberHeader(out, name, alignTo(contents.size(), 2));
    out << contents;
    out.write_zeros(static_cast<unsigned>(contents.size() % 2));
  }
  for (auto [member, field] : zip_equal(members, fields)) {
    writeMemberHeader(out, field, contentsSize(member));
    if (kind == ArchiveKind::Darwin)
      out << darwinName(member.name);
    uint64_t start = out.tell();
    if (Error error = member.write(out))
      return createFileError(member.name, std::move(error));
    if (out.tell() - start != member.size)
      return fail("\"" + member.name + "\" has not the size that was announced");
    uint64_t unit = kind == ArchiveKind::Darwin ? 8 : 2;
    for (uint64_t i = member.size; i % unit; ++i)
      out << '\n';
  }
  return Error::success();
}

Error writeArchive(raw_ostream &out, ArchiveKind kind, ArrayRef<ArchiveMember> members) {
  return ArchiveWriter(out, kind, members).write();
}

} // namespace burin::object
