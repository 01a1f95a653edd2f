//===- MatrixProduct.cpp - Tiles by matrix instructions -------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// A block's eight warps stand in two rows of four; each has 32 by 16 elements of the tile,
// two by two pieces of a matrix instruction. Strips of both factors lie in shared memory as
// words of elements that follow along the depth, just as the instruction wants them. Bytes go
// there as they are, and their zero points are taken out of the sums with the help of the
// factors' own sums. At the end the sums go to shared memory too, so that the code behind
// stands once, in a loop over elements that neighbours write side by side.
//
//===----------------------------------------------------------------------===//

#include "codegen/gpu/MatrixProduct.h"
#include "codegen/lowering/Families.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace burin {

static std::optional<MatrixUnit::Factor> factorOf(Type element) {
  if (element.isF32())
    return MatrixUnit::tf32;
  if (element.isF16())
    return MatrixUnit::f16;
  if (element.isBF16())
    return MatrixUnit::bf16;
  if (element.isInteger(8))
    return element.isUnsignedInteger() ? MatrixUnit::u8 : MatrixUnit::s8;
  return std::nullopt;
}

const MatrixUnit *matrixUnitFor(const GroupOptions &options, const TiledProduct &product) {
  auto left = factorOf(product.leftElement), right = factorOf(product.rightElement);
  if (!left || !right)
    return nullptr;
  for (const MatrixUnit &unit : options.matrixUnits)
    if (unit.left == *left && unit.right == *right &&
        (unit.sumsFloats() ? product.type.isF32()
                           : product.type.isInteger(32) && product.bytes.has_value()))
      return &unit;
  return nullptr;
}

static int64_t elementsPerWord(MatrixUnit::Factor factor) {
  switch (factor) {
  case MatrixUnit::tf32:
    return 1;
  case MatrixUnit::f16:
  case MatrixUnit::bf16:
    return 2;
  case MatrixUnit::s8:
  case MatrixUnit::u8:
    return 4;
  }
  return 1;
}

namespace {

/// Extents of an instruction's piece of the result, and how many of its sums a thread holds.
constexpr int64_t kPieceRows = 16, kPieceColumns = 8, kPieceSums = 4;
constexpr int64_t kWarp = 32;
/// Pieces of a warp, and warps of a block.
constexpr int64_t kRowPieces = 2, kColumnPieces = 2, kWarpRows = 2, kWarpColumns = 4;
static_assert(kTileRows == kWarpRows * kRowPieces * kPieceRows);
static_assert(kTileColumns == kWarpColumns * kColumnPieces * kPieceColumns);

/// Words of a row or column in a strip; with the padding, the threads of a warp that load a
/// fragment hit all banks.
constexpr int64_t kStripWords = 16, kStripStride = kStripWords + 4;
/// The right strip lies behind the left one, and the sums where both were.
constexpr int64_t kRightStrip = kTileRows * kStripStride;
constexpr int64_t kSumStride = kTileColumns + 8;
constexpr int64_t kSharedWords =
    std::max(kRightStrip + kTileColumns * kStripStride, kTileRows *kSumStride);

/// A tile's place.
struct Tile {
  Value batch, row, column;
};

/// Words that a thread gives to an instruction, by element of the tile.
using Fragment = SmallVector<Value, 4>;

struct Factor {
  Fragment high, low;
};

class MatrixEmitter {
public:
  MatrixEmitter(GroupEmitter &g, const TiledProduct &product, const MatrixUnit &unit)
      : g(g), product(product), unit(unit), word(g.b.getI32Type()),
        perWord(elementsPerWord(unit.left)), pieceWords(unit.depth / perWord) {}

