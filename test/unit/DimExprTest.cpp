//===- DimExprTest.cpp - Symbolic extents ---------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/DimExpr.h"

#include "catch2/catch.hpp"
#include <random>

using namespace burin::nn;

namespace {
/// What a text means, normalised.
std::string normal(DimContext &context, llvm::StringRef text) {
  DimExpr expr = context.parse(text);
  return expr ? expr.str() : "null";
}
} // namespace

TEST_CASE("polynomials have one form", "[DimExpr]") {
  DimContext context;
  CHECK(normal(context, "S*4*N + 1") == "4*N*S + 1");
  CHECK(normal(context, "(N + 1)*(N - 1)") == "N*N - 1");
  CHECK(normal(context, "N - N") == "0");
  CHECK(normal(context, "-N + 2*S*N - 3") == "2*N*S - N - 3");
  CHECK(context.parse("b*a + c") == context.parse("c + a*b"));
  CHECK(context.parse("N*S") != context.parse("N + S"));
  DimContext other;
  other.named("z");
  CHECK(normal(other, "N*S*z") == normal(context, "z*S*N"));
}

TEST_CASE("divisions simplify", "[DimExpr]") {
  DimContext context;
  CHECK(normal(context, "floordiv(N*S, S)") == "N");
  CHECK(normal(context, "floordiv(N*S + 3*S, N + 3)") == "S");
  CHECK(normal(context, "floordiv(6*N + 4, 2)") == "3*N + 2");
  CHECK(normal(context, "floordiv(6*N + 5, 4)") == "N + floordiv(N, 2) + 1");
  CHECK(normal(context, "floordiv(N - 1, 2) + 1") == "floordiv(N + 1, 2)");
  CHECK(normal(context, "ceildiv(N, 2)") == "floordiv(N + 1, 2)");
  CHECK(normal(context, "floordiv(floordiv(N, 2), 3)") == "floordiv(N, 6)");
  CHECK(normal(context, "floordiv(floordiv(N + 1, 2) + 1, 2)") == "floordiv(N + 3, 4)");
  CHECK(normal(context, "floordiv(N*S + 1, S)") == "N + floordiv(1, S)");
  CHECK(normal(context, "ceildiv(N*S, S)") == "N");
  CHECK(normal(context, "ceildiv(N, S)") == "ceildiv(N, S)");
  CHECK(normal(context, "floordiv(7, -2)") == "-4");
  CHECK(normal(context, "floordiv(N, 0)") == "null");
  CHECK(normal(context, "mod(N, 1)") == "0");
  CHECK(normal(context, "mod(N*S, S)") == "0");
  CHECK(normal(context, "mod(5*N + 7, 4)") == "mod(N + 3, 4)");
  CHECK(normal(context, "mod(mod(N, 4), 4)") == "mod(N, 4)");
  CHECK(normal(context, "mod(0 - 7, 4)") == "1");
}

TEST_CASE("ranges decide minima and maxima", "[DimExpr]") {
  DimContext context;
  DimExpr n = context.named("N", {1, 512});
  CHECK(context.min(n, context.constant(512)) == n);
  CHECK(context.max(n, context.constant(0)) == n);
  CHECK(context.max(n, context.constant(1)) == n);
  CHECK(context.min(n, context.add(n, context.constant(1))) == n);
  CHECK(context.min(n, context.constant(64)).range() == Interval{1, 64});
  CHECK(normal(context, "min(S, min(S, T))") == "min(S, T)");
  CHECK(context.lessOrEqual(context.parse("min(S, T)"), context.parse("T")));
  CHECK(context.different(context.add(n, n), context.sub(n, context.constant(1))));
  CHECK_FALSE(context.different(n, context.named("S")));
  CHECK(normal(context, "floordiv(N, 1024)") == "0");
  CHECK(context.parse("floordiv(N, 2)").range() == Interval{0, 256});
  CHECK(context.named("four", {4, 4}).constant() == 4);
}

TEST_CASE("texts parse or are refused", "[DimExpr]") {
  DimContext context;
  CHECK(normal(context, "'a b' + 'it''s'") == "'a b' + 'it''s'");
  CHECK(normal(context, " past_sequence_length + 1 ") == "past_sequence_length + 1");
  CHECK(normal(context, "?0*x.y") == "?0*x.y");
  for (llvm::StringRef bad : {"", "N +", "N S", "foo(N, 1)", "min(N)", "min(N, 1", "'N", "(N",
                              "N/2", "99999999999999999999", "*", "N)"})
    CHECK_FALSE(context.parse(bad));
  CHECK_FALSE(context.parse(std::string(10000, '(')));
  CHECK(context.parse("A + 1", [&](llvm::StringRef) { return context.constant(4); }).constant() ==
        5);
}

TEST_CASE("overflow and size give null", "[DimExpr]") {
  DimContext context;
  DimExpr big = context.constant(INT64_MAX);
  CHECK_FALSE(context.add(big, context.constant(1)));
  CHECK_FALSE(context.mul(context.mul(big, context.named("N")), context.constant(2)));
  CHECK_FALSE(context.add(DimExpr(), big));
  DimExpr expr = context.named("N");
  for (int i = 0; i < 1000 && expr; ++i)
    expr = context.mul(expr, context.add(context.named("x" + std::to_string(i)), expr));
  CHECK_FALSE(expr);
  CHECK_FALSE(context.named("N").evaluate([](const DimSymbol &) { return std::nullopt; }));
}

