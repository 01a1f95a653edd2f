# costs.sh MODEL TARGET: verifies the model on the target's board.
command -v qemu-system-arm >/dev/null || { echo "skipped: no qemu-system-arm"; exit 0; }
burin verify "$1" --target "$2" --json -  >/dev/null && burin verify "$1" --target "$2"
