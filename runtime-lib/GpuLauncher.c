//===- GpuLauncher.c - Kernels of a model through the CUDA driver ---------===//
//
// Part of Burin, under the Apache License v2.0.
//
// The one part of the runtime library that needs an operating system: it finds
// libcuda.so.1 with dlopen. Both symbols are weak, so that a program links without them
// and is told at run time that there is no GPU.
//
// The device's copy of arena, inputs and outputs is the valid one. Generated code asks
// for bytes before the host reads them, and hands over what the host has written; an
// address that is no part of them (constants, the caller's other memory) is the host's
// own, and nothing happens. All state is in the caller's context.
//
//===----------------------------------------------------------------------===//

#include "runtime-lib/GpuLauncher.h"

#if defined(__linux__)

extern void *dlopen(const char *file, int mode) __attribute__((weak));
extern void *dlsym(void *library, const char *name) __attribute__((weak));

enum { kRtldNow = 2, kRtldLocal = 0 };

/// Marks a context that create() has filled.
#define BURIN_GPU_MAGIC UINT64_C(0x4275726e47505531)

typedef struct gpu_range {
  const char *host;
  uint64_t bytes, device;
} gpu_range;

/// The driver's functions, in the order of kDriverNames. Handles are pointers, device
/// addresses 64-bit numbers.
typedef struct gpu_driver {
  int (*init)(unsigned);
  int (*deviceGet)(int *, int);
  int (*attribute)(int *, int, int);
  int (*retain)(void **, int);
  int (*release)(int);
  int (*push)(void *);
  int (*pop)(void **);
  int (*loadModule)(void **, const void *);
  int (*unloadModule)(void *);
  int (*getFunction)(void **, void *, const char *);
  int (*allocate)(uint64_t *, size_t);
  int (*release_memory)(uint64_t);
  int (*toDevice)(uint64_t, const void *, size_t, void *);
  int (*toHost)(void *, uint64_t, size_t, void *);
  int (*copy)(uint64_t, uint64_t, size_t, void *);
  int (*synchronize)(void *);
  int (*launch)(void *, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned,
                void *, void **, void **);
} gpu_driver;

static const char *const kDriverNames[] = {"cuInit",
                                           "cuDeviceGet",
                                           "cuDeviceGetAttribute",
                                           "cuDevicePrimaryCtxRetain",
                                           "cuDevicePrimaryCtxRelease_v2",
                                           "cuCtxPushCurrent_v2",
                                           "cuCtxPopCurrent_v2",
                                           "cuModuleLoadData",
                                           "cuModuleUnload",
                                           "cuModuleGetFunction",
                                           "cuMemAlloc_v2",
                                           "cuMemFree_v2",
                                           "cuMemcpyHtoDAsync_v2",
                                           "cuMemcpyDtoHAsync_v2",
                                           "cuMemcpyDtoDAsync_v2",
                                           "cuStreamSynchronize",
                                           "cuLaunchKernel"};
enum { kDriverCount = sizeof(kDriverNames) / sizeof(kDriverNames[0]) };
enum { kAttributeMajor = 75, kAttributeMinor = 76 };

typedef struct gpu_context {
  uint64_t magic;
  const burin_gpu_model *model;
  union {
    gpu_driver driver;
    void *entries[kDriverCount];
  };
  void *primary, *module, *stream;
  int32_t device, status;
  uint64_t weights;             ///< of the device
  uint64_t memory, memoryBytes; ///< of the device: arena, inputs, outputs
  uint32_t rangeCount, weightsAscend;
  /// void *functions[kernelCount], then gpu_range ranges[rangeCount].
  void *tail[];
} gpu_context;

_Static_assert(sizeof(gpu_context) <= BURIN_GPU_CONTEXT_BYTES(0, 0), "see GpuLauncher.h");
_Static_assert(sizeof(gpu_range) + sizeof(void *) <=
                   BURIN_GPU_CONTEXT_BYTES(1, 1) - BURIN_GPU_CONTEXT_BYTES(0, 0),
               "see GpuLauncher.h");

static gpu_range *rangesOf(gpu_context *gpu) {
  return (gpu_range *)(gpu->tail + gpu->model->kernelCount);
}

/// Keeps the first error.
static int note(gpu_context *gpu, int error) {
  if (error && !gpu->status)
    gpu->status = BURIN_GPU_ERROR;
  return gpu->status;
}

static bool loadDriver(gpu_context *gpu) {
  if (!dlopen || !dlsym)
    return false;
  // Stays loaded, as for everybody who uses it.
  void *library = dlopen("libcuda.so.1", kRtldNow | kRtldLocal);
  if (!library)
    return false;
  for (int i = 0; i < kDriverCount; ++i)
    if (!(gpu->entries[i] = dlsym(library, kDriverNames[i])))
      return false;
  return true;
}

