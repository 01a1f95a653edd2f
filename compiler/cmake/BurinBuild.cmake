# Build settings that every room shares: LLVM/MLIR 19.1, linker, ccache,
# precompiled headers, warnings, and the helpers burin_add_library() and
# burin_tablegen().

option(BURIN_BUILD_TESTS "Build the tests" ON)
option(BURIN_FUZZ "Build the importer's libFuzzer target" OFF)
option(BURIN_PCH "Use a precompiled header of the MLIR headers" ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

# The version file of Debian's MLIR accepts "19.1" only, and the directory is on no default path.
find_package(MLIR 19.1 REQUIRED CONFIG PATHS /usr/lib/llvm-19/lib/cmake/mlir)
# Debian's export names directories of its build machine.
set(MLIR_INCLUDE_DIR "${LLVM_INSTALL_PREFIX}/include")
set(MLIR_MAIN_SRC_DIR "${LLVM_INSTALL_PREFIX}")
list(APPEND CMAKE_MODULE_PATH "${MLIR_CMAKE_DIR}" "${LLVM_CMAKE_DIR}")
include(TableGen)
include(AddLLVM)
include(AddMLIR)
set(BURIN_LLVM_BIN "${LLVM_TOOLS_BINARY_DIR}")
find_package(Protobuf REQUIRED)
find_package(fmt REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)

find_program(BURIN_CCACHE ccache)
if(BURIN_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${BURIN_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_C_COMPILER_LAUNCHER})
endif()
find_program(BURIN_LLD NAMES ld.lld-19 ld.lld HINTS ${BURIN_LLVM_BIN})
if(BURIN_LLD AND CMAKE_CXX_COMPILER_ID MATCHES Clang)
  add_link_options(-fuse-ld=lld)
endif()

if(BURIN_FUZZ)
  # `vptr` and `function` need type information that libMLIR.so does not export.
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fsanitize=fuzzer-no-link,address,undefined>
    $<$<COMPILE_LANGUAGE:CXX>:-fno-sanitize=vptr,function> -fno-sanitize-recover=all)
  add_link_options(-fsanitize=address,undefined)
endif()

add_library(burin_options INTERFACE)
target_include_directories(burin_options INTERFACE "${CMAKE_SOURCE_DIR}" "${CMAKE_BINARY_DIR}")
target_include_directories(burin_options SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS})
target_compile_definitions(burin_options INTERFACE ${LLVM_DEFINITIONS})
target_compile_options(burin_options INTERFACE -Wall -Wextra -Wno-unused-parameter
  $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions>
  $<$<COMPILE_LANG_AND_ID:CXX,Clang>:-Wno-deprecated-declarations>)
target_link_libraries(burin_options INTERFACE
  "${LLVM_INSTALL_PREFIX}/lib/libMLIR.so" "${LLVM_INSTALL_PREFIX}/lib/libLLVM.so" fmt::fmt)
# libMLIR.so lives in LLVM's own library folder.
set(CMAKE_BUILD_RPATH "${LLVM_INSTALL_PREFIX}/lib")
set(CMAKE_INSTALL_RPATH "${LLVM_INSTALL_PREFIX}/lib")

# burin_add_library(NAME SOURCES... [DEPENDS targets...] [LINK libs...])
# A static library of one room that may include MLIR; uses the shared PCH.
function(burin_add_library name)
  cmake_parse_arguments(ARG "NO_PCH" "" "DEPENDS;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  # The unit tests link all rooms.
  set_property(GLOBAL APPEND PROPERTY BURIN_LIBRARIES ${name})
  target_link_libraries(${name} PUBLIC ${ARG_LINK} burin_options)
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
  if(BURIN_PCH AND NOT ARG_NO_PCH)
    burin_use_pch(${name})
  endif()
endfunction()

# burin_use_pch(TARGET): all targets reuse one precompiled header.
function(burin_use_pch name)
  if(NOT TARGET burin_pch)
    file(WRITE "${CMAKE_BINARY_DIR}/burin_pch.cpp" "// Carries the precompiled header.\n")
    add_library(burin_pch STATIC "${CMAKE_BINARY_DIR}/burin_pch.cpp")
    target_link_libraries(burin_pch PUBLIC burin_options)
    target_precompile_headers(burin_pch PRIVATE "${CMAKE_SOURCE_DIR}/dialects/Precompiled.h")
    if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
      target_compile_options(burin_pch PUBLIC "SHELL:$<$<COMPILE_LANGUAGE:CXX>:-Xclang -fno-pch-timestamp>"
        $<$<COMPILE_LANGUAGE:CXX>:-fpch-instantiate-templates>)
    endif()
  endif()
  if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
    target_compile_options(${name} PRIVATE "SHELL:$<$<COMPILE_LANGUAGE:CXX>:-Xclang -fno-pch-timestamp>"
      $<$<COMPILE_LANGUAGE:CXX>:-fpch-instantiate-templates>)
  endif()
  target_precompile_headers(${name} REUSE_FROM burin_pch)
endfunction()

# burin_tablegen(TARGET FILE.td  out1.inc "-flag -flag" out2.inc "-flag" ...)
# Generates next to the build copy of the folder, so that
# "dialects/nn/NNOps.h.inc" is the include path.
function(burin_tablegen target td)
  set(LLVM_TARGET_DEFINITIONS ${td})
  set(args ${ARGN})
  while(args)
    list(POP_FRONT args out flags)
    string(REPLACE " " ";" flags "${flags}")
    mlir_tablegen(${out} ${flags} EXTRA_INCLUDES "${CMAKE_SOURCE_DIR}" "${MLIR_INCLUDE_DIR}")
  endwhile()
  add_public_tablegen_target(${target})
endfunction()
