"""Starts the program `standin`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import IO, Any

from .server import Server

STOP_SECONDS = 10


class StartError(Exception):
    """The server has not started. The message is what it has printed."""


def find_standin() -> str:
    """Returns the path of the program: that of the environment STANDIN, of this package, or of PATH."""
    if named := os.environ.get("STANDIN"):
        return named
    name = "standin.exe" if sys.platform == "win32" else "standin"
    # pip installs programs into the scripts folder of the environment, `pip install --target` into bin beside the package.
    folders = [sysconfig.get_path("scripts"), str(Path(sys.executable).parent), str(Path(__file__).parents[1] / "bin")]
    for folder in folders:
        if (path := Path(folder, name)).is_file():
            return str(path)
    if found := shutil.which(name):
        return found
    raise StartError(f"{name} is in none of {', '.join(folders)} and not on PATH; install standin-mock again")


def start(*options: str, executable: str | None = None) -> Server:
    """Starts `standin serve` on free ports and returns when it listens.

    `options` are those of `standin serve`, such as "--swagger", "my-api/". The server stops when `Server.stop` is called, and
    when this process ends. Raises StartError if it does not start.
    """
    program = [executable or find_standin()]
    command = [*program, "serve", "--port", "0", "--ready-json", "--stop-on-eof", "--quiet", *options]
    # Its errors go to a file: a pipe that is not read while tests run would fill and stop the server.
    errors = tempfile.TemporaryFile()
    try:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors)
    except OSError as error:
        errors.close()
        raise StartError(f"{program[0]}: {error}") from error
    assert process.stdin is not None and process.stdout is not None
    line = process.stdout.readline()
    if not line:
        process.wait()
        raise StartError(_read(errors).strip() or f"{' '.join(command)} ended with code {process.returncode}")
    ready: dict[str, Any] = json.loads(line)
    return Server(ready, _Running(process, errors).stop)


class _Running:
    """A process that is stopped by closing its stdin, or else killed."""

    def __init__(self, process: subprocess.Popen[bytes], errors: IO[bytes]) -> None:
        self._process, self._errors = process, errors

    def stop(self) -> None:
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()
        self._errors.close()


def _read(file: IO[bytes]) -> str:
    with file:
        file.seek(0)
        return file.read().decode(errors="replace")
