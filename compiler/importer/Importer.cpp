//===- Importer.cpp - From an ONNX model to the nn dialect ----------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/Importer.h"

#include "compiler/importer/BorderQuantization.h"
#include "compiler/importer/ElementTypes.h"
#include "compiler/importer/GraphImporter.h"
#include "dialects/nn/NodeLoc.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace burin;
using namespace burin::onnx;

namespace {
/// Imports one model.
class ModelImporter {
public:
  ModelImporter(MLIRContext &context, const LoadedModel &model, const ImportOptions &options,
                const OpRegistry &registry)
      : context(context), model(model), proto(model.proto()), options(options), registry(registry),
        b(&context), importer(b, model, registry, functions) {}

  OwningOpRef<ModuleOp> run();

private:
  /// An argument or result of @main.
  struct Port {
    std::string name;
    Type type;
    SmallVector<Attribute> dims;
  };

  void checkVersion();
  void readFunctions();
  /// The graph's inputs that are no initializers, one or two (optionals) ports
  /// for each.
  void readInputs();
  void addInput(const ValueInfoProto &info, const TypeProto::Tensor &type, bool isOptional);
  bool readShape(const ValueInfoProto &info, const TypeProto::Tensor &type, Port &port);
  void addDim(Port &port, size_t axis, StringRef name);
  /// The symbol of a dimension, made at its first mention.
  std::string uniqueSymbol(const std::string &dimName);
  void addOutputs(ArrayRef<BoundValue> values, SmallVectorImpl<Value> &results,
                  SmallVectorImpl<Port> &ports);
  void checkOptions();
  DictionaryAttr dimRanges();
  DictionaryAttr portAttrs(const Port &port, const Scope &scope);

  MLIRContext &context;
  const LoadedModel &model;
  const ModelProto &proto;
  const ImportOptions &options;
  const OpRegistry &registry;
  OpBuilder b;
  FunctionTable functions;
  GraphImporter importer;
  SmallVector<Port> inputs;
  /// For each input: its name, and whether two ports make an optional of it.
  SmallVector<std::pair<std::string, bool>> inputNames;
  /// Symbols of the inputs' dimensions, and the names the model gives them.
  std::map<std::string, std::string> symbols;
};
} // namespace

//===----------------------------------------------------------------------===//
// Options
//===----------------------------------------------------------------------===//

bool ImportOptions::addDim(StringRef text, std::string &error) {
  auto [name, range] = text.rsplit('=');
  auto [lo, hi] = range.split("..");
  DimRange value;
  bool isRange = range.contains("..");
  if (name.empty() || name.size() == text.size() || lo.getAsInteger(10, value.lo) ||
      (isRange && hi.getAsInteger(10, value.hi))) {
    error = "'" + text.str() + "' is not NAME=SIZE or NAME=LOW..HIGH";
    return false;
  }
  if (!isRange)
    value.hi = value.lo;
  if (value.lo < 0 || value.lo > value.hi || value.hi > INT32_MAX) {
    error = "'" + text.str() + "' is no range of sizes";
    return false;
  }
  dims[name.str()] = value;
  return true;
}

bool ImportOptions::addShape(StringRef text, std::string &error) {
  auto [name, list] = text.rsplit('=');
  std::vector<DimSpec> shape;
  SmallVector<StringRef> parts;
  if (!list.empty())
    list.split(parts, ',');
  bool good = !name.empty() && name.size() != text.size();
  for (StringRef part : parts) {
    DimSpec dim;
    part = part.trim();
    if (part.getAsInteger(10, dim.value)) {
      dim.name = part.str();
      good &= !part.empty() && part.front() != '-' && !llvm::isDigit(part.front());
    } else {
      good &= dim.value >= 0 && dim.value <= INT32_MAX;
    }
    shape.push_back(std::move(dim));
  }
  if (!good) {
    error = "'" + text.str() + "' is not INPUT=SIZE,NAME,…";
    return false;
  }
  shapes[name.str()] = std::move(shape);
  return true;
}

//===----------------------------------------------------------------------===//
// Inputs and outputs
//===----------------------------------------------------------------------===//

void ModelImporter::checkVersion() {
  constexpr int64_t kNewestIr = 14;
  if (!proto.has_ir_version() || proto.ir_version() < 1)
    importer.emitError() << "the model does not tell its IR version";
  else if (proto.ir_version() > kNewestIr)
    importer.emitError() << "IR version " << proto.ir_version()
                         << " is newer than the newest one known, " << kNewestIr;
}

