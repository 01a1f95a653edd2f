/*===- windows.c - The harness as a program for Windows ------------*- C -*-===*
 *
 * Part of Burin, under the Apache License v2.0.
 *
 * Six functions of kernel32.dll (kernel32.def); no C library and no headers of an SDK.
 *
 *===----------------------------------------------------------------------===*/

#include "targets/harness/port.h"

typedef void *handle;
#define IMPORT __declspec(dllimport)
IMPORT handle CreateFileA(const char *name, uint32_t access, uint32_t share, void *security,
                          uint32_t disposition, uint32_t flags, handle template);
IMPORT int ReadFile(handle file, void *to, uint32_t bytes, uint32_t *count, void *overlapped);
IMPORT int WriteFile(handle file, const void *from, uint32_t bytes, uint32_t *count,
                     void *overlapped);
IMPORT void *VirtualAlloc(void *at, size_t bytes, uint32_t type, uint32_t protection);
IMPORT int VirtualFree(void *at, size_t bytes, uint32_t type);
IMPORT __attribute__((noreturn)) void ExitProcess(uint32_t code);

static handle requestFile, responseFile;

/* Numbers of a few bytes come often, and a call takes long: both files are buffered. */
enum { kBuffer = 1 << 16 };
static unsigned char request[kBuffer], response[kBuffer];
static size_t requestAt, requestEnd, responseEnd;

static int flush(void) {
  uint32_t count = 0;
  int failed =
      responseEnd > 0 && (!WriteFile(responseFile, response, (uint32_t)responseEnd, &count, NULL) ||
                          count != responseEnd);
  responseEnd = 0;
  return failed;
}

int port_read(void *to, size_t bytes) {
  for (unsigned char *next = to; bytes > 0; --bytes) {
    if (requestAt == requestEnd) {
      uint32_t count = 0;
      if (!ReadFile(requestFile, request, kBuffer, &count, NULL) || count == 0)
        return 1;
      requestAt = 0;
      requestEnd = count;
    }
    *next++ = request[requestAt++];
  }
  return 0;
}

int port_write(const void *from, size_t bytes) {
  for (const unsigned char *next = from; bytes > 0; --bytes) {
    if (responseEnd == kBuffer && flush() != 0)
      return 1;
    response[responseEnd++] = *next++;
  }
  return 0;
}

enum { kRegions = 8 };
static void *regions[kRegions];
static size_t regionCount;

void *port_memory(size_t bytes) {
  enum { reserveAndCommit = 0x3000, readWrite = 4 };
  if (regionCount == kRegions)
    return NULL;
  void *start = VirtualAlloc(NULL, bytes ? bytes : 1, reserveAndCommit, readWrite);
  if (start)
    regions[regionCount++] = start;
  return start;
}

void port_release(void) {
  enum { release = 0x8000 };
  while (regionCount > 0)
    VirtualFree(regions[--regionCount], 0, release);
  /* A model that crashes must not take the answers before it along. */
  flush();
}

int port_call(model_run run, const void *io, void *arena, struct port_costs *costs) {
  (void)costs;
  return run(io, arena);
}

__attribute__((noreturn)) void burin_windows_start(void) {
  enum { readable = 0x80000000u, writable = 0x40000000, createAlways = 2, openExisting = 3 };
  handle none = (handle)(intptr_t)-1;
  requestFile = CreateFileA("request.bin", readable, 1, NULL, openExisting, 0, NULL);
  responseFile = CreateFileA("response.bin", writable, 0, NULL, createAlways, 0, NULL);
  int code = requestFile == none || responseFile == none ? 1 : burin_harness_main();
  code |= flush();
  ExitProcess((uint32_t)code);
}
