//===- SymbolicShapes.cpp - What is known of every extent -----------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// The walk over a function: arguments, blocks, loops, calls. Loop-carried
// values are first assumed to keep the extents that they enter with; what the
// body does not confirm becomes a symbol of its own, and the body is analysed
// again.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/SymbolicShapesImpl.h"

#include "dialects/nn/Groups.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace burin::nn {

SymbolicShapes::SymbolicShapes(FunctionOpInterface function, DimContext &context) : ctx(context) {
  if (function.isExternal())
    return;
  Analysis analysis(*this, function);
  analysis.seedArguments();
  analysis.visitBlock(function.getFunctionBody().front());
}

ArrayRef<DimExpr> SymbolicShapes::dims(Value value) const {
  auto found = extents.find(value);
  return found == extents.end() ? ArrayRef<DimExpr>() : ArrayRef<DimExpr>(found->second);
}

std::optional<ArrayRef<DimExpr>> SymbolicShapes::contents(Value value) const {
  auto found = elements.find(value);
  if (found == elements.end())
    return std::nullopt;
  return ArrayRef<DimExpr>(found->second);
}

bool hasTrackedType(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || !type.hasStaticShape() || !isa<IntegerType>(type.getElementType()))
    return false;
  int64_t size = 1;
  for (int64_t extent : type.getShape()) {
    if (extent > SymbolicShapes::kMaxContents)
      return false;
    size *= extent;
    if (size > SymbolicShapes::kMaxContents)
      return false;
  }
  return true;
}

//===----------------------------------------------------------------------===//
// Facts about values
//===----------------------------------------------------------------------===//

DimList SymbolicShapes::Analysis::dims(Value value) {
  if (isa<RankedTensorType>(value.getType()) && !shapes.extents.contains(value))
    setDims(value, {});
  return DimList(shapes.dims(value));
}

void SymbolicShapes::Analysis::setDims(Value value, DimList dims) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type)
    return;
  dims.resize(type.getRank());
  for (auto [i, dim] : llvm::enumerate(dims)) {
    if (!type.isDynamicDim(i))
      dim = constant(type.getDimSize(i));
    else if (!dim || dim.range().hi < 0)
      dim = ctx.extent(value, i);
  }
  shapes.extents[value] = std::move(dims);
}

/// The values that an integer type can hold.
static Interval typeRange(IntegerType type) {
  unsigned width = type.getWidth();
  if (width == 1)
    return {0, 1};
  if (type.isUnsigned())
    return {0, width < 63 ? (int64_t(1) << width) - 1 : INT64_MAX};
  if (width >= 64)
    return Interval::all();
  return {-(int64_t(1) << (width - 1)), (int64_t(1) << (width - 1)) - 1};
}

void SymbolicShapes::Analysis::setContents(Value value, DimList contents) {
  if (!hasTrackedType(value))
    return;
  auto type = cast<RankedTensorType>(value.getType());
  Interval range = typeRange(cast<IntegerType>(type.getElementType()));
  contents.resize(type.getNumElements());
  for (auto [i, element] : llvm::enumerate(contents))
    if (!element)
      element = ctx.element(value, i, range);
  shapes.elements[value] = std::move(contents);
}

std::optional<DimList> SymbolicShapes::Analysis::contents(Value value) {
  if (!hasTrackedType(value))
    return std::nullopt;
  if (!hasContents(value))
    setContents(value, {});
  return shapes.elements[value];
}

DimList SymbolicShapes::Analysis::extentsFrom(Operation *user, Value shape,
                                              ArrayRef<DimExpr> bounds) {
  std::optional<DimList> elements = contents(shape);
  if (!elements)
    return {};
  for (auto [i, element] : llvm::enumerate(*elements)) {
    // A use tells about the value only where the two always run together.
    const DimSymbol *symbol = element.symbol();
    if (!symbol || symbol->kind != DimSymbol::Kind::Element)
      continue;
    Value source = symbol->value;
    bool alongCall = groupCall && source.getParentBlock() == groupCall->getBlock();
    if (source.getParentBlock() != user->getBlock() && !alongCall)
      continue;
    DimExpr bound = i < bounds.size() ? bounds[i] : DimExpr();
    element = ctx.element(source, symbol->index, {0, bound.range().hi}, bound);
  }
  return *elements;
}

