#!/usr/bin/env python3
"""The cost of the same requests to standin and to other mock servers: CPU time per request, requests per second, start and memory.

Each server has a contract or stubs of one collection, `GET /orders/{id}` and `POST /orders`, and gets both requests from 32
connections of wrk in turn with the others. Only standin remembers what was created. Prints a table; `--svg` writes the CPU times as a
chart, `--json` all figures.

Needs Linux and wrk; servers that are not in the path or in what `.ci/install` installs are left out: Prism, WireMock, `@mockoon/cli` and
`@stdy/cli` of npm, httpmock (with its feature `standalone`) and pact-stub-server of cargo.

Run: benches/peers.py [STANDIN] [--seconds 5] [--rounds 3] [--svg FILE] [--json FILE]
"""

import argparse
import http.client
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / "target" / "ci" / "node_modules"
TICKS = os.sysconf("SC_CLK_TCK")
ORDER = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "example": "o1"},
        "item": {"type": "string", "example": "cup"},
        "note": {"type": "string", "example": "n" * 400},
        "price": {"type": "number", "example": 12.5},
    },
}
CONTENT = {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}
ANSWER = {"description": "ok", "content": CONTENT}
CONTRACT = {
    "openapi": "3.0.3",
    "info": {"title": "orders", "version": "1"},
    "paths": {
        "/orders": {"post": {"requestBody": {"content": CONTENT}, "responses": {"201": ANSWER}}},
        "/orders/{id}": {
            "get": {
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "responses": {"200": ANSWER},
            }
        },
    },
    "components": {"schemas": {"Order": ORDER}},
}
BODY = {"item": "cup", "note": "n" * 400, "price": 12.5}
STUBS = [
    {"request": {"method": "GET", "urlPathPattern": "/orders/[^/]+"}, "response": {"status": 200, "jsonBody": {"id": "o1", **BODY}}},
    {"request": {"method": "POST", "urlPath": "/orders"}, "response": {"status": 201, "jsonBody": {"id": "o1", **BODY}}},
]


PACT = {
    "consumer": {"name": "wrk"},
    "provider": {"name": "orders"},
    "interactions": [
        {
            "description": "one",
            "request": {"method": "GET", "path": "/orders/o1", "matchingRules": {"$.path": {"match": "regex", "regex": "/orders/[^/]+"}}},
            "response": {"status": 200, "headers": {"Content-Type": "application/json"}, "body": {"id": "o1", **BODY}},
        },
        {
            "description": "new",
            "request": {"method": "POST", "path": "/orders", "headers": {"Content-Type": "application/json"}, "body": BODY},
            "response": {"status": 201, "headers": {"Content-Type": "application/json"}, "body": {"id": "o1", **BODY}},
        },
    ],
    "metadata": {"pactSpecification": {"version": "2.0.0"}},
}
HTTPMOCK = """
when: {{method: {method}, {path}}}
then: {{status: {status}, header: [{{name: content-type, value: application/json}}], body: '{body}'}}
"""


def write_inputs(folder):
    """Writes the contract, and stubs in the form of each server that has its own. Returns the contract."""
    contract = folder / "orders.json"
    contract.write_text(json.dumps(CONTRACT))
    for name in ("mappings", "httpmock"):
        (folder / name).mkdir(exist_ok=True)
    (folder / "mappings" / "stubs.json").write_text(json.dumps({"mappings": STUBS}))
    (folder / "pact.json").write_text(json.dumps(PACT))
    body = json.dumps({"id": "o1", **BODY})
    stubs = {"get": ("GET", "path_matches: ['/orders/[^/]+']", 200), "post": ("POST", "path: /orders", 201)}
    texts = {name: HTTPMOCK.format(method=method, path=path, status=status, body=body) for name, (method, path, status) in stubs.items()}
    for name, text in texts.items():
        (folder / "httpmock" / f"{name}.yaml").write_text(text)
    return contract


def servers(standin, folder, port):
    """The command of each server that is there."""
    contract = write_inputs(folder)
    path = os.pathsep.join([str(TOOLS / ".bin"), str(TOOLS.parent / "bin"), os.environ["PATH"]])
    tool = lambda name: shutil.which(name, path=path)
    found = {"standin": [standin, "serve", "--swagger", contract, "--port", port, "--control-port", "0", "--quiet"]}
    others = {
        "httpmock": ("httpmock", ["--mock-files-dir", folder / "httpmock", "--disable-access-log", "--port", port]),
        "pact-stub": ("pact-stub-server", ["--file", folder / "pact.json", "--loglevel", "none", "--port", port]),
        "Steady": ("steady", ["--quiet", contract, "--port", port]),
        "Prism": ("prism", ["mock", contract, "--port", port]),
        "Mockoon": ("mockoon-cli", ["start", "--data", contract, "--disable-log-to-file", "--port", port]),
    }
    found.update({name: [tool(program), *options] for name, (program, options) in others.items() if tool(program)})
    wiremock = next((jar for place in path.split(os.pathsep) for jar in Path(place).parent.glob("wiremock/**/*.jar")), None)
    if wiremock and shutil.which("java"):
        found["WireMock"] = ["java", "-jar", wiremock, "--port", port, "--root-dir", folder, "--max-request-journal-entries", "10000"]
    return found


