/*===- run.c - Runs a compiled model on requests -------------------*- C -*-===*
 *
 * Part of Burin, under the Apache License v2.0.
 *
 * The same for every model and machine. Numbers are little-endian, nothing is
 * padded:
 *
 *   request:  u32 magic, sets, inputs, outputs, symbols, guard bytes; then per set
 *     i64 per symbol: the dimension
 *     per input:  u64 bytes, u32 alignment
 *     per output: i64 capacity in elements (only for those whose shape depends on
 *                 data; else ignored), u32 bits per element, u32 alignment
 *     the inputs' bytes
 *   response, per set:
 *     u32 magic, problem (below), index; i64 detail; u32 status (what run returned)
 *     u64 arena bytes, instructions, stack bytes
 *     without problem and with status 0, per output: i64 per dimension, u64 bytes,
 *     bytes (none where the shape is larger than the capacity)
 *
 * compiler/verify/EmulatedMachine.cpp is the other end.
 *
 *===----------------------------------------------------------------------===*/

#include "targets/harness/descriptor.h"
#include "targets/harness/port.h"

enum {
  kRequest = 0x51525542,  /* BURQ */
  kResponse = 0x50525542, /* BURP */
};

enum problem {
  problemNone,
  problemMemory,      /* detail: bytes that the machine does not have */
  problemInputGuard,  /* index, detail: byte that was overwritten, from its start */
  problemInputChange, /* index */
  problemOutputGuard, /* like inputs */
  problemArenaGuard,
  problemDims, /* the library refuses the dimensions */
};

/* Memory between guards: not better aligned than asked for, so that code which
 * expects more is found. */
struct buffer {
  unsigned char *data;
  size_t bytes;
  size_t alignment;
  uint64_t sum; /* of an input's bytes */
  /* outputs */
  size_t bits;
  size_t capacity;
  int64_t *shape;
};

struct session {
  uint32_t guard;
  int64_t *dims;
  struct buffer *inputs, *outputs;
  struct buffer arena;
  unsigned char *io;
  /* the answer */
  uint32_t problem, index, status;
  int64_t detail;
  struct port_costs costs;
};

/* The pointer's object is made with the model (EmulatedMachine.cpp). */
#define model burin_harness_model

/*===----------------------------------------------------------------------===*
 * Files
 *===----------------------------------------------------------------------===*/

static uint32_t read32(int *failed) {
  uint32_t value = 0;
  *failed |= port_read(&value, sizeof(value));
  return value;
}
static uint64_t read64(int *failed) {
  uint64_t value = 0;
  *failed |= port_read(&value, sizeof(value));
  return value;
}
static int write32(uint32_t value) { return port_write(&value, sizeof(value)); }
static int write64(uint64_t value) { return port_write(&value, sizeof(value)); }

/*===----------------------------------------------------------------------===*
 * Memory
 *===----------------------------------------------------------------------===*/

static unsigned char guard_byte(size_t i) { return (unsigned char)(0xA5 ^ (i * 29)); }

static size_t room(const struct session *s, const struct buffer *b) {
  return b->bytes + 2 * (size_t)s->guard + 2 * b->alignment;
}

/* Takes a buffer's room from `next`, fills guards, and the rest with NaNs. */
static unsigned char *place(const struct session *s, struct buffer *b, unsigned char *next) {
  uintptr_t twice = 2 * (uintptr_t)b->alignment;
  uintptr_t start = (uintptr_t)next + s->guard;
  start = ((start + b->alignment - 1) & ~(twice - 1)) + b->alignment;
  b->data = (unsigned char *)start;
  for (size_t i = 0; i < s->guard; ++i) {
    b->data[(ptrdiff_t)i - (ptrdiff_t)s->guard] = guard_byte(i);
    b->data[b->bytes + i] = guard_byte(i);
  }
  for (size_t i = 0; i < b->bytes; ++i)
    b->data[i] = 0xFF;
  return next + room(s, b);
}

static int is_damaged(const struct session *s, const struct buffer *b, int64_t *where) {
  for (size_t i = 0; i < s->guard; ++i) {
    if (b->data[b->bytes + i] != guard_byte(i)) {
      *where = (int64_t)(b->bytes + i);
      return 1;
    }
    size_t back = s->guard - 1 - i;
    if (b->data[(ptrdiff_t)back - (ptrdiff_t)s->guard] != guard_byte(back)) {
      *where = -(int64_t)(i + 1);
      return 1;
    }
  }
  return 0;
}

