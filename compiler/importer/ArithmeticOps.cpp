//===- ArithmeticOps.cpp - Functions of two and more elements -------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/NodeBinder.h"
#include "compiler/importer/OperatorFamilies.h"

using namespace mlir;
using namespace burin;
using nn::BinaryFn;
using nn::CompareFn;

/// Broadcasting before opset 7: with `broadcast`, the dims of the second
/// operand match a run of the first one's from `axis` (by default its last
/// ones); numpy's rule wants ones behind them.
static Value legacyBroadcast(NodeBinder &n, Value lhs, Value rhs) {
  bool broadcast = n.boolAttr("broadcast", false);
  std::optional<int64_t> axis = n.optionalInt("axis");
  if (!broadcast) {
    if (n.rank(lhs) != n.rank(rhs))
      n.emitError() << "operands of ranks " << n.rank(lhs) << " and " << n.rank(rhs)
                    << " need the attribute 'broadcast' in this opset";
    return rhs;
  }
  if (!axis || n.rank(rhs) == 0)
    return rhs;
  int64_t first = n.normalizeAxis(*axis, n.rank(lhs));
  int64_t ones = n.rank(lhs) - first - n.rank(rhs);
  if (ones < 0) {
    n.emitError() << "the second operand does not fit behind axis " << first << " of the first one";
    return rhs;
  }
  if (ones == 0)
    return rhs;
  SmallVector<Extent> extents = n.extents(rhs);
  extents.append(ones, Extent(1));
  return n.reshape(rhs, extents);
}

static Value secondOperand(NodeBinder &n) {
  return n.since() < 7 ? legacyBroadcast(n, n.operand(0), n.operand(1)) : n.operand(1);
}

static LogicalResult importBinary(NodeBinder &n) {
  n.setResult(0, n.binary(static_cast<BinaryFn>(n.variant()), n.operand(0), secondOperand(n)));
  return success();
}

static LogicalResult importCompare(NodeBinder &n) {
  if (isa<nn::StrType>(n.elementType(0)))
    return n.emitError() << "comparing strings is not supported";
  n.setResult(0, n.compare(static_cast<CompareFn>(n.variant()), n.operand(0), secondOperand(n)));
  return success();
}

/// The result has the base's type; the exponent may have another one.
static LogicalResult importPow(NodeBinder &n) {
  Value base = n.operand(0), exponent = secondOperand(n);
  Type type = n.elementType(base), other = n.elementType(exponent);
  if (type == other || n.isFloat(base)) {
    n.setResult(0, n.binary(BinaryFn::pow, base, n.cast(exponent, type)));
    return success();
  }
  // Integers wrap, so the low bits of a wider power are the power's.
  Type wide = n.isFloat(exponent) ? Type(n.b.getF64Type()) : Type(n.b.getI64Type());
  Value power = n.binary(BinaryFn::pow, n.cast(base, wide), n.cast(exponent, wide));
  n.setResult(0, n.cast(power, type));
  return success();
}

static LogicalResult importMod(NodeBinder &n) {
  // Floats with fmod=0 are invalid, but seen; C's rule is what runtimes do.
  bool truncated = n.boolAttr("fmod", false) || n.isFloat(n.operand(0));
  n.setResult(0, n.binary(truncated ? BinaryFn::rem : BinaryFn::mod, n.operand(0), n.operand(1)));
  return success();
}

static LogicalResult importBitShift(NodeBinder &n) {
  std::string direction = n.stringAttr("direction", "");
  if (direction != "LEFT" && direction != "RIGHT")
    return n.emitError() << "attribute 'direction' must be LEFT or RIGHT, not '" << direction
                         << "'";
  n.setResult(
      0, n.binary(direction == "LEFT" ? BinaryFn::shl : BinaryFn::shr, n.operand(0), n.operand(1)));
  return success();
}

static LogicalResult importWhere(NodeBinder &n) {
  n.setResult(0, n.select(n.operand(0), n.operand(1), n.operand(2)));
  return success();
}

/// x < 0 ? slope * x : x
static LogicalResult importPRelu(NodeBinder &n) {
  Value x = n.operand(0), slope = n.operand(1);
  // Before numpy's rule a slope per channel belonged to axis 1.
  if (n.since() < 7 && n.rank(slope) == 1 && n.dim(slope, 0) != 1 && n.rank(x) > 2) {
    SmallVector<Extent> extents = n.extents(slope);
    extents.append(n.rank(x) - 2, Extent(1));
    slope = n.reshape(slope, extents);
  }
  Value negative = n.compare(CompareFn::lt, x, n.scalarLike(x, 0));
  n.setResult(0, n.select(negative, n.mul(slope, x), x));
  return success();
}

