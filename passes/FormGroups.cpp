//===- FormGroups.cpp - Outline fused groups into functions ---------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// One function per group, because LLVM is quadratic on one giant function and
// because a group is the unit of threading, profiling and GPU launch.
//
// A group grows from a seed: first every heavy op that takes an epilogue, then
// the remaining elementwise ops, then all other ops alone. Growth goes forward
// over elementwise ops of the same iteration space, as long as some prefix is
// closed: no value but the last is used outside. Closed groups can always be
// placed at their last member. Then producers that only the group uses are
// pulled in. What stays in the entry moves no data: constants, views, shapes,
// scalars and control flow.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/Groups.h"
#include "dialects/nn/NN.h"
#include "dialects/nn/NodeLoc.h"
#include "dialects/nn/SymbolicShapes.h"
#include "passes/Passes.h"
#include "passes/memory/InPlace.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace burin::nn;

namespace burin {
#define GEN_PASS_DEF_FORMGROUPS
#include "passes/Passes.h.inc"

namespace {

/// More members make a function that compiles slowly and gains nothing.
constexpr unsigned kMaxMembers = 32;
/// How many ops behind the last member growth looks at.
constexpr unsigned kWindow = 64;

bool isElementwise(Operation *op) {
  return isa<UnaryOp, BinaryOp, CompareOp, SelectOp, CastOp, QuantizeOp, DequantizeOp,
             RequantizeOp>(op);
}

/// Ops whose code generation applies an elementwise epilogue in registers.
bool takesEpilogue(Operation *op) { return isa<ConvOp, MatMulOp, PoolOp, ReduceOp>(op); }

/// Ops that read every element of their first operand once, so that its
/// producers may be computed on the fly.
bool takesProducers(Operation *op) { return isa<ReduceOp>(op); }

unsigned elementBits(Value value) {
  Type type = getElementTypeOrSelf(value.getType());
  return type.isIntOrFloat() ? type.getIntOrFloatBitWidth() : 0;
}

/// Ops that are cheap and make elements wider: the value in front takes less memory.
bool widens(Operation *op) {
  return isa<DequantizeOp, CastOp>(op) &&
         elementBits(op->getResult(0)) > elementBits(op->getOperand(0));
}
bool narrows(Operation *op) {
  return isa<QuantizeOp, RequantizeOp>(op) &&
         elementBits(op->getResult(0)) < elementBits(op->getOperand(0));
}

/// Ops that stay in the entry.
bool staysInEntry(Operation *op) {
  if (auto concat = dyn_cast<ConcatOp>(op))
    return joinsRanges(concat);
  return !isa<NNDialect>(op->getDialect()) ||
         isa<ConstantOp, ReshapeOp, BitcastOp, ShapeOfOp, CheckOp>(op);
}

/// Producers that are only index arithmetic on a group's input.
bool isLeaf(Operation *op) {
  if (isa<BroadcastToOp, IotaOp>(op))
    return true;
  auto slice = dyn_cast<SliceOp>(op);
  return slice && constantInts(slice.getOffsets()) && constantInts(slice.getSizes());
}

/// Constants this small are copied into the groups that use them.
bool isSmallConstant(Value value) {
  auto constant = value.getDefiningOp<ConstantOp>();
  return constant && constant.getValue().getNumElements() <= kMaxDenseElements;
}

class GroupFormer {
public:
  GroupFormer(func::FuncOp entry, SymbolicShapes &shapes, SymbolTable &symbols)
      : entry(entry), shapes(shapes), symbols(symbols) {}

  void run() {
    SmallVector<Block *> blocks;
    entry.walk([&](Block *block) { blocks.push_back(block); });
    for (Block *block : blocks)
      runOnBlock(*block);
  }

private:
  using Members = llvm::SetVector<Operation *>;

