//===- ModelInterface.cpp - What a compiled model looks like --------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/object/ModelInterface.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/SHA256.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace burin::object {

static const ElementType kElementTypes[] = {
    {1, "float", "float", 32, 4},
    {2, "uint8", "uint8_t", 8, 1},
    {3, "int8", "int8_t", 8, 1},
    {4, "uint16", "uint16_t", 16, 2},
    {5, "int16", "int16_t", 16, 2},
    {6, "int32", "int32_t", 32, 4},
    {7, "int64", "int64_t", 64, 8},
    {9, "bool", "uint8_t", 8, 1},
    {10, "float16", "uint16_t", 16, 2},
    {11, "double", "double", 64, 8},
    {12, "uint32", "uint32_t", 32, 4},
    {13, "uint64", "uint64_t", 64, 8},
    {14, "complex64", "float", 64, 4},
    {15, "complex128", "double", 128, 8},
    {16, "bfloat16", "uint16_t", 16, 2},
    {17, "float8e4m3fn", "uint8_t", 8, 1},
    {18, "float8e4m3fnuz", "uint8_t", 8, 1},
    {19, "float8e5m2", "uint8_t", 8, 1},
    {20, "float8e5m2fnuz", "uint8_t", 8, 1},
    {21, "uint4", "uint8_t", 4, 1},
    {22, "int4", "uint8_t", 4, 1},
    {23, "float4e2m1", "uint8_t", 4, 1},
    {24, "float8e8m0", "uint8_t", 8, 1},
    {25, "uint2", "uint8_t", 2, 1},
    {26, "int2", "uint8_t", 2, 1},
};

const ElementType *findElementType(int onnxType) {
  const auto *found =
      find_if(kElementTypes, [&](const ElementType &type) { return type.onnxType == onnxType; });
  return found == std::end(kElementTypes) ? nullptr : found;
}

bool TensorInfo::isStatic() const {
  return !dataDependent && all_of(dims, [](const Dim &dim) { return dim.isStatic(); });
}

std::optional<uint64_t> TensorInfo::maxElements() const {
  uint64_t elements = 1;
  bool unknown = false;
  for (const Dim &dim : dims) {
    std::optional<int64_t> size = dim.isStatic() ? std::optional(dim.size) : dim.hi;
    if (size == 0)
      return 0;
    std::optional<uint64_t> product;
    if (size && *size > 0)
      product = checkedMulUnsigned(elements, static_cast<uint64_t>(*size));
    if (!product || *product > static_cast<uint64_t>(INT64_MAX))
      unknown = true;
    else
      elements = *product;
  }
  return unknown ? std::nullopt : std::optional(elements);
}

bool needsShapeFunction(const TensorInfo &output) {
  return !output.dataDependent && !output.isStatic();
}

//===----------------------------------------------------------------------===//
// Identifiers
//===----------------------------------------------------------------------===//

/// Keywords of C99..C23 and C++20, and names that the headers use as they are.
static const StringSet<> &reservedWords() {
  static const StringSet<> words = {
      "alignas",     "alignof",      "and",          "and_eq",
      "asm",         "auto",         "bitand",       "bitor",
      "bool",        "break",        "case",         "catch",
      "char",        "char16_t",     "char32_t",     "char8_t",
      "class",       "co_await",     "co_return",    "co_yield",
      "compl",       "concept",      "const",        "const_cast",
      "consteval",   "constexpr",    "constinit",    "continue",
      "decltype",    "default",      "delete",       "do",
      "double",      "dynamic_cast", "else",         "enum",
      "explicit",    "export",       "extern",       "false",
      "float",       "for",          "friend",       "goto",
      "if",          "inline",       "int",          "long",
      "main",        "mutable",      "namespace",    "new",
      "noexcept",    "not",          "not_eq",       "nullptr",
      "operator",    "or",           "or_eq",        "private",
      "protected",   "public",       "register",     "reinterpret_cast",
      "requires",    "restrict",     "return",       "short",
      "signed",      "sizeof",       "static",       "static_assert",
      "static_cast", "std",          "struct",       "switch",
      "template",    "this",         "thread_local", "throw",
      "true",        "try",          "typedef",      "typeid",
      "typename",    "typeof",       "union",        "unsigned",
      "using",       "virtual",      "void",         "volatile",
      "wchar_t",     "while",        "xor",          "xor_eq",
      "unix",        "linux",        "i386",         "null",
  };
  return words;
}

/// Members of the io struct and stems of macros and functions that the headers derive.
static const StringSet<> &takenNames() {
  static const StringSet<> names = {"dims", "arena",    "weights",  "stack",     "io",
                                    "run",  "executor", "on_group", "allocator", "dim",
                                    "h",    "hpp",      "model",    "result"};
  return names;
}

/// Endings that a derived member or macro has, so that no name may have them.
static bool endsLikeDerived(StringRef lower) {
  static constexpr StringLiteral endings[] = {"_shape", "_capacity",   "_elements", "_bytes",
                                              "_rank",  "_zero_point", "_scale",    "_min",
                                              "_max",   "_align"};
  return any_of(endings, [&](StringRef ending) { return lower.ends_with(ending); });
}

static bool isIdentifier(StringRef text) {
  if (text.empty() || isDigit(text.front()) || reservedWords().contains(text))
    return false;
  return all_of(text, [](char c) { return isAlnum(c) || c == '_'; });
}

