//===- NNOpBase.td - What all nn ops share -----------------*- tablegen -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_NN_OP_BASE
#define BURIN_NN_OP_BASE

include "dialects/nn/NNAttrs.td"

// Unknown rank ends at the importer: every operand and result is ranked.
def NN_Tensor : Type<And<[CPred<"::llvm::isa<::mlir::RankedTensorType>($_self)">]>,
                     "ranked tensor", "::mlir::TensorType">;
def NN_Shape : Type<CPred<"::burin::nn::isShapeType($_self)">,
                    "1-D tensor of i64", "::mlir::TensorType">;
def NN_Index : Type<CPred<"::burin::nn::isIndexScalarType($_self)">,
                    "0-D tensor of i64", "::mlir::TensorType">;
def NN_BoolTensor : Type<CPred<"::burin::nn::isBoolTensorType($_self)">,
                         "tensor of i1", "::mlir::TensorType">;

// Result types follow from operands and attributes (Infer*.cpp, which also
// checks them); a written type may know more or less about single dimensions,
// but must not contradict.
def NN_InferType : InferTypeOpAdaptorBase<[{
    static bool isCompatibleReturnTypes(::mlir::TypeRange inferred, ::mlir::TypeRange actual) {
      return ::burin::nn::areCompatibleTypes(inferred, actual);
    }
  }]>;

class NN_Op<string mnemonic, list<Trait> traits = []>
    : Op<NN_Dialect, mnemonic, !listconcat([NN_InferType], traits)>;

class NN_PureOp<string mnemonic, list<Trait> traits = []>
    : NN_Op<mnemonic, !listconcat([Pure], traits)>;

class NN_BoolAttr<string value> : DefaultValuedAttr<BoolAttr, value>;

#endif // BURIN_NN_OP_BASE
