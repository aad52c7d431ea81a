#!/usr/bin/env python3
"""Sends requests that servers and proxies read in different ways, to both ports.

In each of them, another reading contains a request for /smuggled: it must not be served. The server responds with an error and
closes the connection, or reads the request as RFC 9112 says. Run: tests/clients/smuggling.py STANDIN
"""

import json
import socket
import subprocess
import sys
import urllib.request
from urllib.parse import urlsplit

HIDDEN = b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
SIZE = b"%d" % len(HIDDEN)
CHUNK = b"%x\r\n" % len(HIDDEN)
PLAIN = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
WITH_BODY = b"POST /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\na\nb"
CHUNKED = b"POST /health HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\na\nb\r\n0\r\nA: b\r\n\r\n"


def post(*lines, body=HIDDEN):
    """A POST request with these header lines."""
    return b"\r\n".join((b"POST /health HTTP/1.1", b"Host: localhost", *lines, b"", body))


def chunked(*lines, body):
    return post(b"Transfer-Encoding: chunked", *lines, body=body)


# Rejected with 4xx or 501; the connection closes.
REJECTED = {
    "different lengths": post(b"Content-Length: 0", b"Content-Length: " + SIZE),
    "list of different lengths": post(b"Content-Length: 0, " + SIZE),
    "length with a sign": post(b"Content-Length: +0"),
    "negative length": post(b"Content-Length: -1"),
    "length in hexadecimal": post(b"Content-Length: 0x0"),
    "two numbers": post(b"Content-Length: 0 " + SIZE),
    "length beyond 64 bits": post(b"Content-Length: 18446744073709551616"),
    "unknown transfer coding": post(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n" + HIDDEN),
    "chunked is not last": post(b"Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n" + HIDDEN),
    "space before the colon": post(b"Transfer-Encoding : chunked", body=b"0\r\n\r\n" + HIDDEN),
    "length with a space before the colon": post(b"Content-Length : 0"),
    "folded header": post(b"X: y\r\n Content-Length: 0"),
    "folded coding": post(b"Transfer-Encoding:\r\n chunked", body=b"0\r\n\r\n" + HIDDEN),
    "vertical tab before the coding": post(b"Transfer-Encoding: \x0bchunked", body=b"0\r\n\r\n" + HIDDEN),
    "null in a value": post(b"X: a\x00b", b"Content-Length: 0"),
    "carriage return in a value": post(b"X: a\rContent-Length: 0"),
    "name with a space": post(b"X Y: z", b"Content-Length: 0"),
    "line without a colon": post(b"Content-Length", b"X: y"),
    "only line feeds": post(b"Content-Length: 0").replace(b"\r\n", b"\n"),
    "one line feed": b"GET /health HTTP/1.1\r\nHost: localhost\nX: y\r\n\r\n" + HIDDEN,
    "line feed at the end of the head": b"GET /health HTTP/1.1\r\nHost: localhost\r\n\n" + HIDDEN,
    "line feed before the request line": b"\n" + PLAIN + HIDDEN,
    "chunked in HTTP/1.0": chunked(body=b"0\r\n\r\n" + HIDDEN).replace(b"HTTP/1.1", b"HTTP/1.0", 1),
    "no version": b"GET /health\r\nHost: localhost\r\n\r\n" + HIDDEN,
    "unknown version": b"GET /health HTTP/1.9\r\nHost: localhost\r\n\r\n" + HIDDEN,
    "tab in the request line": b"GET\t/health HTTP/1.1\r\nHost: localhost\r\n\r\n" + HIDDEN,
    "two hosts": b"GET /health HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n" + HIDDEN,
    "no host": b"GET /health HTTP/1.1\r\n\r\n" + HIDDEN,
    "host with a path": b"GET /health HTTP/1.1\r\nHost: localhost/x\r\n\r\n" + HIDDEN,
    "size of a chunk beyond 64 bits": chunked(body=b"10000000000000000\r\n\r\n0\r\n\r\n" + HIDDEN),
    "size of a chunk with a prefix": chunked(body=b"0x0\r\n\r\n" + HIDDEN),
    "size of a chunk with a sign": chunked(body=b"-1\r\n\r\n" + HIDDEN),
    "no size of a chunk": chunked(body=b"\r\n0\r\n\r\n" + HIDDEN),
    "line feed after the size of a chunk": chunked(body=b"0\n\n" + HIDDEN),
    "line feed after an extension": chunked(body=b"1;a\nX\r\n0\r\n\r\n" + HIDDEN),
    "no line break after a chunk": chunked(body=b"1\r\nX0\r\n\r\n" + HIDDEN),
}

# Rejected after a request that is served.
REJECTED |= {
    f"line feed in the head after {name}": first + b"GET /health HTTP/1.1\r\nHost: localhost\nX: y\r\n\r\n" + HIDDEN
    for name, first in {"a request": PLAIN, "a body": WITH_BODY, "chunks": CHUNKED}.items()
}

# Served: what other servers may read as a request is a body. The number of responses.
SERVED = {
    "coding after a length": (chunked(b"Content-Length: 4", body=CHUNK + HIDDEN + b"\r\n0\r\n\r\n"), 1),
    "coding before a length": (post(b"Content-Length: 4", b"Transfer-Encoding: chunked", body=CHUNK + HIDDEN + b"\r\n0\r\n\r\n"), 1),
    "equal lengths": (post(b"Content-Length: " + SIZE, b"Content-Length: " + SIZE), 1),
    "length and an unknown name": (post(b"Content_Length: 0", b"Content-Length: " + SIZE), 1),
    "body of GET": (post(b"Content-Length: " + SIZE).replace(b"POST", b"GET", 1), 1),
    "chunk extension": (chunked(body=b"%x;a=b\r\n" % len(HIDDEN) + HIDDEN + b"\r\n0\r\n\r\n"), 1),
    "trailer": (chunked(body=CHUNK + HIDDEN + b"\r\n0\r\nContent-Length: 0\r\n\r\n"), 1),
    "three requests": (PLAIN + WITH_BODY + CHUNKED, 3),
}


def exchange(address, data, pieces):
    """Sends bytes, in pieces of that size, and returns the statuses of the responses and whether the server has closed."""
    with socket.create_connection(address, timeout=5) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        received = b""
        try:
            for start in range(0, len(data), pieces):
                connection.sendall(data[start : start + pieces])
            while True:
                connection.settimeout(0.5)
                part = connection.recv(65536)
                if not part:
                    return statuses(received), True
                received += part
        except TimeoutError:
            return statuses(received), False
        except ConnectionError:
            return statuses(received), True


def statuses(received):
    return [int(part[:3]) for part in received.split(b"HTTP/1.1 ")[1:]]


def main(standin):
    mock = subprocess.Popen([standin, "serve", "--port", "0", "--ready-json"], stdout=subprocess.PIPE, text=True)
    ready = json.loads(mock.stdout.readline())
    ports = {name: (urlsplit(ready[url]).hostname, urlsplit(ready[url]).port) for name, url in URLS.items()}
    wrong = []
    try:
        for port, address in ports.items():
            for name, data in REJECTED.items():
                seen, closed = exchange(address, data, len(data))
                if not closed or not seen or not 400 <= seen[-1] < 600 or 1 < len(seen) and "after" not in name:
                    wrong.append(f"{port}: {name}: {seen}, {'closed' if closed else 'open'}")
            for name, (data, count) in SERVED.items():
                for pieces in (len(data), 7):
                    seen, closed = exchange(address, data, pieces)
                    if len(seen) != count and not (closed and seen[-1:] == [400]):
                        wrong.append(f"{port}: {name}: {seen}, {'closed' if closed else 'open'}")
        with urllib.request.urlopen(f"{ready['control_url']}/sessions/default/requests", timeout=10) as response:
            paths = {entry["path"] for entry in json.load(response)["requests"]}
            if paths != {"/health"}:
                wrong.append(f"requests were served that were not sent: {paths}")
    finally:
        mock.kill()
        mock.wait()
    for line in wrong:
        print(line)
    print(f"smuggling: {len(REJECTED) + len(SERVED)} shapes on {len(ports)} ports, {len(wrong)} wrong")
    sys.exit(1 if wrong else 0)


URLS = {"api": "url", "control": "control_url"}

main(sys.argv[1])
