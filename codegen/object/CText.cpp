//===- CText.cpp - Pieces of generated C ----------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/object/CText.h"

#include "llvm/ADT/StringExtras.h"

#include <charconv>
#include <cmath>

using namespace llvm;

namespace burin::object {

std::string cString(StringRef text) {
  std::string result = "\"";
  for (char c : text) {
    // '?' because "??=" is a trigraph.
    if (c == '"' || c == '\\' || c == '?') {
      result += '\\';
      result += c;
    } else if (isPrint(c)) {
      result += c;
    } else {
      auto byte = static_cast<unsigned char>(c);
      result += '\\';
      for (int shift : {6, 3, 0})
        result += static_cast<char>('0' + ((byte >> shift) & 7));
    }
  }
  return result + "\"";
}

std::string cComment(StringRef text) {
  std::string result;
  for (char c : text)
    result += isPrint(c) && c != '\\' && c != '?' ? c : '_';
  for (size_t i = 0; i + 1 < result.size(); ++i)
    if ((result[i] == '*' && result[i + 1] == '/') || (result[i] == '/' && result[i + 1] == '*'))
      result[i] = '_';
  // The last character meets the comment's own end.
  if (!result.empty() && (result.back() == '*' || result.back() == '/'))
    result += ' ';
  return result;
}

std::string cFloat(float value) {
  // Scales are finite; the macro must compile in any case.
  if (!std::isfinite(value))
    return std::isnan(value) ? "(0.0f / 0.0f)" : value > 0 ? "(1.0f / 0.0f)" : "(-1.0f / 0.0f)";
  char buffer[64];
  auto [end, error] = std::to_chars(buffer, buffer + sizeof(buffer), value);
  StringRef digits(buffer, static_cast<size_t>(end - buffer));
  std::string result = digits.str();
  if (digits.find_first_of(".e") == StringRef::npos)
    result += ".0";
  return result + "f";
}

std::string cShape(const TensorInfo &tensor) {
  if (tensor.dims.empty())
    return "";
  std::string result = "{";
  for (const Dim &dim : tensor.dims) {
    if (result.size() > 1)
      result += ", ";
    result += std::to_string(dim.size);
  }
  return result + "}";
}

std::string shapeText(const ModelInterface &model, const TensorInfo &tensor) {
  if (tensor.dims.empty())
    return "scalar";
  std::string result;
  for (const Dim &dim : tensor.dims) {
    std::string text = "?";
    if (dim.isStatic())
      text = std::to_string(dim.size);
    else if (dim.symbol >= 0)
      text = model.symbols[static_cast<size_t>(dim.symbol)].identifier;
    else if (!dim.expression.empty())
      text = dim.expression;
    else if (dim.hi)
      text = "<= " + std::to_string(*dim.hi);
    result += "[" + text + "]";
  }
  return result;
}

uint64_t storageUnits(const ElementType &type, uint64_t elements) {
  if (type.bits < 8)
    return elements / (8 / type.bits) + (elements % (8 / type.bits) ? 1 : 0);
  return elements * (type.bits / 8 / type.storageBytes);
}

} // namespace burin::object
