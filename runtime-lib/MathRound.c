//===- MathRound.c - rint, floor, ceil, trunc, sqrt, fmod ------------*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "runtime-lib/burin_rt.h"

#include "runtime-lib/Coefficients.h"

#define BURIN_BITS 32
#include "runtime-lib/FloatTraits.h"
#include "runtime-lib/MathCore.h"
// The cores come first.
#include "runtime-lib/MathRoundBody.h"

#undef BURIN_BITS
#define BURIN_BITS 64
#include "runtime-lib/FloatTraits.h"
#include "runtime-lib/MathCore.h"
// The cores come first.
#include "runtime-lib/MathRoundBody.h"
