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

#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace burin::object {

using TextWriter = Error (*)(raw_ostream &, const ModelInterface &);

static Error writeText(OutputSet &outputs, StringRef path, const ModelInterface &model,
                       TextWriter writer) {
  Expected<raw_fd_ostream &> out = outputs.open(path);
  return out ? writer(*out, model) : out.takeError();
}

Error writeLibrary(OutputSet &outputs, StringRef folder, const ModelInterface &model,
                   StringRef modelObject, const ElfFormat &format,
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

  std::string objectName = model.name + ".o";
  std::string weightsName = model.name + "_weights.o";
  SmallVector<MemoryBufferRef> members = {{modelObject, objectName}};
  std::unique_ptr<MemoryBuffer> weights;
  std::string weightsPath = pathOf(weightsName);
  if (!constants.empty()) {
    // Through a file and its mapping, because memory would hold all weights twice.
    Expected<raw_fd_ostream &> out = outputs.open(weightsPath);
    if (!out)
      return out.takeError();
    if (Error error = writeWeightsObject(*out, format, model.name, constants))
      return createFileError(weightsPath, std::move(error));
    Expected<std::string> written = outputs.flush(weightsPath);
    if (!written)
      return written.takeError();
    ErrorOr<std::unique_ptr<MemoryBuffer>> mapped =
        MemoryBuffer::getFile(*written, /*IsText=*/false, /*RequiresNullTerminator=*/false);
    if (!mapped)
      return createFileError(weightsPath, mapped.getError());
    weights = std::move(*mapped);
    members.emplace_back(weights->getBuffer(), weightsName);
  }
  std::string archivePath = pathOf("lib" + model.name + ".a");
  Expected<raw_fd_ostream &> out = outputs.open(archivePath);
  if (!out)
    return out.takeError();
  if (Error error = writeArchive(*out, members))
    return createFileError(archivePath, std::move(error));
  return constants.empty() ? Error::success() : outputs.drop(weightsPath);
}

} // namespace burin::object
