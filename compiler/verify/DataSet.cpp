//===- DataSet.cpp - Inputs and expected outputs --------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/verify/DataSet.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <algorithm>
#include <fmt/format.h>

using namespace burin;
using namespace burin::onnx;
using namespace burin::verify;
using llvm::StringRef;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

/// Entries of `folder` named `prefix`NUMBER`suffix`, by number.
static std::vector<std::string> numbered(StringRef folder, StringRef prefix, StringRef suffix) {
  std::vector<std::pair<unsigned, std::string>> found;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    StringRef name = path::filename(it->path());
    unsigned number;
    if (name.consume_front(prefix) && name.consume_back(suffix) && !name.getAsInteger(10, number))
      found.emplace_back(number, it->path());
  }
  llvm::sort(found);
  std::vector<std::string> paths;
  for (auto &[number, file] : found)
    paths.push_back(std::move(file));
  return paths;
}

std::vector<std::string> verify::findDataSets(StringRef modelPath) {
  StringRef folder = path::parent_path(modelPath);
  return numbered(folder.empty() ? "." : folder, "test_data_set_", "");
}

static TensorData ownTensor(StringRef name, int32_t dataType, std::vector<int64_t> dims,
                            std::vector<uint8_t> bytes) {
  auto owner = std::make_shared<std::vector<uint8_t>>(std::move(bytes));
  TensorData tensor;
  tensor.name = name.str();
  tensor.dataType = dataType;
  tensor.dims = std::move(dims);
  tensor.bytes = owner->data();
  tensor.size = owner->size();
  tensor.owner = std::move(owner);
  return tensor;
}

/// Appends the two tensors of an optional.
static bool readOptional(const std::string &file, const Wanted &want, Diagnostics &diagnostics,
                         std::vector<TensorData> &tensors) {
  std::optional<ValueData> read = loadValueFile(file, ValueData::Kind::Optional, diagnostics);
  if (!read)
    return false;
  bool isPresent = !read->elements.empty();
  if (isPresent && read->elements.front().kind != ValueData::Kind::Tensor) {
    diagnostics.error(file, "the optional holds no tensor");
    return false;
  }
  TensorData value;
  if (isPresent) {
    value = std::move(read->elements.front().tensor);
    value.name = want.name;
  } else {
    const ElementTypeInfo *type = elementTypeInfo(want.dataType);
    std::optional<int64_t> count = elementCount(want.dims);
    if (!type || !count || *count * type->memoryBytes > kMaxSynthesizedBytes) {
      diagnostics.error(file, "cannot make a value for an absent optional");
      return false;
    }
    value = ownTensor(want.name, want.dataType, want.dims,
                      std::vector<uint8_t>(*count * type->memoryBytes, 0));
  }
  tensors.push_back(ownTensor(want.name + ".present", kBool, {}, {uint8_t(isPresent)}));
  tensors.push_back(std::move(value));
  return true;
}

std::optional<DataSet> verify::readDataSet(const std::string &folder, Diagnostics &diagnostics,
                                           llvm::ArrayRef<Wanted> wantedInputs) {
  DataSet set;
  set.name = path::filename(folder).str();
  if (!fs::is_directory(folder)) {
    diagnostics.error(folder, "no such folder");
    return std::nullopt;
  }
  auto read = [&](StringRef prefix, std::vector<TensorData> &tensors,
                  llvm::ArrayRef<Wanted> wanted) {
    for (const std::string &file : numbered(folder, prefix, ".pb")) {
      bool isOptional = wanted.size() > 1 && wanted[0].name == wanted[1].name + ".present";
      if (isOptional && !readOptional(file, wanted[1], diagnostics, tensors))
        return false;
      wanted = wanted.drop_front(std::min<size_t>(isOptional ? 2 : 1, wanted.size()));
      if (isOptional)
        continue;
      std::optional<TensorData> tensor = loadTensorFile(file, diagnostics);
      if (!tensor)
        return false;
      tensors.push_back(std::move(*tensor));
    }
    return true;
  };
  if (!read("input_", set.inputs, wantedInputs) || !read("output_", set.outputs, {}))
    return std::nullopt;
  if (set.inputs.empty() && set.outputs.empty()) {
    diagnostics.error(folder, "holds no input_*.pb and no output_*.pb");
    return std::nullopt;
  }
  return set;
}

std::optional<std::vector<TensorData>> verify::matchTensors(const std::vector<TensorData> &tensors,
                                                            llvm::ArrayRef<Wanted> wanted,
                                                            StringRef what, std::string &error) {
  llvm::StringMap<const TensorData *> byName;
  for (const TensorData &tensor : tensors)
    byName.try_emplace(tensor.name, &tensor);
  std::vector<TensorData> matched;
  if (llvm::all_of(wanted, [&](const Wanted &want) { return byName.contains(want.name); })) {
    for (const Wanted &want : wanted)
      matched.push_back(*byName[want.name]);
    return matched;
  }
  if (tensors.size() != wanted.size()) {
    error = fmt::format("{} {}s in the data, the model has {}", tensors.size(), what.str(),
                        wanted.size());
    return std::nullopt;
  }
  return tensors;
}
