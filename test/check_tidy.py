#!/usr/bin/env python3
"""Runs clang-tidy over the sources, those that changed last first, until the time is up.

    check_tidy.py BUILD_FOLDER [--seconds N] [FILE...]

Each file costs seconds because of MLIR's headers, so a full run takes longer than CI has;
with the newest files first, each change is checked. Exit code 1 when there are findings.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROOMS = ("compiler", "dialects", "passes", "codegen", "targets")


def newest_first(files):
    """By the last commit that touched the file; uncommitted changes come first."""
    def names(*command):
        run = subprocess.run(["git", *command], cwd=ROOT, capture_output=True, text=True)
        return run.stdout.splitlines()

    order = {}
    for name in names("diff", "--name-only", "HEAD") + names("log", "--format=", "--name-only"):
        order.setdefault(name, len(order))
    return sorted(files, key=lambda name: (order.get(name, len(order)), name))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--seconds", type=float, default=200)
    parser.add_argument("files", nargs="*")
    arguments = parser.parse_args()

    database = json.loads((arguments.build / "compile_commands.json").read_text())
    files = {os.path.relpath(os.path.join(entry["directory"], entry["file"]), ROOT)
             for entry in database}
    files = {name for name in files if name.startswith(ROOMS) and name.endswith(".cpp")}
    if arguments.files:
        files &= {os.path.relpath(name, ROOT) for name in arguments.files}
    deadline = time.monotonic() + arguments.seconds

    def check(name):
        if time.monotonic() > deadline:
            return name, None
        command = ["clang-tidy-19", "--quiet", "-p", str(arguments.build), name]
        return name, subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    checked, bad = 0, 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, run in pool.map(check, newest_first(files)):
            if run is None:
                continue
            checked += 1
            if run.returncode:
                bad += 1
                print(f"{name}:\n{run.stdout}{run.stderr}")
    print(f"clang-tidy: {checked} of {len(files)} files checked, {bad} with findings")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
