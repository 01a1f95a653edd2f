#!/usr/bin/env bash
# Compiles digits for a Cortex-M4, builds the firmware with every toolchain at hand
# (gcc-arm-none-eabi, clang with lld) and runs it under QEMU.
#   run.sh [BURIN_PREFIX]     default: the installed tree that quickstart.sh makes
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
prefix=${1:-$here/../../build/install}
[ -x "$prefix/bin/burin" ] ||
  { echo "run.sh: no Burin in $prefix: run examples/quickstart.sh, or name its folder" && exit 2; }
prefix=$(cd "$prefix" && pwd)
build=${BUILD_DIR:-$here/../../build/examples/firmware}
flash_budget=40960
mkdir -p "$build"

for model in digits digits_int8; do
  "$prefix/bin/burin" compile "$here/../digits/$model.onnx" --target cortex-m4 -o "$build"
done

core=(-mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16)
flags=(-std=c11 -Os -Wall -Wextra -ffreestanding -ffunction-sections -fdata-sections -I "$build")
link=(-nostdlib -Wl,--gc-sections -Wl,--fatal-warnings -T "$here/cortex-m4.ld")

# firmware PROGRAM COMPILER AND OPTIONS... -- MODEL...: builds and runs it.
firmware() {
  local program=$1 compiler=() models=()
  shift
  while [ "$1" != -- ]; do compiler+=("$1") && shift; done
  shift
  for model; do models+=("$build/lib$model.a"); done
  [ $# = 1 ] || compiler+=(-DWITH_SECOND_MODEL)
  "${compiler[@]}" "${core[@]}" "${flags[@]}" "$here/main.c" "$here/board.c" "${models[@]}" \
    "${link[@]}" -o "$program"
  if ! command -v qemu-system-arm >/dev/null; then
    echo "not run: there is no qemu-system-arm"
    return
  fi
  # An instruction takes a nanosecond of QEMU's clock, so that SysTick counts them.
  timeout 120 qemu-system-arm -M mps2-an386 -icount shift=0,align=off,sleep=off \
    -semihosting-config enable=on,target=native -nographic -monitor none -serial none \
    -kernel "$program" 2>&1 | tee "$program.txt"
}

for toolchain in gcc clang; do
  case $toolchain in
  gcc) compiler=(arm-none-eabi-gcc) ;;
  clang) compiler=("${CC:-clang-19}" --target=thumbv7em-none-eabihf -fuse-ld=lld) ;;
  esac
  if ! command -v "${compiler[0]}" >/dev/null; then
    echo "not built with ${compiler[0]}: it is not installed"
    continue
  fi
  echo "== ${compiler[0]}"
  firmware "$build/$toolchain.elf" "${compiler[@]}" -- digits_int8
  if [ -f "$build/$toolchain.elf.txt" ]; then
    flash=$(sed -n 's/^flash, bytes *//p' "$build/$toolchain.elf.txt")
    [ "$flash" -lt "$flash_budget" ] || { echo "over $flash_budget bytes of flash" && exit 1; }
  fi
  echo "== ${compiler[0]}, two models in one image"
  firmware "$build/$toolchain-two.elf" "${compiler[@]}" -- digits_int8 digits >"$build/two.txt" ||
    { cat "$build/two.txt" && exit 1; }
  tail -n +11 "$build/two.txt"
  echo "== ${compiler[0]}, one of them in a flash bank of its own (banks.ld)"
  firmware "$build/$toolchain-banks.elf" "${compiler[@]}" -T "$here/banks.ld" -- digits_int8 \
    digits >"$build/banks.txt" || { cat "$build/banks.txt" && exit 1; }
  "${NM:-nm}" -n "$build/$toolchain-banks.elf" | grep -w digits_int8_run
  in_bank=$("${NM:-nm}" "$build/$toolchain-banks.elf" | grep -c '^002[0-9a-f]* [tTrR] ')
  [ "$in_bank" -ge 10 ] || { echo "only $in_bank symbols are in the bank" && exit 1; }
done
