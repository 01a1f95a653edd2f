#!/usr/bin/env bash
# NVIDIA's assembler takes every kernel of MODEL for CHIP, without spilling registers.
#   check_ptx.sh BURIN MODEL CHIP     80, 90, ...; ends with 77 where there is no ptxas
set -euo pipefail
burin=$1 model=$2 chip=$3
ptxas=$(command -v ptxas || ls /usr/local/cuda/bin/ptxas 2>/dev/null || true)
[ -n "$ptxas" ] || { echo "skipped: there is no ptxas here"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$burin" compile "$model" --target "nvptx-sm$chip" --emit ptx -o - > "$work/model.ptx"
"$ptxas" -v "-arch=sm_$chip" "$work/model.ptx" -o "$work/model.cubin" 2> "$work/log" ||
  { cat "$work/log"; exit 1; }
kernels=$(grep -c '^\.visible \.entry' "$work/model.ptx")
if grep 'spill stores' "$work/log" | grep -v ' 0 bytes spill stores, 0 bytes spill loads'; then
  echo "kernels spill registers"
  exit 1
fi
echo "sm_$chip: $kernels kernels without spills"
