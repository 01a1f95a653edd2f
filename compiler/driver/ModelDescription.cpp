//===- ModelDescription.cpp - From IR to the model's interface ------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/driver/ModelDescription.h"

#include "compiler/importer/BorderQuantization.h"
#include "compiler/importer/ElementTypes.h"
#include "dialects/nn/NN.h"
#include "dialects/nn/NodeLoc.h"
#include "passes/PackBorders.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/Object/ELFObjectFile.h"

using namespace burin;
using namespace mlir;

namespace {

class BorderReader {
public:
  BorderReader(func::FuncOp entry, const nn::SymbolicShapes &shapes, object::ModelInterface &model)
      : entry(entry), shapes(shapes), model(model) {}

  LogicalResult run();

private:
  object::Dim describeDim(nn::DimExpr expr, bool &dataDependent);
  FailureOr<object::TensorInfo> describe(Value value, DictionaryAttr attrs, StringRef kind,
                                         unsigned index);
  int symbolIndex(const nn::DimSymbol &symbol);

  func::FuncOp entry;
  const nn::SymbolicShapes &shapes;
  object::ModelInterface &model;
};

} // namespace

int BorderReader::symbolIndex(const nn::DimSymbol &symbol) {
  for (auto [i, known] : llvm::enumerate(model.symbols))
    if (known.name == symbol.name)
      return static_cast<int>(i);
  object::SymbolInfo info;
  info.name = symbol.name;
  info.lo = std::max<int64_t>(symbol.range.lo, 0);
  if (symbol.range.hi != INT64_MAX)
    info.hi = symbol.range.hi;
  model.symbols.push_back(std::move(info));
  return static_cast<int>(model.symbols.size()) - 1;
}

object::Dim BorderReader::describeDim(nn::DimExpr expr, bool &dataDependent) {
  if (std::optional<int64_t> size = expr.constant())
    return object::Dim::fixed(*size);
  for (const nn::DimSymbol *symbol : expr.symbols())
    if (symbol->kind != nn::DimSymbol::Kind::Named)
      dataDependent = true;
  object::Dim dim;
  if (!dataDependent) {
    const nn::DimSymbol *symbol = expr.symbol();
    dim = object::Dim::dynamic(symbol ? symbolIndex(*symbol) : -1, symbol ? "" : expr.str());
  }
  nn::Interval range = expr.range();
  dim.lo = std::max<int64_t>(range.lo, 0);
  if (range.hi != INT64_MAX)
    dim.hi = range.hi;
  return dim;
}

FailureOr<object::TensorInfo> BorderReader::describe(Value value, DictionaryAttr attrs,
                                                     StringRef kind, unsigned index) {
  object::TensorInfo info;
  auto name = attrs ? attrs.getAs<StringAttr>(nn::kNameAttr) : StringAttr();
  info.onnxName = name ? name.str() : (kind + Twine(index)).str();
  auto type = cast<RankedTensorType>(value.getType());
  if (auto packed = attrs ? attrs.getAs<TypeAttr>(kPackedAttr) : TypeAttr())
    type = cast<RankedTensorType>(packed.getValue());
  info.elementType = onnxTypeOf(type.getElementType());
  if (!object::findElementType(info.elementType))
    return entry.emitError() << kind << " \"" << info.onnxName << "\" has elements of type "
                             << onnx::elementTypeName(info.elementType)
                             << ", which a library cannot take";
  if (auto params = BorderQuantization::fromAttrs(attrs))
    info.quantization = object::Quantization{params->scale, params->zeroPoint};
  if (type != value.getType()) {
    for (int64_t size : type.getShape())
      info.dims.push_back(object::Dim::fixed(size));
    return info;
  }
  for (nn::DimExpr expr : shapes.dims(value)) {
    bool dataDependent = false;
    info.dims.push_back(describeDim(expr, dataDependent));
    info.dataDependent |= dataDependent;
  }
  return info;
}

LogicalResult BorderReader::run() {
  for (BlockArgument argument : entry.getArguments()) {
    unsigned i = argument.getArgNumber();
    auto info = describe(argument, entry.getArgAttrDict(i), "input", i);
    if (failed(info))
      return failure();
    model.inputs.push_back(std::move(*info));
  }
  Operation *terminator = entry.getBody().front().getTerminator();
  for (auto [i, value] : llvm::enumerate(terminator->getOperands())) {
    auto info = describe(value, entry.getResultAttrDict(i), "output", i);
    if (failed(info))
      return failure();
    model.outputs.push_back(std::move(*info));
  }
  std::vector<std::string> names, symbolNames;
  for (auto *list : {&model.inputs, &model.outputs})
    for (const object::TensorInfo &tensor : *list)
      names.push_back(tensor.onnxName);
  for (const object::SymbolInfo &symbol : model.symbols)
    symbolNames.push_back(symbol.name);
  size_t next = 0;
  std::vector<std::string> identifiers = object::makeIdentifiers(names);
  for (auto *list : {&model.inputs, &model.outputs})
    for (object::TensorInfo &tensor : *list)
      tensor.identifier = identifiers[next++];
  next = 0;
  identifiers = object::makeIdentifiers(symbolNames);
  for (object::SymbolInfo &symbol : model.symbols)
    symbol.identifier = identifiers[next++];
  return success();
}

LogicalResult burin::describeBorder(func::FuncOp entry, const nn::SymbolicShapes &shapes,
                                    object::ModelInterface &model) {
  return BorderReader(entry, shapes, model).run();
}

