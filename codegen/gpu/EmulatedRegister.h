//===- EmulatedRegister.h - Special registers by number ---------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_CODEGEN_GPU_EMULATEDREGISTER_H
#define BURIN_CODEGEN_GPU_EMULATEDREGISTER_H

namespace burin {

/// What burin_emu_register() is asked for (DeviceModule.h).
enum class EmulatedRegister { Thread, Block, BlockThreads, Blocks };

} // namespace burin

#endif // BURIN_CODEGEN_GPU_EMULATEDREGISTER_H