void ModelImporter::readFunctions() {
  for (const FunctionProto &function : proto.functions())
    if (!functions.insert(function))
      importer.emitError() << "there are two functions \"" << function.name() << "\" of domain "
                           << OpRegistry::domainName(
                                  OpRegistry::normalizeDomain(function.domain()));
}

// A symbol's name has letters, digits, '_' and '.' only, as expressions of
// symbols are written with the others.
static std::string symbolName(StringRef name) {
  std::string symbol;
  for (char c : name)
    symbol += llvm::isAlnum(c) || c == '_' || c == '.' ? c : '_';
  if (symbol.empty() || llvm::isDigit(symbol.front()) || symbol.front() == '.')
    symbol.insert(0, "_");
  return symbol;
}

std::string ModelImporter::uniqueSymbol(const std::string &dimName) {
  std::string base = symbolName(dimName), symbol = base;
  // "a b" and "a_b" are two dimensions.
  for (int i = 2; symbols.try_emplace(symbol, dimName).first->second != dimName; ++i)
    symbol = base + "_" + std::to_string(i);
  return symbol;
}

void ModelImporter::addDim(Port &port, size_t axis, StringRef name) {
  // "?" and "" are no names: every such dimension is its own.
  std::string dimName = name.str();
  if (name.empty() || name == "?" || name == "-1")
    dimName = port.name + "_" + std::to_string(axis);
  auto range = options.dims.find(dimName);
  std::string symbol = uniqueSymbol(dimName);
  if (range == options.dims.end())
    range = options.dims.find(symbol);
  if (range != options.dims.end() && range->second.lo == range->second.hi)
    port.dims.push_back(b.getI64IntegerAttr(range->second.lo));
  else
    port.dims.push_back(b.getStringAttr(symbol));
}

bool ModelImporter::readShape(const ValueInfoProto &info, const TypeProto::Tensor &type,
                              Port &port) {
  auto given = options.shapes.find(info.name());
  if (given != options.shapes.end()) {
    if (type.has_shape() && type.shape().dim_size() != static_cast<int>(given->second.size())) {
      importer.emitError() << "--shape gives input \"" << info.name() << "\" "
                           << given->second.size() << " dimensions, the model "
                           << type.shape().dim_size();
      return false;
    }
    for (auto [axis, dim] : llvm::enumerate(given->second)) {
      bool isFixed = type.has_shape() && type.shape().dim(axis).has_dim_value() &&
                     type.shape().dim(axis).dim_value() >= 0;
      if (isFixed && type.shape().dim(axis).dim_value() != dim.value) {
        importer.emitError() << "--shape changes dimension " << axis << " of input \""
                             << info.name() << "\", which the model fixes to "
                             << type.shape().dim(axis).dim_value();
        return false;
      }
      if (dim.name.empty())
        port.dims.push_back(b.getI64IntegerAttr(dim.value));
      else
        addDim(port, axis, dim.name);
    }
    return true;
  }
  if (!type.has_shape()) {
    importer.emitError() << "input \"" << info.name() << "\" has no shape; give one with --shape '"
                         << info.name() << "=…'";
    return false;
  }
  for (auto [axis, dim] : llvm::enumerate(type.shape().dim())) {
    // Some exporters write -1 for an unknown extent.
    if (!dim.has_dim_value() || dim.dim_value() == -1) {
      addDim(port, axis, dim.has_dim_param() ? StringRef(dim.dim_param()) : StringRef());
    } else if (dim.dim_value() < 0) {
      importer.emitError() << "input \"" << info.name() << "\" has negative dimension "
                           << dim.dim_value();
      return false;
    } else {
      port.dims.push_back(b.getI64IntegerAttr(dim.dim_value()));
    }
  }
  return true;
}

