#!/usr/bin/env python3
"""Sells a package from a web page of another origin, in headless Chromium.

Shows that a front end can use the mock: preflight requests succeed, error responses can be read, and the header that lists
the applied quirks is exposed. Shows also that a page cannot reset the mock through its control port.

Needs chromium, which .ci/install installs. Run: tests/clients/browser.py [standin binary]
"""

import html
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PRICE, TOTAL, VALID_UNTIL = 99.5, 12, "2026-09-30"

PAGE = """<!doctype html><meta charset="utf-8"><title>standin</title><pre id="results"></pre>
<script>
const {api, control, business, staff, directory, price, total, valid_until} = SETTINGS;
const results = {};
const record = async (name, request) => {
  try {
    const response = await request;
    const quirks = response.headers.get('x-standin-quirks');
    results[name] = {status: response.status, quirks, body: await response.json()};
  } catch (error) {
    results[name] = {failed: String(error)};
  }
  return results[name].body?.data;
};
const call = (name, token, method, path, body) => record(name, fetch(api + path, {
  method,
  credentials: 'include',
  headers: {Authorization: `Bearer ${token}`, 'X-On-Behalf-Of': business, 'Content-Type': 'application/json'},
  body: body && JSON.stringify(body),
}));
(async () => {
  const {clients} = await call('clients', staff, 'GET', '/api2/platform/v1/clients');
  const {packages} = await call('packages', staff, 'GET', '/api2/platform/v1/payment/packages');
  const sale = {client_id: clients[0].id, package_id: packages[0].id, price};
  const made = await call('create', staff, 'POST', '/api2/platform/v1/payment/client_packages', sale);
  const {id, booking_credits: [{id: credit}]} = made.client_package;
  const path = `/business/payments/v1/client_packages/${id}`;
  const change = {client_package: {booking_credits: [{id: credit, total_bookings: total}], valid_until}};
  await call('update', staff, 'PUT', '/api2' + path, change);
  await record('reset', fetch(control + '/reset', {method: 'POST'}));
  await call('read', staff, 'GET', '/api2' + path);
  await call('gateway', staff, 'GET', '/apigw' + path);
  await call('directory', directory, 'POST', '/api2/platform/v1/payment/client_packages', sale);
})().catch(error => results.error = String(error))
  .finally(() => document.getElementById('results').textContent = JSON.stringify(results));
</script>"""


def start(standin):
    """Starts the mock. Returns the process and what it prints, by name: base URLs and tokens."""
    command = [standin, "serve", "--port", "0", "--now", "2026-02-08T10:00:00Z"]
    mock = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    printed = {}
    for line in mock.stdout:
        if line.startswith("try"):
            return mock, printed
        name, _, value = line.strip().rpartition("  ")
        printed[name.strip()] = value.strip()
    sys.exit("the mock did not start")


def serve(page):
    """Starts a web server with a single page and returns its origin."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def browse(chromium, url, profile):
    """Opens the page at the URL and returns what its script has written into #results."""
    quiet = "disable-gpu disable-quic no-first-run disable-background-networking disable-component-update disable-sync"
    command = [chromium, "--headless", "--no-sandbox", *(f"--{flag}" for flag in quiet.split())]
    command += [f"--user-data-dir={profile}", "--virtual-time-budget=20000", "--dump-dom", url]
    browser = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        page, errors = browser.communicate(timeout=120)
    except subprocess.TimeoutExpired:
        os.killpg(browser.pid, signal.SIGKILL)
        sys.exit("chromium did not end within 120 s")
    found = re.search(r'<pre id="results">(.+?)</pre>', page, re.DOTALL)
    if not found:
        sys.exit(f"the page has no results\n{page}\n{errors}")
    return json.loads(html.unescape(found[1]))


def check(results):
    """Checks the result of each step of the page."""

    def expect(step, condition):
        if not condition:
            lines = (f"{name}: {json.dumps(result):.300}" for name, result in results.items())
            sys.exit("\n".join([f"failed: {step}", *lines]))
        print(step)

    def has(name, status, *quirks):
        result = results.get(name, {})
        return result.get("status") == status and all(quirk in (result["quirks"] or "") for quirk in quirks)

    expect("listed clients", has("clients", 200) and results["clients"]["body"]["data"]["clients"])
    expect("listed packages", has("packages", 200) and results["packages"]["body"]["data"]["packages"])

    expect("created a client package", has("create", 201))
    expect("read the header x-standin-quirks", has("create", 201, "client-package-price-override"))

    expect("updated it", has("update", 200))
    expect("the control port rejected the page", "failed" in results["reset"] or has("reset", 403))

    expect("read it back", has("read", 200))
    made, read = (results[name]["body"]["data"]["client_package"] for name in ("create", "read"))
    written = (read["amount"], int(read["booking_credits"][0]["total_bookings"]), read["valid_until"])
    expect("the values read are the values written", written == (PRICE, TOTAL, VALID_UNTIL))
    same = read["id"] == made["id"] and read["conversation_id"] == made["conversation_id"]
    expect("the payment request is overdue, the conversation is set",
           read["payment_request_state"] == "overdue" and same and read["conversation_id"])

    expect("read the 401 of the main gateway", has("gateway", 401, "gateway-refuses-business-payments")
           and results["gateway"]["body"]["errors"][0]["code"] == "unauthorized")
    expect("read the 422 of a directory token", has("directory", 422, "client-package-create-refuses-directory")
           and results["directory"]["body"] == {"status": "Error", "error": "Unauthorized"})
    print("browser: all steps passed")


def main():
    standin = sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parents[2] / "target/debug/standin"
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        sys.exit("chromium is not installed; .ci/install installs it")
    mock, printed = start(standin)
    try:
        settings = {
            "api": printed["fallback"].removesuffix("/api2"),
            "control": printed["control"],
            "business": "7c1e94d02ab85f36",
            "staff": printed["staff"],
            "directory": printed["directory"],
            "price": PRICE,
            "total": TOTAL,
            "valid_until": VALID_UNTIL,
        }
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            results = browse(chromium, serve(PAGE.replace("SETTINGS", json.dumps(settings))), profile)
    finally:
        mock.kill()
        mock.wait()
    check(results)


main()