  void emit() {
    assert(g.options.blockThreads == kWarpRows * kWarpColumns * kWarp && "the tile is made for it");
    shared = sharedArray(g, kSharedWords, word);
    Value warp = g.div(g.lane(), g.idx(kWarp)), thread = g.rem(g.lane(), g.idx(kWarp));
    group = g.div(thread, g.idx(4));
    quad = g.rem(thread, g.idx(4));
    warpRow = g.mul(g.div(warp, g.idx(kWarpColumns)), g.idx(kRowPieces * kPieceRows));
    warpColumn = g.mul(g.rem(warp, g.idx(kWarpColumns)), g.idx(kColumnPieces * kPieceColumns));
    Index tiles{product.batches, g.ceilDiv(product.rows, kTileRows),
                g.ceilDiv(product.columns, kTileColumns)};
    g.eachOfBlock(g.product(tiles), [&](Value number) {
      Index at = g.delinearize(number, tiles);
      Tile tile{at[0], g.mul(at[1], g.idx(kTileRows)), g.mul(at[2], g.idx(kTileColumns))};
      SmallVector<Value> sums = sumUp(tile);
      store(tile, sums);
      barrier(g);
      finish(tile);
      barrier(g); // the strips are free again
    });
  }

private:
  //===--------------------------------------------------------------------===//
  // Strips
  //===--------------------------------------------------------------------===//

  /// Elements of a factor as bits, the first one lowest.
  Value pack(ArrayRef<Value> elements) {
    if (unit.left == MatrixUnit::tf32)
      return g.b.create<arith::BitcastOp>(g.loc, word, elements[0]);
    // The values have been rounded to the element type: nothing is lost here.
    unsigned bits = 32 / perWord;
    Value packed;
    for (auto [i, element] : llvm::enumerate(elements)) {
      Value part;
      if (unit.left == MatrixUnit::bf16) {
        part = g.b.create<arith::ShRUIOp>(g.loc, g.b.create<arith::BitcastOp>(g.loc, word, element),
                                          g.scalars.intConstant(word, 16));
      } else {
        bool isByte = product.bytes.has_value();
        part = g.b.create<arith::ExtUIOp>(
            g.loc, word, isByte ? element : g.scalars.toStorage(element, product.leftElement));
      }
      if (i > 0)
        part = g.b.create<arith::ShLIOp>(g.loc, part, g.scalars.intConstant(word, bits * i));
      packed = packed ? g.b.create<arith::OrIOp>(g.loc, packed, part) : part;
    }
    return packed;
  }

  using Element = function_ref<Value(Value line, Value k)>;

  /// Fills one strip: lines are rows of the left factor or columns of the right one, from
  /// `line0` on, below `lines`. Neighbours read what lies side by side, either the words of a
  /// line, or eight lines of four words.
  void fill(int64_t strip, bool alongDepth, Value line0, Value lines, Value k0, Element element) {
    static_assert(kTileRows == kTileColumns);
    auto depth = GroupEmitter::constant(product.depth);
    bool wholeWords = depth && *depth % perWord == 0;
    Value none = g.scalars.intConstant(word, 0);
    Value zero = product.bytes ? g.scalars.intConstant(g.b.getI8Type(), 0) : product.zero;
    auto fillWord = [&](Value number) {
      Value at, line;
      if (alongDepth) {
        Index split = g.delinearize(number, {g.idx(kTileRows), g.idx(kStripWords)});
        line = split[0];
        at = split[1];
      } else {
        Index split = g.delinearize(
            number, {g.idx(kStripWords / 4), g.idx(kTileRows / 8), g.idx(4), g.idx(8)});
        line = g.add(g.mul(split[1], g.idx(8)), split[3]);
        at = g.add(g.mul(split[0], g.idx(4)), split[2]);
      }
      Value from = g.add(line0, line), k = g.add(k0, g.mul(at, g.idx(perWord)));
      Value valid = g.inRange(from, lines);
      if (wholeWords)
        valid = g.both(valid, g.inRange(k, product.depth));
      Value packed = g.guarded(valid, none, [&] {
        SmallVector<Value, 4> elements;
        for (int64_t i = 0; i < perWord; ++i) {
          Value position = g.add(k, g.idx(i));
          elements.push_back(wholeWords ? element(from, position)
                                        : g.guarded(g.inRange(position, product.depth), zero,
                                                    [&] { return element(from, position); }));
        }
        return pack(elements);
      });
      g.storeTo(shared, g.add(g.idx(strip), g.add(g.mul(line, g.idx(kStripStride)), at)), packed);
    };
    // Loads of several words are under way at a time, unless that takes too much code (bytes),
    // or registers (f32, where LLVM decides).
    if (perWord != 2)
      return g.eachShared(Index{g.idx(kTileRows * kStripWords)},
                          [&](IndexRef number) { fillWord(number[0]); });
    for (int64_t first = 0; first < kTileRows * kStripWords; first += g.options.blockThreads)
      fillWord(g.add(g.lane(), g.idx(first)));
  }

