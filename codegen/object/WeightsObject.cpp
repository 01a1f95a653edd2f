//===- WeightsObject.cpp - Constants as an object file --------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/object/WeightsObject.h"
#include "codegen/object/WeightsWriter.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/Object/COFF.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Object/MachO.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace burin::object {

static Error fail(const Twine &message) {
  return createStringError(std::make_error_code(std::errc::invalid_argument), message);
}

//===----------------------------------------------------------------------===//
// Formats
//===----------------------------------------------------------------------===//

static ObjectFormat machOFormat(const llvm::object::MachOObjectFile &file) {
  ObjectFormat format;
  format.kind = ObjectFormat::MachO;
  format.is64 = file.is64Bit();
  format.machine = file.getHeader().cputype;
  format.cpuSubtype = file.getHeader().cpusubtype;
  for (const auto &command : file.load_commands()) {
    if (command.C.cmd != MachO::LC_BUILD_VERSION)
      continue;
    MachO::build_version_command version = file.getBuildVersionLoadCommand(command);
    format.platform = version.platform;
    format.minimumVersion = version.minos;
  }
  return format;
}

Expected<ObjectFormat> readFormat(StringRef modelObject) {
  auto file = llvm::object::ObjectFile::createObjectFile(MemoryBufferRef(modelObject, "model"));
  if (!file)
    return file.takeError();
  ObjectFormat format;
  format.is64 = (*file)->is64Bit();
  if (const auto *elf = dyn_cast<llvm::object::ELFObjectFileBase>(file->get())) {
    format.machine = elf->getEMachine();
    format.flags = elf->getPlatformFlags();
    format.hasStackNote = any_of((*file)->sections(), [](const auto &section) {
      Expected<StringRef> name = section.getName();
      if (!name)
        consumeError(name.takeError());
      return name && *name == ".note.GNU-stack";
    });
  } else if (const auto *coff = dyn_cast<llvm::object::COFFObjectFile>(file->get())) {
    format.kind = ObjectFormat::Coff;
    format.machine = coff->getMachine();
  } else if (const auto *machO = dyn_cast<llvm::object::MachOObjectFile>(file->get())) {
    return machOFormat(*machO);
  } else if ((*file)->isWasm()) {
    format.kind = ObjectFormat::Wasm;
  } else {
    return fail("the code is of a format that cannot hold weights");
  }
  return format;
}

bool isLargeSection(const ObjectFormat &format, uint64_t bytes) {
  return format.kind == ObjectFormat::Elf && format.is64 && format.machine == ELF::EM_X86_64 &&
         bytes >= kLargeSection;
}

//===----------------------------------------------------------------------===//
// What the formats share
//===----------------------------------------------------------------------===//

static uint64_t alignmentOf(const WeightConstant &constant) {
  return std::max<uint64_t>(constant.alignment, 1);
}

uint64_t weightsSectionSize(ArrayRef<WeightConstant> constants) {
  uint64_t size = 0;
  for (const WeightConstant &constant : constants)
    size = alignTo(size, alignmentOf(constant)) + constant.bytes.size();
  return size;
}

WeightsWriter::WeightsWriter(StringRef model, ArrayRef<WeightConstant> constants)
    : model(model), constants(constants) {
  for (const WeightConstant &constant : constants) {
    alignment = std::max(alignment, constant.alignment);
    dataSize = alignTo(dataSize, alignmentOf(constant));
    offsets.push_back(dataSize);
    dataSize += constant.bytes.size();
  }
}

void WeightsWriter::padTo(uint64_t offset) {
  static constexpr char zeros[4096] = {};
  while (position < offset)
    put(StringRef(zeros, std::min<uint64_t>(sizeof(zeros), offset - position)));
}

void WeightsWriter::putConstants(uint64_t start) {
  padTo(start);
  for (auto [constant, offset] : zip_equal(constants, offsets)) {
    padTo(start + offset);
    put(StringRef(constant.bytes.data(), constant.bytes.size()));
  }
}

//===----------------------------------------------------------------------===//
// The file
//===----------------------------------------------------------------------===//

/// What the header of a section can say.
static uint64_t largestAlignment(const ObjectFormat &format) {
  return format.kind == ObjectFormat::Coff ? 8192 : uint64_t(1) << 30;
}

static Error check(const ObjectFormat &format, ArrayRef<WeightConstant> constants) {
  StringSet<> symbols;
  for (const WeightConstant &constant : constants) {
    if (!isPowerOf2_64(constant.alignment) || constant.alignment > largestAlignment(format))
      return fail("weight \"" + constant.symbol + "\": impossible alignment " +
                  Twine(constant.alignment));
    if (constant.symbol.empty() || !symbols.insert(constant.symbol).second)
      return fail("weight \"" + constant.symbol + "\": symbol is empty or repeated");
  }
  // Programs of these systems end there, too.
  uint64_t bytes = weightsSectionSize(constants);
  if (format.kind != ObjectFormat::Elf && bytes >= kLargeSection)
    return fail("weights of " + Twine(bytes) +
                " bytes: an object of this system has less than 2 GiB");
  return Error::success();
}

static std::unique_ptr<WeightsWriter> createWriter(const ObjectFormat &format, StringRef model,
                                                   ArrayRef<WeightConstant> constants) {
  switch (format.kind) {
  case ObjectFormat::Elf:
    return createElfWriter(format, model, constants);
  case ObjectFormat::Coff:
    return createCoffWriter(format, model, constants);
  case ObjectFormat::MachO:
    return createMachOWriter(format, model, constants);
  case ObjectFormat::Wasm:
    return createWasmWriter(format, model, constants);
  }
  llvm_unreachable("covered switch");
}

uint64_t weightsObjectSize(const ObjectFormat &format, StringRef modelName,
                           ArrayRef<WeightConstant> constants) {
  return createWriter(format, modelName, constants)->fileSize();
}

Error writeWeightsObject(raw_ostream &out, const ObjectFormat &format, StringRef modelName,
                         ArrayRef<WeightConstant> constants) {
  if (Error error = check(format, constants))
    return error;
  std::unique_ptr<WeightsWriter> writer = createWriter(format, modelName, constants);
  if (!format.is64 && writer->fileSize() > UINT32_MAX)
    return fail("weights of " + Twine(weightsSectionSize(constants)) +
                " bytes do not fit into a 32-bit object");
  writer->write(out);
  return Error::success();
}

} // namespace burin::object
