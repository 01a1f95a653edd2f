#!/usr/bin/env bash
# From a fresh clone to a running example: installs what is missing (Debian packages),
# builds the compiler, and classifies handwritten digits with two compiled models.
set -euo pipefail
cd "$(dirname "$0")/.."

test/install.sh
cmake --preset release -DBURIN_BUILD_TESTS=OFF -B build/quickstart >/dev/null
cmake --build build/quickstart
cmake --install build/quickstart --prefix build/install >/dev/null
echo
build/install/bin/burin compile examples/digits/digits.onnx -o build/digits --target native
ls -l build/digits
echo
BUILD_DIR=build/examples/digits examples/digits/run.sh build/install
