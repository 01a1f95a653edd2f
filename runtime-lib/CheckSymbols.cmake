# CheckSymbols.cmake: fails when the bitcode FILE, compiled for its baseline (FLAGS), needs a
# symbol other than the three that every C library and every firmware has, and dlopen and
# dlsym, which only GpuLauncher.c refers to, weakly.
execute_process(COMMAND "${LLVM_BIN}/clang" ${FLAGS} -O2 -Wno-override-module -c "${FILE}"
  -o "${OBJECT}" COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${LLVM_BIN}/llvm-nm" --undefined-only --just-symbol-name "${OBJECT}"
  OUTPUT_VARIABLE names COMMAND_ERROR_IS_FATAL ANY)
string(REGEX REPLACE "(memcpy|memset|memmove|dlopen|dlsym)\n" "" names "${names}")
# WebAssembly's linker makes these.
string(REGEX REPLACE "(__stack_pointer|__indirect_function_table)\n" "" names "${names}")
if(names)
  message(FATAL_ERROR "undefined symbols: ${names}")
endif()
