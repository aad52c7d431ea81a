#!/usr/bin/env python3
"""One process with a million records, then one with 100,000 sessions: memory, and the time to fork, reset and export.

Records are orders of 150 bytes, created over HTTP by wrk. Prints each figure with its unit; `--json` writes them.

Needs Linux and wrk. Run: benches/scale.py [STANDIN] [--records 1000000] [--sessions 100000] [--json FILE]
"""

import argparse
import json
import os
import signal
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
CONTRACT = """
openapi: 3.0.3
info: {title: orders, version: "1"}
paths:
  /orders:
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
      responses: {"201": {description: new, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}}
  /orders/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {"200": {description: one, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}}
components:
  schemas:
    Order: {type: object, properties: {id: {type: string}, item: {type: string}, note: {type: string}, count: {type: integer}}}
"""
ORDER = {"item": "cup", "note": "n" * 80, "count": 2}
# Each session gets `each` requests in turn, or all go to one session if it is 0.
SCRIPT = """
wrk.method = "POST"
wrk.body = [[%s]]
wrk.headers["Content-Type"] = "application/json"
local sent, each, sessions = %d, %d, %d
request = function()
  if each > 0 then wrk.headers["X-Standin-Session"] = "s" .. math.floor(sent / each) %% sessions end
  sent = sent + 1
  return wrk.format()
end
done = function(s) io.write("done ", s.requests, " ", s.errors.status + s.errors.timeout + s.errors.read, "\\n") end
"""
SECONDS = 1


class Server:
    def __init__(self, standin, *options):
        self.folder = tempfile.TemporaryDirectory()
        Path(self.folder.name, "orders.yaml").write_text(CONTRACT)
        command = [standin, "serve", "--swagger", self.folder.name, "--port", "0", "--control-port", "0", "--ready-json", "--quiet", "--now", "2031-01-01T12:00:00Z"]
        self.process = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True)
        ready = json.loads(self.process.stdout.readline())
        self.created = 0
        self.url, self.control = ready["url"].rstrip("/"), ready["control_url"].rstrip("/")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.folder.cleanup()

    def proc(self, file):
        return Path("/proc", str(self.process.pid), file).read_text()

    def megabytes(self):
        return int(self.proc("statm").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

    def cpu(self):
        fields = self.proc("stat").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def create(self, count, each=0, sessions=1):
        """Creates orders for whole seconds until there are so many more; returns the CPU time of each in microseconds."""
        script, created, before = Path(self.folder.name, "create.lua"), 0, self.cpu()
        while created < count:
            script.write_text(SCRIPT % (json.dumps(ORDER), created, each, sessions))
            wrk = ["wrk", "-t1", "-c32", f"-d{SECONDS}s", "--timeout", "60s", "-s", str(script), f"{self.url}/orders"]
            out = subprocess.run(wrk, capture_output=True, text=True, check=True).stdout
            done, failed = map(int, next(line for line in out.splitlines() if line.startswith("done")).split()[1:])
            assert failed == 0, f"{failed} of {done} responses are errors"
            created += done
        self.created += created
        return (self.cpu() - before) / created * 1e6

    def call(self, method, path, body=None):
        """The response to a request to the control API, its size, and the seconds that it took."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.control + path, data, {"Content-Type": "application/json"}, method=method)
        begun, size = time.monotonic(), 0
        with urllib.request.urlopen(request, timeout=600) as response:
            while piece := response.read(1 << 20):
                size += len(piece)
        return size, time.monotonic() - begun


def many_records(standin, count):
    figures = {}
    with Server(standin, "--max-memory", str(8 << 30)) as server:
        figures["resident before, MB"] = server.megabytes()
        figures["POST at the beginning, us of CPU"] = server.create(1)
        server.create(count - 2 * server.created)
        figures["POST at the end, us of CPU"] = server.create(1)
        figures["records"] = server.created
        figures["resident with the records, MB"] = server.megabytes()
        fork = lambda number: server.call("POST", "/sessions", {"id": f"fork{number}", "from": "default"})[1]
        figures["fork over the control API, ms"] = min(fork(number) for number in range(9)) * 1e3
        figures["first write after it, ms"] = server.call("POST", "/sessions/fork0/send", {"method": "POST", "path": "/orders", "body": ORDER})[1] * 1e3
        figures["resident with nine forks, MB"] = server.megabytes()
        size, seconds = server.call("GET", "/sessions/default/snapshot")
        figures["snapshot, MB"], figures["snapshot, s"] = size / 1e6, seconds
        figures["resident after the snapshot, MB"] = server.megabytes()
        for number in range(9):
            server.call("DELETE", f"/sessions/fork{number}")
        figures["reset, ms"] = server.call("POST", "/sessions/default/reset")[1] * 1e3
        # The allocator gives memory back while requests to the API are served.
        for _ in range(15):
            server.create(1, 1)
            server.call("POST", "/sessions/s0/reset")
        figures["resident 15 s after the reset, MB"] = server.megabytes()
    return figures


def many_sessions(standin, count, records=5):
    figures = {}
    with Server(standin, "--max-memory", str(8 << 30), "--max-sessions", str(count + 1)) as server:
        before = server.megabytes()
        figures["POST in its own session, us of CPU"] = server.create(count * records, records, count)
        figures["resident with the sessions, MB"] = server.megabytes()
        figures["a session, KB"] = (server.megabytes() - before) * 1e3 / count
        figures["list of the sessions, s"] = server.call("GET", "/sessions")[1]
        figures["fork of one, ms"] = server.call("POST", "/sessions", {"id": "fork", "from": "s7"})[1] * 1e3
        figures["reset of one, ms"] = server.call("POST", "/sessions/s8/reset")[1] * 1e3
        figures["snapshot of one, ms"] = server.call("GET", "/sessions/s9/snapshot")[1] * 1e3
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("standin", nargs="?", default="target/release/standin")
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--sessions", type=int, default=100_000)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    figures = {
        f"{arguments.records} records in one session": many_records(arguments.standin, arguments.records),
        f"{arguments.sessions} sessions of five records": many_sessions(arguments.standin, arguments.sessions),
    }
    for title, own in figures.items():
        print(title)
        for name, value in own.items():
            print(f"  {name:40} {value:10.2f}")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
