//===- WeightsObject.cpp - Constants as an object file --------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// The file, in order:
//
//   header | constants, each at its alignment | symbols | names of the symbols |
//   names of the sections | section headers
//
// All offsets are known before the first byte is written, so that the bytes go out in
// one pass and nothing is copied.
//
//===----------------------------------------------------------------------===//

#include "codegen/object/WeightsObject.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/Object/ELFTypes.h"
#include "llvm/Support/MathExtras.h"

#include <cstring>
#include <vector>

using namespace llvm;

namespace burin::object {

bool isLargeSection(const ElfFormat &format, uint64_t bytes) {
  return format.is64 && format.machine == ELF::EM_X86_64 && bytes >= kLargeSection;
}

uint64_t weightsSectionSize(ArrayRef<WeightConstant> constants) {
  uint64_t size = 0;
  for (const WeightConstant &constant : constants)
    size = alignTo(size, constant.alignment ? constant.alignment : 1) + constant.bytes.size();
  return size;
}

static Error fail(const Twine &message) {
  return createStringError(std::make_error_code(std::errc::invalid_argument), message);
}

static Error checkConstants(ArrayRef<WeightConstant> constants) {
  StringSet<> symbols;
  for (const WeightConstant &constant : constants) {
    if (!isPowerOf2_64(constant.alignment) || constant.alignment > (uint64_t(1) << 30))
      return fail("weight \"" + constant.symbol + "\": impossible alignment " +
                  Twine(constant.alignment));
    if (constant.symbol.empty() || !symbols.insert(constant.symbol).second)
      return fail("weight \"" + constant.symbol + "\": symbol is empty or repeated");
  }
  return Error::success();
}

namespace {

/// Names in a row, each ended by a zero, the first one empty.
class StringTable {
public:
  uint32_t add(StringRef name) {
    auto offset = static_cast<uint32_t>(bytes.size());
    bytes.append(name.begin(), name.end());
    bytes.push_back('\0');
    return offset;
  }
  std::string bytes = std::string(1, '\0');
};

/// The writer for one ELF class.
template <class ELFT> class ElfWriter {
public:
  ElfWriter(const ElfFormat &format, StringRef model, ArrayRef<WeightConstant> constants)
      : format(format), model(model), constants(constants) {
    layOut();
    describeSections();
  }

  uint64_t fileSize() const { return headersStart + sizeof(sections); }
  Error write(raw_ostream &stream);

private:
  using Ehdr = typename ELFT::Ehdr;
  using Shdr = typename ELFT::Shdr;
  using Sym = typename ELFT::Sym;

  enum Section : unsigned { Null, Weights, Stack, Symbols, SymbolNames, SectionNames, Count };

  void layOut();
  void describeSections();
  void padTo(uint64_t offset);
  template <class T> void put(const T &object) {
    out->write(reinterpret_cast<const char *>(&object), sizeof(T));
    position += sizeof(T);
  }
  void put(StringRef bytes) {
    out->write(bytes.data(), bytes.size());
    position += bytes.size();
  }

  raw_ostream *out = nullptr;
  const ElfFormat &format;
  StringRef model;
  ArrayRef<WeightConstant> constants;
  uint64_t position = 0;
  uint64_t alignment = 1, weightsStart = 0, weightsEnd = 0, headersStart = 0;
  StringTable symbolNames, sectionNames;
  std::vector<Sym> symbols;
  Shdr sections[Count];
};

} // namespace

template <class ELFT> void ElfWriter<ELFT>::padTo(uint64_t offset) {
  static constexpr char zeros[4096] = {};
  while (position < offset)
    put(StringRef(zeros, std::min<uint64_t>(sizeof(zeros), offset - position)));
}

template <class ELFT> void ElfWriter<ELFT>::layOut() {
  for (const WeightConstant &constant : constants)
    alignment = std::max(alignment, constant.alignment);
  weightsStart = alignTo(sizeof(Ehdr), alignment);
  Sym symbol;
  std::memset(&symbol, 0, sizeof(symbol));
  symbols.push_back(symbol);
  uint64_t offset = 0;
  for (const WeightConstant &constant : constants) {
    offset = alignTo(offset, std::max<uint64_t>(constant.alignment, 1));
    symbol.st_name = symbolNames.add(constant.symbol);
    symbol.setBindingAndType(ELF::STB_GLOBAL, ELF::STT_OBJECT);
    symbol.setVisibility(ELF::STV_HIDDEN);
    symbol.st_shndx = Section::Weights;
    symbol.st_value = offset;
    symbol.st_size = constant.bytes.size();
    symbols.push_back(symbol);
    offset += constant.bytes.size();
  }
  weightsEnd = weightsStart + offset;
}

template <class ELFT> void ElfWriter<ELFT>::describeSections() {
  std::memset(sections, 0, sizeof(sections));
  bool large = isLargeSection(format, weightsEnd - weightsStart);
  auto describe = [&](Section index, StringRef name, uint32_t type, uint64_t start, uint64_t size,
                      uint64_t align) -> Shdr & {
    Shdr &section = sections[index];
    section.sh_name = sectionNames.add(name);
    section.sh_type = type;
    section.sh_offset = start;
    section.sh_size = size;
    section.sh_addralign = align;
    return section;
  };
  std::string weightsName =
      ((large ? ".lrodata.burin." : ".rodata.burin.") + model + ".weights").str();
  Shdr &weights = describe(Weights, weightsName, ELF::SHT_PROGBITS, weightsStart,
                           weightsEnd - weightsStart, alignment);
  weights.sh_flags = ELF::SHF_ALLOC | (large ? unsigned(ELF::SHF_X86_64_LARGE) : 0U);
  // Without this section GNU ld gives the whole program an executable stack.
  describe(Stack, ".note.GNU-stack", ELF::SHT_PROGBITS, weightsEnd, 0, 1);

  uint64_t symbolsStart = alignTo(weightsEnd, 8);
  uint64_t symbolsSize = symbols.size() * sizeof(Sym);
  Shdr &table = describe(Symbols, ".symtab", ELF::SHT_SYMTAB, symbolsStart, symbolsSize, 8);
  table.sh_link = SymbolNames;
  table.sh_info = 1; // the first symbol that is not local
  table.sh_entsize = sizeof(Sym);
  uint64_t namesStart = symbolsStart + symbolsSize;
  describe(SymbolNames, ".strtab", ELF::SHT_STRTAB, namesStart, symbolNames.bytes.size(), 1);
  uint64_t sectionNamesStart = namesStart + symbolNames.bytes.size();
  Shdr &names = describe(SectionNames, ".shstrtab", ELF::SHT_STRTAB, sectionNamesStart, 0, 1);
  names.sh_size = sectionNames.bytes.size();
  headersStart = alignTo(sectionNamesStart + sectionNames.bytes.size(), 8);
}

template <class ELFT> Error ElfWriter<ELFT>::write(raw_ostream &stream) {
  out = &stream;
  if (!ELFT::Is64Bits && fileSize() > UINT32_MAX)
    return fail("weights of " + Twine(weightsEnd - weightsStart) +
                " bytes do not fit into a 32-bit object");

  Ehdr header;
  std::memset(&header, 0, sizeof(header));
  std::memcpy(header.e_ident, ELF::ElfMagic, 4);
  header.e_ident[ELF::EI_CLASS] = ELFT::Is64Bits ? ELF::ELFCLASS64 : ELF::ELFCLASS32;
  header.e_ident[ELF::EI_DATA] = ELF::ELFDATA2LSB;
  header.e_ident[ELF::EI_VERSION] = ELF::EV_CURRENT;
  header.e_type = ELF::ET_REL;
  header.e_machine = format.machine;
  header.e_version = ELF::EV_CURRENT;
  header.e_flags = format.flags;
  header.e_shoff = headersStart;
  header.e_ehsize = sizeof(Ehdr);
  header.e_shentsize = sizeof(Shdr);
  header.e_shnum = Section::Count;
  header.e_shstrndx = SectionNames;
  put(header);

  padTo(weightsStart);
  for (auto [constant, symbol] : zip_equal(constants, drop_begin(symbols))) {
    padTo(weightsStart + symbol.st_value);
    put(StringRef(constant.bytes.data(), constant.bytes.size()));
  }
  padTo(sections[Symbols].sh_offset);
  for (const Sym &symbol : symbols)
    put(symbol);
  put(StringRef(symbolNames.bytes));
  put(StringRef(sectionNames.bytes));
  padTo(headersStart);
  put(sections);
  return Error::success();
}

uint64_t weightsObjectSize(const ElfFormat &format, StringRef modelName,
                           ArrayRef<WeightConstant> constants) {
  if (format.is64)
    return ElfWriter<llvm::object::ELF64LE>(format, modelName, constants).fileSize();
  return ElfWriter<llvm::object::ELF32LE>(format, modelName, constants).fileSize();
}

Error writeWeightsObject(raw_ostream &out, const ElfFormat &format, StringRef modelName,
                         ArrayRef<WeightConstant> constants) {
  if (Error error = checkConstants(constants))
    return error;
  if (format.is64)
    return ElfWriter<llvm::object::ELF64LE>(format, modelName, constants).write(out);
  return ElfWriter<llvm::object::ELF32LE>(format, modelName, constants).write(out);
}

} // namespace burin::object