//===----------------------------------------------------------------------===//
// Groups
//===----------------------------------------------------------------------===//

/// Elements of a tensor; dynamic extents count as 1.
static uint64_t elements(Type type) {
  uint64_t count = 1;
  for (int64_t extent : cast<RankedTensorType>(type).getShape())
    if (!ShapedType::isDynamic(extent))
      count *= static_cast<uint64_t>(extent);
  return count;
}

static uint64_t bytes(TypeRange types) {
  uint64_t total = 0;
  for (Type type : types)
    if (auto tensor = dyn_cast<RankedTensorType>(type))
      total += elements(type) * nn::elementBytes(tensor.getElementType());
  return total;
}

/// Multiplications with accumulation of a contraction; 0 for other ops.
static uint64_t macs(Operation *op) {
  if (op->getNumResults() == 0 || op->getNumOperands() < 2)
    return 0;
  auto result = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  auto second = dyn_cast<RankedTensorType>(op->getOperand(1).getType());
  if (!result || !second)
    return 0;
  if (isa<nn::MatMulOp>(op)) {
    auto first = cast<RankedTensorType>(op->getOperand(0).getType());
    int64_t k = first.getRank() ? first.getShape().back() : 1;
    return elements(result) * static_cast<uint64_t>(ShapedType::isDynamic(k) ? 1 : k);
  }
  // Every output element takes a filter's worth of products.
  if (isa<nn::ConvOp>(op) && second.getRank() > 0 && second.getDimSize(0) > 0)
    return elements(result) * (elements(second) / static_cast<uint64_t>(second.getDimSize(0)));
  return 0;
}

void burin::describeGroups(ModuleOp module, object::ModelInterface &model) {
  for (func::FuncOp group : module.getOps<func::FuncOp>()) {
    if (!group->hasAttr(nn::kGroupAttr))
      continue;
    object::GroupInfo info;
    info.name = group.getName().str();
    llvm::SetVector<StringRef> nodes;
    group.walk([&](Operation *op) {
      info.macs += macs(op);
      StringRef node = nn::decodeNodeLoc(op->getLoc()).nodeName;
      if (!node.empty())
        nodes.insert(node);
    });
    for (StringRef node : nodes)
      info.nodes.push_back(node.str());
    info.bytesRead = bytes(group.getArgumentTypes());
    info.bytesWritten = bytes(group.getResultTypes());
    model.groups.push_back(std::move(info));
  }
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

/// The arena's size when every buffer is as large as it can be: the recurrence of
/// EntryBuilder::offsets on bounds. Nothing where a buffer has none.
static std::optional<uint64_t> arenaBound(const ArenaPlan &plan) {
  uint64_t total = static_cast<uint64_t>(plan.staticBytes());
  uint64_t align = static_cast<uint64_t>(plan.alignment());
  llvm::DenseMap<unsigned, uint64_t> ends;
  for (unsigned i : plan.dynamicOrder()) {
    const Buffer &buffer = plan.buffers()[i];
    int64_t bytes = buffer.bytes.range().hi;
    if (bytes < 0 || bytes > (int64_t(1) << 56))
      return std::nullopt;
    uint64_t offset = static_cast<uint64_t>(buffer.base);
    for (unsigned below : buffer.below)
      offset = std::max(offset, ends.lookup(below));
    ends[i] = offset + llvm::alignTo(static_cast<uint64_t>(bytes), align);
    if (ends[i] > (uint64_t(1) << 60))
      return std::nullopt;
    total = std::max(total, ends[i]);
  }
  return plan.isStatic() ? total : std::max(total, align);
}

static std::string valueName(Value value, unsigned number) {
  StringRef node = nn::decodeNodeLoc(value.getLoc()).nodeName;
  return node.empty() ? "b" + std::to_string(number) : node.str();
}

void burin::describeArena(const ArenaPlan &plan, object::ModelInterface &model) {
  model.arenaBytes = arenaBound(plan);
  for (auto [number, buffer] : llvm::enumerate(plan.buffers())) {
    if (buffer.kind != Buffer::Kind::Arena)
      continue;
    object::ArenaBuffer info;
    info.name = buffer.owner ? valueName(buffer.owner, number) : "b" + std::to_string(number);
    if (buffer.offset)
      info.offset = static_cast<uint64_t>(*buffer.offset);
    if (auto bytes = buffer.bytes ? buffer.bytes.constant() : std::nullopt)
      info.size = static_cast<uint64_t>(*bytes);
    info.firstGroup = static_cast<int>(buffer.first);
    info.lastGroup = static_cast<int>(buffer.last);
    model.arenaMap.push_back(std::move(info));
  }
}

/// Whether a section that is no code takes space in a program.
static bool isLoaded(const llvm::object::ObjectFile &file,
                     const llvm::object::SectionRef &section) {
  if (file.isELF())
    return llvm::object::ELFSectionRef(section).getFlags() & llvm::ELF::SHF_ALLOC;
  return section.isData();
}

llvm::Error burin::describeFlash(llvm::StringRef modelObject, object::ModelInterface &model) {
  auto file = llvm::object::ObjectFile::createObjectFile({modelObject, model.name});
  if (!file)
    return file.takeError();
  uint64_t code = 0, tables = 0;
  for (const llvm::object::SectionRef &section : (*file)->sections()) {
    if (section.isText())
      code += section.getSize();
    else if (isLoaded(**file, section))
      tables += section.getSize();
  }
  model.flash = {{"code", code}, {"tables", tables}, {"weights", model.weightsBytes}};
  return llvm::Error::success();
}
