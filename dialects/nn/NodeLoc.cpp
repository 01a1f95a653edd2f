//===- NodeLoc.cpp - Locations that name ONNX nodes -----------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/NodeLoc.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace burin::nn;

Location burin::nn::nodeLoc(MLIRContext *context, StringRef modelFile, StringRef nodeName,
                            StringRef opType, unsigned index) {
  Location place = FileLineColLoc::get(context, modelFile, index, 0);
  Location typed = FusedLoc::get({place}, StringAttr::get(context, opType), context);
  return NameLoc::get(StringAttr::get(context, nodeName), typed);
}

Location burin::nn::modelLoc(MLIRContext *context, StringRef modelFile) {
  return FileLineColLoc::get(context, modelFile, 0, 0);
}

// Fills what `info` still lacks; true once a node's name is known.
static bool decode(Location loc, NodeLocInfo &info) {
  return TypeSwitch<LocationAttr, bool>(loc)
      .Case([&](NameLoc name) {
        if (info.nodeName.empty())
          info.nodeName = name.getName();
        decode(name.getChildLoc(), info);
        return true;
      })
      .Case([&](FileLineColLoc file) {
        if (info.modelFile.empty()) {
          info.modelFile = file.getFilename();
          info.index = file.getLine();
        }
        return false;
      })
      .Case([&](FusedLoc fused) {
        auto opType = dyn_cast_or_null<StringAttr>(fused.getMetadata());
        if (opType && info.opType.empty())
          info.opType = opType;
        return llvm::any_of(fused.getLocations(),
                            [&](Location part) { return decode(part, info); });
      })
      .Case([&](CallSiteLoc call) {
        return decode(call.getCallee(), info) || decode(call.getCaller(), info);
      })
      .Case([&](OpaqueLoc opaque) { return decode(opaque.getFallbackLocation(), info); })
      .Default([](LocationAttr) { return false; });
}

NodeLocInfo burin::nn::decodeNodeLoc(Location loc) {
  NodeLocInfo info;
  decode(loc, info);
  return info;
}

std::string burin::nn::describeNodeLoc(Location loc) {
  NodeLocInfo info = decodeNodeLoc(loc);
  std::string text = info.modelFile.str();
  if (info.nodeName.empty())
    return text;
  if (!text.empty())
    text += ": ";
  if (info.opType == kInitializer)
    return text + "initializer \"" + info.nodeName.str() + "\"";
  text += "node \"" + info.nodeName.str() + "\"";
  if (!info.opType.empty())
    text += " (" + info.opType.str() + ")";
  return text;
}
