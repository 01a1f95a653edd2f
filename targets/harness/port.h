/*===- port.h - What the harness needs of a machine ----------------*- C -*-===*
 *
 * Part of Burin, under the Apache License v2.0.
 *
 * The harness (run.c) links with a compiled model and runs it on inputs that
 * `burin verify` hands over. It knows the model by its descriptor only and the
 * machine by the functions below, which every port implements in one file, with
 * the start-up code. No C library stands behind either.
 *
 *===----------------------------------------------------------------------===*/

#ifndef BURIN_TARGETS_HARNESS_PORT_H
#define BURIN_TARGETS_HARNESS_PORT_H

#include <stddef.h>
#include <stdint.h>

/* The file `request.bin` in the folder where the emulator was started, from its
 * beginning: reads exactly `bytes`. 0, or anything else where they are not there. */
int port_read(void *to, size_t bytes);
/* Appends to the file `response.bin` there. 0, or anything else on failure. */
int port_write(const void *from, size_t bytes);

/* `bytes` of memory for data, aligned to 16, or null where the machine has no more.
 * What it holds is up to the port. */
void *port_memory(size_t bytes);
/* All of it is free again. */
void port_release(void);

typedef int (*model_run)(const void *io, void *arena);

/* What running a model took; PORT_UNKNOWN where the port cannot tell. */
#define PORT_UNKNOWN UINT64_MAX
struct port_costs {
  uint64_t instructions; /* executed inside of `run` */
  uint64_t stack_bytes;  /* that `run` and what it calls used at most */
};

/* Returns run(io, arena), and may count. `costs` comes filled with PORT_UNKNOWN. */
int port_call(model_run run, const void *io, void *arena, struct port_costs *costs);

/* The start-up code calls this once memory and registers are set up, and ends the
 * program with its result: 0, or 1 where the request is unusable. */
int burin_harness_main(void);

#endif
