#!/usr/bin/env python3
"""A receiver of webhooks and callbacks: what is created, changed and deleted, and what time has caused, arrives once and in order; a receiver
that fails three times gets the fourth attempt; a URL outside of --deliver-to gets nothing.

Run: tests/clients/webhooks.py PATH_OF_STANDIN
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CONTRACT = """
openapi: 3.0.3
info: {title: Tasks, version: "1"}
paths:
  /tasks:
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Task"}}}}
      responses: {"201": {description: Created, content: {application/json: {schema: {$ref: "#/components/schemas/Task"}}}}}
      callbacks:
        done: {"{$request.body#/done_url}": {put: {responses: {"204": {description: Received}}}}}
  /tasks/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    patch: {requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Task"}}}}, responses: {"200": {description: Changed, content: {application/json: {schema: {$ref: "#/components/schemas/Task"}}}}}}
    delete: {responses: {"204": {description: Deleted}}}
components:
  schemas:
    Task: {type: object, properties: {id: {type: string}, title: {type: string}, hook: {type: string}, done_url: {type: string}, state: {type: string}, due_on: {type: string, format: date}}}
"""
RESOURCES = """
task:
  plural: tasks
  fields: {title: {type: text, required: true}, hook: text, done_url: text, state: {type: text, default: open}, due_on: date}
  lifecycle: {field: state, transitions: [{after: 0d, since: due_on, from: [open], to: late}]}
  effects:
    - {on: create, notify: {event: created, to: record.hook, payload: "{'event': 'created', 'title': record.title}"}}
    - {on: update, notify: {event: updated, to: record.hook, payload: "{'event': 'updated', 'title': record.title}"}}
    - {on: delete, notify: {event: deleted, to: record.hook, payload: "{'event': 'deleted', 'title': record.title}"}}
    - {on: update, when: record.state == 'done', notify: {callback: done, payload: "{'event': 'done', 'title': record.title}"}}
    - {enters: late, notify: {event: late, to: record.hook, payload: "{'event': 'late', 'title': record.title}"}}
"""


class Receiver(BaseHTTPRequestHandler):
    received: list[tuple[str, dict]] = []
    failures = 0

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        fails = self.path == "/hooks/unsteady" and Receiver.failures < 3
        if fails:
            Receiver.failures += 1
        else:
            Receiver.received.append((self.path, body))
        self.send_response(503 if fails else 204)
        self.end_headers()

    def do_PUT(self) -> None:
        self.do_POST()

    def log_message(self, *_: object) -> None:
        pass


def send(method: str, url: str, body: object = None) -> dict:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=10) as response:
        text = response.read()
    return json.loads(text) if text else {}


def wait_for(condition, what: str) -> None:
    end = time.monotonic() + 15
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"not seen after 15 s: {what}; received {Receiver.received}")
        time.sleep(0.02)


def main(standin: str) -> None:
    receiver = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{receiver.server_port}"
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "tasks.yaml").write_text(CONTRACT)
        (pathlib.Path(folder) / "tasks.resources.yaml").write_text(RESOURCES)
        command = [standin, "serve", "--port", "0", "--ready-json", "--swagger", folder, "--deliver-to", f"{base}/hooks"]
        command += ["--now", "2026-01-01T00:00:00Z"]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            ready = json.loads(server.stdout.readline())
            check(ready["url"], ready["control_url"], base)
        finally:
            server.terminate()
            server.wait()
    print("webhooks: created, updated, late, deleted in order; a fourth attempt; nothing outside of the prefix")


def check(api: str, control: str, base: str) -> None:
    hooks = f"{base}/hooks"
    task = send("POST", f"{api}/tasks", {"title": "a", "hook": f"{hooks}/all", "due_on": "2026-01-05"})
    path = f"{api}/tasks/{task['id']}"
    send("PATCH", path, {"title": "b"})
    send("PUT", f"{control}/sessions/default/clock", {"advance": "10d"})
    send("DELETE", path)
    events = lambda: [body["event"] for path, body in Receiver.received if path == "/hooks/all"]
    wait_for(lambda: len(events()) >= 4, "four events")

    send("POST", f"{api}/tasks", {"title": "unsteady", "hook": f"{hooks}/unsteady"})
    wait_for(lambda: ("/hooks/unsteady", {"event": "created", "title": "unsteady"}) in Receiver.received, "a fourth attempt")
    send("POST", f"{api}/tasks", {"title": "outside", "hook": f"{base}/other"})
    send("POST", f"{api}/tasks", {"title": "last", "hook": f"{hooks}/all"})
    wait_for(lambda: len(events()) == 5, "the last event")

    task = send("POST", f"{api}/tasks", {"title": "called back", "done_url": f"{hooks}/done"})
    send("PATCH", f"{api}/tasks/{task['id']}", {"state": "done"})
    wait_for(lambda: ("/hooks/done", {"event": "done", "title": "called back"}) in Receiver.received, "the callback")

    assert events() == ["created", "updated", "late", "deleted", "created"], events()
    assert not [path for path, _ in Receiver.received if path == "/other"], Receiver.received
    journal = send("GET", f"{control}/sessions/default/requests")
    sent = {n["payload"]["title"]: n for entry in journal["requests"] for n in entry.get("notifications", [])}
    assert sent["unsteady"]["delivery"] == "delivered" and sent["unsteady"]["attempts"] == 4, sent
    assert sent["outside"]["delivery"] == "not sent", sent
    late = [n for event in journal["events"] for n in event["notifications"]]
    assert [n["delivery"] for n in late] == ["delivered"], late


if __name__ == "__main__":
    main(sys.argv[1])
