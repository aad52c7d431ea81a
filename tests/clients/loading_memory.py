#!/usr/bin/env python3
"""Memory while contracts are loaded: at most 15 times the size of the file.

Contracts with 100,000 paths of one tiny operation each take the most for their size. They are written as OpenAPI 3 and Swagger 2.0,
in JSON and YAML.

Needs Linux. Run: tests/clients/loading_memory.py [standin binary]
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PATHS = 100_000
MAX_MULTIPLE = 15
VERSIONS = {"OpenAPI 3": ("openapi", "3.0.3"), "Swagger 2.0": ("swagger", "2.0")}
PATH = "  /p{}:\n    get:\n      responses:\n        '200':\n          description: ok\n"


def as_json(key, version):
    item = {"get": {"responses": {"200": {"description": "ok"}}}}
    return json.dumps({key: version, "info": {"title": "t", "version": "1"}, "paths": {f"/p{n}": item for n in range(PATHS)}})


def as_yaml(key, version):
    paths = "".join(PATH.format(number) for number in range(PATHS))
    return f"{key}: '{version}'\ninfo: {{title: t, version: '1'}}\npaths:\n{paths}"


def peak(standin, file):
    """The most memory of a process that loads a file, bytes, and how long it took, seconds."""
    begun = time.monotonic()
    process = subprocess.Popen([standin, "check", file], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    assert os.WIFEXITED(status), status
    return usage.ru_maxrss << 10, time.monotonic() - begun


def main(standin="target/release/standin"):
    with tempfile.TemporaryDirectory() as folder:
        for name, version in VERSIONS.items():
            for extension, write in {"json": as_json, "yaml": as_yaml}.items():
                file = Path(folder, f"contract.{extension}")
                file.write_text(write(*version))
                (most, seconds), size = peak(standin, file), file.stat().st_size
                print(f"{name}, {extension}: {size / 1e6:.1f} MB, {most >> 20} MiB at most, {most / size:.1f} times, {seconds:.1f} s")
                assert most <= MAX_MULTIPLE * size, f"more than {MAX_MULTIPLE} times the file"


if __name__ == "__main__":
    main(*sys.argv[1:])