std::string makeIdentifier(StringRef text) {
  std::string result;
  for (char c : text) {
    // Runs of '_' are collapsed: C++ reserves "__".
    char mapped = isAlnum(c) ? c : '_';
    if (mapped == '_' && (result.empty() || result.back() == '_'))
      continue;
    result += mapped;
  }
  while (!result.empty() && result.back() == '_')
    result.pop_back();
  if (result.empty() || isDigit(result.front()))
    result = "m" + result;
  if (reservedWords().contains(StringRef(result).lower()))
    result += "_";
  return result;
}

std::vector<std::string> makeIdentifiers(ArrayRef<std::string> names) {
  StringSet<> used;
  std::vector<std::string> result;
  for (const std::string &name : names) {
    std::string stem = makeIdentifier(name);
    if (endsLikeDerived(StringRef(stem).lower()))
      stem += "_t";
    std::string identifier = stem;
    for (unsigned suffix = 2; takenNames().contains(StringRef(identifier).lower()) ||
                              used.contains(StringRef(identifier).lower());
         ++suffix)
      identifier = stem + "_" + std::to_string(suffix);
    used.insert(StringRef(identifier).lower());
    result.push_back(std::move(identifier));
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

static Error fail(const Twine &message) {
  return createStringError(std::make_error_code(std::errc::invalid_argument), message);
}

static Error checkTensor(const ModelInterface &model, const TensorInfo &tensor, bool isInput,
                         StringSet<> &used) {
  auto bad = [&](const Twine &what) {
    return fail(Twine(isInput ? "input \"" : "output \"") + tensor.onnxName + "\": " + what);
  };
  if (!isIdentifier(tensor.identifier))
    return bad("\"" + tensor.identifier + "\" is no C identifier");
  if (!used.insert(StringRef(tensor.identifier).lower()).second)
    return bad("identifier \"" + tensor.identifier + "\" is taken");
  if (!findElementType(tensor.elementType))
    return bad("element type " + Twine(tensor.elementType) + " has no C interface");
  if (isInput && tensor.dataDependent)
    return bad("the shape of an input cannot depend on data");
  for (const Dim &dim : tensor.dims) {
    if (dim.size < -1)
      return bad("negative dimension " + Twine(dim.size));
    if (dim.symbol >= static_cast<int>(model.symbols.size()))
      return bad("dimension refers to a symbol that does not exist");
    if (!dim.isStatic() && dim.symbol < 0 && isInput)
      return bad("dynamic dimension without a symbol");
    if (!dim.isStatic() && !tensor.dataDependent && model.symbols.empty())
      return bad("dynamic dimension in a model without symbols");
  }
  if (tensor.isStatic() && !tensor.maxElements())
    return bad("has more than 2^63 elements");
  return Error::success();
}

Error checkInterface(const ModelInterface &model) {
  if (!isIdentifier(model.name))
    return fail("model name \"" + model.name + "\" is no C identifier");
  if (model.outputs.empty())
    return fail("a model needs an output");
  StringSet<> used;
  for (const TensorInfo &input : model.inputs)
    if (Error error = checkTensor(model, input, /*isInput=*/true, used))
      return error;
  for (const TensorInfo &output : model.outputs)
    if (Error error = checkTensor(model, output, /*isInput=*/false, used))
      return error;
  StringSet<> usedSymbols;
  for (const SymbolInfo &symbol : model.symbols) {
    if (!isIdentifier(symbol.identifier) ||
        !usedSymbols.insert(StringRef(symbol.identifier).lower()).second)
      return fail("dimension \"" + symbol.name + "\": \"" + symbol.identifier +
                  "\" is no unique C identifier");
    if (symbol.lo < 0 || (symbol.hi && *symbol.hi < symbol.lo))
      return fail("dimension \"" + symbol.name + "\" has impossible bounds");
  }
  if (!model.isDynamic() && !model.arenaBytes)
    return fail("a static model needs a static arena size");
  if (!isPowerOf2_64(model.arenaAlignment))
    return fail("arena alignment " + Twine(model.arenaAlignment) + " is no power of two");
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Hashes
//===----------------------------------------------------------------------===//

std::string sha256(StringRef bytes) {
  auto digest = SHA256::hash(arrayRefFromStringRef(bytes));
  return toHex(digest, /*LowerCase=*/true);
}

std::string interfaceKey(const ModelInterface &model) {
  std::string text;
  raw_string_ostream out(text);
  auto number = [&](std::optional<int64_t> value) {
    if (value)
      out << *value;
    out << ';';
  };
  auto tensors = [&](ArrayRef<TensorInfo> list) {
    out << list.size() << ':';
    for (const TensorInfo &tensor : list) {
      out << tensor.identifier << ';' << tensor.elementType << ';' << tensor.dataDependent << ';'
          << tensor.dims.size() << ';';
      for (const Dim &dim : tensor.dims) {
        out << dim.size << ';' << dim.symbol << ';';
        number(dim.hi);
      }
      if (tensor.quantization) {
        // The bits, because they are the same on every host.
        out << bit_cast<uint32_t>(tensor.quantization->scale) << ';'
            << tensor.quantization->zeroPoint;
      }
      out << '\n';
    }
  };
  tensors(model.inputs);
  tensors(model.outputs);
  for (const SymbolInfo &symbol : model.symbols) {
    out << symbol.identifier << ';' << symbol.lo << ';';
    number(symbol.hi);
  }
  number(model.arenaBytes);
  out << model.arenaAlignment;
  return "abi" + std::to_string(kAbiVersion) + "_" + sha256(text).substr(0, 8);
}

} // namespace burin::object
