//===- ElfWeights.cpp - Constants as an ELF object ------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// The file, in order:
//
//   header | constants, each at its alignment | symbols | names of the symbols |
//   names of the sections | section headers
//
//===----------------------------------------------------------------------===//

#include "codegen/object/WeightsWriter.h"

#include "llvm/Object/ELFTypes.h"
#include "llvm/Support/MathExtras.h"

#include <cstring>

using namespace llvm;

namespace burin::object {

namespace {

/// The writer for one ELF class.
template <class ELFT> class ElfWriter : public WeightsWriter {
public:
  ElfWriter(const ObjectFormat &format, StringRef model, ArrayRef<WeightConstant> constants)
      : WeightsWriter(model, constants), format(format), symbolNames(1), sectionNames(1) {
    makeSymbols();
    describeSections();
    size = headersStart + sizeof(sections);
  }
  void write(raw_ostream &out) override;

private:
  using Ehdr = typename ELFT::Ehdr;
  using Shdr = typename ELFT::Shdr;
  using Sym = typename ELFT::Sym;

  enum Section : unsigned { Null, Weights, Stack, Symbols, SymbolNames, SectionNames, Count };

  void makeSymbols();
  void describeSections();

  ObjectFormat format;
  uint64_t weightsStart = 0, headersStart = 0;
  NameTable symbolNames, sectionNames;
  std::vector<Sym> symbols;
  Shdr sections[Count];
};

} // namespace

template <class ELFT> void ElfWriter<ELFT>::makeSymbols() {
  Sym symbol;
  std::memset(&symbol, 0, sizeof(symbol));
  symbols.push_back(symbol);
  for (auto [constant, offset] : zip_equal(constants, offsets)) {
    symbol.st_name = symbolNames.add(constant.symbol);
    symbol.setBindingAndType(ELF::STB_GLOBAL, ELF::STT_OBJECT);
    symbol.setVisibility(ELF::STV_HIDDEN);
    symbol.st_shndx = Section::Weights;
    symbol.st_value = offset;
    symbol.st_size = constant.bytes.size();
    symbols.push_back(symbol);
  }
}

template <class ELFT> void ElfWriter<ELFT>::describeSections() {
  std::memset(sections, 0, sizeof(sections));
  bool large = isLargeSection(format, dataSize);
  auto describe = [&](Section index, StringRef name, uint32_t type, uint64_t start, uint64_t bytes,
                      uint64_t align) -> Shdr & {
    Shdr &section = sections[index];
    section.sh_name = sectionNames.add(name);
    section.sh_type = type;
    section.sh_offset = start;
    section.sh_size = bytes;
    section.sh_addralign = align;
    return section;
  };
  weightsStart = alignTo(sizeof(Ehdr), alignment);
  std::string weightsName = (large ? ".lrodata.burin." : ".rodata.burin.") + model + ".weights";
  Shdr &weights =
      describe(Weights, weightsName, ELF::SHT_PROGBITS, weightsStart, dataSize, alignment);
  weights.sh_flags = ELF::SHF_ALLOC | (large ? unsigned(ELF::SHF_X86_64_LARGE) : 0U);
  // Where others have this section, GNU ld gives the whole program an executable stack
  // without it. (Else its header stays a null one.)
  uint64_t weightsEnd = weightsStart + dataSize;
  if (format.hasStackNote)
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

template <class ELFT> void ElfWriter<ELFT>::write(raw_ostream &out) {
  begin(out);
  Ehdr header;
  std::memset(&header, 0, sizeof(header));
  std::memcpy(header.e_ident, ELF::ElfMagic, 4);
  header.e_ident[ELF::EI_CLASS] = ELFT::Is64Bits ? ELF::ELFCLASS64 : ELF::ELFCLASS32;
  header.e_ident[ELF::EI_DATA] = ELF::ELFDATA2LSB;
  header.e_ident[ELF::EI_VERSION] = ELF::EV_CURRENT;
  header.e_type = ELF::ET_REL;
  header.e_machine = static_cast<uint16_t>(format.machine);
  header.e_version = ELF::EV_CURRENT;
  header.e_flags = format.flags;
  header.e_shoff = headersStart;
  header.e_ehsize = sizeof(Ehdr);
  header.e_shentsize = sizeof(Shdr);
  header.e_shnum = Section::Count;
  header.e_shstrndx = SectionNames;
  put(header);

  putConstants(weightsStart);
  padTo(sections[Symbols].sh_offset);
  for (const Sym &symbol : symbols)
    put(symbol);
  put(StringRef(symbolNames.bytes));
  put(StringRef(sectionNames.bytes));
  padTo(headersStart);
  put(sections);
}

std::unique_ptr<WeightsWriter> createElfWriter(const ObjectFormat &format, StringRef model,
                                               ArrayRef<WeightConstant> constants) {
  if (format.is64)
    return std::make_unique<ElfWriter<llvm::object::ELF64LE>>(format, model, constants);
  return std::make_unique<ElfWriter<llvm::object::ELF32LE>>(format, model, constants);
}

} // namespace burin::object