  //===--------------------------------------------------------------------===//
  // Sums
  //===--------------------------------------------------------------------===//

  bool sumsRows() const { return product.bytes && product.bytes->rightZero; }
  bool sumsColumns() const { return product.bytes && product.bytes->leftZero; }

  /// The sums of the pieces; behind them, where zero points ask for it, the factors' own sums
  /// over rows for each row of pieces, and over columns for each column of pieces.
  SmallVector<Value> sumUp(const Tile &tile) {
    int64_t pieces = kRowPieces * kColumnPieces + (sumsRows() ? kRowPieces : 0) +
                     (sumsColumns() ? kColumnPieces : 0);
    SmallVector<Value> sums(pieces * kPieceSums, product.zero);
    const auto &leftOf = product.bytes ? product.bytes->left : product.left;
    const auto &rightOf = product.bytes ? product.bytes->right : product.right;
    int64_t chunk = kStripWords * perWord;
    return g.fold(Index{g.ceilDiv(product.depth, chunk)}, sums,
                  [&](IndexRef number, ValueRange carried) -> SmallVector<Value> {
                    Value k0 = g.mul(number[0], g.idx(chunk));
                    fill(0, product.leftAlongDepth, tile.row, product.rows, k0,
                         [&](Value row, Value k) { return leftOf(tile.batch, row, k); });
                    fill(kRightStrip, product.rightAlongDepth, tile.column, product.columns, k0,
                         [&](Value column, Value k) { return rightOf(tile.batch, k, column); });
                    barrier(g);
                    SmallVector<Value> next(carried);
                    for (int64_t first = 0; first < kStripWords; first += pieceWords)
                      addProducts(first, next);
                    barrier(g); // before the strips are filled again
                    return next;
                  });
  }

  Value loadWord(int64_t strip, Value line, int64_t first) {
    Value at = g.add(g.mul(line, g.idx(kStripStride)), g.add(quad, g.idx(strip + first)));
    return g.loadFrom(shared, at);
  }

  /// Threads hold, of every four words, the one with their number in the group of four; rows
  /// by the number of their group, then eight further down.
  Fragment leftFragment(int64_t piece, int64_t first) {
    Fragment words;
    Value row = g.add(g.add(warpRow, group), g.idx(piece * kPieceRows));
    for (int64_t part = 0; part < pieceWords; part += 4)
      for (int64_t half = 0; half < kPieceRows; half += kPieceRows / 2)
        words.push_back(loadWord(0, g.add(row, g.idx(half)), first + part));
    return words;
  }

  Fragment rightFragment(int64_t piece, int64_t first) {
    Fragment words;
    Value column = g.add(g.add(warpColumn, group), g.idx(piece * kPieceColumns));
    for (int64_t part = 0; part < pieceWords; part += 4)
      words.push_back(loadWord(kRightStrip, column, first + part));
    return words;
  }

  /// The instruction, on sums of a piece.
  SmallVector<Value> multiply(const Fragment &left, const Fragment &right, ValueRange sums) {
    OpBuilder &b = g.b;
    SmallVector<Value> operands;
    for (const Fragment *fragment : {&left, &right})
      for (Value value : *fragment) {
        bool isPair = unit.left == MatrixUnit::f16;
        Type pair = VectorType::get({2}, b.getF16Type());
        operands.push_back(isPair ? b.create<LLVM::BitcastOp>(g.loc, pair, value) : value);
      }
    llvm::append_range(operands, sums);
    SmallVector<Type> types(kPieceSums, product.type);
    auto all = LLVM::LLVMStructType::getLiteral(b.getContext(), types);
    Value result =
        b.create<LLVM::CallIntrinsicOp>(g.loc, all, unit.intrinsic, operands).getResult(0);
    SmallVector<Value> next;
    for (int64_t i = 0; i < kPieceSums; ++i)
      next.push_back(b.create<LLVM::ExtractValueOp>(g.loc, result, i));
    return next;
  }

