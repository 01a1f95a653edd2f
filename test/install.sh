#!/usr/bin/env bash
# Installs the Debian packages that building and testing need; nothing when all are there.
set -euo pipefail

packages=(
  # what the compiler is built with and from
  clang-19 lld-19 llvm-19-dev libmlir-19-dev mlir-19-tools cmake ninja-build ccache
  libprotobuf-dev protobuf-compiler libcli11-dev libfmt-dev nlohmann-json3-dev
  # what the tests use
  catch2 llvm-19-tools libclang-rt-19-dev clang-format-19 clang-tidy-19
  binutils make python3 python3-numpy git
  # emulators for the targets that are not this machine
  qemu-user qemu-system-arm qemu-system-misc gcc-arm-none-eabi
)
# Other systems' linkers and hosts. Tests that need one are skipped where it is missing.
optional=(nodejs wine wine64 gcc-mingw-w64-x86-64 chromium
  libc6-dev-arm64-cross libgcc-12-dev-arm64-cross)
is_installed() {
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}
missing=()
for package in "${packages[@]}" "${optional[@]}"; do
  is_installed "$package" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0
echo "installing ${missing[*]}"
root=()
[ "$(id -u)" = 0 ] || root=(sudo)
"${root[@]}" apt-get update -qq
# Not every Debian has the optional ones.
known=()
for package in "${missing[@]}"; do
  if [[ " ${optional[*]} " != *" $package "* ]] || apt-cache show "$package" >/dev/null 2>&1; then
    known+=("$package")
  else
    echo "there is no package $package here"
  fi
done
[ ${#known[@]} -gt 0 ] || exit 0
"${root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq --no-install-recommends "${known[@]}" >/dev/null
