#!/usr/bin/env python3
"""Soak test: several connections create, change, read, search and list records for some minutes, each batch in a session of its
own. Half of the sessions are deleted, the others are evicted. The journal is full from the first minute on.

Every response must have its documented status, and neither the memory nor the open files of the mock may grow: the last
quarter of the measurements may exceed the first one, without the warm-up, by a fifth at most. All within 2 GiB of address space.

Needs Linux (/proc). Run: tests/clients/soak.py [standin binary] [seconds]
"""

import http.client
import itertools
import json
import resource
import statistics
import subprocess
import sys
import threading
import time
import urllib.parse
from pathlib import Path

CONNECTIONS = 4
# Clients that each connection creates in a session.
BATCH = 50
# Sessions that exist at the same time.
SESSIONS = 40
# Requests of a connection for each client.
CALLS = 5
MAX_GROWTH = 1.2


def start(standin):
    """Starts the mock. Returns the process and what it prints, by name: base URLs and tokens."""
    limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    command = [standin, "serve", "--port", "0", "--max-sessions", str(SESSIONS)]
    mock = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=limit)
    printed = {}
    for line in mock.stdout:
        if line.startswith("try"):
            return mock, printed
        name, _, value = line.strip().rpartition("  ")
        printed[name.strip()] = value.strip()
    sys.exit("the mock did not start")


def send(connection, caller, method, path, body=None, status=200):
    """Sends a request of a caller, a token and a session, and returns the response. Raises AssertionError for an unexpected
    status."""
    token, session = caller
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "X-Standin-Session": session}
    connection.request(method, path, body and json.dumps(body), headers)
    response = connection.getresponse()
    text = response.read()
    assert response.status == status, f"{method} {path} returned {response.status}: {text[:300]}"
    return json.loads(text)


def run_batch(url, control, caller, deletes, errors):
    """Creates, changes, reads, searches and lists clients over one connection, in a new session."""
    try:
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=30)
        clients = url.path + "/platform/v1/clients"
        for number in range(BATCH):
            client = send(connection, caller, "POST", clients, {"first_name": f"Client {number}"}, 201)["data"]["client"]
            path = f"{clients}/{client['id']}"
            send(connection, caller, "PUT", path, {"first_name": "Changed"})
            read = send(connection, caller, "GET", path)["data"]["client"]
            assert read["first_name"] == "Changed", f"{path} has first name {read['first_name']!r}"
            send(connection, caller, "GET", clients + "?per_page=25")
            send(connection, caller, "GET", f"{url.path}/v2/search?query=changed")
        connection.close()
        if deletes:
            call_control(control, "DELETE", f"/sessions/{caller[1]}")
    except (AssertionError, OSError, http.client.HTTPException, KeyError, ValueError) as error:
        errors.append(repr(error))


def call_control(control, method, path):
    connection = http.client.HTTPConnection(control.hostname, control.port, timeout=30)
    connection.request(method, path)
    response = connection.getresponse()
    text = response.read()
    assert response.status < 300, f"{method} {path} returned {response.status}: {text[:300]}"
    connection.close()


def resident_kib(pid):
    """Returns the resident memory of a process in KiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


def open_files(pid):
    """Returns the number of open files of a process."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def soak(mock, printed, seconds):
    """Runs batches until the time is over. Returns memory in KiB and open files after each batch, and the errors."""
    url = urllib.parse.urlsplit(printed["fallback"])
    control = urllib.parse.urlsplit(printed["control"])
    seen, errors, sessions = [], [], itertools.count()
    end = time.monotonic() + seconds
    while time.monotonic() < end and not errors:
        threads = []
        for number in range(CONNECTIONS):
            caller = (printed["staff"], f"soak-{next(sessions)}")
            threads.append(threading.Thread(target=run_batch, args=(url, control, caller, number % 2, errors)))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seen.append((resident_kib(mock.pid), open_files(mock.pid)))
    return seen, errors


def main():
    standin = sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parents[2] / "target/release/standin"
    mock, printed = start(standin)
    try:
        seen, errors = soak(mock, printed, float(sys.argv[2]) if len(sys.argv) > 2 else 300)
    finally:
        mock.kill()
        mock.wait()
    for error in errors[:20]:
        print(error)
    if errors:
        sys.exit("soak: failed")
    if len(seen) < 8:
        sys.exit(f"soak: {len(seen)} batches are too few to compare; run it longer")
    quarter = len(seen) // 4
    # The first quarter is the warm-up.
    (first, files), (last, last_files) = (
        [statistics.median(values) for values in zip(*part)] for part in (seen[quarter : 2 * quarter], seen[-quarter:])
    )
    requests, sessions = len(seen) * CONNECTIONS * BATCH * CALLS, len(seen) * CONNECTIONS
    print(f"soak: {requests} requests in {sessions} sessions")
    print(f"soak: {first / 1024:.1f} MiB and {files:.0f} open files in the beginning, {last / 1024:.1f} MiB and {last_files:.0f} at the end")
    grew = last > first * MAX_GROWTH or last_files > files * MAX_GROWTH
    sys.exit(f"soak: it grew by more than {MAX_GROWTH - 1:.0%}" if grew else 0)


main()