  /// f32 = high + low: the nearest tf32, and what is left of it. Other factors are high alone.
  Factor split(const Fragment &whole) {
    if (unit.left != MatrixUnit::tf32)
      return {whole, {}};
    OpBuilder &b = g.b;
    Type real = b.getF32Type();
    Factor parts;
    for (Value value : whole) {
      Value rounded =
          b.create<arith::AddIOp>(g.loc, value, g.scalars.intConstant(word, uint32_t(1) << 12));
      Value high = b.create<arith::AndIOp>(g.loc, rounded, g.scalars.intConstant(word, 0xffffe000));
      Value low = b.create<arith::SubFOp>(g.loc, b.create<arith::BitcastOp>(g.loc, real, value),
                                          b.create<arith::BitcastOp>(g.loc, real, high));
      parts.high.push_back(high);
      parts.low.push_back(b.create<arith::BitcastOp>(g.loc, word, low));
    }
    return parts;
  }

  /// Adds a product to the sums of a piece.
  void accumulate(const Factor &left, const Factor &right, MutableArrayRef<Value> sums) {
    if (unit.left != MatrixUnit::tf32) {
      llvm::copy(multiply(left.high, right.high, sums), sums.begin());
      return;
    }
    // The unit rounds toward zero: long sums are made outside of it. The product of both low
    // parts is below what f32 holds.
    SmallVector<Value> part(kPieceSums, product.zero);
    part = multiply(left.low, right.high, part);
    part = multiply(left.high, right.low, part);
    part = multiply(left.high, right.high, part);
    for (auto [sum, value] : llvm::zip(sums, part))
      sum = g.b.create<arith::AddFOp>(g.loc, sum, value);
  }

  /// The products of one step, words `first` and on of the strips.
  void addProducts(int64_t first, MutableArrayRef<Value> sums) {
    auto piece = [&](int64_t number) { return sums.slice(number * kPieceSums, kPieceSums); };
    int64_t rowSums = kRowPieces * kColumnPieces;
    int64_t columnSums = rowSums + (sumsRows() ? kRowPieces : 0);
    // Sums are products with ones.
    Value one = g.scalars.intConstant(word, 0x01010101);
    Factor leftOnes{Fragment(pieceWords / 2, one), {}},
        rightOnes{Fragment(pieceWords / 4, one), {}};
    SmallVector<Factor, kColumnPieces> right;
    for (int64_t k = 0; k < kColumnPieces; ++k) {
      right.push_back(split(rightFragment(k, first)));
      if (sumsColumns())
        accumulate(leftOnes, right[k], piece(columnSums + k));
    }
    for (int64_t i = 0; i < kRowPieces; ++i) {
      Factor left = split(leftFragment(i, first));
      for (int64_t k = 0; k < kColumnPieces; ++k)
        accumulate(left, right[k], piece(i * kColumnPieces + k));
      if (sumsRows())
        accumulate(left, rightOnes, piece(rowSums + i));
    }
  }

  //===--------------------------------------------------------------------===//
  // The end of a tile
  //===--------------------------------------------------------------------===//

  /// Where sum `i` of a piece stands in the tile.
  Value rowOf(int64_t piece, int64_t i) {
    return g.add(g.add(warpRow, group), g.idx(piece * kPieceRows + i / 2 * (kPieceRows / 2)));
  }
  Value columnOf(int64_t piece, int64_t i) {
    return g.add(g.add(warpColumn, g.mul(quad, g.idx(2))), g.idx(piece * kPieceColumns + i % 2));
  }

  void store(const Tile &tile, ArrayRef<Value> sums) {
    for (int64_t i = 0; i < kRowPieces; ++i)
      for (int64_t k = 0; k < kColumnPieces; ++k)
        for (int64_t n = 0; n < kPieceSums; ++n) {
          Value sum = sums[(i * kColumnPieces + k) * kPieceSums + n];
          if (product.bytes)
            sum = shifted(tile, sums, sum, i, k, n);
          g.storeTo(shared, g.add(g.mul(rowOf(i, n), g.idx(kSumStride)), columnOf(k, n)),
                    g.b.createOrFold<arith::BitcastOp>(g.loc, word, sum));
        }
  }

