//===- MachOWeights.cpp - Constants as a Mach-O object --------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// The file, in order:
//
//   header | load commands: one segment with one section, platform, symbols |
//   constants, each at its alignment | symbols | names
//
//===----------------------------------------------------------------------===//

#include "codegen/object/WeightsWriter.h"

#include "llvm/BinaryFormat/MachO.h"
#include "llvm/Support/MathExtras.h"

#include <cstring>

using namespace llvm;

namespace burin::object {

namespace {

class MachOWriter : public WeightsWriter {
public:
  MachOWriter(const ObjectFormat &format, StringRef model, ArrayRef<WeightConstant> constants)
      : WeightsWriter(model, constants), format(format), names(1) {
    for (const WeightConstant &constant : constants)
      symbolNames.push_back(names.add(format.symbolPrefix().str() + constant.symbol));
    names.bytes.resize(alignTo(names.bytes.size(), 8));
    commandBytes = sizeof(MachO::segment_command_64) + sizeof(MachO::section_64) +
                   sizeof(MachO::build_version_command) + sizeof(MachO::symtab_command);
    dataStart = alignTo(sizeof(MachO::mach_header_64) + commandBytes, alignment);
    symbolsStart = alignTo(dataStart + dataSize, 8);
    namesStart = symbolsStart + constants.size() * sizeof(MachO::nlist_64);
    size = namesStart + names.bytes.size();
  }
  void write(raw_ostream &out) override;

private:
  void putCommands();

  ObjectFormat format;
  NameTable names;
  std::vector<uint32_t> symbolNames;
  uint64_t commandBytes, dataStart, symbolsStart, namesStart;
};

} // namespace

/// A structure of LLVM's with all members zero.
template <class T> static T zeroed() {
  T object;
  std::memset(&object, 0, sizeof(object));
  return object;
}

void MachOWriter::putCommands() {
  auto segment = zeroed<MachO::segment_command_64>();
  segment.cmd = MachO::LC_SEGMENT_64;
  segment.cmdsize = sizeof(segment) + sizeof(MachO::section_64);
  segment.vmsize = segment.filesize = dataSize;
  segment.fileoff = dataStart;
  segment.maxprot = segment.initprot =
      MachO::VM_PROT_READ | MachO::VM_PROT_WRITE | MachO::VM_PROT_EXECUTE; // the linker's task
  segment.nsects = 1;
  put(segment);

  auto section = zeroed<MachO::section_64>();
  std::memcpy(section.sectname, "__const", 7);
  std::memcpy(section.segname, "__TEXT", 6);
  section.size = dataSize;
  section.offset = static_cast<uint32_t>(dataStart);
  section.align = Log2_64(alignment);
  put(section);

  auto version = zeroed<MachO::build_version_command>();
  version.cmd = MachO::LC_BUILD_VERSION;
  version.cmdsize = sizeof(version);
  version.platform = format.platform;
  version.minos = format.minimumVersion;
  put(version);

  auto table = zeroed<MachO::symtab_command>();
  table.cmd = MachO::LC_SYMTAB;
  table.cmdsize = sizeof(table);
  table.symoff = static_cast<uint32_t>(symbolsStart);
  table.nsyms = static_cast<uint32_t>(constants.size());
  table.stroff = static_cast<uint32_t>(namesStart);
  table.strsize = static_cast<uint32_t>(names.bytes.size());
  put(table);
}

void MachOWriter::write(raw_ostream &out) {
  begin(out);
  auto header = zeroed<MachO::mach_header_64>();
  header.magic = MachO::MH_MAGIC_64;
  header.cputype = format.machine;
  header.cpusubtype = format.cpuSubtype;
  header.filetype = MachO::MH_OBJECT;
  header.ncmds = 3;
  header.sizeofcmds = static_cast<uint32_t>(commandBytes);
  header.flags = MachO::MH_SUBSECTIONS_VIA_SYMBOLS;
  put(header);
  putCommands();
  putConstants(dataStart);
  padTo(symbolsStart);
  for (auto [offset, name] : zip_equal(offsets, symbolNames)) {
    auto symbol = zeroed<MachO::nlist_64>();
    symbol.n_strx = name;
    symbol.n_type = static_cast<uint8_t>(MachO::N_SECT) | MachO::N_EXT | MachO::N_PEXT;
    symbol.n_sect = 1;
    symbol.n_value = offset;
    put(symbol);
  }
  put(StringRef(names.bytes));
}

std::unique_ptr<WeightsWriter> createMachOWriter(const ObjectFormat &format, StringRef model,
                                                 ArrayRef<WeightConstant> constants) {
  return std::make_unique<MachOWriter>(format, model, constants);
}

} // namespace burin::object
