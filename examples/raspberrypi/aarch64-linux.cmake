# CMake toolchain file: clang and lld for 64-bit Raspberry Pi OS (or any aarch64 Linux) from
# another machine. Debian's packages libc6-dev-arm64-cross and libgcc-12-dev-arm64-cross
# bring headers and libraries; -DCMAKE_SYSROOT=... takes those of a Pi's image instead.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)

find_program(CMAKE_C_COMPILER NAMES clang-19 clang REQUIRED)
find_program(CMAKE_CXX_COMPILER NAMES clang++-19 clang++ REQUIRED)
set(CMAKE_C_COMPILER_TARGET aarch64-linux-gnu)
set(CMAKE_CXX_COMPILER_TARGET aarch64-linux-gnu)
set(CMAKE_EXE_LINKER_FLAGS_INIT -fuse-ld=lld)

# `ctest` and `cmake --build . --target run` run the program here, too.
find_program(BURIN_QEMU_AARCH64 qemu-aarch64)
if(BURIN_QEMU_AARCH64)
  set(CMAKE_CROSSCOMPILING_EMULATOR "${BURIN_QEMU_AARCH64}" -L /usr/aarch64-linux-gnu)
endif()