  /// Takes the zero points out of a sum of bytes as they are stored, with the zero points p and
  /// q: sum over k of (a - p) (b - q) = sum of ab - q (sum of a) - p (sum of b - depth q).
  Value shifted(const Tile &tile, ArrayRef<Value> sums, Value sum, int64_t rowPiece,
                int64_t columnPiece, int64_t n) {
    auto mul = [&](Value x, Value y) -> Value {
      return g.b.createOrFold<arith::MulIOp>(g.loc, x, y);
    };
    auto sub = [&](Value x, Value y) -> Value {
      return g.b.createOrFold<arith::SubIOp>(g.loc, x, y);
    };
    ArrayRef<Value> own = sums.drop_front(kRowPieces * kColumnPieces * kPieceSums);
    Value right;
    if (sumsRows()) {
      Value column = g.add(tile.column, columnOf(columnPiece, n));
      right = g.guarded(g.inRange(column, product.columns), product.zero,
                        [&] { return product.bytes->rightZero(tile.batch, column); });
      sum = sub(sum, mul(right, own[rowPiece * kPieceSums + n]));
      own = own.drop_front(kRowPieces * kPieceSums);
    }
    if (sumsColumns()) {
      Value row = g.add(tile.row, rowOf(rowPiece, n));
      Value left = g.guarded(g.inRange(row, product.rows), product.zero,
                             [&] { return product.bytes->leftZero(tile.batch, row); });
      Value total = own[columnPiece * kPieceSums + n];
      if (right)
        total = sub(total,
                    mul(right, g.b.createOrFold<arith::IndexCastOp>(g.loc, word, product.depth)));
      sum = sub(sum, mul(left, total));
    }
    return sum;
  }

  void finish(const Tile &tile) {
    g.eachShared({g.idx(kTileRows), g.idx(kTileColumns)}, [&](IndexRef at) {
      Value row = g.add(tile.row, at[0]), column = g.add(tile.column, at[1]);
      Value valid = g.both(g.inRange(row, product.rows), g.inRange(column, product.columns));
      g.when(valid, [&] {
        Value bits = g.loadFrom(shared, g.add(g.mul(at[0], g.idx(kSumStride)), at[1]));
        Value sum = g.b.createOrFold<arith::BitcastOp>(g.loc, product.type, bits);
        if (unit.left == MatrixUnit::tf32)
          sum = mended(tile, row, column, sum);
        product.done(tile.batch, row, column, sum);
      });
    });
  }

  /// Infinities have no low part: products with them are made one by one.
  Value mended(const Tile &tile, Value row, Value column, Value sum) {
    Value limit = g.scalars.floatConstant(product.type, std::numeric_limits<double>::infinity());
    Value isFinite = g.b.create<arith::CmpFOp>(g.loc, arith::CmpFPredicate::OLT,
                                               g.b.create<math::AbsFOp>(g.loc, sum), limit);
    return g.either(
        isFinite, product.type, [&] { return sum; },
        [&] {
          return g.fold(Index{product.depth}, product.zero,
                        [&](IndexRef k, ValueRange carried) -> SmallVector<Value> {
                          Value left = product.left(tile.batch, row, k[0]);
                          Value right = product.right(tile.batch, k[0], column);
                          return {accumulateAdd(g, carried[0], accumulateMul(g, left, right))};
                        })[0];
        });
  }

  GroupEmitter &g;
  const TiledProduct &product;
  const MatrixUnit &unit;
  Type word;
  int64_t perWord;    ///< elements of a word
  int64_t pieceWords; ///< words of a line that one instruction takes
  Value shared;
  Value group, quad;         ///< the thread in its warp, as the instruction counts
  Value warpRow, warpColumn; ///< of the tile
};

} // namespace

void emitMatrixProduct(GroupEmitter &g, const TiledProduct &product, const MatrixUnit &unit) {
  MatrixEmitter(g, product, unit).emit();
}

} // namespace burin
