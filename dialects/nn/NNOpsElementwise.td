//===- NNOpsElementwise.td - Ops on single elements ---*- tablegen -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

include "dialects/nn/NNOpBase.td"

def NN_ConstantOp : NN_PureOp<"constant", [ConstantLike]> {
  let summary = "literal bytes";
  let description = [{
    Up to 64 elements as `dense<>`, more as `dense_resource<>` whose blob is
    the mapped file or one owned buffer. Read it through nn::Tensor.
  }];
  let arguments = (ins ElementsAttr:$value);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "attr-dict $value";
  let hasFolder = 1;
  let hasVerifier = 1;
}

def NN_UnaryOp : NN_PureOp<"unary"> {
  let summary = "scalar function of one argument, elementwise";
  let description = [{
    `fn` is a row of Scalars.def; `alpha` and `beta` are its parameters. The
    result has the shape and element type of `x`.
  }];
  let arguments = (ins NN_UnaryFnAttr:$fn, NN_Tensor:$x,
                       DefaultValuedAttr<F64Attr, "0.0">:$alpha,
                       DefaultValuedAttr<F64Attr, "0.0">:$beta);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$fn `,` $x attr-dict `:` functional-type(operands, results)";
  let hasCanonicalizeMethod = 1;
}

def NN_BinaryOp : NN_PureOp<"binary"> {
  let summary = "scalar function of two arguments, elementwise with numpy broadcasting";
  let description = [{
    Both operands have one element type, which is the result's; `pow` takes the
    base's type and any numeric exponent type. `and`, `or`, `xor` work on bits
    (logic on i1).
  }];
  let arguments = (ins NN_BinaryFnAttr:$fn, NN_Tensor:$a, NN_Tensor:$b);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$fn `,` $a `,` $b attr-dict `:` functional-type(operands, results)";
  let hasCanonicalizeMethod = 1;
}

def NN_CompareOp : NN_PureOp<"compare"> {
  let summary = "elementwise test with numpy broadcasting; gives i1";
  let arguments = (ins NN_CompareFnAttr:$fn, NN_Tensor:$a, NN_Tensor:$b);
  let results = (outs NN_BoolTensor:$result);
  let assemblyFormat = "$fn `,` $a `,` $b attr-dict `:` functional-type(operands, results)";
}

def NN_SelectOp : NN_PureOp<"select"> {
  let summary = "c ? a : b, elementwise with numpy broadcasting of all three";
  let arguments = (ins NN_BoolTensor:$c, NN_Tensor:$a, NN_Tensor:$b);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$c `,` $a `,` $b attr-dict `:` functional-type(operands, results)";
  let hasCanonicalizeMethod = 1;
}

def NN_CastOp : NN_PureOp<"cast"> {
  let summary = "value conversion to element type `to`";
  let description = [{
    float -> int truncates and saturates (NaN -> 0), int -> int keeps the low
    bits, float -> float rounds to nearest even; `saturate` and `round` matter
    for 8- and 4-bit floats only. Anything -> i1 tests for non-zero.
  }];
  let arguments = (ins NN_Tensor:$x, TypeAttr:$to, NN_BoolAttr<"true">:$saturate,
                       DefaultValuedAttr<NN_RoundModeAttr, "::burin::nn::RoundMode::rne">:$round);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$x `to` $to attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def NN_BitcastOp : NN_PureOp<"bitcast"> {
  let summary = "same bits, other element type of the same width";
  let arguments = (ins NN_Tensor:$x, TypeAttr:$to);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$x `to` $to attr-dict `:` functional-type(operands, results)";
}

def NN_QuantizeOp : NN_PureOp<"quantize"> {
  let summary = "saturate(round_half_even(x / scale) + zp) as type `to`";
  let description = [{
    `scale` (and `zp`, of type `to`) is 0-D (per tensor), 1-D along `axis`, or
    has x's rank with blocks of `block` elements along `axis` (block > 0).
    `precision` is the type of the division (default: x's).
  }];
  let arguments = (ins NN_Tensor:$x, NN_Tensor:$scale, Optional<NN_Tensor>:$zp,
                       DefaultValuedAttr<I64Attr, "0">:$axis, DefaultValuedAttr<I64Attr, "0">:$block,
                       TypeAttr:$to, NN_BoolAttr<"true">:$saturate,
                       OptionalAttr<TypeAttr>:$precision);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$x `,` $scale (`,` $zp^)? `to` $to attr-dict `:` functional-type(operands, results)";
}

def NN_DequantizeOp : NN_PureOp<"dequantize"> {
  let summary = "(q - zp) * scale as float type `to`";
  let description = "Shapes of `scale` and `zp` as for quantize; `zp` has q's type.";
  let arguments = (ins NN_Tensor:$q, NN_Tensor:$scale, Optional<NN_Tensor>:$zp,
                       DefaultValuedAttr<I64Attr, "0">:$axis, DefaultValuedAttr<I64Attr, "0">:$block,
                       TypeAttr:$to);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$q `,` $scale (`,` $zp^)? `to` $to attr-dict `:` functional-type(operands, results)";
}

def NN_RequantizeOp : NN_PureOp<"requantize"> {
  let summary = "saturate(rint(f32(acc) * multiplier) + zp) as type `to`";
  let description = [{
    `acc` is i32, `multiplier` f32 and `zp` of type `to`; both broadcast to
    acc's shape. Mode `rne_f32` is ONNX Runtime's rule, `tflite` the
    fixed-point multiplier with double rounding.
  }];
  let arguments = (ins NN_Tensor:$acc, NN_Tensor:$multiplier, NN_Tensor:$zp, TypeAttr:$to,
                       DefaultValuedAttr<NN_RequantizeModeAttr,
                                         "::burin::nn::RequantizeMode::rne_f32">:$mode);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$acc `,` $multiplier `,` $zp `to` $to attr-dict `:` functional-type(operands, results)";
}
