//===- Kernel.h - The kernel dialect ----------------------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_DIALECTS_KERNEL_KERNEL_H
#define BURIN_DIALECTS_KERNEL_KERNEL_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/kernel/KernelDialect.h.inc"
#include "dialects/kernel/KernelEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/kernel/KernelAttrs.h.inc"

#define GET_OP_CLASSES
#include "dialects/kernel/KernelOps.h.inc"

namespace burin::kernel {

/// Products that one step adds to a lane: the innermost extent of a panel.
int64_t productsPerLane(Dot dot);
/// What the kernel's left side has too much: it multiplies (x - x_zero) + this.
/// Where the instruction wants the other signedness, x's sign bit is flipped.
int64_t leftOffset(Dot dot, mlir::Type x, int64_t xZero);
/// Whether x's sign bit is flipped on the way in.
bool flipsSign(Dot dot, mlir::Type x);
/// Elements of a panel of `runs` runs of `depth` elements, behind `sums` i32 sums per
/// column. `elementBytes` is that of the packed weights.
int64_t panelSize(Dot dot, int64_t nr, int64_t runs, int64_t depth, int64_t sums,
                  int64_t elementBytes);
/// For how many taps of a kernel's row with `taps` a convolution has sums: only for
/// the whole row, where its borders never take a part of it.
int64_t sumTaps(Dot dot, int64_t taps, int64_t channels, bool joined);

} // namespace burin::kernel

#endif // BURIN_DIALECTS_KERNEL_KERNEL_H
