#!/usr/bin/env bash
# Compiles the digits model for WebAssembly and puts the page together.
#   build.sh [BURIN_PREFIX [FOLDER]]
# Default: the installed tree that quickstart.sh makes, and build/examples/browser.
# Then serve the folder, with `python3 -m http.server -d FOLDER`, say.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
prefix=$(cd "${1:-$here/../../build/install}" && pwd)
folder=${2:-$here/../../build/examples/browser}
clang=${CC:-clang-19}
mkdir -p "$folder"

"$prefix/bin/burin" compile "$here/../digits/digits.onnx" --target wasm32 -o "$folder/library"
"$clang" --target=wasm32 -O2 -nostdlib -ffreestanding -Wall -Wextra -Wconversion -pedantic \
  -I "$folder/library" "$here/classify.c" "$folder/library/libdigits.a" \
  -Wl,--no-entry -Wl,--strip-all -o "$folder/digits.wasm"
cp "$here/index.html" "$here/style.css" "$here/app.js" "$folder"
echo "$folder/index.html with digits.wasm of $(stat -c %s "$folder/digits.wasm") bytes"
