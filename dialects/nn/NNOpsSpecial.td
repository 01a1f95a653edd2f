//===- NNOpsSpecial.td - Random numbers, calls, checks ---*- tablegen -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

include "dialects/nn/NNOpBase.td"

def NN_RandomOp : NN_Op<"random", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "uniform [0, 1): Philox of seed, element and call number";
  let arguments = (ins NN_Shape:$shape, I64Attr:$seed, TypeAttr:$type);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$shape `as` $type attr-dict `:` functional-type(operands, results)";
}

def NN_CallOp : Op<NN_Dialect, "call", [Pure]> {
  let summary = "a C function of runtime-lib";
  let description = [{
    `callee` is a row of runtime-lib/Calls.def; `ints` and `floats` its
    attributes in that row's order; `present` tells which of the row's inputs
    are given (all others are null). A result of data-dependent size has its
    bound as type, and the count is the last result (0-D i64).
  }];
  let arguments = (ins StrAttr:$callee, Variadic<NN_Tensor>:$xs,
                       DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$ints,
                       DefaultValuedAttr<DenseF64ArrayAttr, "{}">:$floats,
                       DefaultValuedAttr<DenseBoolArrayAttr, "{}">:$present);
  let results = (outs Variadic<NN_Tensor>:$results);
  let assemblyFormat = "$callee `(` $xs `)` attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def NN_CheckOp : Op<NN_Dialect, "check"> {
  let summary = "stop with a status code where the condition is false";
  let description = "`condition` is a 0-D i1 tensor; `message` goes to diagnostics and the report.";
  let arguments = (ins NN_BoolTensor:$condition, I32Attr:$code, StrAttr:$message);
  let assemblyFormat = "$condition `,` $code `,` $message attr-dict `:` type($condition)";
}
