#!/usr/bin/env python3
"""Compares the cost of requests of two commits, or of two programs: CPU time, rate, start and memory.

`cargo bench --bench http` measures each of them in turn (A B A B ...), so that a change in the speed of the machine affects both. The
medians are printed as a table; the file of `--json` has them too. A commit is built in a folder of its own below `target/compare`.

Needs git, cargo and Linux. Run: benches/compare.py COMMIT_OR_PROGRAM COMMIT_OR_PROGRAM [--rounds 3] [--json FILE]
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "target" / "compare"


def run(*command, folder=ROOT, **more):
    return subprocess.run(command, cwd=folder, check=True, text=True, **more)


def program(name):
    """The path of a program, or of the program of a commit, which is built if it is not there."""
    if Path(name).is_file():
        return Path(name).resolve()
    commit = run("git", "rev-parse", "--verify", f"{name}^{{commit}}", stdout=subprocess.PIPE).stdout.strip()
    built = FOLDER / commit
    if not built.exists():
        with tempfile.TemporaryDirectory() as folder:
            run("git", "worktree", "add", "--quiet", "--detach", folder, commit)
            try:
                run("cargo", "build", "--release", "--locked", "--target-dir", FOLDER / "target", folder=folder)
                (FOLDER / "target/release/standin").rename(built)
            finally:
                run("git", "worktree", "remove", "--force", folder)
    return built


def measure(standin, bench):
    """The figures of one run of the bench."""
    with tempfile.NamedTemporaryFile() as file:
        run(*bench, env={**os.environ, "STANDIN": str(standin), "STANDIN_BENCH_JSON": file.name}, stdout=subprocess.DEVNULL)
        figures = json.loads(Path(file.name).read_text())
    rows = {
        f"{row['request']}: {what}": row[key]
        for row in figures["requests"]
        for what, key in {"CPU, µs": "cpu_us", "bare CPU, µs": "cpu_us_bare", "ratio": "cpu_ratio", "requests/s": "per_second"}.items()
    }
    return {**rows, "start, ms": figures["start_ms"], "resident memory, MB": figures["resident_mb"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs=2, metavar="COMMIT_OR_PROGRAM")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    programs = [program(name) for name in arguments.names]
    bench = ("cargo", "bench", "--quiet", "--locked", "--bench", "http")
    run(*bench, "--no-run")
    rounds = [[measure(standin, bench) for standin in programs] for _ in range(arguments.rounds)]
    medians = [{row: statistics.median(pair[side][row] for pair in rounds) for row in rounds[0][0]} for side in (0, 1)]
    width = max(map(len, medians[0]))
    print(f"{'':{width}}  {arguments.names[0][-12:]:>12} {arguments.names[1][-12:]:>12}   change")
    for row, before in medians[0].items():
        after = medians[1][row]
        print(f"{row:{width}}  {before:12.2f} {after:12.2f}  {(after / before - 1) * 100:+6.1f} %")
    if arguments.json:
        arguments.json.write_text(json.dumps(dict(zip(("before", "after"), medians)), indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
