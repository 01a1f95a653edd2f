//===- GpuLauncher.h - Kernels of a model through the CUDA driver -*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// What the generated host code of a GPU target calls. Statuses are those of generated
// headers. The caller owns the context; it belongs to one thread at a time.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_RUNTIME_LIB_GPULAUNCHER_H
#define BURIN_RUNTIME_LIB_GPULAUNCHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  BURIN_GPU_NULL = 1,
  BURIN_GPU_ALIGN = 2,
  BURIN_GPU_ABSENT = 8, ///< no driver, no GPU, or one that is older than the target
  BURIN_GPU_ERROR = 9   ///< the driver refused something: memory, kernels, a launch
};

/// Bytes of a context for so many kernels and buffers (arena, inputs and outputs).
#define BURIN_GPU_CONTEXT_BYTES(kernels, buffers) (256 + 8 * (kernels) + 24 * (buffers))
#define BURIN_GPU_CONTEXT_ALIGN 16
/// Of one launch; kernels go through what is left in steps.
#define BURIN_GPU_MAX_BLOCKS 65536

typedef struct burin_gpu_weight {
  const void *host;
  uint64_t bytes;
  uint64_t offset; ///< in the device's copy of all weights
} burin_gpu_weight;

/// Constant part of a model's library.
typedef struct burin_gpu_model {
  const char *ptx; ///< text, ends in 0
  const char *const *kernelNames;
  const burin_gpu_weight *weights;
  uint64_t weightsBytes; ///< of the device's copy
  uint32_t kernelCount, weightCount;
  uint32_t blockThreads;
  int32_t minimumChip; ///< compute capability: 80 for 8.0
} burin_gpu_model;

typedef struct burin_gpu_buffer {
  void *host;
  uint64_t bytes;
  uint64_t isInput; ///< copied to the device before the run
} burin_gpu_buffer;

/// Finds driver and device, loads the kernels and uploads the weights. After an error
/// there is nothing to destroy.
int burin_rt_gpu_create(void *context, const burin_gpu_model *model, int device);
void burin_rt_gpu_destroy(void *context);

/// Starts a run: the device gets room for the buffers and the inputs' contents. After an
/// error, end() must not be called.
int burin_rt_gpu_begin(void *context, void *stream, const burin_gpu_buffer *buffers,
                       uint32_t count);
/// Makes bytes that the host is about to read valid there, or takes over what it wrote.
int burin_rt_gpu_to_host(void *context, void *address, uint64_t bytes);
int burin_rt_gpu_to_device(void *context, const void *address, uint64_t bytes);
/// On the device.
int burin_rt_gpu_copy(void *context, void *target, const void *source, uint64_t bytes);
/// Starts a kernel for `work` elements. The first `pointers` of `count` values are
/// addresses of the host; `parameters` is room for as many pointers.
int burin_rt_gpu_launch(void *context, uint32_t kernel, uint64_t work, uint64_t *values,
                        void **parameters, uint32_t pointers, uint32_t count);
/// Waits, and hands the outputs to the host where all went well. Returns `status`, or
/// the first error of the device.
int burin_rt_gpu_end(void *context, int status, const burin_gpu_buffer *outputs, uint32_t count);

#ifdef __cplusplus
}
#endif

#endif // BURIN_RUNTIME_LIB_GPULAUNCHER_H
