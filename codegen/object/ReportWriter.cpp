//===- ReportWriter.cpp - <model>.json ------------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/object/ReportWriter.h"
#include "codegen/object/CText.h"

#include <nlohmann/json.hpp>

using namespace llvm;
using Json = nlohmann::ordered_json;

namespace burin::object {

template <class T> static void putIfKnown(Json &json, const char *key, std::optional<T> value) {
  if (value)
    json[key] = *value;
}

static Json dimToJson(const ModelInterface &model, const Dim &dim) {
  if (dim.isStatic())
    return dim.size;
  if (dim.symbol >= 0)
    return model.symbols[static_cast<size_t>(dim.symbol)].name;
  if (!dim.expression.empty())
    return dim.expression;
  return nullptr;
}

static Json tensorToJson(const ModelInterface &model, const TensorInfo &tensor) {
  const ElementType &type = *findElementType(tensor.elementType);
  Json json;
  json["name"] = tensor.onnxName;
  json["identifier"] = tensor.identifier;
  json["type"] = type.name;
  json["onnx_type"] = tensor.elementType;
  json["c_type"] = type.cType;
  json["shape"] = Json::array();
  for (const Dim &dim : tensor.dims)
    json["shape"].push_back(dimToJson(model, dim));
  if (tensor.isStatic()) {
    uint64_t elements = *tensor.maxElements();
    json["elements"] = elements;
    json["bytes"] = storageUnits(type, elements) * type.storageBytes;
  }
  if (tensor.quantization) {
    json["scale"] = tensor.quantization->scale;
    json["zero_point"] = tensor.quantization->zeroPoint;
  }
  return json;
}

static Json memoryToJson(const ModelInterface &model) {
  Json json;
  putIfKnown(json, "arena_bytes", model.arenaBytes);
  json["arena_align"] = model.arenaAlignment;
  json["arena_dynamic"] = model.isDynamic();
  json["weights_bytes"] = model.weightsBytes;
  putIfKnown(json, "stack_bytes", model.stackBytes);
  if (!model.peakOwner.empty())
    json["peak_owner"] = model.peakOwner;
  return json;
}

static Json arenaToJson(const ModelInterface &model) {
  Json json = Json::array();
  for (const ArenaBuffer &buffer : model.arenaMap) {
    Json entry;
    entry["name"] = buffer.name;
    putIfKnown(entry, "offset", buffer.offset);
    putIfKnown(entry, "size", buffer.size);
    entry["first_group"] = buffer.firstGroup;
    entry["last_group"] = buffer.lastGroup;
    if (!buffer.aliasOf.empty())
      entry["alias_of"] = buffer.aliasOf;
    json.push_back(std::move(entry));
  }
  return json;
}

Error writeReport(raw_ostream &out, const ModelInterface &model) {
  if (Error error = checkInterface(model))
    return error;
  Json json;
  json["burin"] = model.compilerVersion;
  json["abi"] = kAbiVersion;
  json["model"] = model.name;
  json["model_hash"] = model.modelHash;
  json["target"] = model.target;
  json["options"] = model.options;
  json["symbols"] = Json::array();
  for (const SymbolInfo &symbol : model.symbols) {
    Json entry;
    entry["name"] = symbol.name;
    entry["identifier"] = symbol.identifier;
    entry["lo"] = symbol.lo;
    putIfKnown(entry, "hi", symbol.hi);
    json["symbols"].push_back(std::move(entry));
  }
  json["inputs"] = Json::array();
  for (const TensorInfo &input : model.inputs)
    json["inputs"].push_back(tensorToJson(model, input));
  json["outputs"] = Json::array();
  for (const TensorInfo &output : model.outputs) {
    Json entry = tensorToJson(model, output);
    entry["data_dependent"] = output.dataDependent;
    json["outputs"].push_back(std::move(entry));
  }
  json["memory"] = memoryToJson(model);

  uint64_t macs = 0, bytesRead = 0, bytesWritten = 0, flash = 0;
  json["groups"] = Json::array();
  for (const GroupInfo &group : model.groups) {
    Json entry;
    entry["name"] = group.name;
    entry["nodes"] = group.nodes;
    entry["macs"] = group.macs;
    entry["bytes_read"] = group.bytesRead;
    entry["bytes_written"] = group.bytesWritten;
    if (model.gpuContextBytes) {
      entry["runs_on"] = group.hostReason.empty() ? "gpu" : "host";
      if (!group.hostReason.empty())
        entry["host_reason"] = group.hostReason;
    }
    json["groups"].push_back(std::move(entry));
    macs += group.macs;
    bytesRead += group.bytesRead;
    bytesWritten += group.bytesWritten;
  }
  json["arena"] = arenaToJson(model);
  json["flash"] = Json::object();
  for (const auto &[kind, bytes] : model.flash) {
    json["flash"][kind] = bytes;
    flash += bytes;
  }
  json["totals"] = {
      {"macs", macs}, {"bytes_read", bytesRead}, {"bytes_written", bytesWritten}, {"flash", flash}};
  // Names of nodes are bytes of the user's file and need not be UTF-8.
  out << json.dump(2, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) << "\n";
  return Error::success();
}

} // namespace burin::object
