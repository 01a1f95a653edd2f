/*===- descriptor.h - A model's description in its library ---------*- C -*-===*
 *
 * Part of Burin, under the Apache License v2.0.
 *
 * The layout that codegen/object/Descriptor.h writes and every generated header
 * declares, for code that does not know the model.
 *
 *===----------------------------------------------------------------------===*/

#ifndef BURIN_TARGETS_HARNESS_DESCRIPTOR_H
#define BURIN_TARGETS_HARNESS_DESCRIPTOR_H

#include <stddef.h>
#include <stdint.h>

struct descriptor_dim {
  int64_t size; /* -1 when not static */
  int64_t lo, hi;
  const char *expression;
  int32_t symbol;
  uint32_t reserved;
};

struct descriptor_tensor {
  const char *name, *identifier;
  const struct descriptor_dim *dims;
  void (*shape)(const int64_t *dims, int64_t *shape); /* or null */
  int64_t zero_point;
  float scale;
  int32_t type;
  int32_t rank;
  uint32_t data_dependent;
};

struct descriptor_symbol {
  const char *name, *identifier;
  int64_t lo, hi;
};

struct descriptor {
  uint32_t abi_version, descriptor_bytes;
  const char *model, *model_hash, *compiler_version, *target, *options;
  const struct descriptor_tensor *inputs, *outputs;
  const struct descriptor_symbol *symbols;
  uint32_t input_count, output_count, symbol_count, reserved;
  uint64_t arena_bytes, arena_alignment, weights_bytes;
  int (*run)(const void *io, void *arena);
  size_t (*arena_bytes_for)(const int64_t *dims); /* null without symbols */
};

#ifndef __cplusplus
/* `<model>_descriptor`, under a name that all models share: `burin verify` links an
 * object that holds this pointer. */
extern const struct descriptor *const burin_harness_model;
#endif

#endif
