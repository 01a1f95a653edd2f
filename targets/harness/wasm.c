/*===- wasm.c - The harness as a WebAssembly module ----------------*- C -*-===*
 *
 * Part of Burin, under the Apache License v2.0.
 *
 * host.mjs is the other side. A copy of memory is an instruction here, so that no
 * library function is needed.
 *
 *===----------------------------------------------------------------------===*/

#include "targets/harness/port.h"

#define HOST(name) __attribute__((import_module("burin_host"), import_name(name)))
HOST("read") int burin_host_read(void *to, size_t bytes);
HOST("write") int burin_host_write(const void *from, size_t bytes);

int port_read(void *to, size_t bytes) { return burin_host_read(to, bytes); }
int port_write(const void *from, size_t bytes) { return burin_host_write(from, bytes); }

/* The linker's: where its own data end. */
extern unsigned char __heap_base;
static uintptr_t next;

void *port_memory(size_t bytes) {
  enum { page = 65536 };
  if (next == 0)
    next = (uintptr_t)&__heap_base;
  uintptr_t start = (next + 15) & ~(uintptr_t)15;
  size_t have = __builtin_wasm_memory_size(0) * (size_t)page;
  if (bytes > SIZE_MAX - page - start)
    return NULL;
  if (start + bytes > have) {
    size_t pages = (start + bytes - have + page - 1) / page;
    if (__builtin_wasm_memory_grow(0, pages) == SIZE_MAX)
      return NULL;
  }
  next = start + bytes;
  return (void *)start;
}

void port_release(void) { next = 0; }

int port_call(model_run run, const void *io, void *arena, struct port_costs *costs) {
  (void)costs;
  return run(io, arena);
}