/// Max, Min and Sum of any number of operands.
static LogicalResult importFold(NodeBinder &n) {
  auto fn = static_cast<BinaryFn>(n.variant());
  SmallVector<Value> operands = n.operands();
  Type type = n.elementType(operands.front());
  // A sum rounds once, whatever the number of operands.
  bool widen = fn == BinaryFn::add && operands.size() > 2 && (type.isF16() || type.isBF16());
  Value result;
  for (Value operand : operands) {
    if (widen)
      operand = n.cast(operand, n.b.getF32Type());
    result = result ? n.binary(fn, result, operand) : operand;
  }
  n.setResult(0, n.cast(result, type));
  return success();
}

static LogicalResult importMean(NodeBinder &n) {
  SmallVector<Value> operands = n.operands();
  Type type = n.elementType(operands.front());
  Type wide = type.isF16() || type.isBF16() ? Type(n.b.getF32Type()) : type;
  Value sum;
  for (Value operand : operands) {
    operand = n.cast(operand, wide);
    sum = sum ? n.add(sum, operand) : operand;
  }
  Value mean = n.div(sum, n.scalar(wide, static_cast<double>(operands.size())));
  n.setResult(0, n.cast(mean, type));
  return success();
}

static LogicalResult importSwiGlu(NodeBinder &n) {
  Type type = n.elementType(0);
  Type wide = type.isF16() || type.isBF16() ? Type(n.b.getF32Type()) : type;
  Value gate = n.unary(nn::UnaryFn::swish, n.cast(n.operand(0), wide), n.floatAttr("alpha", 1));
  n.setResult(0, n.cast(n.mul(gate, n.cast(n.operand(1), wide)), type));
  return success();
}

void burin::registerArithmeticOps(OpRegistry &registry) {
  // Of those that exist since before opset 7, numpy's rule of broadcasting
  // came with that version.
  static constexpr std::tuple<const char *, int64_t, BinaryFn> kBinary[] = {
      {"Add", 1, BinaryFn::add},        {"Sub", 1, BinaryFn::sub},
      {"Mul", 1, BinaryFn::mul},        {"Div", 1, BinaryFn::div},
      {"And", 1, BinaryFn::and_},       {"Or", 1, BinaryFn::or_},
      {"Xor", 1, BinaryFn::xor_},       {"BitwiseAnd", 18, BinaryFn::and_},
      {"BitwiseOr", 18, BinaryFn::or_}, {"BitwiseXor", 18, BinaryFn::xor_},
  };
  for (auto [opType, since, fn] : kBinary) {
    registry.add(opType, since, 2, importBinary, static_cast<int64_t>(fn));
    if (since < 7)
      registry.add(opType, 7, 2, importBinary, static_cast<int64_t>(fn));
  }
  static constexpr std::tuple<const char *, int64_t, CompareFn> kCompare[] = {
      {"Equal", 1, CompareFn::eq},        {"Greater", 1, CompareFn::gt},
      {"Less", 1, CompareFn::lt},         {"GreaterOrEqual", 12, CompareFn::ge},
      {"LessOrEqual", 12, CompareFn::le},
  };
  for (auto [opType, since, fn] : kCompare) {
    registry.add(opType, since, 2, importCompare, static_cast<int64_t>(fn));
    if (since < 7)
      registry.add(opType, 7, 2, importCompare, static_cast<int64_t>(fn));
  }
  registry.add("Pow", 1, 2, importPow);
  registry.add("Pow", 7, 2, importPow);
  registry.add("PRelu", 1, 2, importPRelu);
  registry.add("PRelu", 7, 2, importPRelu);
  registry.add("Mod", 10, 2, importMod);
  registry.add("BitShift", 11, 2, importBitShift);
  registry.add("Where", 9, 3, importWhere);
  registry.add("Max", 1, Arity::atLeast(1), importFold, static_cast<int64_t>(BinaryFn::max));
  registry.add("Min", 1, Arity::atLeast(1), importFold, static_cast<int64_t>(BinaryFn::min));
  registry.add("Sum", 1, Arity::atLeast(1), importFold, static_cast<int64_t>(BinaryFn::add));
  registry.add("Mean", 1, Arity::atLeast(1), importMean);
  registry.add("SwiGLU", 28, 2, importSwiGlu);
}