static int loadKernels(gpu_context *gpu) {
  const burin_gpu_model *model = gpu->model;
  if (model->kernelCount == 0)
    return 0;
  if (gpu->driver.loadModule(&gpu->module, model->ptx))
    return BURIN_GPU_ERROR;
  for (uint32_t i = 0; i < model->kernelCount; ++i)
    if (gpu->driver.getFunction(&gpu->tail[i], gpu->module, model->kernelNames[i]))
      return BURIN_GPU_ERROR;
  return 0;
}

static int uploadWeights(gpu_context *gpu) {
  const burin_gpu_model *model = gpu->model;
  if (model->weightsBytes == 0)
    return 0;
  if (gpu->driver.allocate(&gpu->weights, model->weightsBytes))
    return BURIN_GPU_ERROR;
  gpu->weightsAscend = 1;
  for (uint32_t i = 0; i < model->weightCount; ++i) {
    const burin_gpu_weight *weight = &model->weights[i];
    if (i > 0 && (uintptr_t)weight->host < (uintptr_t)weight[-1].host)
      gpu->weightsAscend = 0;
    if (weight->bytes &&
        gpu->driver.toDevice(gpu->weights + weight->offset, weight->host, weight->bytes, (void *)0))
      return BURIN_GPU_ERROR;
  }
  return gpu->driver.synchronize((void *)0) ? BURIN_GPU_ERROR : 0;
}

int burin_rt_gpu_create(void *context, const burin_gpu_model *model, int device) {
  gpu_context *gpu = context;
  if (!gpu)
    return BURIN_GPU_NULL;
  if ((uintptr_t)gpu % BURIN_GPU_CONTEXT_ALIGN)
    return BURIN_GPU_ALIGN;
  volatile char *bytes = context; // not a call of memset
  for (size_t i = 0; i < sizeof(gpu_context); ++i)
    bytes[i] = 0;
  gpu->model = model;
  int major = 0, minor = 0;
  if (!loadDriver(gpu) || gpu->driver.init(0) || gpu->driver.deviceGet(&gpu->device, device) ||
      gpu->driver.attribute(&major, kAttributeMajor, gpu->device) ||
      gpu->driver.attribute(&minor, kAttributeMinor, gpu->device) ||
      10 * major + minor < model->minimumChip)
    return BURIN_GPU_ABSENT;
  if (gpu->driver.retain(&gpu->primary, gpu->device))
    return BURIN_GPU_ABSENT;
  gpu->magic = BURIN_GPU_MAGIC;
  int status = BURIN_GPU_ERROR;
  if (!gpu->driver.push(gpu->primary)) {
    status = loadKernels(gpu);
    if (!status)
      status = uploadWeights(gpu);
    void *popped;
    gpu->driver.pop(&popped);
  }
  if (status)
    burin_rt_gpu_destroy(context);
  return status;
}

void burin_rt_gpu_destroy(void *context) {
  gpu_context *gpu = context;
  if (!gpu || gpu->magic != BURIN_GPU_MAGIC)
    return;
  gpu->magic = 0;
  if (!gpu->driver.push(gpu->primary)) {
    if (gpu->memory)
      gpu->driver.release_memory(gpu->memory);
    if (gpu->weights)
      gpu->driver.release_memory(gpu->weights);
    if (gpu->module)
      gpu->driver.unloadModule(gpu->module);
    void *popped;
    gpu->driver.pop(&popped);
  }
  gpu->driver.release(gpu->device);
}

//===----------------------------------------------------------------------===//
// One run
//===----------------------------------------------------------------------===//

static uint64_t alignUp(uint64_t bytes) { return (bytes + 255) & ~UINT64_C(255); }

int burin_rt_gpu_begin(void *context, void *stream, const burin_gpu_buffer *buffers,
                       uint32_t count) {
  gpu_context *gpu = context;
  if (!gpu || gpu->magic != BURIN_GPU_MAGIC)
    return BURIN_GPU_NULL;
  if (gpu->driver.push(gpu->primary))
    return BURIN_GPU_ERROR;
  gpu->stream = stream;
  gpu->status = 0;
  gpu->rangeCount = count;
  uint64_t total = 0;
  for (uint32_t i = 0; i < count; ++i)
    total += alignUp(buffers[i].bytes);
  // Grows with the dimensions of the largest run.
  if (total > gpu->memoryBytes) {
    if (gpu->memory)
      note(gpu, gpu->driver.release_memory(gpu->memory));
    gpu->memory = gpu->memoryBytes = 0;
    if (!note(gpu, gpu->driver.allocate(&gpu->memory, total)))
      gpu->memoryBytes = total;
  }
  uint64_t at = gpu->memory;
  gpu_range *ranges = rangesOf(gpu);
  for (uint32_t i = 0; i < count && !gpu->status; ++i) {
    ranges[i] = (gpu_range){buffers[i].host, buffers[i].bytes, at};
    at += alignUp(buffers[i].bytes);
    if (buffers[i].isInput && buffers[i].bytes)
      note(gpu, gpu->driver.toDevice(ranges[i].device, ranges[i].host, ranges[i].bytes, stream));
  }
  if (gpu->status) {
    void *popped;
    gpu->driver.pop(&popped);
  }
  return gpu->status;
}

