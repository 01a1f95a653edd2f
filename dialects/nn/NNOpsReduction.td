//===- NNOpsReduction.td - Folds and orders over axes ---*- tablegen -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

include "dialects/nn/NNOpBase.td"

def NN_ReduceOp : NN_PureOp<"reduce"> {
  let summary = "fold over `axes`";
  let description = [{
    Empty sets give the identity (mean: NaN). On i1, min is `and`, max is `or`.
    `axes` are distinct, ascending and non-negative; none means no reduction.
  }];
  let arguments = (ins NN_ReduceFnAttr:$fn, NN_Tensor:$x, DenseI64ArrayAttr:$axes,
                       NN_BoolAttr<"false">:$keepdims);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$fn `,` $x `,` $axes attr-dict `:` functional-type(operands, results)";
}

def NN_ArgReduceOp : NN_PureOp<"arg_reduce"> {
  let summary = "index (i64) of the extreme along `axis`";
  let description = "The first NaN wins; of equal ones the first, or the last under `last`.";
  let arguments = (ins NN_ArgFnAttr:$fn, NN_Tensor:$x, I64Attr:$axis, NN_BoolAttr<"false">:$last,
                       NN_BoolAttr<"false">:$keepdims);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$fn `,` $x attr-dict `:` functional-type(operands, results)";
}

def NN_CumulateOp : NN_PureOp<"cumulate"> {
  let summary = "running fold along `axis`";
  let arguments = (ins NN_CumulateFnAttr:$fn, NN_Tensor:$x, I64Attr:$axis,
                       NN_BoolAttr<"false">:$exclusive, NN_BoolAttr<"false">:$reverse);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$fn `,` $x attr-dict `:` functional-type(operands, results)";
}

def NN_TopKOp : NN_PureOp<"top_k"> {
  let summary = "the k extremes along `axis`, sorted, with their i64 indices";
  let description = "Ties: lower index first. NaN counts as largest.";
  let arguments = (ins NN_Tensor:$x, NN_Index:$k, I64Attr:$axis, NN_BoolAttr<"true">:$largest);
  let results = (outs NN_Tensor:$values, NN_Tensor:$indices);
  let assemblyFormat = "$x `,` $k attr-dict `:` functional-type(operands, results)";
}

def NN_SoftmaxOp : NN_PureOp<"softmax"> {
  let summary = "exp(x - max) / sum over `axes` together; `log`: its logarithm";
  let arguments = (ins NN_Tensor:$x, DenseI64ArrayAttr:$axes, NN_BoolAttr<"false">:$log);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$x `,` $axes attr-dict `:` functional-type(operands, results)";
}

def NN_NormalizeOp : NN_PureOp<"normalize"> {
  let summary = "layer: (x - mean) / sqrt(var + eps); rms: x / sqrt(mean(x^2) + eps)";
  let description = "Over `axes` together, f32 inside (f64 for f64). Scale and bias follow as mul and add.";
  let arguments = (ins NN_NormalizeFnAttr:$fn, NN_Tensor:$x, DenseI64ArrayAttr:$axes,
                       F64Attr:$epsilon);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$fn `,` $x `,` $axes attr-dict `:` functional-type(operands, results)";
}
