//===- Passes.td - All passes on the nn dialect -----------*- tablegen -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// A pass has one name in three places: `infer-shapes` here, InferShapes.cpp,
// test/passes/infer-shapes.mlir. Order: that of a compilation.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_PASSES
#define BURIN_PASSES

include "mlir/Pass/PassBase.td"

def SpecializeDims : Pass<"specialize-dims", "::mlir::ModuleOp"> {
  let summary = "Give named dimensions of the borders an extent or a range";
  let description = [{
    `N=4` makes every border dimension static whose `nn.dims` expression follows
    from the given extents; `N=1..512` (or `N=1..`) goes into the function's
    `nn.dim_ranges`. A name that no border has is an error.
  }];
  let dependentDialects = ["::mlir::tensor::TensorDialect"];
  let options = [ListOption<"dims", "dims", "std::string", "NAME=EXTENT or NAME=LOW..HIGH">];
}

def InferShapes : Pass<"infer-shapes", "::mlir::ModuleOp"> {
  let summary = "Refine every type from operands, attributes and symbolic shapes";
  let description = [{
    Runs the ops' own inference over function bodies and scf regions to a
    fixpoint, refines the results of functions, and turns shape operands whose
    contents are known into constants. A contradiction is an error.
  }];
  let dependentDialects = ["::mlir::tensor::TensorDialect", "::burin::nn::NNDialect"];
}

def FoldConstants : Pass<"fold-constants", "::mlir::func::FuncOp"> {
  let summary = "Evaluate what is known at compile time, inline known branches";
  let description = [{
    Folds nn ops on constants with the interpreter where the result has at most
    `max-elements` elements or is not bigger than the operands, together with
    the canonicalisations of nn, scf, tensor and arith, to a fixpoint. Dequantize
    of constants stays unless `dequantize` is set. Broadcasts of constants that are
    weights become constants too, up to 640 MiB in all; equal ones only once.
  }];
  let dependentDialects = ["::mlir::tensor::TensorDialect", "::mlir::arith::ArithDialect",
                           "::mlir::scf::SCFDialect", "::burin::nn::NNDialect"];
  let options = [
    Option<"maxElements", "max-elements", "int64_t", "1048576", "biggest result that may grow">,
    Option<"dequantize", "dequantize", "bool", "false", "fold dequantize as well">
  ];
}

def FoldAffine : Pass<"fold-affine", "::mlir::func::FuncOp"> {
  let summary = "Scales and offsets behind a linear op into its weights and bias";
  let description = "Batch normalisation behind conv, conv_transpose or matmul disappears.";
  let dependentDialects = ["::burin::nn::NNDialect"];
}

def FoldPad : Pass<"fold-pad", "::mlir::func::FuncOp"> {
  let summary = "Padding in front of convolutions and pools into their attributes";
}

def RecognizeActivation : Pass<"recognize-activation", "::mlir::func::FuncOp"> {
  let summary = "Activations spelled out by exporters become one scalar function";
  let description = [{
    gelu (erf), gelu_tanh, swish, hard_swish, mish, softplus and sigmoid, in any
    algebraic form: the tree above the transcendental part is compared as a
    polynomial.
  }];
  let dependentDialects = ["::burin::nn::NNDialect"];
}

def RecognizeSoftmax : Pass<"recognize-softmax", "::mlir::func::FuncOp"> {
  let summary = "exp, sum, divide chains become softmax, with log: log-softmax";
  let dependentDialects = ["::burin::nn::NNDialect"];
}

def RecognizeNormalize : Pass<"recognize-normalize", "::mlir::func::FuncOp"> {
  let summary = "mean, variance, divide chains become layer or rms normalisation";
  let dependentDialects = ["::burin::nn::NNDialect"];
}

def CanonicalizeMovement : Pass<"canonicalize-movement", "::mlir::func::FuncOp"> {
  let summary = "Move transposes and broadcasts to where they vanish";
  let description = [{
    Transposes sink below elementwise ops and reductions, meet their inverses,
    and end in the flags of matmul; elementwise ops read what a broadcast reads.
  }];
  let dependentDialects = ["::mlir::tensor::TensorDialect", "::burin::nn::NNDialect"];
}

def ExpandRnn : Pass<"expand-rnn", "::mlir::func::FuncOp"> {
  let summary = "Recurrent layers as one product for the input and a loop over time";
  let dependentDialects = ["::mlir::tensor::TensorDialect", "::mlir::arith::ArithDialect",
                           "::mlir::scf::SCFDialect", "::burin::nn::NNDialect"];
}

def ExpandConvTranspose : Pass<"expand-conv-transpose", "::mlir::func::FuncOp"> {
  let summary = "Transposed convolutions as one convolution per phase, interleaved";
  let dependentDialects = ["::mlir::tensor::TensorDialect", "::burin::nn::NNDialect"];
}

def ExpandAttention : Pass<"expand-attention", "::mlir::func::FuncOp"> {
  let summary = "Attention as products, masks and softmax";
  let dependentDialects = ["::mlir::tensor::TensorDialect", "::burin::nn::NNDialect"];
}

def TestPrintSymbolicShapes : Pass<"test-print-symbolic-shapes", "::mlir::func::FuncOp"> {
  let summary = "Write what SymbolicShapes knows into attributes (for tests)";
  let description = [{
    Every op with tensor results gets `dims`, a list of texts per result, and
    `contents` where the elements of a small integer tensor are tracked;
    arguments get `test.dims`.
  }];
}

def AdoptFolded : Pass<"adopt-folded", "::mlir::ModuleOp"> {
  let summary = "Turn tensor constants and selects that upstream folding made into nn ops";
  let dependentDialects = ["::burin::nn::NNDialect", "::mlir::scf::SCFDialect"];
}

def PackBorders : Pass<"pack-borders", "::mlir::ModuleOp"> {
  let summary = "Take inputs and give outputs of sub-byte types as packed bytes";
  let dependentDialects = ["::burin::nn::NNDialect"];
}

def QuantizeCompute : Pass<"quantize-compute", "::mlir::func::FuncOp"> {
  let summary = "Quantised products compute in integers";
  let description = [{
    dequantize -> conv or matmul -> bias, clamp -> quantize becomes an i32
    product and a requantize.
  }];
}

def LayoutNhwc : Pass<"layout-nhwc", "::mlir::func::FuncOp"> {
  let summary = "Compute convolutions and what lies between them channels last";
  let description = [{
    2-d convolutions with constant weights are rewritten to channels last;
    transposes move down through ops that do not care and cancel.
  }];
}

def FormGroups : Pass<"form-groups", "::mlir::ModuleOp"> {
  let summary = "Outline fused groups of ops into functions";
  let description = [{
    A heavy op with its elementwise producers and consumers becomes one private
    function with the attribute `nn.group`. Constants, views, shapes, scalars
    and control flow stay in the entry.
  }];
}

#endif // BURIN_PASSES