TEST_CASE("symbols of values", "[DimExpr]") {
  DimContext context;
  DimExpr a = context.element({}, 0, {0, 9}), b = context.element({}, 1, {0, 9});
  CHECK(a == context.element({}, 0, {0, 9}));
  CHECK(a != b);
  CHECK(a.symbol()->kind == DimSymbol::Kind::Element);
  auto symbols = context.mul(b, context.add(a, b)).symbols();
  REQUIRE(symbols.size() == 2);
  CHECK(symbols[0] == a.symbol());
}

TEST_CASE("bounds over named dimensions", "[DimExpr]") {
  DimContext context;
  DimExpr n = context.named("N"), four = context.constant(4), zero = context.constant(0);
  DimExpr open = context.element({}, 0, {0, INT64_MAX}),
          any = context.element({}, 1, Interval::all());
  DimExpr small = context.element({}, 2, {0, 9});
  CHECK(context.upperBound(n) == n);
  CHECK(context.upperBound(context.add(n, small)) == context.add(n, context.constant(9)));
  CHECK(context.upperBound(context.sub(n, small)) == n);
  CHECK(context.upperBound(context.min(n, open)) == n);
  CHECK_FALSE(context.upperBound(context.max(n, open)));
  CHECK_FALSE(context.upperBound(context.add(n, any)));
  CHECK(context.upperBound(context.mul(n, small)) == context.mul(n, context.constant(9)));
  CHECK(context.upperBound(context.floorDiv(context.min(n, open), four)) ==
        context.floorDiv(n, four));
  // A slice of what a slice left: max(0, min(N, max(0, any)) - min(N, 4)).
  DimExpr slice =
      context.max(zero, context.sub(context.min(n, context.max(zero, any)), context.min(n, four)));
  CHECK(context.upperBound(slice) == context.max(zero, context.sub(n, context.min(n, four))));

  // Never below the value, whatever the symbols are.
  std::mt19937 random(11);
  unsigned bounded = 0;
  for (int round = 0; round < 3000; ++round) {
    DimExpr parts[] = {context.named("N", {0, INT64_MAX}), small, context.element({}, 3, {-7, 7}),
                       open, context.constant(static_cast<int64_t>(random() % 9) - 4)};
    DimExpr expr = parts[random() % 5];
    for (int step = 0; step < 5 && expr; ++step) {
      DimExpr other = parts[random() % 5];
      switch (random() % 6) {
      case 0:
        expr = context.add(expr, other);
        break;
      case 1:
        expr = context.mul(expr, other);
        break;
      case 2:
        expr = context.sub(other, expr);
        break;
      case 3:
        expr = context.min(expr, other);
        break;
      case 4:
        expr = context.max(expr, other);
        break;
      default:
        expr = random() % 2 ? context.floorDiv(expr, four) : context.mod(expr, four);
      }
    }
    DimExpr bound = context.upperBound(expr);
    if (!bound)
      continue;
    ++bounded;
    for (int sample = 0; sample < 8; ++sample) {
      auto valueOf = [&, seed = random()](const DimSymbol &symbol) -> std::optional<int64_t> {
        std::mt19937 own(seed + symbol.number);
        int64_t hi = std::min<int64_t>(symbol.range.hi, 40);
        return symbol.range.lo + static_cast<int64_t>(own() % (hi - symbol.range.lo + 1));
      };
      auto value = expr.evaluate(valueOf), limit = bound.evaluate(valueOf);
      REQUIRE((value && limit));
      CHECK(*value <= *limit);
    }
  }
  CHECK(bounded > 500);
}

TEST_CASE("simplification keeps values", "[DimExpr]") {
  std::mt19937 random(7);
  DimContext context;
  int64_t values[] = {1, 2, 3, 5, 8};
  for (int round = 0; round < 3000; ++round) {
    int64_t n = values[random() % 5], s = values[random() % 5];
    auto lookup = [&](const DimSymbol &symbol) -> std::optional<int64_t> {
      return symbol.name == "N" ? n : s;
    };
    // Builds a random expression and its value side by side.
    DimExpr expr = context.named("N", {1, 8});
    std::optional<int64_t> value = n;
    for (int step = 0; step < 6 && expr; ++step) {
      int64_t number = static_cast<int64_t>(random() % 9) - 3;
      bool symbolic = random() % 2;
      DimExpr other = symbolic ? context.named("S", {1, 8}) : context.constant(number);
      int64_t otherValue = symbolic ? s : number;
      auto floorDivide = [](int64_t a, int64_t b) {
        return a / b - ((a % b != 0) && ((a < 0) != (b < 0)));
      };
      unsigned op = random() % 8;
      if (op >= 3 && op <= 5 && otherValue == 0)
        continue;
      switch (op) {
      case 0:
        expr = context.add(expr, other), *value += otherValue;
        break;
      case 1:
        expr = context.sub(other, expr), value = otherValue - *value;
        break;
      case 2:
        expr = context.mul(expr, other), *value *= otherValue;
        break;
      case 3:
        expr = context.floorDiv(expr, other), value = floorDivide(*value, otherValue);
        break;
      case 4:
        expr = context.ceilDiv(expr, other), value = -floorDivide(-*value, otherValue);
        break;
      case 5:
        expr = context.mod(expr, other);
        *value -= floorDivide(*value, otherValue) * otherValue;
        break;
      case 6:
        expr = context.min(expr, other), value = std::min(*value, otherValue);
        break;
      default:
        expr = context.max(expr, other), value = std::max(*value, otherValue);
      }
    }
    if (!expr)
      continue;
    INFO(expr.str() << " N=" << n << " S=" << s);
    REQUIRE(expr.evaluate(lookup) == value);
    CHECK(expr.range().lo <= *value);
    CHECK(*value <= expr.range().hi);
    CHECK(context.parse(expr.str()) == expr);
  }
}
