#!/usr/bin/env bash
# Everything that CI checks, from a clean clone: installs packages, builds, tests.
#
#   test/run.sh                     all steps
#   test/run.sh --only unit,lit     some of them (--list names them)
#   test/run.sh --skip tidy,asserts all but some
#
# Prints each step with its time; a failed step does not stop the others unless they
# need it. The last line counts tests: `N passed, N failed, N skipped`.
set -uo pipefail
cd "$(dirname "$0")/.."

steps=(packages layers format build test examples asserts fuzz tidy)
declare -A about=(
  [packages]="install the Debian packages that are missing"
  [layers]="includes follow the layers, files stay below 600 lines"
  [format]="clang-format"
  [build]="build the release preset"
  [test]="all tests of the release build"
  [examples]="install, and build the examples against the installed tree"
  [asserts]="build with assertions; unit and lit tests"
  [fuzz]="fuzz the importer for a minute, with sanitizers"
  [tidy]="clang-tidy"
)
only= skip= jobs=$(nproc)
usage() {
  sed -n '2,9s/^# \{0,1\}//p' "$0"
  for step in "${steps[@]}"; do printf '  %-10s %s\n' "$step" "${about[$step]}"; done
}
while [ $# -gt 0 ]; do
  case $1 in
  --only) only=,$2, && shift 2 ;;
  --skip) skip=,$2, && shift 2 ;;
  -j) jobs=$2 && shift 2 ;;
  --list | --help | -h) usage && exit 0 ;;
  *) echo "run.sh: unknown argument $1" >&2 && usage >&2 && exit 2 ;;
  esac
done

logs=build/logs
mkdir -p "$logs"
passed=0 failed=0 skipped=0
summary=()

# Adds the counts of a JUnit file to the totals.
count_junit() {
  local counts
  counts=$(python3 test/count_results.py "$1") || return 1
  read -r a b c <<<"$counts"
  passed=$((passed + a)) failed=$((failed + b)) skipped=$((skipped + c))
}