/* Two 32-bit sums, as Fletcher's: no multiplication of 64 bits. */
static uint64_t checksum(const struct buffer *b) {
  uint32_t low = 1, high = 0;
  for (size_t i = 0; i < b->bytes; ++i) {
    low = low * 31 + b->data[i];
    high += low;
  }
  return (uint64_t)high << 32 | low;
}

/*===----------------------------------------------------------------------===*
 * One set
 *===----------------------------------------------------------------------===*/

static size_t elements(const struct descriptor_tensor *tensor, const int64_t *shape) {
  size_t count = 1;
  for (int32_t axis = 0; axis < tensor->rank; ++axis)
    count *= (size_t)shape[axis];
  return count;
}

/* Members of the io struct, as ModelInterface.h tells. */
static size_t put_pointer(unsigned char *io, size_t at, const void *pointer) {
  *(const void **)(io + at) = pointer;
  return at + sizeof(void *);
}
static size_t put_number(unsigned char *io, size_t at, int64_t number) {
  at = (at + _Alignof(int64_t) - 1) & ~(_Alignof(int64_t) - 1);
  *(int64_t *)(io + at) = number;
  return at + sizeof(int64_t);
}

static void fill_io(const struct session *s) {
  size_t at = 0;
  for (uint32_t i = 0; i < model->input_count; ++i)
    at = put_pointer(s->io, at, s->inputs[i].data);
  for (uint32_t i = 0; i < model->output_count; ++i)
    at = put_pointer(s->io, at, s->outputs[i].data);
  for (uint32_t i = 0; i < model->symbol_count; ++i)
    at = put_number(s->io, at, s->dims[i]);
  for (uint32_t i = 0; i < model->output_count; ++i) {
    if (!model->outputs[i].data_dependent)
      continue;
    at = put_pointer(s->io, at, s->outputs[i].shape);
    at = put_number(s->io, at, (int64_t)s->outputs[i].capacity);
  }
}

/* Tables that are as long as the model has tensors; 0 where there is no memory. */
static int allocate_tables(struct session *s) {
  size_t shapes = 0;
  for (uint32_t i = 0; i < model->output_count; ++i)
    shapes += (size_t)model->outputs[i].rank;
  /* Every member of the io struct takes 8 bytes at most; data-dependent outputs
   * have three. */
  size_t numbers = model->symbol_count * 2 + shapes + model->input_count + 3 * model->output_count;
  size_t bytes = 8 * numbers + sizeof(struct buffer) * (model->input_count + model->output_count);
  unsigned char *memory = port_memory(bytes + 8);
  if (!memory) {
    s->problem = problemMemory;
    s->detail = (int64_t)bytes;
    return 0;
  }
  s->dims = (int64_t *)memory;
  int64_t *shape = s->dims + model->symbol_count;
  s->io = (unsigned char *)(shape + shapes);
  s->inputs = (struct buffer *)(s->dims + numbers);
  s->outputs = s->inputs + model->input_count;
  for (uint32_t i = 0; i < model->output_count; ++i) {
    s->outputs[i].shape = shape;
    shape += model->outputs[i].rank;
  }
  return 1;
}

/* The set's table of sizes. What the library has to tell about them comes later. */
static int read_sizes(struct session *s) {
  int failed = 0;
  for (uint32_t i = 0; i < model->symbol_count; ++i)
    s->dims[i] = (int64_t)read64(&failed);
  for (uint32_t i = 0; i < model->input_count; ++i) {
    s->inputs[i].bytes = (size_t)read64(&failed);
    s->inputs[i].alignment = read32(&failed);
  }
  for (uint32_t i = 0; i < model->output_count; ++i) {
    s->outputs[i].capacity = (size_t)read64(&failed);
    s->outputs[i].bits = read32(&failed);
    s->outputs[i].alignment = read32(&failed);
  }
  return !failed;
}

/* Asks the library for shapes and the arena, then gives everything its place. */
static int allocate_buffers(struct session *s) {
  for (uint32_t i = 0; i < model->output_count; ++i) {
    const struct descriptor_tensor *tensor = &model->outputs[i];
    struct buffer *b = &s->outputs[i];
    if (!tensor->data_dependent) {
      for (int32_t axis = 0; axis < tensor->rank; ++axis)
        b->shape[axis] = tensor->dims[axis].size;
      if (tensor->shape)
        tensor->shape(s->dims, b->shape);
      b->capacity = elements(tensor, b->shape);
    }
    b->bytes = (b->capacity * b->bits + 7) >> 3;
  }
  s->arena.bytes =
      model->arena_bytes_for ? model->arena_bytes_for(s->dims) : (size_t)model->arena_bytes;
  s->arena.alignment = (size_t)model->arena_alignment;
  if (model->arena_bytes_for && s->arena.bytes == 0) {
    s->problem = problemDims;
    return 0;
  }
  size_t bytes = room(s, &s->arena);
  for (uint32_t i = 0; i < model->input_count; ++i)
    bytes += room(s, &s->inputs[i]);
  for (uint32_t i = 0; i < model->output_count; ++i)
    bytes += room(s, &s->outputs[i]);
  unsigned char *next = port_memory(bytes);
  if (!next) {
    s->problem = problemMemory;
    s->detail = (int64_t)bytes;
    return 0;
  }
  for (uint32_t i = 0; i < model->input_count; ++i)
    next = place(s, &s->inputs[i], next);
  for (uint32_t i = 0; i < model->output_count; ++i)
    next = place(s, &s->outputs[i], next);
  place(s, &s->arena, next);
  return 1;
}