void ModelImporter::addInput(const ValueInfoProto &info, const TypeProto::Tensor &type,
                             bool isOptional) {
  Port port;
  port.name = info.name();
  Type elementType = elementTypeOf(&context, type.elem_type());
  if (!elementType) {
    importer.emitError() << "input \"" << info.name() << "\" has unknown element type "
                         << type.elem_type();
    return;
  }
  if (!readShape(info, type, port))
    return;
  SmallVector<int64_t> shape;
  std::vector<int64_t> known;
  for (Attribute dim : port.dims) {
    auto number = dyn_cast<IntegerAttr>(dim);
    shape.push_back(number ? number.getInt() : ShapedType::kDynamic);
    known.push_back(number ? number.getInt() : 1);
  }
  if (!elementCount(known)) {
    importer.emitError() << "the dimensions of input \"" << info.name() << "\" overflow";
    return;
  }
  port.type = RankedTensorType::get(shape, elementType);
  if (isOptional)
    inputs.push_back({info.name() + ".present", RankedTensorType::get({}, b.getI1Type()), {}});
  inputs.push_back(std::move(port));
  inputNames.emplace_back(info.name(), isOptional);
}

void ModelImporter::readInputs() {
  llvm::StringSet<> initialized, seen;
  for (const TensorProto &tensor : proto.graph().initializer())
    initialized.insert(tensor.name());
  for (const SparseTensorProto &tensor : proto.graph().sparse_initializer())
    initialized.insert(tensor.values().name());
  for (const ValueInfoProto &info : proto.graph().input()) {
    // Old files repeat initializers among the inputs; newer ones mean defaults
    // that a caller may override, which a compiled model does not offer.
    if (initialized.contains(info.name()))
      continue;
    if (info.name().empty() || !seen.insert(info.name()).second) {
      importer.emitError() << (info.name().empty()
                                   ? "an input has no name"
                                   : "there are two inputs \"" + info.name() + "\"");
      continue;
    }
    const TypeProto &type = info.type();
    if (type.has_tensor_type())
      addInput(info, type.tensor_type(), false);
    else if (type.has_optional_type() && type.optional_type().elem_type().has_tensor_type())
      addInput(info, type.optional_type().elem_type().tensor_type(), true);
    else
      importer.emitError() << "input \"" << info.name() << "\" is "
                           << (type.value_case() == TypeProto::VALUE_NOT_SET
                                   ? "of no type"
                                   : "a sequence, map or sparse tensor, which is not supported");
  }
}

void ModelImporter::checkOptions() {
  for (const auto &[name, range] : options.dims) {
    bool known = llvm::any_of(
        symbols, [&](const auto &symbol) { return symbol.first == name || symbol.second == name; });
    if (known)
      continue;
    std::string names;
    for (const auto &[symbol, dimName] : symbols)
      names += (names.empty() ? "" : ", ") + dimName;
    importer.emitError() << "--dim names \"" << name << "\", but the inputs' dimensions are "
                         << (names.empty() ? "all fixed" : names);
  }
  for (const auto &[name, shape] : options.shapes)
    if (llvm::none_of(inputNames, [&](const auto &input) { return input.first == name; }) &&
        !importer.failed())
      importer.emitError() << "--shape names \"" << name << "\", which is no input";
}

DictionaryAttr ModelImporter::dimRanges() {
  NamedAttrList ranges;
  for (const auto &[symbol, dimName] : symbols) {
    auto range = options.dims.find(dimName);
    if (range == options.dims.end())
      range = options.dims.find(symbol);
    if (range != options.dims.end() && range->second.lo != range->second.hi)
      ranges.set(symbol, b.getI64ArrayAttr({range->second.lo, range->second.hi}));
  }
  return ranges.getDictionary(&context);
}

DictionaryAttr ModelImporter::portAttrs(const Port &port, const Scope &scope) {
  NamedAttrList attrs;
  attrs.set(nn::kNameAttr, b.getStringAttr(port.name));
  attrs.set(nn::kDimsAttr, b.getArrayAttr(port.dims));
  auto type = dyn_cast<IntegerType>(getElementTypeOrSelf(port.type));
  if (type && type.getWidth() > 1 && type.getWidth() <= 32)
    if (auto params = findQuantization(proto.graph(), functions, scope, port.name))
      attrs.set(kQuantizationAttr, params->toAttr(b));
  return attrs.getDictionary(&context);
}

