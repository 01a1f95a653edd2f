//===- Library.cpp - The four files that a user gets ----------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/object/Library.h"
#include "codegen/object/Archive.h"
#include "codegen/object/HeaderWriter.h"
#include "codegen/object/HppWriter.h"
#include "codegen/object/ReportWriter.h"

#include "llvm/Support/Path.h"

using namespace llvm;

namespace burin::object {

using TextWriter = Error (*)(raw_ostream &, const ModelInterface &);

static Error writeText(OutputSet &outputs, StringRef path, const ModelInterface &model,
                       TextWriter writer) {
  Expected<raw_fd_ostream &> out = outputs.open(path);
  return out ? writer(*out, model) : out.takeError();
}

static ArchiveKind archiveKind(const ObjectFormat &format) {
  switch (format.kind) {
  case ObjectFormat::Coff:
    return ArchiveKind::Coff;
  case ObjectFormat::MachO:
    return ArchiveKind::Darwin;
  case ObjectFormat::Elf:
  case ObjectFormat::Wasm:
    return ArchiveKind::Gnu;
  }
  llvm_unreachable("covered switch");
}

Error writeLibrary(OutputSet &outputs, StringRef folder, const ModelInterface &model,
                   StringRef modelObject, const ObjectFormat &format,
                   ArrayRef<WeightConstant> constants) {
  auto pathOf = [&](const Twine &file) {
    SmallString<128> path(folder);
    sys::path::append(path, file);
    return path.str().str();
  };
  if (Error error = writeText(outputs, pathOf(model.name + ".h"), model, writeHeader))
    return error;
  if (Error error = writeText(outputs, pathOf(model.name + ".hpp"), model, writeHpp))
    return error;
  if (Error error = writeText(outputs, pathOf(model.name + ".json"), model, writeReport))
    return error;

  Expected<ArchiveMember> object = objectMember(model.name + ".o", modelObject);
  if (!object)
    return object.takeError();
  SmallVector<ArchiveMember, 2> members = {std::move(*object)};
  if (!constants.empty()) {
    // Straight from the mapped model into the archive.
    ArchiveMember weights;
    weights.name = model.name + "_weights.o";
    weights.size = weightsObjectSize(format, model.name, constants);
    for (const WeightConstant &constant : constants)
      weights.symbols.push_back(format.symbolPrefix().str() + constant.symbol);
    weights.write = [&](raw_ostream &out) {
      return writeWeightsObject(out, format, model.name, constants);
    };
    members.push_back(std::move(weights));
  }
  Expected<raw_fd_ostream &> out = outputs.open(pathOf("lib" + model.name + ".a"));
  return out ? writeArchive(*out, archiveKind(format), members) : out.takeError();
}

} // namespace burin::object
