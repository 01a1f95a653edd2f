#!/usr/bin/env bash
# Compiles both digits models with burin, builds the example and runs it.
#   run.sh [BURIN_PREFIX]     default: the installed tree that quickstart.sh makes
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
prefix=${1:-$here/../../build/install}
build=${BUILD_DIR:-$here/../../build/examples/digits}

cmake -S "$here" -B "$build" -G Ninja -DCMAKE_PREFIX_PATH="$(cd "$prefix" && pwd)" \
  -DCMAKE_CXX_COMPILER="${CXX:-clang++-19}" -DCMAKE_C_COMPILER="${CC:-clang-19}" >/dev/null
cmake --build "$build"
"$build/digits"
