/*===- firmware.h - What differs between bare machines --------------*- C -*-===*
 *
 * Part of Burin, under the Apache License v2.0.
 *
 *===----------------------------------------------------------------------===*/

#ifndef BURIN_TARGETS_HARNESS_FIRMWARE_H
#define BURIN_TARGETS_HARNESS_FIRMWARE_H

#include <stdint.h>

/* In firmware.c: the program once the stack stands, and the end of a bad one. */
_Noreturn void firmware_main(void);
_Noreturn void firmware_fault(void);

/* Of the machine: instructions executed between the two. QEMU must run with
 * `-icount shift=0`. */
void firmware_count_start(void);
uint64_t firmware_count_stop(void);

#endif