def send(port, method, path, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request(method, path, body and json.dumps(body), {"Content-Type": "application/json"} if body else {})
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


class Server:
    """A server in a process of its own, which serves when this is made."""

    def __init__(self, command):
        begun = time.monotonic()
        self.process = subprocess.Popen(
            [str(part) for part in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        self.port = int(command[command.index("--port") + 1])
        while True:
            try:
                _, order = send(self.port, "POST", "/orders", BODY)
                break
            except (OSError, ValueError):
                assert self.process.poll() is None and time.monotonic() - begun < 60, command[0]
                time.sleep(0.01)
        self.start = time.monotonic() - begun
        self.paths = {"GET": f"/orders/{order.get('id', 'o1')}", "POST": "/orders"}

    def processes(self):
        group = subprocess.run(["pgrep", "--pgroup", str(self.process.pid)], capture_output=True, text=True).stdout
        return [Path("/proc", pid) for pid in group.split()]

    def cpu(self):
        fields = [(process / "stat").read_text().rsplit(")", 1)[1].split() for process in self.processes()]
        return sum(int(own[11]) + int(own[12]) for own in fields) / TICKS

    def resident(self):
        pages = sum(int((process / "statm").read_text().split()[1]) for process in self.processes())
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def load(self, script, method, seconds):
        """CPU microseconds per request, and requests per second."""
        before = self.cpu()
        url = f"http://127.0.0.1:{self.port}{self.paths[method]}"
        wrk = ["wrk", "-t1", "-c32", f"-d{seconds}s", "--timeout", "10s", "-s", script, url]
        out = subprocess.run(wrk, capture_output=True, text=True, check=True).stdout
        done, micros, failed = map(int, next(line for line in out.splitlines() if line.startswith("done")).split()[1:])
        assert failed == 0, f"{failed} of {done} responses are errors"
        return (self.cpu() - before) / done * 1e6, done / micros * 1e6

    def end(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def scripts(folder):
    """A script of wrk for each request."""
    done = 'done = function(s) io.write(string.format("done %d %d %d\\n", s.requests, s.duration, s.errors.status)) end\n'
    texts = {
        "GET": done,
        "POST": f"wrk.method = 'POST'\nwrk.headers['Content-Type'] = 'application/json'\nwrk.body = [[{json.dumps(BODY)}]]\n" + done,
    }
    for method, text in texts.items():
        (folder / f"{method}.lua").write_text(text)
    return {method: str(folder / f"{method}.lua") for method in texts}


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return str(listener.getsockname()[1])


def chart(figures):
    """The CPU times as bars, each as long as its time."""
    rows = [(f"{name}, {method}", own[method]["cpu_us"]) for method in ("GET", "POST") for name, own in figures.items()]
    longest = max(time for _, time in rows)
    height = 26 * len(rows) + 40
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 {height}" font-family="sans-serif" font-size="13">',
        '<style>text{fill:#222}@media(prefers-color-scheme:dark){text{fill:#eee}}</style>',
        '<text x="8" y="20">CPU time of one request, microseconds</text>',
    ]
    for number, (name, micros) in enumerate(rows):
        y = 34 + 26 * number
        color = "#2f6fdb" if name.startswith("standin") else "#9a9a9a"
        lines.append(f'<text x="8" y="{y + 15}">{name}</text>')
        lines.append(f'<rect x="150" y="{y}" width="{max(1, micros / longest * 470):.1f}" height="20" fill="{color}"/>')
        lines.append(f'<text x="{158 + max(1, micros / longest * 470):.0f}" y="{y + 15}">{micros:.0f}</text>')
    return "\n".join([*lines, "</svg>", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("standin", nargs="?", default="target/release/standin")
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--svg", type=Path)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        by_method = scripts(folder)
        running = {}
        try:
            for name in servers(arguments.standin, folder, "0"):
                running[name] = Server(servers(arguments.standin, folder, free_port())[name])
            figures = {name: {"start_s": own.start, "resident_mb": own.resident()} for name, own in running.items()}
            for method, script in by_method.items():
                rounds = {name: [] for name in running}
                for _ in range(arguments.rounds):
                    for name, server in running.items():
                        rounds[name].append(server.load(script, method, arguments.seconds))
                for name, loads in rounds.items():
                    cpu, rate = (statistics.median(values) for values in zip(*loads))
                    figures[name][method] = {"cpu_us": cpu, "per_second": rate}
        finally:
            for server in running.values():
                server.end()
    print(f"{'':10} {'GET, µs':>9} {'GET/s':>9} {'POST, µs':>9} {'POST/s':>9} {'start, s':>9} {'MB':>6}")
    for name, own in figures.items():
        costs = (f"{own[method]['cpu_us']:9.1f} {own[method]['per_second']:9.0f}" for method in by_method)
        print(f"{name:10} {' '.join(costs)} {own['start_s']:9.2f} {own['resident_mb']:6.0f}")
    if arguments.svg:
        arguments.svg.write_text(chart(figures))
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
