#!/usr/bin/env python3
"""Prints how many test cases passed, failed and were skipped in a JUnit file of ctest.

One test of ctest often runs many cases; they are counted by the summaries of Catch2, lit
and `burin verify --suite`. A test without a summary counts as one case.
"""

import re
import sys
import xml.etree.ElementTree as tree

SUITE = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", re.M)
CATCH_ALL = re.compile(r"^All tests passed \(.* in (\d+) test cases?\)", re.M)
CATCH_SOME = re.compile(r"^test cases:(.*)$", re.M)
LIT = re.compile(r"^\s*(Passed|Failed|Unsupported|Expectedly Failed|Skipped|Timed Out|"
                 r"Unexpectedly Passed|Unresolved)\s*:\s*(\d+)", re.M)
LIT_PASSED = {"Passed", "Expectedly Failed"}
LIT_SKIPPED = {"Unsupported", "Skipped"}


def count(case):
    """(passed, failed, skipped) of one test of ctest."""
    text = "".join(case.itertext())
    counts = [0, 0, 0]
    if match := SUITE.search(text):
        counts = [int(number) for number in match.groups()]
    elif match := CATCH_ALL.search(text):
        counts[0] = int(match[1])
    elif match := CATCH_SOME.search(text):
        numbers = {word: int(n) for n, word in re.findall(r"(\d+) (passed|failed)", match[1])}
        counts[:2] = numbers.get("passed", 0), numbers.get("failed", 0)
    else:
        for kind, number in LIT.findall(text):
            index = 0 if kind in LIT_PASSED else 2 if kind in LIT_SKIPPED else 1
            counts[index] += int(number)
    if case.get("status") == "fail" or case.find("failure") is not None:
        counts[1] = max(counts[1], 1)
    elif case.get("status") in ("notrun", "disabled") or case.find("skipped") is not None:
        counts[2] = max(counts[2], 1)
    elif not any(counts):
        counts[0] = 1
    return counts


def main():
    cases = tree.parse(sys.argv[1]).getroot().iter("testcase")
    print(*map(sum, zip((0, 0, 0), *map(count, cases))))


if __name__ == "__main__":
    main()
