//===- DimExprText.cpp - Text form of symbolic extents --------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/DimExprImpl.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace burin::nn {

static bool startsName(char c) { return isAlpha(c) || c == '_' || c == '?' || c == '$'; }
static bool continuesName(char c) { return startsName(c) || isDigit(c) || c == '.'; }

static StringRef functionName(char op) {
  switch (op) {
  case '/':
    return "floordiv";
  case 'c':
    return "ceildiv";
  case '%':
    return "mod";
  case '<':
    return "min";
  default:
    return "max";
  }
}

static void print(raw_ostream &os, const DimNode *node);

static void print(raw_ostream &os, const DimAtom *atom) {
  if (atom->op != 0) {
    os << functionName(atom->op) << "(";
    print(os, atom->lhs);
    os << ", ";
    print(os, atom->rhs);
    os << ")";
    return;
  }
  StringRef name = atom->symbol.name;
  if (!name.empty() && startsName(name[0]) && llvm::all_of(name, continuesName)) {
    os << name;
    return;
  }
  os << "'";
  for (char c : name)
    os << (c == '\'' ? "''" : StringRef(&c, 1));
  os << "'";
}

static void print(raw_ostream &os, const DimNode *node) {
  if (node->terms.empty())
    os << "0";
  for (const DimTerm &term : node->terms) {
    bool first = &term == node->terms.begin(), negative = term.coefficient < 0;
    os << (first ? (negative ? "-" : "") : (negative ? " - " : " + "));
    uint64_t magnitude = negative ? -static_cast<uint64_t>(term.coefficient) : term.coefficient;
    if (magnitude != 1 || term.factors.empty())
      os << magnitude << (term.factors.empty() ? "" : "*");
    ListSeparator separator("*");
    for (auto [atom, power] : term.factors)
      for (unsigned i = 0; i < power; ++i) {
        os << separator;
        print(os, atom);
      }
  }
}

std::string DimExpr::str() const {
  std::string text;
  raw_string_ostream os(text);
  if (node)
    print(os, node);
  return text;
}

namespace {
/// sum: [-] product {(+|-) product}; product: factor {* factor};
/// factor: number | name | 'name' | function(sum, sum) | (sum).
class Parser {
public:
  Parser(DimContext &context, StringRef text, function_ref<DimExpr(StringRef)> lookup)
      : context(context), rest(text), lookup(lookup) {}

  DimExpr parse() {
    DimExpr result = sum();
    skipBlanks();
    return rest.empty() ? result : DimExpr();
  }

private:
  void skipBlanks() { rest = rest.ltrim(" \t"); }
  bool take(char c) {
    skipBlanks();
    return rest.consume_front(StringRef(&c, 1));
  }

  DimExpr sum() {
    if (++depth > kMaxDepth)
      return {};
    DimExpr result = take('-') ? context.sub(context.constant(0), product()) : product();
    while (result) {
      if (take('+'))
        result = context.add(result, product());
      else if (take('-'))
        result = context.sub(result, product());
      else
        break;
    }
    --depth;
    return result;
  }

  DimExpr product() {
    DimExpr result = factor();
    while (result && take('*'))
      result = context.mul(result, factor());
    return result;
  }

  DimExpr factor() {
    skipBlanks();
    if (rest.empty())
      return {};
    if (isDigit(rest[0])) {
      int64_t value;
      return rest.consumeInteger(10, value) ? DimExpr() : context.constant(value);
    }
    if (take('(')) {
      DimExpr inner = sum();
      return take(')') ? inner : DimExpr();
    }
    if (rest[0] == '\'')
      return quoted();
    if (!startsName(rest[0]))
      return {};
    StringRef name = rest.take_while(continuesName);
    rest = rest.drop_front(name.size());
    if (!take('('))
      return lookup(name);
    DimExpr lhs = sum();
    if (!take(','))
      return {};
    DimExpr rhs = sum();
    if (!take(')'))
      return {};
    char op = StringSwitch<char>(name)
                  .Case("floordiv", '/')
                  .Case("ceildiv", 'c')
                  .Case("mod", '%')
                  .Case("min", '<')
                  .Case("max", '>')
                  .Default(0);
    switch (op) {
    case '/':
      return context.floorDiv(lhs, rhs);
    case 'c':
      return context.ceilDiv(lhs, rhs);
    case '%':
      return context.mod(lhs, rhs);
    case '<':
      return context.min(lhs, rhs);
    case '>':
      return context.max(lhs, rhs);
    default:
      return {};
    }
  }

  DimExpr quoted() {
    std::string name;
    rest = rest.drop_front();
    while (!rest.empty()) {
      if (rest.consume_front("''")) {
        name += '\'';
        continue;
      }
      if (rest.consume_front("'"))
        return lookup(name);
      name += rest.front();
      rest = rest.drop_front();
    }
    return {};
  }

  static constexpr unsigned kMaxDepth = 100;
  DimContext &context;
  StringRef rest;
  function_ref<DimExpr(StringRef)> lookup;
  unsigned depth = 0;
};
} // namespace

DimExpr DimContext::parse(StringRef text, function_ref<DimExpr(StringRef)> lookup) {
  return Parser(*this, text, lookup).parse();
}

DimExpr DimContext::parse(StringRef text) {
  return parse(text, [&](StringRef name) { return named(name); });
}

} // namespace burin::nn