step_packages() { test/install.sh; }
step_layers() { python3 test/check_layers.py; }
step_format() { test/check_format.sh; }
step_build() { cmake --preset release && cmake --build build/release -j "$jobs"; }
step_test() {
  [ -f build/release/build.ninja ] || { echo "not built" && return 1; }
  rm -f "$logs/release.xml"
  ctest --test-dir build/release -j "$jobs" --output-on-failure \
    --test-output-size-passed 100000 --test-output-size-failed 1000000 --output-junit \
    "$PWD/$logs/release.xml"
}
step_examples() {
  rm -rf build/install build/examples
  cmake --install build/release --prefix build/install >/dev/null || return 1
  # Moved, to prove that the tree is relocatable.
  rm -rf build/moved && mv build/install build/moved || return 1
  BUILD_DIR=build/examples/digits examples/digits/run.sh build/moved || return 1
  BUILD_DIR=build/examples/firmware examples/firmware/run.sh build/moved || return 1
  cmake -S examples/cmake-project -B build/examples/cmake-project -G Ninja \
    -DCMAKE_PREFIX_PATH="$PWD/build/moved" -DCMAKE_C_COMPILER=clang-19 \
    -DCMAKE_CXX_COMPILER=clang++-19 >/dev/null || return 1
  cmake --build build/examples/cmake-project && build/examples/cmake-project/hello || return 1
  # Says so where there is no GPU.
  cmake -S examples/gpu -B build/examples/gpu -G Ninja \
    -DCMAKE_PREFIX_PATH="$PWD/build/moved" -DCMAKE_C_COMPILER=clang-19 \
    -DCMAKE_CXX_COMPILER=clang++-19 >/dev/null || return 1
  cmake --build build/examples/gpu && build/examples/gpu/digits_gpu || return 1
  # Nothing to do, until the compiler or a model changes.
  local output
  output=$(cmake --build build/examples/cmake-project) || return 1
  [[ $output == *'no work to do'* ]] || { echo "built again: $output" && return 1; }
  touch build/moved/bin/burin
  output=$(cmake --build build/examples/cmake-project) || return 1
  [[ $output == *'Compiling digits.onnx'* ]] || { echo "not built again: $output" && return 1; }
  # The same with make.
  local made=build/examples/makefiles
  cmake -S examples/cmake-project -B "$made" -G "Unix Makefiles" \
    -DCMAKE_PREFIX_PATH="$PWD/build/moved" -DCMAKE_C_COMPILER=clang-19 \
    -DCMAKE_CXX_COMPILER=clang++-19 >/dev/null || return 1
  cmake --build "$made" && "$made/hello" || return 1
  output=$(cmake --build "$made") || return 1
  [[ $output != *'Compiling'* ]] || { echo "built again: $output" && return 1; }
  touch build/moved/bin/burin
  output=$(cmake --build "$made") || return 1
  [[ $output == *'Compiling digits.onnx'* ]] || { echo "not built again: $output" && return 1; }
  example_raspberrypi && example_browser
}
# Examples for other machines, with what is installed to run them.
example_raspberrypi() {
  local built=build/examples/raspberrypi
  [ -e /usr/aarch64-linux-gnu/lib/libc.so ] && command -v qemu-aarch64 >/dev/null ||
    { skip raspberrypi "libc6-dev-arm64-cross or qemu-aarch64" && return 0; }
  cmake -S examples/raspberrypi -B "$built" -G Ninja -DCMAKE_PREFIX_PATH="$PWD/build/moved" \
    --toolchain "$PWD/examples/raspberrypi/aarch64-linux.cmake" >/dev/null &&
    cmake --build "$built" && ctest --test-dir "$built" --verbose
}
example_browser() {
  local folder=build/examples/browser
  examples/browser/build.sh build/moved "$folder" || return 1
  command -v node >/dev/null || { skip browser node && return 0; }
  node examples/browser/test.mjs "$folder" "$logs/browser.png"
  case $? in
  0) ;;
  77) skipped=$((skipped + 1)) ;;
  *) return 1 ;;
  esac
}
skip() {
  echo "skipped $1: $2 is not installed"
  skipped=$((skipped + 1))
}
step_asserts() {
  rm -f "$logs/asserts.xml"
  cmake --preset asserts && cmake --build build/asserts -j "$jobs" || return 1
  ctest --test-dir build/asserts -L quick -j "$jobs" --output-on-failure \
    --test-output-size-passed 100000 --test-output-size-failed 1000000 --output-junit \
    "$PWD/$logs/asserts.xml"
}
step_fuzz() {
  cmake --preset fuzz &&
    cmake --build build/fuzz -j "$jobs" --target burin-fuzz-import burin-fuzz-seeds || return 1
  rm -rf build/fuzz/run && mkdir build/fuzz/run || return 1
  build/fuzz/bin/burin-fuzz-seeds build/fuzz/run/corpus || return 1
  (cd build/fuzz/run && ../bin/burin-fuzz-import -max_total_time=60 -timeout=60 \
    -rss_limit_mb=3000 -print_final_stats=1 corpus)
}
step_tidy() { python3 test/check_tidy.py build/release; }

started=$SECONDS
for step in "${steps[@]}"; do
  if [[ ($only && $only != *,$step,*) || $skip == *,$step,* ]]; then
    continue
  fi
  printf '== %-9s %s\n' "$step" "${about[$step]}"
  from=$SECONDS
  "step_$step" >"$logs/$step.log" 2>&1
  code=$?
  case $step in
  test) junit=$logs/release.xml ;;
  asserts) junit=$logs/asserts.xml ;;
  *) junit= ;;
  esac
  if [ -n "$junit" ] && [ -f "$junit" ] && count_junit "$junit"; then
    :
  elif [ $code = 0 ]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
  fi
  result=ok
  if [ $code != 0 ]; then
    result=FAILED
    tail -n 60 "$logs/$step.log"
  elif [ "$step" = examples ] || [ "$step" = tidy ]; then
    tail -n 25 "$logs/$step.log"
  fi
  summary+=("$(printf '%-9s %-6s %4d s' "$step" "$result" $((SECONDS - from)))")
  echo "   ${summary[-1]}"
done

echo
printf '%s\n' "${summary[@]}"
echo "total $((SECONDS - started)) s, logs in $logs"
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
