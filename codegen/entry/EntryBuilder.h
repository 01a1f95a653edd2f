//===- EntryBuilder.h - Buffers, extents and views of the entry -*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_CODEGEN_ENTRY_ENTRYBUILDER_H
#define BURIN_CODEGEN_ENTRY_ENTRYBUILDER_H

#include "codegen/entry/LowerEntry.h"
#include "codegen/object/Descriptor.h"

#include "mlir/IR/Builders.h"

namespace burin {

/// Emits what the entry is made of: bytes of buffers, typed views of them,
/// copies, and extents from expressions.
class EntryBuilder {
public:
  EntryBuilder(mlir::OpBuilder &builder, const ArenaPlan &plan, llvm::StringRef prefix,
               unsigned indexBits)
      : builder(builder), plan(plan), prefix(prefix.str()), indexBits(indexBits) {}

  // Symbols and extents.
  void clearSymbols();
  void bindNamed(llvm::StringRef name, mlir::Value extent) { named[name] = extent; }
  void bind(const nn::DimSymbol *symbol, mlir::Value extent) { bound[symbol] = extent; }
  /// The expression as `index`; null where a symbol is not bound.
  mlir::Value materialize(mlir::Location loc, nn::DimExpr expr);
  /// a * b, computed in i64: on targets with narrower indices a product that they do
  /// not hold becomes the largest one.
  mlir::Value boundedProduct(mlir::Location loc, mlir::Value a, mlir::Value b);
  /// Computes the offsets of all symbolic buffers; returns the arena's size.
  mlir::Value offsets(mlir::Location loc);
  /// i1: the arena's size, computed in floating point, is below a quarter of what
  /// addresses reach, and no extent is negative.
  mlir::Value sizesFit(mlir::Location loc);

  // Buffers. All are memref<?xi8>.
  void bindArena(mlir::Value pointer, mlir::Location loc);
  void bindInput(unsigned i, mlir::Value pointer);
  void bindOutput(unsigned i, mlir::Value pointer);
  mlir::Value outputBytes(unsigned i) { return outputs[i]; }
  mlir::Value bytesOf(mlir::Location loc, unsigned buffer);
  /// The bytes behind the first `count`.
  mlir::Value skip(mlir::Location loc, mlir::Value bytes, mlir::Value count);
  /// A view from the first byte on; the type is static or 0-D.
  mlir::Value view(mlir::Location loc, mlir::Value bytes, mlir::MemRefType type);
  void copy(mlir::Location loc, mlir::Value target, mlir::Value source, mlir::Value byteCount);
  /// Returns `code` from the function where the condition is false.
  void leaveUnless(mlir::Location loc, mlir::Value condition, object::Status code);
  /// The test of a stored bool.
  mlir::Value isTrue(mlir::Location loc, mlir::Value byte);

  llvm::SmallVector<WeightConstant> takeWeights() { return std::move(weights); }

private:
  mlir::Value constantIndex(mlir::Location loc, int64_t value);
  mlir::Value alignUp(mlir::Location loc, mlir::Value value);
  mlir::Value unbounded(mlir::Value pointer);

  mlir::OpBuilder &builder;
  const ArenaPlan &plan;
  std::string prefix;
  unsigned indexBits;
  llvm::StringMap<mlir::Value> named;
  llvm::DenseMap<const nn::DimSymbol *, mlir::Value> bound;
  mlir::Value arena;
  llvm::DenseMap<unsigned, mlir::Value> inputs, outputs;
  llvm::DenseMap<unsigned, mlir::Value> dynamicOffsets; ///< by buffer
  llvm::DenseMap<mlir::Attribute, std::string> weightSymbols;
  llvm::SmallVector<WeightConstant> weights;
};

} // namespace burin

#endif // BURIN_CODEGEN_ENTRY_ENTRYBUILDER_H
