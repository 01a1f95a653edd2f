//===- NNDialect.td - The nn dialect and its types ---------*- tablegen -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_NN_DIALECT
#define BURIN_NN_DIALECT

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def NN_Dialect : Dialect {
  let name = "nn";
  let cppNamespace = "::burin::nn";
  let summary = "Orthogonal neural network operations on tensors";
  let description = [{
    One op is one loop structure. Scalar formulas live in one table
    (`Scalars.def`), index variety becomes index tables, version history and
    composite operators stop at the importer. Every op is total: an index out
    of range gathers 0, x/0 gives 0, float to int saturates.

    Function arguments and results carry `nn.name` (the ONNX name) and
    `nn.dims`, an array with one entry per dimension: an integer, or a string
    that names a symbolic dimension.
  }];
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
  let hasConstantMaterializer = 1;
  let hasOperationAttrVerify = 1;
  let hasRegionArgAttrVerify = 1;
  let hasRegionResultAttrVerify = 1;
  // Counts the resources that Tensor::toAttr has named in this context.
  let extraClassDeclaration = [{
    uint64_t nextResource() { return resources++; }
  private:
    std::atomic<uint64_t> resources{0};
  public:
  }];
  let dependentDialects = ["::mlir::tensor::TensorDialect", "::mlir::arith::ArithDialect"];
}

class NN_Type<string name, string typeMnemonic> : TypeDef<NN_Dialect, name> {
  let mnemonic = typeMnemonic;
}

def NN_F4E2M1 : NN_Type<"F4E2M1", "f4e2m1"> {
  let summary = "4-bit float, 2 bits exponent, 1 bit mantissa (MLIR 19 has none)";
}
def NN_F8E8M0 : NN_Type<"F8E8M0", "f8e8m0"> {
  let summary = "8-bit power-of-two scale, exponent only (MLIR 19 has none)";
}
def NN_Str : NN_Type<"Str", "str"> {
  let summary = "string element: pointer and length into a pool, hosted only";
}

#endif // BURIN_NN_DIALECT