static int read_inputs(struct session *s) {
  for (uint32_t i = 0; i < model->input_count; ++i) {
    struct buffer *b = &s->inputs[i];
    if (port_read(b->data, b->bytes) != 0)
      return 0;
    b->sum = checksum(b);
  }
  return 1;
}

/* Goes on with the next set's table: the inputs are behind this one's. */
static int skip_inputs(const struct session *s) {
  unsigned char bytes[64];
  for (uint32_t i = 0; i < model->input_count; ++i)
    for (size_t left = s->inputs[i].bytes; left > 0;) {
      size_t some = left < sizeof(bytes) ? left : sizeof(bytes);
      if (port_read(bytes, some) != 0)
        return 0;
      left -= some;
    }
  return 1;
}

static void check_buffers(struct session *s) {
  for (uint32_t i = 0; i < model->input_count; ++i) {
    s->index = i;
    s->problem = problemInputGuard;
    if (is_damaged(s, &s->inputs[i], &s->detail))
      return;
    s->problem = problemInputChange;
    if (checksum(&s->inputs[i]) != s->inputs[i].sum)
      return;
  }
  for (uint32_t i = 0; i < model->output_count; ++i) {
    s->index = i;
    s->problem = problemOutputGuard;
    if (is_damaged(s, &s->outputs[i], &s->detail))
      return;
  }
  s->problem = problemArenaGuard;
  if (!is_damaged(s, &s->arena, &s->detail))
    s->problem = problemNone;
}

static int write_outputs(const struct session *s) {
  int failed = 0;
  for (uint32_t i = 0; i < model->output_count; ++i) {
    const struct buffer *b = &s->outputs[i];
    for (int32_t axis = 0; axis < model->outputs[i].rank; ++axis)
      failed |= write64((uint64_t)b->shape[axis]);
    size_t count = elements(&model->outputs[i], b->shape);
    size_t bytes = count <= b->capacity ? (count * b->bits + 7) >> 3 : 0;
    failed |= write64(bytes) | port_write(b->data, bytes);
  }
  return !failed;
}

static int run_set(uint32_t guard) {
  struct session s;
  s.guard = guard;
  s.problem = problemNone;
  s.index = s.status = 0;
  s.detail = 0;
  s.arena.bytes = 0;
  s.costs.instructions = s.costs.stack_bytes = PORT_UNKNOWN;
  /* Without tables nobody knows where the next set begins. */
  int usable = allocate_tables(&s);
  int readable = usable && read_sizes(&s);
  if (readable && allocate_buffers(&s)) {
    if (!read_inputs(&s))
      return 0;
    fill_io(&s);
    s.status = (uint32_t)port_call(model->run, s.io, s.arena.data, &s.costs);
    check_buffers(&s);
  } else if (readable && !skip_inputs(&s)) {
    return 0;
  }
  int failed = write32(kResponse) | write32(s.problem) | write32(s.index) |
               write64((uint64_t)s.detail) | write32(s.status) | write64(s.arena.bytes) |
               write64(s.costs.instructions) | write64(s.costs.stack_bytes);
  if (failed || !readable)
    return 0;
  return s.problem != problemNone || s.status != 0 || write_outputs(&s);
}

int burin_harness_main(void) {
  int failed = 0;
  uint32_t magic = read32(&failed), sets = read32(&failed);
  uint32_t inputs = read32(&failed), outputs = read32(&failed), symbols = read32(&failed);
  uint32_t guard = read32(&failed);
  if (failed || magic != kRequest || inputs != model->input_count ||
      outputs != model->output_count || symbols != model->symbol_count)
    return 1;
  for (uint32_t i = 0; i < sets; ++i) {
    if (!run_set(guard))
      return 1;
    port_release();
  }
  return 0;
}
