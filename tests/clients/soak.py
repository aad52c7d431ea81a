#!/usr/bin/env python3
"""Soak test: several connections create, change, read and list records for some minutes.

Every response must have its documented status, and the memory of the mock must not grow from reset to reset: the last
quarter of the measurements may exceed the first one, without the warm-up, by a fifth at most.

Needs Linux (/proc). Run: tests/clients/soak.py [standin binary] [seconds]
"""

import http.client
import json
import statistics
import subprocess
import sys
import threading
import time
import urllib.parse
from pathlib import Path

CONNECTIONS = 4
# Clients that each connection creates between two resets.
BATCH = 50
MAX_GROWTH = 1.2


def start(standin):
    """Starts the mock. Returns the process and what it prints, by name: base URLs and tokens."""
    mock = subprocess.Popen([standin, "serve", "--port", "0"], stdout=subprocess.PIPE, text=True)
    printed = {}
    for line in mock.stdout:
        if line.startswith("try"):
            return mock, printed
        name, _, value = line.strip().rpartition("  ")
        printed[name.strip()] = value.strip()
    sys.exit("the mock did not start")


def send(connection, token, method, path, body=None, status=200):
    """Sends a request and returns the `data` of the response. Raises AssertionError for an unexpected status."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection.request(method, path, body and json.dumps(body), headers)
    response = connection.getresponse()
    text = response.read()
    assert response.status == status, f"{method} {path} returned {response.status}: {text[:300]}"
    return json.loads(text)["data"]


def run_batch(url, token, errors):
    """Creates, changes, reads and lists clients over one connection."""
    try:
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=30)
        clients = url.path + "/platform/v1/clients"
        for number in range(BATCH):
            client = send(connection, token, "POST", clients, {"first_name": f"Client {number}"}, 201)["client"]
            path = f"{clients}/{client['id']}"
            send(connection, token, "PUT", path, {"first_name": "Changed"})
            read = send(connection, token, "GET", path)["client"]
            assert read["first_name"] == "Changed", f"{path} has first name {read['first_name']!r}"
            send(connection, token, "GET", clients + "?per_page=25")
        connection.close()
    except (AssertionError, OSError, http.client.HTTPException, KeyError, ValueError) as error:
        errors.append(repr(error))


def resident_kib(pid):
    """Returns the resident memory of a process in KiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


def soak(mock, printed, seconds):
    """Runs batches until the time is over. Returns the memory after each batch, in KiB, and the errors."""
    url = urllib.parse.urlsplit(printed["fallback"])
    control = urllib.parse.urlsplit(printed["control"])
    memory, errors = [], []
    end = time.monotonic() + seconds
    while time.monotonic() < end and not errors:
        threads = [threading.Thread(target=run_batch, args=(url, printed["staff"], errors)) for _ in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        memory.append(resident_kib(mock.pid))
        connection = http.client.HTTPConnection(control.hostname, control.port, timeout=30)
        connection.request("POST", "/reset")
        connection.getresponse().read()
        connection.close()
    return memory, errors


def main():
    standin = sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parents[2] / "target/release/standin"
    mock, printed = start(standin)
    try:
        memory, errors = soak(mock, printed, float(sys.argv[2]) if len(sys.argv) > 2 else 300)
    finally:
        mock.kill()
        mock.wait()
    for error in errors[:20]:
        print(error)
    if errors:
        sys.exit("soak: failed")
    if len(memory) < 8:
        sys.exit(f"soak: {len(memory)} batches are too few to compare; run it longer")
    quarter = len(memory) // 4
    # The first quarter is the warm-up.
    first, last = (statistics.median(part) for part in (memory[quarter : 2 * quarter], memory[-quarter:]))
    requests = len(memory) * CONNECTIONS * BATCH * 4
    print(f"soak: {requests} requests, {first / 1024:.1f} MiB resident in the beginning, {last / 1024:.1f} MiB at the end")
    sys.exit(f"soak: memory grew by more than {MAX_GROWTH - 1:.0%}" if last > first * MAX_GROWTH else 0)


main()
