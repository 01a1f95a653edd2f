//===- ArenaPlan.cpp - Where every value of the entry lives ---------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "passes/memory/ArenaPlan.h"
#include "dialects/nn/Groups.h"
#include "dialects/nn/RuntimeCall.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <numeric>

using namespace mlir;

namespace burin {

using nn::DimContext;
using nn::DimExpr;
using nn::DimSymbol;

DimExpr boundedBytes(Value value, nn::SymbolicShapes &shapes) {
  DimContext &context = shapes.context();
  auto type = cast<RankedTensorType>(value.getType());
  DimExpr bytes =
      context.constant(nn::storageType(type.getElementType()).getIntOrFloatBitWidth() / 8);
  for (DimExpr dim : shapes.dims(value)) {
    DimExpr bound = context.upperBound(dim);
    bytes = bound && bytes ? context.mul(bytes, bound) : DimExpr();
  }
  return bytes;
}

static std::optional<nn::RuntimeCall> runtimeCallOf(Operation *op) {
  auto call = dyn_cast<func::CallOp>(op);
  if (!call)
    return std::nullopt;
  auto group = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(call, call.getCalleeAttr());
  return group ? nn::runtimeCallOf(group) : std::nullopt;
}

bool mayFail(Operation *op, nn::SymbolicShapes &shapes) {
  return op
      ->walk([&](Operation *inner) {
        bool fails = isa<nn::CheckOp>(inner) || runtimeCallOf(inner).has_value();
        if (auto reshape = dyn_cast<nn::ReshapeOp>(inner)) {
          DimContext &context = shapes.context();
          fails = context.product(shapes.dims(reshape.getX())) !=
                  context.product(shapes.dims(reshape.getResult()));
        }
        return fails ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}

class ArenaPlanner {
public:
  ArenaPlanner(func::FuncOp entry, nn::SymbolicShapes &shapes, int64_t alignment)
      : entry(entry), shapes(shapes) {
    plan.align = alignment;
  }

  FailureOr<ArenaPlan> run() {
    findGroups();
    unsigned position = 0;
    number(entry.getBody().front(), position);
    for (BlockArgument argument : entry.getArguments())
      place(argument, addBuffer(Buffer::Kind::Input, argument.getArgNumber(), argument));
    reserveOutputs();
    if (failed(placeBlock(entry.getBody().front())))
      return failure();
    markUses();
    assignOffsets();
    return std::move(plan);
  }

private:
  /// Positions of ops in program order; a region op spans its body.
  void number(Block &block, unsigned &position) {
    for (Operation &op : block) {
      begin[&op] = position++;
      for (Region &region : op.getRegions())
        for (Block &nested : region)
          number(nested, position);
      end[&op] = position++;
    }
  }

  unsigned addBuffer(Buffer::Kind kind, unsigned index, Value owner) {
    Buffer buffer;
    buffer.kind = kind;
    buffer.index = index;
    buffer.owner = owner;
    plan.allBuffers.push_back(buffer);
    return plan.allBuffers.size() - 1;
  }

  void place(Value value, unsigned index) {
    plan.placement[value] = index;
    tenants[rootOf(index)].push_back(value);
  }

  /// The buffer that a slice belongs to in the end; others are their own.
  unsigned rootOf(unsigned index) const {
    while (plan.allBuffers[index].kind == Buffer::Kind::Slice)
      index = plan.allBuffers[index].index;
    return index;
  }

  /// Groups that are still functions of tensors, by name, with their call; null
  /// where there are more calls.
  void findGroups() {
    auto module = entry->getParentOfType<ModuleOp>();
    if (!module)
      return;
    llvm::StringMap<func::CallOp> calls;
    module.walk([&](func::CallOp call) {
      if (auto [it, isNew] = calls.try_emplace(call.getCallee(), call); !isNew)
        it->second = nullptr;
    });
    for (auto group : module.getOps<func::FuncOp>())
      if (func::CallOp call = calls.lookup(group.getName());
          call && group.getNumResults() == call.getNumResults())
        groups[call] = group;
  }

  /// The buffer of an operand that the call which makes `result` may write it
  /// to.
  std::optional<unsigned> bufferToOverwrite(Value result, DimExpr bytes) {
    auto call = result.getDefiningOp<func::CallOp>();
    func::FuncOp group = call ? groups.lookup(call) : nullptr;
    if (!group)
      return std::nullopt;
    for (auto [argument, number] : nn::getPairs(group, nn::kInPlaceAttr)) {
      if (number != cast<OpResult>(result).getResultNumber())
        continue;
      unsigned index = plan.placement.lookup(call.getOperand(argument));
      if (plan.allBuffers[index].bytes == bytes && endsAt(index, call->getOpOperand(argument)))
        return index;
    }
    return std::nullopt;
  }

  /// Whether `last` is the last use of a buffer of the arena, and the only one
  /// of its op. A buffer that control flow owns never ends.
  bool endsAt(unsigned index, OpOperand &last) {
    const Buffer &buffer = plan.allBuffers[index];
    Operation *call = last.getOwner();
    Operation *owner = buffer.owner.getDefiningOp();
    if (buffer.kind != Buffer::Kind::Arena || !owner || owner->getBlock() != call->getBlock())
      return false;
    return llvm::all_of(tenants[index], [&](Value value) {
      return llvm::all_of(value.getUses(), [&](OpOperand &use) {
        Operation *user = call->getBlock()->findAncestorOpInBlock(*use.getOwner());
        return user && (&use == &last || (user != call && user->isBeforeInBlock(call)));
      });
    });
  }

  static bool isTensor(Value value) { return isa<RankedTensorType>(value.getType()); }

  /// The value that makes the buffer behind views.
  static Value viewSource(Value value) {
    while (Operation *op = value.getDefiningOp()) {
      if (!isa<nn::ReshapeOp, nn::BitcastOp, tensor::CastOp>(op))
        break;
      value = op->getOperand(0);
    }
    return value;
  }

  static bool isFromInputs(ArrayRef<DimExpr> dims) {
    return llvm::all_of(dims, [](DimExpr dim) {
      return llvm::all_of(dim.symbols(), [](const DimSymbol *symbol) {
        return symbol->kind == DimSymbol::Kind::Named;
      });
    });
  }

  /// Values that can be computed right into an output: made at the top level
  /// behind all that may fail, returned once, of a size known from the inputs.
  void reserveOutputs() {
    Operation *terminator = entry.getBody().front().getTerminator();
    // Whether an output with extents of its own fits is known at the end only.
    if (!llvm::all_of(terminator->getOperands(),
                      [&](Value returned) { return isFromInputs(shapes.dims(returned)); }))
      return;
    for (Operation &op : entry.getBody().front())
      if (mayFail(&op, shapes))
        safe = end.lookup(&op);
    for (auto [i, returned] : llvm::enumerate(terminator->getOperands())) {
      Value source = viewSource(returned);
      Operation *op = source.getDefiningOp();
      if (!op || op->getBlock() != terminator->getBlock() ||
          !isa<func::CallOp, scf::IfOp, nn::ConcatOp>(op) || reserved.contains(source) ||
          begin.lookup(op) < safe)
        continue;
      if (isFromInputs(shapes.dims(source)))
        reserved[source] = addBuffer(Buffer::Kind::Output, i, source);
    }
  }

  /// Gives operands of concats their slices. Backwards, because the result of
  /// a concat may be an operand of a later one.
  void reserveSlices(Block &block) {
    for (Operation &op : llvm::reverse(block)) {
      auto concat = dyn_cast<nn::ConcatOp>(op);
      if (!concat || !nn::joinsRanges(concat))
        continue;
      Value result = concat.getResult();
      DimExpr bytes = boundedBytes(result, shapes);
      if (!bytes) // too large to be counted; placeNew() tells
        continue;
      // Where a slice starts must be known before those in front of it are made.
      if (!llvm::all_of(concat.getXs(), [&](Value x) { return isFromInputs(shapes.dims(x)); }))
        continue;
      if (!reserved.contains(result)) {
        reserved[result] = addBuffer(Buffer::Kind::Arena, 0, result);
        plan.allBuffers.back().bytes = bytes;
      }
      unsigned target = reserved.lookup(result);
      // A failing run leaves outputs alone.
      unsigned earliest = plan.allBuffers[rootOf(target)].kind == Buffer::Kind::Output ? safe : 0;
      DimExpr start = shapes.context().constant(0);
      for (Value operand : concat.getXs()) {
        Value source = viewSource(operand);
        Operation *producer = source.getDefiningOp();
        if (producer && producer->getBlock() == &block &&
            isa<func::CallOp, nn::ConcatOp>(producer) && begin.lookup(producer) >= earliest &&
            !reserved.contains(source)) {
          unsigned slice = addBuffer(Buffer::Kind::Slice, target, source);
          plan.allBuffers[slice].start = start;
          reserved[source] = slice;
        }
        start = shapes.context().add(start, boundedBytes(operand, shapes));
      }
    }
  }

  LogicalResult placeNew(Value value) {
    if (!isTensor(value) || plan.placement.contains(value))
      return success();
    if (auto it = reserved.find(value); it != reserved.end()) {
      place(value, it->second);
      return success();
    }
    DimExpr bytes = boundedBytes(value, shapes);
    if (!bytes) {
      auto error = emitError(value.getLoc()) << "the size of a tensor [";
      llvm::interleaveComma(shapes.dims(value), error, [&](DimExpr dim) {
        constexpr size_t kLongest = 48;
        std::string text = dim.str();
        error << (text.size() > kLongest ? text.substr(0, kLongest - 3) + "..." : text);
      });
      return error << "] depends on data and has no bound; give the dimensions with "
                      "--dim NAME=LO..HI";
    }
    if (std::optional<unsigned> shared = bufferToOverwrite(value, bytes)) {
      place(value, *shared);
      return success();
    }
    unsigned index = addBuffer(Buffer::Kind::Arena, 0, value);
    plan.allBuffers[index].bytes = bytes;
    place(value, index);
    return success();
  }

  LogicalResult placeBlock(Block &block) {
    reserveSlices(block);
    for (Operation &op : block)
      if (failed(placeOp(op)))
        return failure();
    return success();
  }

  LogicalResult placeOp(Operation &op) {
    if (isa<nn::ReshapeOp, nn::BitcastOp, tensor::CastOp>(op)) {
      place(op.getResult(0), plan.placement.lookup(op.getOperand(0)));
      return success();
    }
    if (auto constant = dyn_cast<nn::ConstantOp>(op)) {
      unsigned index = addBuffer(Buffer::Kind::Constant, 0, constant);
      plan.allBuffers[index].constant = constant;
      place(constant, index);
      return success();
    }
    if (auto branch = dyn_cast<scf::IfOp>(op))
      return placeIf(branch);
    if (auto loop = dyn_cast<LoopLikeOpInterface>(op))
      return placeLoop(loop);
    for (Value result : op.getResults())
      if (failed(placeNew(result)))
        return failure();
    if (auto call = runtimeCallOf(&op))
      return placeScratch(op, *call);
    return success();
  }

  /// The memory that the function behind a group works with.
  LogicalResult placeScratch(Operation &op, const nn::RuntimeCall &call) {
    DimContext &context = shapes.context();
    SmallVector<SmallVector<DimExpr>> inputs;
    for (Value input : call.inputs) {
      SmallVector<DimExpr> &dims = inputs.emplace_back();
      if (!input)
        continue;
      if (auto argument = dyn_cast<BlockArgument>(input))
        for (DimExpr dim : shapes.dims(op.getOperand(argument.getArgNumber())))
          dims.push_back(context.upperBound(dim));
      else
        for (int64_t extent : cast<RankedTensorType>(input.getType()).getShape())
          dims.push_back(ShapedType::isDynamic(extent) ? DimExpr() : context.constant(extent));
    }
    DimExpr bytes = nn::scratchBytes(call.callee, inputs, call.ints, context);
    if (!bytes)
      return op.emitError("the scratch memory of '")
             << call.callee << "' has no bound; give the dimensions with --dim NAME=LO..HI";
    unsigned index = addBuffer(Buffer::Kind::Arena, 0, op.getResult(0));
    Buffer &buffer = plan.allBuffers[index];
    buffer.bytes = bytes;
    buffer.first = begin.lookup(&op);
    buffer.last = end.lookup(&op);
    plan.scratches[&op] = index;
    return success();
  }

  LogicalResult placeIf(scf::IfOp branch) {
    for (Value result : branch.getResults()) {
      if (failed(placeNew(result)))
        return failure();
      if (!isTensor(result))
        continue;
      unsigned number = cast<OpResult>(result).getResultNumber();
      for (Region *region : {&branch.getThenRegion(), &branch.getElseRegion()}) {
        Block &block = region->front();
        Value source = viewSource(block.getTerminator()->getOperand(number));
        // The branch computes right into the result's buffer.
        if (auto call = source.getDefiningOp<func::CallOp>();
            call && call->getBlock() == &block && fits(source, result))
          reserved.try_emplace(source, plan.placement.lookup(result));
      }
    }
    for (Region &region : branch->getRegions())
      for (Block &block : region)
        if (failed(placeBlock(block)))
          return failure();
    return success();
  }

  /// Whether `value` takes no more bytes than `result`'s buffer has for sure.
  bool fits(Value value, Value result) {
    auto type = cast<RankedTensorType>(value.getType());
    auto target = cast<RankedTensorType>(result.getType());
    return type == target && type.hasStaticShape();
  }

  LogicalResult placeLoop(LoopLikeOpInterface loop) {
    auto whileOp = dyn_cast<scf::WhileOp>(*loop);
    // Buffers of carried values; scf.for's results are the same values.
    for (auto [argument, init] : llvm::zip(loop.getRegionIterArgs(), loop.getInits())) {
      if (!isTensor(argument))
        continue;
      if (shapes.dims(argument) != shapes.dims(init) &&
          !cast<RankedTensorType>(argument.getType()).hasStaticShape())
        return loop->emitError("a loop carries a tensor whose shape changes; give its dimensions "
                               "static extents, or unroll the loop");
      if (failed(placeNew(argument)))
        return failure();
    }
    if (auto forOp = dyn_cast<scf::ForOp>(*loop))
      for (auto [argument, result] : llvm::zip(forOp.getRegionIterArgs(), forOp.getResults()))
        if (isTensor(result))
          place(result, plan.placement.lookup(argument));
    if (whileOp) {
      if (failed(placeBlock(*whileOp.getBeforeBody())))
        return failure();
      for (auto [forwarded, argument, result] :
           llvm::zip(whileOp.getConditionOp().getArgs(), whileOp.getAfterArguments(),
                     whileOp.getResults()))
        if (isTensor(forwarded)) {
          place(argument, plan.placement.lookup(forwarded));
          place(result, plan.placement.lookup(forwarded));
        }
    }
    Block *body = whileOp ? whileOp.getAfterBody() : &loop.getLoopRegions().front()->front();
    if (failed(placeBlock(*body)))
      return failure();
    return placeYield(loop, body->getTerminator());
  }

  /// Finds copies that would overwrite a carried value before it is read.
  LogicalResult placeYield(LoopLikeOpInterface loop, Operation *yield) {
    llvm::SmallDenseSet<unsigned> carried;
    for (Value argument : loop.getRegionIterArgs())
      if (isTensor(argument))
        carried.insert(plan.placement.lookup(argument));
    for (auto [i, operand] : llvm::enumerate(yield->getOperands())) {
      if (!isTensor(operand))
        continue;
      unsigned source = plan.placement.lookup(operand);
      unsigned target = plan.placement.lookup(loop.getRegionIterArgs()[i]);
      if (source == target || !carried.contains(source))
        continue;
      DimExpr bytes = boundedBytes(operand, shapes);
      unsigned index = addBuffer(Buffer::Kind::Arena, 0, operand);
      plan.allBuffers[index].bytes = bytes;
      plan.allBuffers[index].first = begin.lookup(yield);
      plan.allBuffers[index].last = end.lookup(yield);
      plan.temporaries[{yield, i}] = index;
    }
    return success();
  }

  /// Live ranges: from the definition to the last use of any value in the
  /// buffer; a use inside a loop of a buffer made outside lasts to its end.
  void markUses() {
    llvm::DenseMap<unsigned, Region *> home;
    for (auto &[value, index] : plan.placement) {
      Buffer &buffer = plan.allBuffers[index];
      if (buffer.kind != Buffer::Kind::Arena || value != buffer.owner)
        continue;
      Operation *op = value.getDefiningOp();
      // A carried value lives during its whole loop.
      if (!op)
        op = cast<BlockArgument>(value).getOwner()->getParentOp();
      buffer.first = begin.lookup(op);
      buffer.last = end.lookup(op);
      home[index] = op->getParentRegion();
    }
    for (auto &[value, placed] : plan.placement) {
      unsigned index = rootOf(placed);
      Buffer &buffer = plan.allBuffers[index];
      if (buffer.kind != Buffer::Kind::Arena)
        continue;
      Region *region = home.lookup(index);
      auto extend = [&](Operation *user) {
        // The op of the buffer's own region that contains the use.
        while (user && user->getParentRegion() != region && user->getParentRegion() &&
               !isa<func::FuncOp>(user->getParentOp()))
          user = user->getParentOp();
        if (!user)
          return;
        buffer.first = std::min(buffer.first, begin.lookup(user));
        buffer.last = std::max(buffer.last, end.lookup(user));
      };
      if (Operation *op = value.getDefiningOp())
        extend(op);
      for (Operation *user : value.getUsers())
        extend(user);
    }
  }

  /// Static sizes get the best offsets that planOffsets() finds. With symbolic
  /// ones, it plans for one choice of the dimensions, and every buffer then
  /// stands on those that the plan put below it. So the arena is no larger than
  /// that plan for this choice, and right for all others.
  void assignOffsets() {
    SmallVector<unsigned> arena;
    SmallVector<LiveRange> ranges;
    for (auto [i, buffer] : llvm::enumerate(plan.allBuffers))
      if (buffer.kind == Buffer::Kind::Arena) {
        arena.push_back(i);
        ranges.push_back({typicalBytes(buffer.bytes), buffer.first, buffer.last});
      }
    OffsetPlan offsets = planOffsets(ranges, plan.align);
    plan.liveSet = largestLiveSet(ranges, plan.align);
    SmallVector<unsigned> order(arena.size());
    std::iota(order.begin(), order.end(), 0);
    llvm::stable_sort(
        order, [&](unsigned a, unsigned b) { return offsets.offsets[a] < offsets.offsets[b]; });
    for (auto [position, k] : llvm::enumerate(order)) {
      Buffer &buffer = plan.allBuffers[arena[k]];
      // The nearest first: what one of them stands on itself adds nothing.
      SmallVector<unsigned> nearest;
      for (unsigned j : llvm::reverse(ArrayRef(order).take_front(position)))
        if (ranges[k].overlaps(ranges[j]) &&
            llvm::none_of(nearest, [&](unsigned n) { return ranges[n].overlaps(ranges[j]); }))
          nearest.push_back(j);
      for (unsigned j : nearest) {
        const Buffer &below = plan.allBuffers[arena[j]];
        if (below.end)
          buffer.base = std::max(buffer.base, *below.end);
        else
          buffer.below.push_back(arena[j]);
      }
      std::optional<int64_t> bytes = buffer.bytes.constant();
      if (buffer.below.empty())
        buffer.offset = buffer.base;
      if (buffer.below.empty() && bytes) {
        buffer.end = buffer.base + roundedSize(*bytes, plan.align);
        plan.bytes = std::max(plan.bytes, *buffer.end);
      } else {
        plan.dynamicBuffers.push_back(arena[k]);
      }
    }
  }

  /// The size for dimensions at their upper bounds, or at 64 without one.
  static int64_t typicalBytes(DimExpr bytes) {
    constexpr int64_t kTypical = 64, kLargest = int64_t(1) << 40;
    std::optional<int64_t> size = bytes.evaluate([&](const DimSymbol &symbol) {
      return std::optional(symbol.range.hi == INT64_MAX ? std::max(symbol.range.lo, kTypical)
                                                        : symbol.range.hi);
    });
    return std::clamp<int64_t>(size.value_or(kLargest), 0, kLargest);
  }

  func::FuncOp entry;
  nn::SymbolicShapes &shapes;
  ArenaPlan plan;
  llvm::DenseMap<Operation *, unsigned> begin, end;
  unsigned safe = 0;                                    ///< position behind all that may fail
  llvm::DenseMap<Operation *, func::FuncOp> groups;     ///< by their only call
  llvm::DenseMap<unsigned, SmallVector<Value>> tenants; ///< values by buffer
  /// Buffers chosen for values before these are reached.
  llvm::DenseMap<Value, unsigned> reserved;
};

FailureOr<ArenaPlan> ArenaPlan::compute(func::FuncOp entry, nn::SymbolicShapes &shapes,
                                        int64_t alignment) {
  return ArenaPlanner(entry, shapes, alignment).run();
}

std::optional<unsigned> ArenaPlan::yieldTemporary(Operation *yield, unsigned operand) const {
  auto it = temporaries.find({yield, operand});
  if (it == temporaries.end())
    return std::nullopt;
  return it->second;
}

std::optional<unsigned> ArenaPlan::scratchOf(Operation *call) const {
  auto it = scratches.find(call);
  if (it == scratches.end())
    return std::nullopt;
  return it->second;
}

} // namespace burin
