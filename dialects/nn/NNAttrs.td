//===- NNAttrs.td - Enumerations of the nn dialect ---------*- tablegen -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_NN_ATTRS
#define BURIN_NN_ATTRS

include "mlir/IR/EnumAttr.td"
include "dialects/nn/NNDialect.td"

// An enumeration printed as a bare keyword; the first case has value 0.
class NN_Enum<string name, string doc, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, doc, cases> {
  let cppNamespace = "::burin::nn";
  let genSpecializedAttr = 0;
}
class NN_EnumAttr<EnumAttrInfo info, string mnem> : EnumAttr<NN_Dialect, info, mnem>;

// The order of the function enumerations is the order of the rows in
// Scalars.def; a static_assert there keeps the two together.
def NN_UnaryFn : NN_Enum<"UnaryFn", "scalar function of one argument", [
  I32EnumAttrCase<"abs", 0>, I32EnumAttrCase<"neg", 1>, I32EnumAttrCase<"sign", 2>,
  I32EnumAttrCase<"ceil", 3>, I32EnumAttrCase<"floor", 4>, I32EnumAttrCase<"round", 5>,
  I32EnumAttrCase<"sqrt", 6>, I32EnumAttrCase<"rsqrt", 7>, I32EnumAttrCase<"recip", 8>,
  I32EnumAttrCase<"exp", 9>, I32EnumAttrCase<"log", 10>, I32EnumAttrCase<"log1p", 11>,
  I32EnumAttrCase<"expm1", 12>, I32EnumAttrCase<"sin", 13>, I32EnumAttrCase<"cos", 14>,
  I32EnumAttrCase<"tan", 15>, I32EnumAttrCase<"asin", 16>, I32EnumAttrCase<"acos", 17>,
  I32EnumAttrCase<"atan", 18>, I32EnumAttrCase<"sinh", 19>, I32EnumAttrCase<"cosh", 20>,
  I32EnumAttrCase<"tanh", 21>, I32EnumAttrCase<"asinh", 22>, I32EnumAttrCase<"acosh", 23>,
  I32EnumAttrCase<"atanh", 24>, I32EnumAttrCase<"erf", 25>, I32EnumAttrCase<"sigmoid", 26>,
  I32EnumAttrCase<"relu", 27>, I32EnumAttrCase<"leaky_relu", 28>, I32EnumAttrCase<"elu", 29>,
  I32EnumAttrCase<"selu", 30>, I32EnumAttrCase<"celu", 31>, I32EnumAttrCase<"gelu", 32>,
  I32EnumAttrCase<"gelu_tanh", 33>, I32EnumAttrCase<"swish", 34>,
  I32EnumAttrCase<"softplus", 35>, I32EnumAttrCase<"softsign", 36>, I32EnumAttrCase<"mish", 37>,
  I32EnumAttrCase<"hard_sigmoid", 38>, I32EnumAttrCase<"hard_swish", 39>,
  I32EnumAttrCase<"thresholded_relu", 40>, I32EnumAttrCase<"shrink", 41>,
  I32EnumAttrCase<"affine", 42>, I32EnumAttrCase<"scaled_tanh", 43>, I32EnumAttrCase<"not_", 44, "not">
]>;
def NN_BinaryFn : NN_Enum<"BinaryFn", "scalar function of two arguments", [
  I32EnumAttrCase<"add", 0>, I32EnumAttrCase<"sub", 1>, I32EnumAttrCase<"mul", 2>,
  I32EnumAttrCase<"div", 3>, I32EnumAttrCase<"rem", 4>, I32EnumAttrCase<"mod", 5>,
  I32EnumAttrCase<"pow", 6>, I32EnumAttrCase<"min", 7>, I32EnumAttrCase<"max", 8>,
  I32EnumAttrCase<"and_", 9, "and">, I32EnumAttrCase<"or_", 10, "or">,
  I32EnumAttrCase<"xor_", 11, "xor">, I32EnumAttrCase<"shl", 12>, I32EnumAttrCase<"shr", 13>
]>;
def NN_CompareFn : NN_Enum<"CompareFn", "comparison", [
  I32EnumAttrCase<"eq", 0>, I32EnumAttrCase<"ne", 1>, I32EnumAttrCase<"lt", 2>,
  I32EnumAttrCase<"le", 3>, I32EnumAttrCase<"gt", 4>, I32EnumAttrCase<"ge", 5>
]>;
def NN_ReduceFn : NN_Enum<"ReduceFn", "fold over axes", [
  I32EnumAttrCase<"sum", 0>, I32EnumAttrCase<"mean", 1>, I32EnumAttrCase<"prod", 2>,
  I32EnumAttrCase<"min", 3>, I32EnumAttrCase<"max", 4>
]>;
def NN_ArgFn : NN_Enum<"ArgFn", "which extreme", [
  I32EnumAttrCase<"min", 0>, I32EnumAttrCase<"max", 1>
]>;
def NN_CumulateFn : NN_Enum<"CumulateFn", "running fold", [
  I32EnumAttrCase<"sum", 0>, I32EnumAttrCase<"prod", 1>
]>;
def NN_PoolFn : NN_Enum<"PoolFn", "window fold", [
  I32EnumAttrCase<"sum", 0>, I32EnumAttrCase<"max", 1>
]>;
def NN_ScatterFn : NN_Enum<"ScatterFn", "what scatter does with the old row", [
  I32EnumAttrCase<"none", 0>, I32EnumAttrCase<"add", 1>, I32EnumAttrCase<"mul", 2>,
  I32EnumAttrCase<"min", 3>, I32EnumAttrCase<"max", 4>
]>;
def NN_NormalizeFn : NN_Enum<"NormalizeFn", "kind of normalisation", [
  I32EnumAttrCase<"layer", 0>, I32EnumAttrCase<"rms", 1>
]>;
def NN_Layout : NN_Enum<"Layout", "position of the channels", [
  I32EnumAttrCase<"nchw", 0>, I32EnumAttrCase<"nhwc", 1>
]>;
def NN_RnnKind : NN_Enum<"RnnKind", "recurrent cell", [
  I32EnumAttrCase<"lstm", 0>, I32EnumAttrCase<"gru", 1>, I32EnumAttrCase<"rnn", 2>
]>;
def NN_Direction : NN_Enum<"Direction", "direction of time", [
  I32EnumAttrCase<"forward", 0>, I32EnumAttrCase<"reverse", 1>,
  I32EnumAttrCase<"bidirectional", 2>
]>;
def NN_RoundMode : NN_Enum<"RoundMode", "rounding of a cast", [
  I32EnumAttrCase<"rne", 0>, I32EnumAttrCase<"up", 1>, I32EnumAttrCase<"down", 2>,
  I32EnumAttrCase<"nearest_up", 3>
]>;
def NN_RequantizeMode : NN_Enum<"RequantizeMode", "rounding rule of requantize", [
  I32EnumAttrCase<"rne_f32", 0>, I32EnumAttrCase<"tflite", 1>
]>;

