#!/usr/bin/env bash
# Checks that all C and C++ files are formatted; `--fix` formats them.
set -euo pipefail
cd "$(dirname "$0")/.."
mode=(--dry-run -Werror)
[ "${1:-}" != --fix ] || mode=(-i)
git ls-files --cached --others --exclude-standard -- '*.cpp' '*.hpp' '*.c' '*.h' |
  { while read -r file; do [ ! -f "$file" ] || echo "$file"; done; } |
  xargs -r -P "$(nproc)" -n 16 clang-format-19 "${mode[@]}"
