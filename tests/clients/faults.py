#!/usr/bin/env python3
"""Shows that an HTTP client sees each kind of fault as documented: its time, its status, its broken connection.

Needs the Python package requests, which .ci/install installs. Run: tests/clients/faults.py STANDIN
"""

import json
import subprocess
import sys
import time

import requests

PATH = "/platform/v1/clients"


class Mock:
    """A running mock."""

    def __init__(self, standin):
        command = [standin, "serve", "--port", "0", "--ready-json"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        ready = json.loads(self.process.stdout.readline())
        self.url, self.control = ready["urls"]["fallback"], ready["control_url"]
        self.headers = {"Authorization": f"Bearer {ready['tokens']['staff']}", "X-Standin-Session": "faults"}

    def only_fault(self, fault):
        """Replaces the faults of the session."""
        requests.delete(f"{self.control}/sessions/faults/faults", timeout=30)
        response = requests.post(f"{self.control}/sessions/faults/faults", json=fault, timeout=30)
        assert response.status_code == 201, response.text

    def get(self, **options):
        """Sends a request on a connection of its own and returns the response and its time in seconds."""
        begun = time.monotonic()
        options.setdefault("timeout", 30)
        response = requests.get(self.url + PATH, headers=self.headers, **options)
        return response, time.monotonic() - begun

    def error(self, **options):
        """Sends a request that must fail and returns the name of the error."""
        try:
            self.get(**options)
        except requests.RequestException as error:
            return type(error).__name__
        return "no error"


def main(standin):
    mock = Mock(standin)
    wrong = []

    def expect(what, holds, seen):
        print(f"{'ok  ' if holds else 'FAIL'} {what}: {seen}")
        if not holds:
            wrong.append(what)

    try:
        whole, plain = mock.get()
        size = len(whole.content)
        expect("no fault", whole.status_code == 200, f"{size} bytes in {plain * 1e3:.0f} ms")

        mock.only_fault({"operation": f"GET {PATH}", "latency": {"ms": 400}})
        response, seconds = mock.get()
        expect("latency", response.status_code == 200 and seconds >= 0.4, f"{seconds * 1e3:.0f} ms")
        expect("the header names it", response.headers["x-standin-faults"] == "fault-1", response.headers["x-standin-faults"])

        mock.only_fault({"latency": {"ms": 300, "jitter": 100}})
        times = [mock.get()[1] for _ in range(5)]
        expect("latency with jitter", min(times) >= 0.2 and max(times) - min(times) > 0.01, [f"{t * 1e3:.0f}" for t in times])

        rate = 20
        mock.only_fault({"bandwidth": {"kb_per_second": rate}})
        response, seconds = mock.get()
        expect("bandwidth", response.content == whole.content and seconds >= 0.7 * size / 1000 / rate, f"{seconds * 1e3:.0f} ms")

        mock.only_fault({"slicer": {"bytes": size // 4, "delay_ms": 100}})
        response, seconds = mock.get()
        expect("slicer", response.content == whole.content and seconds >= 0.4, f"{seconds * 1e3:.0f} ms")

        mock.only_fault({"limit_data": {"bytes": 100}})
        expect("limit_data", mock.error() in ("ChunkedEncodingError", "ConnectionError"), mock.error())

        mock.only_fault({"reset_peer": {}})
        expect("reset_peer", mock.error() == "ConnectionError", mock.error())

        mock.only_fault({"timeout": {}})
        expect("timeout that stays open", mock.error(timeout=0.5) == "ReadTimeout", mock.error(timeout=0.5))
        mock.only_fault({"timeout": {"ms": 200}})
        expect("timeout that closes", mock.error() == "ConnectionError", mock.error())

        mock.only_fault({"status": {"code": 503, "message": "Closed"}, "count": 1})
        (failed, _), (good, _) = mock.get(), mock.get()
        expect("status", failed.status_code == 503 and "Closed" in failed.text and good.status_code == 200, failed.text)

        mock.only_fault({"rate_limit": {"requests": 2, "per": "1h"}})
        seen = [mock.get()[0] for _ in range(3)]
        statuses = [response.status_code for response in seen]
        expect("rate_limit", statuses == [200, 200, 429] and int(seen[2].headers["retry-after"]) > 3000, statuses)

        requests.delete(f"{mock.control}/sessions/faults/faults", timeout=30)
        mock.headers["Prefer"] = "delay=300ms"
        response, seconds = mock.get()
        applied = response.headers["preference-applied"]
        expect("Prefer: delay", seconds >= 0.3 and applied == "delay=300ms", f"{seconds * 1e3:.0f} ms, {applied}")
        del mock.headers["Prefer"]
        mock.headers["X-Standin-Session"] = "another"
        response, seconds = mock.get()
        expect("no fault in another session", response.status_code == 200, f"{seconds * 1e3:.0f} ms")
    finally:
        mock.process.terminate()
        mock.process.wait()
    sys.exit(1 if wrong else 0)


main(*sys.argv[1:])
