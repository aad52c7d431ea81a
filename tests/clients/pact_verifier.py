#!/usr/bin/env python3
"""Verifies the fixtures, exported as a Pact file, against the running mock with Pact's own verifier. For each interaction it
sets the provider states through the control port, sends the request, and compares the response by the matching rules.

Needs pact-python 3 or later, which contains the verifier; .ci/install installs it into target/ci/python.
Run: tests/clients/pact_verifier.py [standin binary] [options of `standin fixtures`]
     tests/clients/pact_verifier.py target/debug/standin --operation '*/payment/client_packages*'
"""

import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from pact import Verifier

# Switches the telemetry of the verifier off.
os.environ["PACT_DO_NOT_TRACK"] = "true"

# Number of interactions in one run of the verifier.
PART = 100


def start(standin: str, about: dict) -> tuple[subprocess.Popen, dict[str, str]]:
    """Starts the mock with the settings of the fixtures. Returns the process and its base URLs by name."""
    options = ["--scenario", about["scenario"], "--now", about["now"]]
    options += ["--seed", str(about["seed"])] if "seed" in about else []
    options += ["--quirks", about["quirks"]] if "quirks" in about else []
    options += [f"--quirk={quirk}" for quirk in about.get("quirk", [])]
    mock = subprocess.Popen([standin, "serve", "--port", "0", *options], stdout=subprocess.PIPE, text=True)
    urls = {}
    for line in map(str.rstrip, mock.stdout):
        name, _, rest = line.partition(" ")
        if rest.strip().startswith("http://"):
            urls[name] = rest.split()[0]
        if name == "try":
            break
    return mock, urls


@contextlib.contextmanager
def quiet():
    """Discards stdout: the verifier prints every interaction to it, from native code."""
    sys.stdout.flush()
    own = os.dup(1)
    with open(os.devnull, "w") as null:
        os.dup2(null.fileno(), 1)
    try:
        yield
    finally:
        os.dup2(own, 1)
        os.close(own)


def parts(pact: dict) -> list[dict]:
    """Splits a pact into smaller ones: the verifier's time for one interaction grows with the size of the file."""
    interactions = pact["interactions"]
    return [{**pact, "interactions": interactions[at : at + PART]} for at in range(0, len(interactions), PART)]


def verify(pact: dict, urls: dict[str, str], folder: str) -> list[dict]:
    """Verifies a pact and returns the errors."""
    file = pathlib.Path(folder, "part.json")
    file.write_text(json.dumps(pact))
    verifier = Verifier(pact["provider"]["name"], host="127.0.0.1")
    verifier.add_transport(url=urls["fallback"].removesuffix("/api2"))
    verifier.state_handler(f"{urls['control']}/states", body=True)
    verifier.set_request_timeout(30_000).add_source(file)
    with quiet():
        try:
            verifier.verify()
        except RuntimeError:
            return [*verifier.results["errors"], *verifier.results["pendingErrors"]]
    return []


def main() -> int:
    standin, *options = sys.argv[1:] or ["target/debug/standin"]
    with tempfile.TemporaryDirectory() as folder:
        command = [standin, "fixtures", "--format", "pact", "--out", folder, *options]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        index = json.loads(pathlib.Path(folder, "index.json").read_text())
        [file] = (pathlib.Path(folder, name) for name in index["files"])
        pact = json.loads(file.read_text())
        mock, urls = start(standin, index["about"])
        try:
            failed = [error for part in parts(pact) for error in verify(part, urls, folder)]
        finally:
            mock.terminate()
            mock.wait()
    for error in failed[:20]:
        print(json.dumps(error, indent=1)[:4000])
    count = len(pact["interactions"])
    print(f"{len(failed)} of {count} interactions failed" if failed else f"{count} interactions verified")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
