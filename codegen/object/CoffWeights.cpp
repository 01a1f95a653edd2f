//===- CoffWeights.cpp - Constants as a COFF object -----------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// The file, in order:
//
//   header | section header | constants, each at its alignment | symbols | names
//
// COFF has no hidden symbols; the model's name in front keeps them apart.
//
//===----------------------------------------------------------------------===//

#include "codegen/object/WeightsWriter.h"

#include "llvm/BinaryFormat/COFF.h"
#include "llvm/Object/COFF.h"
#include "llvm/Support/MathExtras.h"

#include <cstring>

using namespace llvm;
using llvm::object::coff_file_header;
using llvm::object::coff_section;
using llvm::object::coff_symbol16;

namespace burin::object {

namespace {

class CoffWriter : public WeightsWriter {
public:
  CoffWriter(const ObjectFormat &format, StringRef model, ArrayRef<WeightConstant> constants)
      : WeightsWriter(model, constants), machine(static_cast<uint16_t>(format.machine)), names(4) {
    // Linkers sort what stands behind the '$' and drop it.
    sectionName = names.add(".rdata$burin." + model.str() + ".weights");
    for (const WeightConstant &constant : constants)
      symbolNames.push_back(names.add(constant.symbol));
    dataStart = alignTo(sizeof(coff_file_header) + sizeof(coff_section), 16);
    symbolsStart = dataStart + dataSize;
    size = symbolsStart + constants.size() * sizeof(coff_symbol16) + names.bytes.size();
  }
  void write(raw_ostream &out) override;

private:
  uint16_t machine;
  NameTable names; ///< behind the table's size
  uint32_t sectionName;
  std::vector<uint32_t> symbolNames;
  uint64_t dataStart, symbolsStart;
};

} // namespace

void CoffWriter::write(raw_ostream &out) {
  begin(out);
  coff_file_header header;
  std::memset(&header, 0, sizeof(header));
  header.Machine = machine;
  header.NumberOfSections = 1;
  header.PointerToSymbolTable = static_cast<uint32_t>(symbolsStart);
  header.NumberOfSymbols = static_cast<uint32_t>(constants.size());
  put(header);

  coff_section section;
  std::memset(&section, 0, sizeof(section));
  std::string name = "/" + std::to_string(sectionName);
  std::memcpy(section.Name, name.data(), std::min<size_t>(name.size(), sizeof(section.Name)));
  section.SizeOfRawData = static_cast<uint32_t>(dataSize);
  section.PointerToRawData = static_cast<uint32_t>(dataStart);
  section.Characteristics = COFF::IMAGE_SCN_CNT_INITIALIZED_DATA | COFF::IMAGE_SCN_MEM_READ |
                            (Log2_64(alignment) + 1) << 20;
  put(section);

  putConstants(dataStart);
  for (auto [offset, symbolName] : zip_equal(offsets, symbolNames)) {
    coff_symbol16 symbol;
    std::memset(&symbol, 0, sizeof(symbol));
    symbol.Name.Offset.Offset = symbolName;
    symbol.Value = static_cast<uint32_t>(offset);
    symbol.SectionNumber = 1;
    symbol.StorageClass = COFF::IMAGE_SYM_CLASS_EXTERNAL;
    put(symbol);
  }
  put(support::ulittle32_t(static_cast<uint32_t>(names.bytes.size())));
  put(StringRef(names.bytes).drop_front(4));
}

std::unique_ptr<WeightsWriter> createCoffWriter(const ObjectFormat &format, StringRef model,
                                                ArrayRef<WeightConstant> constants) {
  return std::make_unique<CoffWriter>(format, model, constants);
}

} // namespace burin::object