static const gpu_range *findRange(gpu_context *gpu, const void *address) {
  const gpu_range *ranges = rangesOf(gpu);
  for (uint32_t i = 0; i < gpu->rangeCount; ++i)
    if (ranges[i].host && (uintptr_t)address - (uintptr_t)ranges[i].host < ranges[i].bytes)
      return &ranges[i];
  return (void *)0;
}

/// The device's address for one of the host; 0 where it has none, which is right for
/// tensors without elements only.
static uint64_t translate(gpu_context *gpu, const void *address) {
  const gpu_range *range = findRange(gpu, address);
  if (range)
    return range->device + (uint64_t)((const char *)address - range->host);
  const burin_gpu_weight *weights = gpu->model->weights;
  uint32_t low = 0, high = gpu->model->weightCount;
  // The last weight that does not start behind the address.
  while (gpu->weightsAscend && high - low > 1) {
    uint32_t middle = low + (high - low) / 2;
    if ((uintptr_t)weights[middle].host <= (uintptr_t)address)
      low = middle;
    else
      high = middle;
  }
  for (uint32_t i = low; i < high; ++i) {
    uint64_t offset = (uintptr_t)address - (uintptr_t)weights[i].host;
    if (offset < weights[i].bytes)
      return gpu->weights + weights[i].offset + offset;
  }
  return 0;
}

int burin_rt_gpu_to_host(void *context, void *address, uint64_t bytes) {
  gpu_context *gpu = context;
  const gpu_range *range = findRange(gpu, address);
  if (gpu->status || !range || bytes == 0)
    return gpu->status;
  uint64_t offset = (uint64_t)((char *)address - range->host);
  if (bytes > range->bytes - offset)
    bytes = range->bytes - offset;
  note(gpu, gpu->driver.toHost(address, range->device + offset, bytes, gpu->stream));
  return note(gpu, gpu->driver.synchronize(gpu->stream));
}

int burin_rt_gpu_to_device(void *context, const void *address, uint64_t bytes) {
  gpu_context *gpu = context;
  const gpu_range *range = findRange(gpu, address);
  if (gpu->status || !range || bytes == 0)
    return gpu->status;
  uint64_t offset = (uint64_t)((const char *)address - range->host);
  if (bytes > range->bytes - offset)
    bytes = range->bytes - offset;
  // The host may write there again right away.
  note(gpu, gpu->driver.toDevice(range->device + offset, address, bytes, gpu->stream));
  return note(gpu, gpu->driver.synchronize(gpu->stream));
}

int burin_rt_gpu_copy(void *context, void *target, const void *source, uint64_t bytes) {
  gpu_context *gpu = context;
  if (gpu->status || bytes == 0)
    return gpu->status;
  uint64_t to = translate(gpu, target), from = translate(gpu, source);
  if (!to || !from)
    return note(gpu, BURIN_GPU_ERROR);
  return note(gpu, gpu->driver.copy(to, from, bytes, gpu->stream));
}

int burin_rt_gpu_launch(void *context, uint32_t kernel, uint64_t work, uint64_t *values,
                        void **parameters, uint32_t pointers, uint32_t count) {
  gpu_context *gpu = context;
  if (gpu->status || work == 0)
    return gpu->status;
  for (uint32_t i = 0; i < count; ++i) {
    if (i < pointers)
      values[i] = translate(gpu, (const void *)(uintptr_t)values[i]);
    parameters[i] = &values[i];
  }
  uint32_t threads = gpu->model->blockThreads;
  uint64_t blocks = (work - 1) / threads + 1;
  if (blocks > BURIN_GPU_MAX_BLOCKS)
    blocks = BURIN_GPU_MAX_BLOCKS;
  return note(gpu, gpu->driver.launch(gpu->tail[kernel], (unsigned)blocks, 1, 1, threads, 1, 1, 0,
                                      gpu->stream, parameters, (void **)0));
}

int burin_rt_gpu_end(void *context, int status, const burin_gpu_buffer *outputs, uint32_t count) {
  gpu_context *gpu = context;
  for (uint32_t i = 0; i < count && !status && !gpu->status; ++i) {
    const gpu_range *range = findRange(gpu, outputs[i].host);
    if (range && outputs[i].bytes)
      note(gpu, gpu->driver.toHost((void *)(uintptr_t)outputs[i].host, range->device,
                                   outputs[i].bytes, gpu->stream));
  }
  note(gpu, gpu->driver.synchronize(gpu->stream));
  void *popped;
  note(gpu, gpu->driver.pop(&popped));
  return status ? status : gpu->status;
}

#endif // __linux__