//===----------------------------------------------------------------------===//
// Borders
//===----------------------------------------------------------------------===//

/// What the entries of `nn.dims` say, where `parse` reads texts; null entries
/// where nothing is said.
static DimList borderDims(ArrayAttr attr, DimContext &ctx, function_ref<DimExpr(StringRef)> parse) {
  DimList result;
  for (Attribute entry : attr) {
    if (auto number = dyn_cast<IntegerAttr>(entry))
      result.push_back(ctx.constant(number.getInt()));
    else if (auto text = dyn_cast<StringAttr>(entry); text && !text.empty())
      result.push_back(parse(text.getValue()));
    else
      result.push_back({});
  }
  return result;
}

void SymbolicShapes::Analysis::seedArguments() {
  if (auto ranges = function->getAttrOfType<DictionaryAttr>("nn.dim_ranges"))
    for (NamedAttribute entry : ranges) {
      auto bounds = dyn_cast<ArrayAttr>(entry.getValue());
      auto lo = bounds && bounds.size() == 2 ? dyn_cast<IntegerAttr>(bounds[0]) : IntegerAttr();
      auto hi = lo ? dyn_cast<IntegerAttr>(bounds[1]) : IntegerAttr();
      if (hi && lo.getInt() >= 0 && hi.getInt() >= lo.getInt())
        ctx.named(entry.getName().strref(), {lo.getInt(), hi.getInt()});
    }
  // Texts that are one name; only over these may other texts be expressions.
  llvm::StringSet<> names;
  for (unsigned i = 0, e = function.getNumArguments(); i < e; ++i)
    if (auto attr = function.getArgAttrOfType<ArrayAttr>(i, kDimsAttr))
      for (Attribute entry : attr)
        if (auto text = dyn_cast<StringAttr>(entry))
          if (const DimSymbol *symbol =
                  ctx.parse(text.getValue(), [&](StringRef name) { return ctx.named(name); })
                      .symbol())
            if (symbol->name == text.getValue())
              names.insert(text.getValue());
  auto parse = [&](StringRef text) {
    auto lookup = [&](StringRef name) {
      return names.contains(name) ? ctx.named(name) : DimExpr();
    };
    DimExpr expr = ctx.parse(text, lookup);
    return expr ? expr : ctx.named(text);
  };
  for (BlockArgument argument : function.getArguments()) {
    DimList known;
    if (auto attr = function.getArgAttrOfType<ArrayAttr>(argument.getArgNumber(), kDimsAttr))
      known = borderDims(attr, ctx, parse);
    setDims(argument, std::move(known));
  }
}

void SymbolicShapes::Analysis::visitCall(func::CallOp op) {
  auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(op, op.getCalleeAttr());
  if (!callee || callee.getNumArguments() != op.getNumOperands()) {
    for (Value result : op.getResults())
      setDims(result, {});
    return;
  }
  // Kernel ops have no formulas here; the names of their extents tell as much.
  auto isKnown = [](Operation &op) {
    return isa_and_nonnull<NNDialect, func::FuncDialect, tensor::TensorDialect>(op.getDialect());
  };
  if (callee->hasAttr(kGroupAttr) && !callee.isExternal() &&
      llvm::all_of(callee.getBody().front(), isKnown))
    return visitGroup(op, callee);
  // The callee's texts in terms of this function; a text is tried as a whole
  // first, because groups take opaque expressions as symbols.
  llvm::StringMap<DimExpr> known;
  for (auto [i, operand] : llvm::enumerate(op.getOperands())) {
    SmallVector<std::string> texts = argDims(callee, i);
    for (auto [text, dim] : llvm::zip(texts, dims(operand)))
      if (!text.empty())
        known.try_emplace(text, dim);
  }
  for (auto [i, result] : llvm::enumerate(op.getResults())) {
    DimList list;
    for (auto [j, text] : llvm::enumerate(resultDims(callee, i))) {
      auto found = known.find(text);
      if (found != known.end()) {
        list.push_back(found->second);
        continue;
      }
      DimExpr dim = ctx.parse(text, [&](StringRef name) { return known.lookup(name); });
      if (!dim && cast<RankedTensorType>(result.getType()).isDynamicDim(j))
        dim = ctx.extent(result, j);
      if (!text.empty())
        known.try_emplace(text, dim);
      list.push_back(dim);
    }
    setDims(result, std::move(list));
  }
}

