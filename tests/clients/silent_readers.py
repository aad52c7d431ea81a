#!/usr/bin/env python3
"""500 clients that ask for the events of a session and never read them neither slow the API nor fill the memory.

Needs Linux (/proc). Run: tests/clients/silent_readers.py STANDIN
"""

import http.client
import json
import resource
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

READERS = 500
REQUESTS = 1000
# The memory by which the mock may grow while the journal has become full.
MAX_GROWTH_KIB = 200 << 10


def resident_kib(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


def requests(url, token):
    """Creates and reads clients on one connection. Returns the sorted times, in milliseconds."""
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=30)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    times = []
    for number in range(REQUESTS):
        method, body = ("POST", json.dumps({"first_name": f"Client {number}"})) if number % 2 else ("GET", None)
        begun = time.perf_counter()
        connection.request(method, f"{url.path}/platform/v1/clients?per_page=1&n={number}", body, headers)
        response = connection.getresponse()
        response.read()
        times.append((time.perf_counter() - begun) * 1000)
        assert response.status in (200, 201), response.status
    return sorted(times)


def subscribe(control):
    connection = socket.socket()
    # The less the system takes, the sooner the mock has to wait.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect((control.hostname, control.port))
    connection.sendall(b"GET /sessions/default/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return connection


def main(standin):
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    command = [standin, "serve", "--port", "0", "--ready-json"]
    mock = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=limit)
    try:
        ready = json.loads(mock.stdout.readline())
        url, control, token = urlsplit(ready["urls"]["fallback"]), urlsplit(ready["control_url"]), ready["tokens"]["staff"]
        requests(url, token)
        alone, before = requests(url, token), resident_kib(mock.pid)
        readers = [subscribe(control) for _ in range(READERS)]
        time.sleep(1)
        beside, after = requests(url, token), resident_kib(mock.pid)
        for reader in readers:
            reader.close()
    finally:
        mock.kill()
        mock.wait()
    at = lambda times, share: times[int(len(times) * share)]
    print(f"alone: median {at(alone, 0.5):.2f} ms, p99 {at(alone, 0.99):.2f} ms, {before >> 10} MiB resident")
    print(f"beside {READERS} readers: median {at(beside, 0.5):.2f} ms, p99 {at(beside, 0.99):.2f} ms, {after >> 10} MiB resident")
    if at(beside, 0.5) > 2 * at(alone, 0.5) + 1 or after > before + MAX_GROWTH_KIB:
        sys.exit("silent readers: the API is slowed or memory grows")


main(sys.argv[1])
