#!/usr/bin/env python3
"""Runs ONNX's test cases and whole models for every target; prints a table of who passes.

usage: targets_table.py BURIN [--data DIR] [--targets A,B] [--suites A,B] [-j N]
                        [--timeout S] [--filter GLOB]... [--output FILE.md] [--json FILE]

By default: all targets that `burin targets` lists and this machine can run, all suites below
--data (../shared beside the checkout). A target whose emulator is missing is named and left
out. Cases on the lists of expected failures count as listed; a number behind a '+' are cases
that fail and stand on no list. Exit code 1 when there are any.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SUITES = {
    "node": ("onnx-backend-tests/node", []),
    "simple": ("onnx-backend-tests/simple", []),
    "pytorch-converted": ("onnx-backend-tests/pytorch-converted", []),
    "pytorch-operator": ("onnx-backend-tests/pytorch-operator", []),
    "light": ("onnx-backend-tests/light", []),
    "models": ("models", ["--tolerance", "model"]),
}


def expected_failures(target):
    """Arguments for the list of all targets and, where there is one, the target's own."""
    lists = [os.path.join(HERE, "expected-failures.json"),
             os.path.join(HERE, f"expected-failures-{target}.json")]
    return [word for path in lists if os.path.exists(path)
            for word in ("--expected-failures", path)]


def run_suite(arguments, target, suite):
    """The suite's results as `burin verify --json` writes them, or a string: why not."""
    folder, extra = SUITES[suite]
    root = os.path.join(arguments.data, folder)
    with tempfile.TemporaryDirectory() as scratch:
        path = os.path.join(scratch, "results.json")
        command = [arguments.burin, "verify", "--suite", root, "--target", target,
                   "-j", str(arguments.jobs), "--timeout", str(arguments.timeout),
                   "--json", path, *extra, *expected_failures(target)]
        for pattern in arguments.filter:
            command += ["--filter", pattern]
        run = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if run.returncode == 2 and "--emulate runs" in run.stderr: # a GPU that is not here
            run = subprocess.run([*command, "--emulate"], stdout=subprocess.DEVNULL,
                                 stderr=subprocess.PIPE, text=True)
        if run.returncode not in (0, 1) or not os.path.exists(path):
            return run.stderr.strip().splitlines()[-1] if run.stderr.strip() else "failed"
        with open(path, encoding="utf-8") as file:
            return json.load(file)


def cell(result):
    if isinstance(result, str):
        return "-"
    total = len(result["cases"])
    text = f"{result['passed']} / {total}"
    if result["skipped"]:
        text += f", {result['skipped']} listed"
    if result["failed"]:
        text += f", +{result['failed']}"
    return text


def table(results, suites, seconds):
    """Markdown: a row per target."""
    rows = [["target", *suites, "seconds"]]
    rows += [[f"`{target}`", *(cell(results[target][suite]) for suite in suites),
              f"{seconds[target]:.0f}"] for target in results]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["| " + " | ".join(text.ljust(width) for text, width in zip(row, widths)) + " |"
             for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def failures(results):
    """What fails and stands on no list, by target and reason with an example."""
    lines = []
    for target, suites in results.items():
        reasons = {}
        for suite, result in suites.items():
            for case in [] if isinstance(result, str) else result["cases"]:
                if case["verdict"] != "failed":
                    continue
                message = case.get("message", "").split("error: ", 1)[-1]
                if case["outcome"] == "mismatch":
                    message = "wrong result"
                reasons.setdefault(f"{case['outcome']}: {message}", []).append(
                    f"{suite}/{case['name']}")
        for reason, cases in sorted(reasons.items(), key=lambda entry: -len(entry[1])):
            lines.append(f"- `{target}`: {len(cases)} {reason} ({cases[0]})")
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("burin")
    parser.add_argument("--data", default=os.path.join(HERE, "..", "..", "..", "shared"))
    parser.add_argument("--targets")
    parser.add_argument("--suites", default=",".join(SUITES))
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--timeout", type=float, default=300)
    parser.add_argument("--filter", action="append", default=[])
    parser.add_argument("--output")
    parser.add_argument("--json")
    arguments = parser.parse_args()

    listed = json.loads(subprocess.run([arguments.burin, "targets", "--json", "-"], check=True,
                                       stdout=subprocess.PIPE).stdout)
    runnable = {target["name"]: target["runs"] for target in listed}
    targets = arguments.targets.split(",") if arguments.targets else list(runnable)
    suites = arguments.suites.split(",")
    for name in set(suites) - set(SUITES):
        parser.error(f"there is no suite '{name}': {', '.join(SUITES)}")
    suites = [name for name in suites
              if os.path.isdir(os.path.join(arguments.data, SUITES[name][0]))]
    if not suites:
        parser.error(f"none of the suites is in {arguments.data}; give --data")

    results, seconds, left_out = {}, {}, []
    for target in targets:
        if target in runnable and runnable[target] is not True:
            left_out.append(f"{target}: {runnable[target]}")
            continue
        started = time.monotonic()
        results[target] = {}
        for suite in suites:
            result = results[target][suite] = run_suite(arguments, target, suite)
            print(f"{target:16} {suite:18} {result if isinstance(result, str) else cell(result)}",
                  file=sys.stderr, flush=True)
        seconds[target] = time.monotonic() - started

    text = table(results, suites, seconds)
    unlisted = failures(results)
    if unlisted:
        text += "\n\nNot on a list:\n\n" + "\n".join(unlisted)
    if left_out:
        text += "\n\nNot run here:\n\n" + "\n".join("- " + line for line in left_out)
    print(text)
    if arguments.output:
        with open(arguments.output, "w", encoding="utf-8") as file:
            file.write(text + "\n")
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=2)
    return 1 if unlisted else 0


if __name__ == "__main__":
    sys.exit(main())
