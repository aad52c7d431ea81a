#!/usr/bin/env python3
"""Many records: the cost of a request does not grow with them, and small requests are served while others list everything.

A contract of another API is filled with 1,000 to 300,000 records. The median time of a read, of an unknown id, of a new record,
of a change, and of the first, a middle and the last page may grow by a factor of three at most. Then four processes list, filter
and sort all records; meanwhile the 99th percentile of small reads must be at most 20 ms. All within 2 GiB of address space.

Needs Linux. Run: tests/clients/many_records.py [standin binary] [records]
"""

import http.client
import json
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
from pathlib import Path

CALLS = 101
LISTERS = 4
SECONDS = 10
MAX_GROWTH = 3
MAX_P99 = 0.020

ORDER = {"type": "object", "properties": {"id": {"type": "string"}, "name": {"type": "string"}, "count": {"type": "integer"}}}


def responses(status, schema):
    return {str(status): {"description": "ok", "content": {"application/json": {"schema": schema}}}}


def contract():
    body = {"content": {"application/json": {"schema": ORDER}}}
    names = {"limit": "integer", "offset": "integer", "sort": "string", "name": "string"}
    parameters = [{"name": name, "in": "query", "schema": {"type": kind}} for name, kind in names.items()]
    item = {"get": {"responses": responses(200, ORDER)}, "put": {"requestBody": body, "responses": responses(200, ORDER)}}
    collection = {
        "get": {"parameters": parameters, "responses": responses(200, {"type": "array", "items": ORDER})},
        "post": {"requestBody": body, "responses": responses(201, ORDER)},
    }
    paths = {"/orders": collection, "/orders/{id}": item}
    return {"openapi": "3.0.0", "info": {"title": "orders", "version": "1"}, "paths": paths}


def start(standin, folder):
    """Starts the mock. Returns the process, and the host and port of the API."""
    (folder / "orders.json").write_text(json.dumps(contract()))
    limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    command = [standin, "serve", "--port", "0", "--swagger", str(folder), "--ready-json"]
    mock = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=limit)
    url = next(iter(json.loads(mock.stdout.readline())["urls"].values()))
    return mock, urllib.parse.urlsplit(url).netloc


def fill(address, numbers):
    """Creates orders with these numbers, a hundred requests at once."""
    host, port = address.split(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        reader = connection.makefile("rb")
        for begin in range(numbers.start, numbers.stop, 100):
            bodies = [json.dumps({"name": f"Order {n}", "count": n}) for n in numbers[begin - numbers.start :][:100]]
            head = "POST /orders HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}"
            connection.sendall("".join(head.format(len(body), body) for body in bodies).encode())
            for _ in bodies:
                assert b" 201 " in reader.readline()
                length = 0
                while (line := reader.readline()) != b"\r\n":
                    name, _, value = line.partition(b":")
                    length = int(value) if name.lower() == b"content-length" else length
                reader.read(length)


def call(connection, method, target, body=None, status=200):
    """Sends a request, and returns the response and how long it took."""
    since = time.perf_counter()
    connection.request(method, target, body and json.dumps(body), {"Content-Type": "application/json"})
    response = connection.getresponse()
    text = response.read()
    taken = time.perf_counter() - since
    assert response.status == status, f"{method} {target} returned {response.status}: {text[:300]}"
    return text, taken


def costs(address, count):
    """The median times of requests, by what they do."""
    connection = http.client.HTTPConnection(address, timeout=60)
    page = json.loads(call(connection, "GET", f"/orders?limit=1&offset={count // 2}")[0])
    order = f"/orders/{page[0]['id']}"
    requests = {
        "read": lambda n: ("GET", f"{order}?n={n}"),
        "unknown": lambda n: ("GET", f"/orders/unknown{n}", None, 404),
        "create": lambda n: ("POST", "/orders", {"name": f"new {n}"}, 201),
        "update": lambda n: ("PUT", order, {"name": f"changed {n}"}),
        "first page": lambda n: ("GET", f"/orders?limit=25&n={n}"),
        "middle page": lambda n: ("GET", f"/orders?limit=25&offset={count // 2}&n={n}"),
        "last page": lambda n: ("GET", f"/orders?limit=25&offset={count - 25}&n={n}"),
    }
    median = lambda make: statistics.median(call(connection, *make(n))[1] for n in range(CALLS))
    return {name: median(make) for name, make in requests.items()}


def list_all(address):
    """Lists in several ways until it is ended."""
    connection = http.client.HTTPConnection(address, timeout=600)
    for n in range(1 << 30):
        for query in ("limit=25", "limit=25&sort=-name", f"limit=25&name=Order%20{n}"):
            call(connection, "GET", f"/orders?{query}&n={n}")


def read_beside_lists(address, standin):
    """The times of small reads while other processes list."""
    listers = [subprocess.Popen([sys.executable, __file__, "--list", address]) for _ in range(LISTERS)]
    try:
        connection = http.client.HTTPConnection(address, timeout=60)
        order = "/orders/" + json.loads(call(connection, "GET", "/orders?limit=1")[0])[0]["id"]
        time.sleep(1)
        times, end = [], time.monotonic() + SECONDS
        while time.monotonic() < end:
            times.append(call(connection, "GET", f"{order}?n={len(times)}")[1])
            time.sleep(0.002)
        assert all(lister.poll() is None for lister in listers), "the lists are served, too"
        return sorted(times)
    finally:
        for lister in listers:
            lister.kill()
            lister.wait()


def main(standin="target/release/standin", records="300000"):
    sizes = [size for size in (1_000, 10_000, 100_000) if size < int(records)] + [int(records)]
    with tempfile.TemporaryDirectory() as folder:
        mock, address = start(standin, Path(folder))
        try:
            measured, filled = [], 0
            for size in sizes:
                fill(address, range(filled, size))
                filled = size + CALLS
                measured.append(costs(address, size))
                times = ", ".join(f"{name} {time * 1e3:.2f}" for name, time in measured[-1].items())
                print(f"{size} records, ms: {times}", flush=True)
            times = read_beside_lists(address, standin)
            p50, p99 = times[len(times) // 2], times[len(times) * 99 // 100]
            print(f"{LISTERS} processes list; {len(times)} reads: p50 {p50 * 1e3:.2f} ms, p99 {p99 * 1e3:.2f} ms, maximum {times[-1] * 1e3:.1f} ms")
            print("".join(line for line in open(f"/proc/{mock.pid}/status") if line.startswith("VmHWM")), end="")
            grown = [name for name, time in measured[-1].items() if time > MAX_GROWTH * measured[0][name]]
            assert not grown, f"the cost grows: {grown}"
            assert p99 <= MAX_P99, "others wait for lists"
        finally:
            mock.kill()
            mock.wait()


if __name__ == "__main__":
    list_all(sys.argv[2]) if sys.argv[1:2] == ["--list"] else main(*sys.argv[1:])
