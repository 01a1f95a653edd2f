//===- ScalarEmitter.h - Scalar formulas as arith ops -----------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// Emits what the elementwise nn ops do to one element. Values are in compute
// form: f8, f16, bf16 and f32 as f32, f64 as f64, bool as i1, integers signless
// in their own width, sub-byte integers in i8 (sign- or zero-extended), complex
// as an integer of its bits. The nn element type tells what the bits mean.
//
// The same calls work on vectors wherever the formula is plain arithmetic: the
// shape follows from the operands. Transcendental functions are calls of
// burin_rt_* functions, which are linked as bitcode and inlined later.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_CODEGEN_LOWERING_SCALAREMITTER_H
#define BURIN_CODEGEN_LOWERING_SCALAREMITTER_H

#include "dialects/nn/NN.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/BuiltinOps.h"

namespace burin {

class ScalarEmitter {
public:
  /// Runtime functions are declared in `module` on demand. `builder` is shared
  /// with the caller, who moves its insertion point. With `nativeHalf` the
  /// target converts f16 in hardware.
  ScalarEmitter(mlir::OpBuilder &builder, mlir::ModuleOp module, mlir::Location loc,
                bool nativeHalf = false)
      : b(builder), module(module), loc(loc), nativeHalf(nativeHalf) {}

  void setLoc(mlir::Location newLoc) { loc = newLoc; }
  /// Whether the target has instructions for floor, ceil, trunc and rint.
  void setNativeRounding(bool native) { nativeRounding = native; }

  /// How scaled integers round: by the intrinsic `toWord` and `vectors` (see Target), in integers
  /// where floats are made by calls, else in floating point.
  void setRequantization(llvm::StringRef toWord, bool vectors, bool hardFloat, bool hardDouble) {
    roundToWord = toWord.str();
    roundsVectors = vectors;
    inSoftware = !hardFloat;
    doublesInSoftware = !hardDouble;
  }

  /// The type of a scalar in compute form.
  static mlir::Type computeType(mlir::Type elementType);
  /// Whether the op's formula works on vectors (no runtime call).
  static bool supportsVector(mlir::Operation *op);
  /// Whether the op is one that emit() knows.
  static bool isElementwise(mlir::Operation *op);

  /// Memory to compute form and back (nn::storageType).
  mlir::Value fromStorage(mlir::Value stored, mlir::Type elementType);
  mlir::Value toStorage(mlir::Value value, mlir::Type elementType);
  /// Rounds a float that was computed in compute form to its element type.
  mlir::Value round(mlir::Value value, mlir::Type elementType);

  /// A constant of an element type in compute form, shaped like `like` (null:
  /// scalar). Integers saturate.
  mlir::Value constant(mlir::Type elementType, double value, mlir::Value like = {});
  /// A constant of a compute type.
  mlir::Value floatConstant(mlir::Type type, double value);
  mlir::Value intConstant(mlir::Type type, uint64_t bits);

  /// The result of an elementwise nn op on operands in compute form. Operands
  /// of quantize and dequantize are x, scale and zp (null where absent).
  mlir::Value emit(mlir::Operation *op, llvm::ArrayRef<mlir::Value> operands);

  mlir::Value unary(nn::UnaryFn fn, mlir::Value x, mlir::Type elementType, double alpha = 0,
                    double beta = 0);
  mlir::Value binary(nn::BinaryFn fn, mlir::Value x, mlir::Value y, mlir::Type elementType,
                     mlir::Type exponentType = {});
  mlir::Value compare(nn::CompareFn fn, mlir::Value x, mlir::Value y, mlir::Type elementType);
  mlir::Value cast(mlir::Value x, mlir::Type from, mlir::Type to, bool saturate = true,
                   nn::RoundMode mode = nn::RoundMode::rne);
  mlir::Value quantize(nn::QuantizeOp op, mlir::Value x, mlir::Value scale, mlir::Value zp);
  mlir::Value dequantize(nn::DequantizeOp op, mlir::Value q, mlir::Value scale, mlir::Value zp);
  mlir::Value requantize(nn::RequantizeOp op, mlir::Value acc, mlir::Value multiplier,
                         mlir::Value zp);