/// Whether the expression depends on a value inside `op`.
static bool dependsOnInside(DimExpr expr, Operation *op) {
  return expr && llvm::any_of(expr.symbols(), [&](const DimSymbol *symbol) {
           Value value = symbol->value;
           return value && op->isAncestor(value.getParentRegion()->getParentOp());
         });
}

/// Groups are analysed in place, under the extents and contents that this call
/// gives them, so that nothing is lost by outlining.
void SymbolicShapes::Analysis::visitGroup(func::CallOp op, func::FuncOp group) {
  for (auto [argument, operand] : llvm::zip(group.getArguments(), op.getOperands())) {
    setDims(argument, dims(operand));
    shapes.elements.erase(argument);
    if (std::optional<DimList> known = contents(operand))
      shapes.elements[argument] = *known;
  }
  Block &body = group.getBody().front();
  groupCall = op;
  visitBlock(body);
  groupCall = nullptr;
  for (auto [result, returned] : llvm::zip(op.getResults(), body.getTerminator()->getOperands())) {
    setDims(result, dims(returned));
    if (!hasContents(returned))
      continue;
    // The caller can read the result, but nothing inside of the group.
    DimList elements = shapes.elements.lookup(returned);
    for (auto [i, element] : llvm::enumerate(elements))
      if (dependsOnInside(element, group))
        element = ctx.element(result, i, element.range(), element);
    shapes.elements[result] = std::move(elements);
  }
}

//===----------------------------------------------------------------------===//
// The walk
//===----------------------------------------------------------------------===//

void SymbolicShapes::Analysis::visitBlock(Block &block) {
  for (Operation &op : block)
    visit(&op);
}

void SymbolicShapes::Analysis::visit(Operation *op) {
  // A second round over a loop's body starts afresh.
  for (Value result : op->getResults()) {
    shapes.extents.erase(result);
    shapes.elements.erase(result);
  }
  if (auto ifOp = dyn_cast<scf::IfOp>(op))
    return visitIf(ifOp);
  if (auto forOp = dyn_cast<scf::ForOp>(op))
    return visitFor(forOp);
  if (auto whileOp = dyn_cast<scf::WhileOp>(op))
    return visitWhile(whileOp);
  if (auto call = dyn_cast<func::CallOp>(op))
    return visitCall(call);
  for (Region &region : op->getRegions())
    for (Block &block : region)
      visitBlock(block);

  SmallVector<DimList> known = extents(op);
  known.resize(op->getNumResults());
  if (auto attr = op->getAttrOfType<ArrayAttr>(kDimsAttr)) {
    auto parse = [&](StringRef text) {
      DimExpr expr = ctx.parse(text);
      return expr ? expr : ctx.named(text);
    };
    for (auto [i, list] : llvm::enumerate(known)) {
      bool nested = !attr.empty() && isa<ArrayAttr>(attr[0]);
      auto own = nested ? (i < attr.size() ? dyn_cast<ArrayAttr>(attr[i]) : ArrayAttr())
                        : (known.size() == 1 ? attr : ArrayAttr());
      if (!own)
        continue;
      DimList said = borderDims(own, ctx, parse);
      list.resize(std::max(list.size(), said.size()));
      for (auto [dim, text] : llvm::zip(list, said))
        if (!dim)
          dim = text;
    }
  }
  for (auto [result, list] : llvm::zip(op->getResults(), known))
    setDims(result, std::move(list));
  if (op->getNumResults() == 1 && hasTrackedType(op->getResult(0)))
    if (std::optional<DimList> elements = evaluate(op);
        elements && llvm::any_of(*elements, [](DimExpr element) { return bool(element); }))
      setContents(op->getResult(0), std::move(*elements));
}