void ModelImporter::addOutputs(ArrayRef<BoundValue> values, SmallVectorImpl<Value> &results,
                               SmallVectorImpl<Port> &ports) {
  for (auto [info, value] : llvm::zip(proto.graph().output(), values)) {
    if (value.sequence || !isa<RankedTensorType>(value.value.getType())) {
      importer.emitError() << "output \"" << info.name()
                           << "\" is a sequence, which is not supported at a model's border";
      continue;
    }
    if (value.present) {
      ports.push_back({info.name() + ".present", value.present.getType(), {}});
      results.push_back(value.present);
    }
    auto type = cast<RankedTensorType>(value.value.getType());
    Port port{info.name(), type, {}};
    const auto &declared = info.type().tensor_type().shape().dim();
    bool sameRank = declared.size() == type.getRank();
    for (auto [axis, extent] : llvm::enumerate(type.getShape())) {
      // What a model calls an output's dimension is a hint; it may be wrong.
      std::string name = sameRank ? declared[axis].dim_param() : std::string();
      if (name.empty() || name == "?")
        name = info.name() + "_" + std::to_string(axis);
      if (ShapedType::isDynamic(extent))
        port.dims.push_back(b.getStringAttr(symbolName(name)));
      else
        port.dims.push_back(b.getI64IntegerAttr(extent));
    }
    ports.push_back(std::move(port));
    results.push_back(value.value);
  }
}

//===----------------------------------------------------------------------===//
// The model
//===----------------------------------------------------------------------===//

OwningOpRef<ModuleOp> ModelImporter::run() {
  checkVersion();
  readFunctions();
  Environment environment;
  environment.opsets = readOpsets(importer, "", proto.opset_import());
  if (proto.opset_import().empty()) // before IR 3
    environment.opsets[OpRegistry::kOnnxDomain] = 1;
  readInputs();
  checkOptions();
  const GraphProto &graph = proto.graph();
  if (failed(checkOperators(importer, graph.node(), registry, functions, environment)))
    return nullptr;

  Location loc = nn::modelLoc(&context, model.fileName());
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  b.setInsertionPointToEnd(module->getBody());
  auto main = b.create<func::FuncOp>(loc, "main", b.getFunctionType({}, {}));
  Block *entry = main.addEntryBlock();
  b.setInsertionPointToEnd(entry);

  Scope scope;
  GraphImporter::declareTypes(graph, scope);
  importer.bindInitializers(graph, scope);
  // An input that could not be made is known, and poisons its users.
  for (const ValueInfoProto &info : graph.input())
    scope.values.try_emplace(info.name(), Scope::Binding{{}, /*poisoned=*/true});
  SmallVector<DictionaryAttr> argAttrs, resultAttrs;
  SmallVector<Type> argTypes, resultTypes;
  for (const Port &port : inputs) {
    entry->addArgument(port.type, loc);
    argTypes.push_back(port.type);
  }
  unsigned next = 0;
  for (const auto &[name, isOptional] : inputNames) {
    BoundValue value;
    if (isOptional)
      value.present = entry->getArgument(next++);
    value.value = entry->getArgument(next++);
    scope.values[name] = {value, /*poisoned=*/false};
  }

  importer.importNodes(graph.node(), scope, environment, GraphImporter::outputNames(graph));
  SmallVector<BoundValue> outputs;
  if (graph.output().empty())
    importer.emitError() << "the graph has no outputs";
  if (failed(importer.collectOutputs(graph, scope, outputs)) || importer.failed())
    return nullptr;
  SmallVector<Value> results;
  SmallVector<Port> ports;
  addOutputs(outputs, results, ports);
  if (importer.failed())
    return nullptr;
  for (const Port &port : inputs)
    argAttrs.push_back(portAttrs(port, scope));
  for (const Port &port : ports) {
    resultTypes.push_back(port.type);
    resultAttrs.push_back(portAttrs(port, scope));
  }
  b.create<func::ReturnOp>(loc, results);
  main.setType(b.getFunctionType(argTypes, resultTypes));
  main.setAllArgAttrs(argAttrs);
  main.setAllResultAttrs(resultAttrs);
  if (DictionaryAttr ranges = dimRanges(); !ranges.empty())
    main->setAttr("nn.dim_ranges", ranges);
  // Ops were verified as they were made; this covers control flow.
  if (failed(verify(*module)))
    return nullptr;
  return module;
}

OwningOpRef<ModuleOp> burin::importModel(MLIRContext &context, const LoadedModel &model,
                                         const ImportOptions &options, const OpRegistry &registry) {
  context.loadDialect<nn::NNDialect, func::FuncDialect, scf::SCFDialect, arith::ArithDialect,
                      tensor::TensorDialect>();
  return ModelImporter(context, model, options, registry).run();
}

OwningOpRef<ModuleOp> burin::importModel(MLIRContext &context, const LoadedModel &model,
                                         const ImportOptions &options) {
  return importModel(context, model, options, makeOpRegistry());
}
