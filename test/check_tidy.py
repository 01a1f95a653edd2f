#!/usr/bin/env python3
"""Runs clang-tidy over all sources.

    check_tidy.py BUILD_FOLDER [--batch N] [FILE...]

MLIR's headers cost seconds, our code milliseconds: so the files of a room are checked in
batches, each as one translation unit that includes them all. A file that cannot stand
beside its neighbours (two helpers of one name) goes on to the next batch. Exit code 1 when
there are findings.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROOMS = ("compiler", "dialects", "passes", "codegen", "targets")
# The sources are no main files here, so findings in them need the header filter.
FILTER = f"^{re.escape(str(ROOT))}/({'|'.join(ROOMS)})/.*\\.(h|cpp)$"
FINDING = re.compile(r"^(/\S+?):(\d+):\d+: (error|warning): .*\[(\S+)\]$")


def flags_of(entry):
    """The command's options but input and output; precompiled headers as text, which is
    faster here: matching reads all of them back."""
    words = shlex.split(entry["command"])[1:]
    kept, i = [], 0
    while i < len(words):
        word = words[i]
        if word == "-Xclang" and words[i + 1] in ("-include", "-include-pch"):
            if words[i + 1] == "-include":
                kept += ["-include", str(ROOT / "dialects/Precompiled.h")]
            i += 4
        elif word in ("-o", "-c"):
            i += 2
        else:
            kept.append(word)
            i += 1
    return kept


class Batch:
    """Files with the same options; `misfits` are those that did not compile together."""

    def __init__(self, folder, number, flags, files):
        self.files = files
        self.findings = {}
        self.misfits, self.reasons = [], []
        source = folder / f"batch{number}.cpp"
        source.write_text("".join(f'#include "{name}"\n' for name in files))
        self.command = ["clang-tidy-19", "--quiet", f"--header-filter={FILTER}",
                        "--checks=-bugprone-suspicious-include",
                        f"--config-file={ROOT / '.clang-tidy'}", str(source), "--", *flags]

    def run(self):
        run = subprocess.run(self.command, cwd=ROOT, capture_output=True, text=True)
        lines = run.stdout.splitlines()
        for number, line in enumerate(lines):
            match = FINDING.match(line)
            if not match:
                continue
            name = os.path.relpath(match[1], ROOT)
            # Comma-separated checks end in -warnings-as-errors.
            if match[4].startswith("clang-diagnostic-error"):
                if name in self.files and name not in self.misfits:
                    self.misfits.append(name)
                    self.reasons.append(line)
                continue
            context = lines[number:number + 3]
            self.findings[(name, match[2], match[4])] = "\n".join(context)
        if run.returncode and not self.findings and not self.misfits:
            # An error in a template of a header: one of the files is the cause.
            self.misfits, self.reasons = list(self.files), [run.stdout]
        # What follows an error may be its consequence: these are checked again.
        self.findings = {key: text for key, text in self.findings.items()
                         if key[0] not in self.misfits}
        return self


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--batch", type=int, default=24, help="files per translation unit")
    parser.add_argument("files", nargs="*")
    arguments = parser.parse_args()

    database = json.loads((arguments.build / "compile_commands.json").read_text())
    wanted = {os.path.relpath(name, ROOT) for name in arguments.files}
    groups = collections.defaultdict(set)
    for entry in database:
        name = os.path.relpath(os.path.join(entry["directory"], entry["file"]), ROOT)
        if name.startswith(ROOMS) and name.endswith(".cpp") and (not wanted or name in wanted):
            groups[(name.split("/")[0], tuple(flags_of(entry)))].add(name)

    folder = arguments.build / "tidy"
    folder.mkdir(exist_ok=True)
    total = sum(len(files) for files in groups.values())
    findings, count, failures = {}, 0, []
    pending = [(flags, sorted(files)) for (_, flags), files in sorted(groups.items())]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        while pending:
            batches = []
            for flags, files in pending:
                for start in range(0, len(files), arguments.batch):
                    batches.append((flags, Batch(folder, count, flags,
                                                 files[start:start + arguments.batch])))
                    count += 1
            pending = []
            for batch in pool.map(lambda pair: pair[1].run(), batches):
                findings.update(batch.findings)
            for flags, batch in batches:
                if len(batch.files) == 1 and batch.misfits:
                    failures += batch.reasons
                elif batch.misfits:
                    pending.append((flags, batch.misfits))
                    if len(batch.misfits) == len(batch.files):
                        pending[-1:] = [(flags, [name]) for name in batch.files]

    for _, text in sorted(findings.items()):
        print(text)
    for reason in failures:
        print(reason)
    print(f"clang-tidy: {total} files in {count} batches, {len(findings)} findings")
    return 1 if findings or failures or not total else 0


if __name__ == "__main__":
    sys.exit(main())
