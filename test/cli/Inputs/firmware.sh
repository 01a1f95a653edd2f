# firmware.sh MODEL FOLDER TARGET...: fails where a library refers to more than memory functions.
set -eu
model=$1 folder=$2
shift 2
for target; do
  burin compile "$model" --target "$target" --name m -o "$folder" 2>"$folder/log" || { cat "$folder/log"; exit 1; }
  ld.lld -r --whole-archive "$folder/libm.a" -o "$folder/m.o"
  if llvm-nm --undefined-only "$folder/m.o" | grep -v -E " U (memcpy|memset|memmove)$"; then
    echo "$target: undefined symbols"
    exit 1
  fi
done