/// Entries that both lists agree on; null otherwise.
static DimList join(ArrayRef<DimExpr> a, ArrayRef<DimExpr> b) {
  DimList result;
  for (auto [left, right] : llvm::zip(a, b))
    result.push_back(left == right ? left : DimExpr());
  return result;
}

void SymbolicShapes::Analysis::visitIf(scf::IfOp op) {
  for (Region &region : op->getRegions())
    for (Block &block : region)
      visitBlock(block);
  if (op->getNumResults() == 0)
    return;
  for (auto [result, thenValue, elseValue] :
       llvm::zip(op.getResults(), op.thenYield().getOperands(), op.elseYield().getOperands())) {
    setDims(result, join(dims(thenValue), dims(elseValue)));
    if (hasContents(thenValue) && hasContents(elseValue))
      setContents(result, join(*contents(thenValue), *contents(elseValue)));
  }
}

/// Drops from `assumed` what the values that a trip of a loop hands back do not confirm;
/// whether all was confirmed. Every round drops at least one dimension; nested loops multiply,
/// hence the limit, after which everything is dropped.
bool SymbolicShapes::Analysis::confirm(SmallVectorImpl<DimList> &assumed, ValueRange back,
                                       unsigned round) {
  constexpr unsigned kMaxRounds = 3;
  bool changed = false;
  for (auto [list, value] : llvm::zip(assumed, back))
    for (auto [dim, other] : llvm::zip(list, dims(value)))
      if (dim && dim != other) {
        dim = {};
        changed = true;
      }
  if (changed && round + 1 == kMaxRounds)
    for (DimList &list : assumed)
      list.assign(list.size(), DimExpr());
  return !changed;
}

void SymbolicShapes::Analysis::visitFor(scf::ForOp op) {
  SmallVector<DimList> assumed;
  for (Value init : op.getInitArgs())
    assumed.emplace_back(dims(init));
  for (unsigned round = 0;; ++round) {
    for (auto [argument, list] : llvm::zip(op.getRegionIterArgs(), assumed)) {
      shapes.elements.erase(argument);
      setDims(argument, list);
    }
    visitBlock(*op.getBody());
    if (confirm(assumed, op.getBody()->getTerminator()->getOperands(), round))
      break;
  }
  for (auto [result, list] : llvm::zip(op.getResults(), assumed))
    setDims(result, list);
}

void SymbolicShapes::Analysis::visitWhile(scf::WhileOp op) {
  SmallVector<DimList> assumed;
  for (Value init : op.getInits())
    assumed.emplace_back(dims(init));
  SmallVector<DimList> passed;
  for (unsigned round = 0;; ++round) {
    for (auto [argument, list] : llvm::zip(op.getBeforeArguments(), assumed)) {
      shapes.elements.erase(argument);
      setDims(argument, list);
    }
    visitBlock(*op.getBeforeBody());
    passed.clear();
    for (auto [value, argument] :
         llvm::zip(op.getConditionOp().getArgs(), op.getAfterArguments())) {
      passed.emplace_back(dims(value));
      shapes.elements.erase(argument);
      setDims(argument, passed.back());
    }
    visitBlock(*op.getAfterBody());
    if (confirm(assumed, op.getYieldOp().getOperands(), round))
      break;
  }
  // Only expressions that hold outside may leave; symbols of values inside the
  // loop mean nothing there.
  for (auto [result, list] : llvm::zip(op.getResults(), passed)) {
    for (DimExpr &dim : list)
      if (dependsOnInside(dim, op))
        dim = {};
    setDims(result, list);
  }
}

} // namespace burin::nn