  void runOnBlock(Block &block) {
    SmallVector<SmallVector<Operation *>> groups;
    auto take = [&](Operation &op) {
      Members members;
      members.insert(&op);
      if (takesEpilogue(&op) || isElementwise(&op)) {
        growForward(members);
        leaveWidening(members);
        pullProducers(members);
      }
      assigned.insert(members.begin(), members.end());
      auto &group = groups.emplace_back(members.begin(), members.end());
      llvm::sort(group, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
    };
    SmallVector<Operation *> ops;
    for (Operation &op : block)
      if (!staysInEntry(&op))
        ops.push_back(&op);
    for (auto isSeed :
         {+[](Operation *op) { return takesEpilogue(op); },
          +[](Operation *op) { return isElementwise(op); },
          +[](Operation *op) { return !isLeaf(op); }, +[](Operation *op) { return true; }})
      for (Operation *op : ops)
        if (!assigned.contains(op) && isSeed(op))
          take(*op);
    llvm::sort(groups, [](ArrayRef<Operation *> a, ArrayRef<Operation *> b) {
      return a.back()->isBeforeInBlock(b.back());
    });
    for (ArrayRef<Operation *> members : groups)
      outline(members);
  }

  /// Adds elementwise users of the same iteration space while a prefix closes.
  void growForward(Members &members) {
    Value space = members.back()->getResult(0);
    Members tentative = members;
    unsigned seen = 0;
    for (Operation *op = members.back()->getNextNode(); op && ++seen <= kWindow;
         op = op->getNextNode()) {
      if (tentative.size() >= kMaxMembers)
        return;
      if (!isElementwise(op) || assigned.contains(op) || !sameSpace(op->getResult(0), space) ||
          llvm::none_of(op->getOperands(),
                        [&](Value operand) { return tentative.contains(operand.getDefiningOp()); }))
        continue;
      tentative.insert(op);
      if (isClosed(tentative))
        members = tentative;
    }
  }

  /// A tail that widens elements is computed by its user, where that can.
  void leaveWidening(Members &members) {
    while (members.size() > 1 && widens(members.back()) && members.back()->hasOneUse()) {
      Operation *user = *members.back()->user_begin();
      if (!takesProducers(user) || assigned.contains(user) ||
          user->getBlock() != members.back()->getBlock())
        return;
      members.pop_back();
    }
  }

  /// Whether the narrow value ends an epilogue of its own: two groups then exchange
  /// bytes instead of words.
  bool endsEpilogue(Operation *op) {
    if (!narrows(op))
      return false;
    Value space = op->getResult(0);
    while (op && isElementwise(op) && !assigned.contains(op) && sameSpace(op->getResult(0), space))
      op = op->getOperand(0).getDefiningOp();
    return op && takesEpilogue(op) && sameSpace(op->getResult(0), space);
  }

  bool isClosed(const Members &members) {
    return llvm::all_of(members.getArrayRef().drop_back(), [&](Operation *op) {
      return llvm::all_of(op->getUsers(), [&](Operation *user) { return members.contains(user); });
    });
  }

  void pullProducers(Members &members) {
    Members result = members;
    SmallVector<Operation *> worklist(members.begin(), members.end());
    while (!worklist.empty() && result.size() < kMaxMembers) {
      Operation *op = worklist.pop_back_val();
      if (takesEpilogue(op) && !takesProducers(op))
        continue;
      for (Value operand : op->getOperands()) {
        Operation *producer = operand.getDefiningOp();
        if (!producer || producer->getBlock() != op->getBlock() || assigned.contains(producer) ||
            result.contains(producer) || !llvm::all_of(producer->getUsers(), [&](Operation *user) {
              return result.contains(user);
            }))
          continue;
        // A producer runs once per element that its user reads.
        Value space = takesEpilogue(op) ? operand : op->getResult(0);
        if (endsEpilogue(producer))
          continue;
        if (isElementwise(producer) && sameSpace(producer->getResult(0), space)) {
          result.insert(producer);
          worklist.push_back(producer);
        } else if (isLeaf(producer) && isElementwise(op)) {
          result.insert(producer);
        }
      }
    }
    members = std::move(result);
  }

  bool sameSpace(Value a, Value b) {
    auto left = cast<RankedTensorType>(a.getType()), right = cast<RankedTensorType>(b.getType());
    if (left.getRank() != right.getRank())
      return false;
    if (left.hasStaticShape() && right.hasStaticShape())
      return left.getShape() == right.getShape();
    return shapes.dims(a) == shapes.dims(b);
  }

  /// `members` in program order.
  void outline(ArrayRef<Operation *> members) {
    Operation *last = members.back();
    // The heaviest op names the group.
    Operation *root = last;
    for (Operation *op : members)
      if (!isElementwise(op) && !isLeaf(op))
        root = op;

    llvm::SetVector<Value> inputs;
    llvm::SetVector<Operation *> constants;
    for (Operation *op : members)
      for (Value operand : op->getOperands()) {
        if (llvm::is_contained(members, operand.getDefiningOp()))
          continue;
        if (isSmallConstant(operand))
          constants.insert(operand.getDefiningOp());
        else
          inputs.insert(operand);
      }

    OpBuilder builder(entry);
    Location loc = root->getLoc();
    auto type = builder.getFunctionType(TypeRange(ValueRange(inputs.getArrayRef())),
                                        last->getResultTypes());
    auto group = builder.create<func::FuncOp>(loc, groupName(root), type);
    group.setPrivate();
    group->setAttr(kGroupAttr, builder.getUnitAttr());
    group->setAttr("nn.nodes", nodeNames(members));
    symbols.insert(group);
    setDims(group, inputs.getArrayRef(), last->getResults());

    Block *body = group.addEntryBlock();
    IRMapping mapping;
    mapping.map(inputs.getArrayRef(), body->getArguments());
    builder.setInsertionPointToStart(body);
    for (Operation *op : constants)
      builder.clone(*op, mapping);
    for (Operation *op : members)
      builder.clone(*op, mapping);
    SmallVector<Value> results;
    for (Value result : last->getResults())
      results.push_back(mapping.lookup(result));
    builder.create<func::ReturnOp>(loc, results);
    markInPlace(group);

    builder.setInsertionPoint(last);
    auto call = builder.create<func::CallOp>(loc, group, inputs.getArrayRef());
    for (auto [old, fresh] : llvm::zip(last->getResults(), call.getResults()))
      shapes.replace(old, fresh);
    last->replaceAllUsesWith(call);
    for (Operation *op : llvm::reverse(members))
      op->erase();
  }

  /// One symbol per distinct dynamic extent. A plain named symbol keeps its
  /// name, anything else gets a name local to the group.
  void setDims(func::FuncOp group, ArrayRef<Value> inputs, ValueRange results) {
    Builder builder(group.getContext());
    llvm::StringMap<std::string> names; // by expression
    unsigned fresh = 0;
    auto attr = [&](Value value) -> ArrayAttr {
      SmallVector<Attribute> dims;
      auto type = cast<RankedTensorType>(value.getType());
      for (auto [extent, expr] : llvm::zip(type.getShape(), shapes.dims(value))) {
        if (!ShapedType::isDynamic(extent)) {
          dims.push_back(builder.getI64IntegerAttr(extent));
          continue;
        }
        std::string key = expr.str();
        auto &name = names[key];
        if (name.empty())
          name = expr.symbol() && expr.symbol()->kind == DimSymbol::Kind::Named
                     ? key
                     : "d" + std::to_string(fresh++);
        dims.push_back(builder.getStringAttr(name));
      }
      return builder.getArrayAttr(dims);
    };
    auto isDynamic = [](Value value) {
      return !cast<RankedTensorType>(value.getType()).hasStaticShape();
    };
    for (auto [i, value] : llvm::enumerate(inputs))
      if (isDynamic(value))
        group.setArgAttr(i, kDimsAttr, attr(value));
    for (auto [i, value] : llvm::enumerate(results))
      if (isDynamic(value))
        group.setResultAttr(i, kDimsAttr, attr(value));
  }

  /// "g12_layer1_Conv": unique by the number, readable by the node's name.
  std::string groupName(Operation *root) {
    std::string name = "g" + std::to_string(number++) + "_";
    for (char c : decodeNodeLoc(root->getLoc()).nodeName.take_front(40))
      name += llvm::isAlnum(c) ? c : '_';
    return name;
  }

  ArrayAttr nodeNames(ArrayRef<Operation *> members) {
    llvm::SetVector<Attribute> names;
    Builder builder(entry.getContext());
    for (Operation *op : members)
      if (StringRef name = decodeNodeLoc(op->getLoc()).nodeName; !name.empty())
        names.insert(builder.getStringAttr(name));
    return builder.getArrayAttr(names.getArrayRef());
  }

  func::FuncOp entry;
  SymbolicShapes &shapes;
  SymbolTable &symbols;
  llvm::DenseSet<Operation *> assigned;
  unsigned number = 0;
};

struct FormGroups : impl::FormGroupsBase<FormGroups> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    SymbolTable symbols(module);
    SmallVector<func::FuncOp> entries;
    for (auto function : module.getOps<func::FuncOp>())
      if (!function->hasAttr(kGroupAttr) && !function.isExternal())
        entries.push_back(function);
    for (func::FuncOp entry : entries) {
      DimContext context;
      SymbolicShapes shapes(entry, context);
      GroupFormer(entry, shapes, symbols).run();
    }
  }
};

} // namespace
} // namespace burin