def NN_UnaryFnAttr : NN_EnumAttr<NN_UnaryFn, "unary_fn">;
def NN_BinaryFnAttr : NN_EnumAttr<NN_BinaryFn, "binary_fn">;
def NN_CompareFnAttr : NN_EnumAttr<NN_CompareFn, "compare_fn">;
def NN_ReduceFnAttr : NN_EnumAttr<NN_ReduceFn, "reduce_fn">;
def NN_ArgFnAttr : NN_EnumAttr<NN_ArgFn, "arg_fn">;
def NN_CumulateFnAttr : NN_EnumAttr<NN_CumulateFn, "cumulate_fn">;
def NN_PoolFnAttr : NN_EnumAttr<NN_PoolFn, "pool_fn">;
def NN_ScatterFnAttr : NN_EnumAttr<NN_ScatterFn, "scatter_fn">;
def NN_NormalizeFnAttr : NN_EnumAttr<NN_NormalizeFn, "normalize_fn">;
def NN_LayoutAttr : NN_EnumAttr<NN_Layout, "layout">;
def NN_RnnKindAttr : NN_EnumAttr<NN_RnnKind, "rnn_kind">;
def NN_DirectionAttr : NN_EnumAttr<NN_Direction, "direction">;
def NN_RoundModeAttr : NN_EnumAttr<NN_RoundMode, "round_mode">;
def NN_RequantizeModeAttr : NN_EnumAttr<NN_RequantizeMode, "requantize_mode">;

#endif // BURIN_NN_ATTRS
