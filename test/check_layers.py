#!/usr/bin/env python3
"""Checks the architecture: includes go down the layers only, start at the project's root,
and no file grows beyond 600 lines. Prints each violation; exit code 1 when there is any."""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# What each room may include: other rooms, and the libraries llvm and mlir.
LAYERS = {
    "runtime-lib": set(),
    "targets": {"llvm"},
    "dialects": {"llvm", "mlir", "runtime-lib"},
    "passes": {"llvm", "mlir", "dialects", "runtime-lib"},
    "codegen/object": {"llvm"},
    "codegen": {"llvm", "mlir", "dialects", "passes", "targets", "runtime-lib"},
    "compiler": {"llvm", "mlir", "dialects", "passes", "codegen", "targets", "runtime-lib"},
}
ROOMS = {room.split("/")[0] for room in LAYERS}
LIBRARIES = {"llvm": "llvm", "llvm-c": "llvm", "mlir": "mlir", "mlir-c": "mlir"}

SOURCES = {".cpp", ".h", ".c", ".def", ".td", ".py", ".sh", ".cmake", ".mlir", ".proto"}
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]')
MAX_LINES = 600


def tracked_files():
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True)
    return sorted(ROOT / line for line in listing.stdout.splitlines() if (ROOT / line).is_file())


def check_includes(path, name, lines, problems):
    room = next((room for room in LAYERS if name.startswith(room + "/")), None)
    if name.startswith("codegen/") and not name.startswith("codegen/object/"):
        room = "codegen"
    if room is None:
        return
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quote, target = match.groups()
        top = target.split("/")[0]
        used = LIBRARIES.get(top, top)
        where = f"{name}:{number}: "
        if used in ROOMS or used in LIBRARIES.values():
            own = target.startswith(room + "/") if "/" in room else used == room
            below = used in LAYERS[room]
            if not own and not below:
                problems.append(f'{where}{room} must not include "{target}"')
        elif quote == '"' and (path.parent / target).is_file() and room != "runtime-lib":
            problems.append(f'{where}"{target}" does not start at the project\'s root')


def main():
    problems = []
    for path in tracked_files():
        name = path.relative_to(ROOT).as_posix()
        if path.suffix not in SOURCES and path.name != "CMakeLists.txt":
            continue
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        if len(lines) > MAX_LINES:
            problems.append(f"{name}: {len(lines)} lines, at most {MAX_LINES} are allowed")
        check_includes(path, name, lines, problems)
    for room in sorted(ROOMS | {"test", "examples"}):
        if not (ROOT / room / "README.md").is_file():
            problems.append(f"{room}: has no README.md")
    print("\n".join(problems) if problems else "layers, includes and file sizes are in order")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
