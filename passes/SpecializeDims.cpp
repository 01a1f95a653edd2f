//===- SpecializeDims.cpp - Give named dimensions extents or ranges -------===//
//
// Part of Burin, under the Apache License v2.0.
//
// Changes the borders only: types of arguments and results, their nn.dims, and
// the function's nn.dim_ranges. infer-shapes carries it inside.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/DimExpr.h"
#include "passes/Passes.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringSet.h"

namespace burin {
#define GEN_PASS_DEF_SPECIALIZEDIMS
#include "passes/Passes.h.inc"
} // namespace burin

using namespace mlir;
using namespace burin;

namespace {

/// What an option says of one dimension: one extent (lo == hi) or a range.
using Ranges = llvm::MapVector<StringRef, nn::Interval>;

/// Parses `N=4`, `N=1..512` or `N=1..`.
std::optional<std::pair<StringRef, nn::Interval>> parseSpec(StringRef text) {
  auto [name, value] = text.split('=');
  name = name.trim();
  value = value.trim();
  nn::Interval range;
  size_t dots = value.find("..");
  if (name.empty() || value.substr(0, dots).getAsInteger(10, range.lo))
    return std::nullopt;
  if (dots == StringRef::npos)
    range.hi = range.lo;
  else if (StringRef end = value.substr(dots + 2); !end.empty() && end.getAsInteger(10, range.hi))
    return std::nullopt;
  if (range.lo < 0 || range.hi < range.lo)
    return std::nullopt;
  return std::pair(name, range);
}

/// One function's borders under the ranges.
class Specializer {
public:
  Specializer(func::FuncOp function, const Ranges &ranges, llvm::StringSet<> &used)
      : function(function), ranges(ranges), used(used), builder(function.getContext()) {}

  LogicalResult run() {
    SmallVector<Type> arguments, results;
    for (auto [i, type] : llvm::enumerate(function.getArgumentTypes())) {
      auto dims = function.getArgAttrOfType<ArrayAttr>(i, nn::kDimsAttr);
      FailureOr<Type> next = specialize(type, dims);
      if (failed(next))
        return failure();
      arguments.push_back(*next);
      if (dims)
        function.setArgAttr(i, nn::kDimsAttr, dims);
    }
    for (auto [i, type] : llvm::enumerate(function.getResultTypes())) {
      auto dims = function.getResultAttrOfType<ArrayAttr>(i, nn::kDimsAttr);
      FailureOr<Type> next = specialize(type, dims);
      if (failed(next))
        return failure();
      results.push_back(*next);
      if (dims)
        function.setResultAttr(i, nn::kDimsAttr, dims);
    }
    function.setType(FunctionType::get(function.getContext(), arguments, results));
    if (!function.isExternal())
      fitBody(arguments, results);
    recordRanges();
    return success();
  }

private:
  /// The type with the extents that are now known; `dims` gets them as well.
  FailureOr<Type> specialize(Type type, ArrayAttr &dims) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor || !dims)
      return type;
    SmallVector<int64_t> extents(tensor.getShape());
    SmallVector<Attribute> entries(dims.begin(), dims.end());
    for (auto [extent, entry] : llvm::zip(extents, entries)) {
      auto name = dyn_cast<StringAttr>(entry);
      if (!name || name.getValue().empty())
        continue;
      nn::DimExpr expr = context.parse(name.getValue());
      if (!expr)
        continue;
      for (const nn::DimSymbol *symbol : expr.symbols())
        used.insert(symbol->name);
      std::optional<int64_t> value =
          expr.evaluate([&](const nn::DimSymbol &symbol) -> std::optional<int64_t> {
            auto found = ranges.find(symbol.name);
            if (found == ranges.end() || found->second.lo != found->second.hi)
              return std::nullopt;
            return found->second.lo;
          });
      if (!value)
        continue;
      if (*value < 0)
        return function.emitError("dimension '") << name.getValue() << "' becomes " << *value;
      if (!ShapedType::isDynamic(extent) && extent != *value)
        return function.emitError("dimension '")
               << name.getValue() << "' is " << extent << ", not " << *value;
      extent = *value;
      entry = builder.getI64IntegerAttr(*value);
    }
    dims = builder.getArrayAttr(entries);
    return Type(tensor.clone(extents));
  }

  /// Casts where the body meets the new borders; the verifier of an op that
  /// knows better refines itself later.
  void fitBody(ArrayRef<Type> arguments, ArrayRef<Type> results) {
    Block &entry = function.getBody().front();
    OpBuilder inside = OpBuilder::atBlockBegin(&entry);
    for (auto [argument, type] : llvm::zip(entry.getArguments(), arguments)) {
      Type before = argument.getType();
      if (before == type)
        continue;
      argument.setType(type);
      auto cast = inside.create<tensor::CastOp>(function.getLoc(), before, argument);
      argument.replaceAllUsesExcept(cast, cast);
    }
    function.walk([&](func::ReturnOp ret) {
      OpBuilder before(ret);
      for (auto [operand, type] : llvm::zip(ret->getOpOperands(), results))
        if (operand.get().getType() != type)
          operand.set(before.create<tensor::CastOp>(ret.getLoc(), type, operand.get()));
    });
  }

  void recordRanges() {
    NamedAttrList list;
    if (auto known = function->getAttrOfType<DictionaryAttr>(kDimRangesAttr))
      list = known.getValue();
    for (const auto &[name, range] : ranges) {
      if (range.lo == range.hi)
        list.erase(name);
      else if (used.contains(name))
        list.set(name, builder.getI64ArrayAttr({range.lo, range.hi}));
    }
    if (list.empty())
      function->removeAttr(kDimRangesAttr);
    else
      function->setAttr(kDimRangesAttr, list.getDictionary(function.getContext()));
  }

  static constexpr llvm::StringLiteral kDimRangesAttr = "nn.dim_ranges";
  func::FuncOp function;
  const Ranges &ranges;
  llvm::StringSet<> &used;
  Builder builder;
  nn::DimContext context;
};

struct SpecializeDims : burin::impl::SpecializeDimsBase<SpecializeDims> {
  using SpecializeDimsBase::SpecializeDimsBase;

  void runOnOperation() override {
    Ranges ranges;
    for (const std::string &text : dims) {
      auto spec = parseSpec(text);
      if (!spec) {
        getOperation().emitError("cannot read the dimension '")
            << text << "': use NAME=EXTENT or NAME=LOW..HIGH";
        return signalPassFailure();
      }
      ranges[spec->first] = spec->second;
    }
    llvm::StringSet<> used;
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (failed(Specializer(function, ranges, used).run()))
        return signalPassFailure();
    for (const auto &[name, range] : ranges)
      if (!used.contains(name)) {
        getOperation().emitError("the model has no dimension named '") << name << "'";
        return signalPassFailure();
      }
  }
};

} // namespace
