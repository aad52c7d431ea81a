#!/usr/bin/env python3
"""Memory: large bodies and large responses do not end a process that has 2 GiB of address space.

Four connections create 40 records from bodies of 8 MB: long texts, and lists of numbers. Beyond the maximum of memory they get
507. Then the control API lists, describes, exports and searches what there is, and resets the session; then new records are
created again.

Needs Linux. Run: tests/clients/memory.py [standin binary]
"""

import http.client
import json
import resource
import subprocess
import sys
import tempfile
import threading
import urllib.parse
from collections import Counter
from pathlib import Path

SIZE = 8_000_000
BODIES = 40
CONNECTIONS = 4
READS = [
    "/health",
    "/state",
    "/sessions/default/snapshot",
    "/sessions/default/requests",
    "/sessions/default/records/order",
    "/operations",
    "/sessions",
    "/metrics",
]

ORDER = {"type": "object", "properties": {"id": {"type": "string"}, "text": {"type": "string"}, "list": {"type": "array"}}}
CONTENT = {"application/json": {"schema": ORDER}}
CREATE = {"requestBody": {"content": CONTENT}, "responses": {"201": {"description": "ok", "content": CONTENT}}}
CONTRACT = {"openapi": "3.0.0", "info": {"title": "orders", "version": "1"}, "paths": {"/orders": {"post": CREATE}}}


def start(standin, folder):
    """Starts the mock. Returns the process, and the URLs of the API and of the control API."""
    (folder / "orders.json").write_text(json.dumps(CONTRACT))
    limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    command = [standin, "serve", "--port", "0", "--swagger", str(folder), "--ready-json"]
    mock = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=limit)
    ready = json.loads(mock.stdout.readline())
    return mock, urllib.parse.urlsplit(next(iter(ready["urls"].values()))), urllib.parse.urlsplit(ready["control_url"])


def send(url, method, path, body=None):
    """Sends a request over a connection of its own. Returns the status and the size of the response."""
    connection = http.client.HTTPConnection(url.netloc, timeout=120)
    connection.request(method, url.path + path, body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    size = 0
    while piece := response.read(1 << 20):
        size += len(piece)
    connection.close()
    return response.status, size


def body(number):
    """A body of 8 MB: a text, or as many numbers as a body may have and a text."""
    numbers = [] if number % 2 else [number % 10] * 490_000
    return json.dumps({"list": numbers, "text": "x" * (SIZE - 3 * len(numbers))})


def create_all(url):
    """Creates records over several connections. Returns how often there was each status."""
    statuses = Counter()

    def run(first):
        for number in range(first, BODIES, CONNECTIONS):
            statuses[send(url, "POST", "/orders", body(number))[0]] += 1

    threads = [threading.Thread(target=run, args=(first,)) for first in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


def memory(mock):
    """The memory of the process, and the most that it has had, MiB."""
    lines = Path(f"/proc/{mock.pid}/status").read_text().splitlines()
    values = {line.split(":")[0]: int(line.split()[1]) >> 10 for line in lines if line.startswith("Vm")}
    return f"{values['VmRSS']} MiB now, {values['VmHWM']} at most"


def main(standin="target/release/standin"):
    with tempfile.TemporaryDirectory() as folder:
        mock, api, control = start(standin, Path(folder))
        try:
            for round in range(2):
                statuses = create_all(api)
                print(f"bodies of 8 MB: {dict(statuses)}; {memory(mock)}", flush=True)
                assert sum(statuses.values()) == BODIES and set(statuses) <= {201, 507}, "the process survives"
                assert statuses[201] > BODIES / 2, "most of them find room"
                for path in READS:
                    status, size = send(control, "GET", path)
                    print(f"GET {path}: {status}, {size >> 10} KiB; {memory(mock)}", flush=True)
                    assert status in (200, 507), path
                assert send(control, "POST", "/reset")[0] in (200, 204)
            assert send(api, "POST", "/orders", "{}")[0] == 201
            print(f"after the reset: {memory(mock)}")
            assert mock.poll() is None
        finally:
            mock.kill()
            mock.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