  /// Calls `burin_rt_<name>_f32` or `_f64` by the type of the operands, per
  /// lane on vectors.
  mlir::Value callMath(llvm::StringRef name, mlir::ValueRange operands);
  /// By the instruction, or by a function where the target has none.
  mlir::Value squareRoot(mlir::Value x);
  /// Declares an external function once and returns its symbol.
  mlir::FlatSymbolRefAttr declare(llvm::StringRef name, mlir::FunctionType type);

private:
  mlir::Value floatUnary(nn::UnaryFn fn, mlir::Value x, double alpha, double beta);
  mlir::Value gatedUnary(nn::UnaryFn fn, mlir::Value x, double alpha, double beta);
  mlir::Value intUnary(nn::UnaryFn fn, mlir::Value x, mlir::Type elementType, double alpha,
                       double beta);
  mlir::Value floatBinary(nn::BinaryFn fn, mlir::Value x, mlir::Value y);
  mlir::Value intBinary(nn::BinaryFn fn, mlir::Value x, mlir::Value y, mlir::Type elementType);
  mlir::Value intDivision(nn::BinaryFn fn, mlir::Value x, mlir::Value y, bool isSigned);
  mlir::Value power(mlir::Value x, mlir::Value y, mlir::Type base, mlir::Type exponent);
  mlir::Value intPower(mlir::Value x, mlir::Value y, mlir::Type base, mlir::Type exponent);
  mlir::Value floatToInt(mlir::Value x, mlir::Type to);
  mlir::Value toFloat(mlir::Value x, mlir::Type from, mlir::Type to);
  mlir::Value wrapSubByte(mlir::Value x, mlir::Type elementType);
  mlir::Value rint(mlir::Value x);
  mlir::Value nativeRound(llvm::StringRef name, mlir::Value x);
  /// The nearest i32 of an f32, half to even, saturating; NaN gives 0. Null where the
  /// target has no instruction for it.
  mlir::Value nearestWord(mlir::Value x);
  mlir::Value saturatingAdd(mlir::Value x, mlir::Value y);
  mlir::Value requantizeInSoftware(mlir::Value acc, mlir::Value multiplier);
  mlir::Value clampInt(mlir::Value x, mlir::Type to);
  mlir::Value tfliteMultiply(mlir::Value acc, mlir::Value multiplier);

  // ScalarFloats.cpp: bits of small floats, without branches.
  mlir::Value decodeTiny(mlir::Value byte, mlir::Type elementType);
  mlir::Value encodeTiny(mlir::Value x, mlir::Type elementType, bool saturate,
                         nn::RoundMode mode = nn::RoundMode::rne);
  mlir::Value encodeE8M0(mlir::Value x, bool saturate, nn::RoundMode mode);
  mlir::Value decodeHalf(mlir::Value bits);
  mlir::Value encodeHalf(mlir::Value x);
  mlir::Value encodeBFloat(mlir::Value x);
  mlir::Value bits(mlir::Value x);
  mlir::Value fromBits(mlir::Value x);

  /// `scalar` with the shape of `like`.
  static mlir::Type shaped(mlir::Type scalar, mlir::Value like);
  template <typename Op, typename... Args> mlir::Value make(Args &&...args) {
    return b.createOrFold<Op>(loc, std::forward<Args>(args)...);
  }
  mlir::Value cmpf(mlir::arith::CmpFPredicate predicate, mlir::Value x, mlir::Value y) {
    return make<mlir::arith::CmpFOp>(predicate, x, y);
  }
  mlir::Value cmpi(mlir::arith::CmpIPredicate predicate, mlir::Value x, mlir::Value y) {
    return make<mlir::arith::CmpIOp>(predicate, x, y);
  }
  mlir::Value select(mlir::Value c, mlir::Value x, mlir::Value y) {
    return make<mlir::arith::SelectOp>(c, x, y);
  }

  mlir::OpBuilder &b;
  mlir::ModuleOp module;
  mlir::Location loc;
  bool nativeHalf;
  bool nativeRounding = false, inSoftware = false, doublesInSoftware = false, roundsVectors = false;
  std::string roundToWord;
};

/// Least and greatest value of an integer element type (sub-byte ones too).
std::pair<int64_t, uint64_t> integerRange(mlir::Type elementType);
/// Whether integers of this element type are unsigned (bool counts as such).
bool isUnsignedElement(mlir::Type elementType);

} // namespace burin

#endif // BURIN_CODEGEN_LOWERING_SCALAREMITTER_H
