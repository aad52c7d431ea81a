"""The pytest plugin: the fixtures `standin` (a server) and `api` (a session for one test)."""

from __future__ import annotations

import shlex
from collections.abc import Generator, Iterator
from typing import Any

import pytest

from . import sharing
from .control import ControlError
from .process import StartError, start
from .server import Server
from .session import Session

_servers = pytest.StashKey[sharing.Servers]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("standin_args", "options of `standin serve`, such as --swagger my-api/", default="")
    group = parser.getgroup("standin")
    group.addoption("--standin-args", metavar="OPTIONS", help="options of `standin serve`, in place of standin_args")


class _Xdist:
    """Hooks of pytest-xdist: its workers get their servers from the process that has started them."""

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        stash = node.config.stash
        if _servers not in stash:
            stash[_servers] = sharing.Servers()
        node.workerinput["standin"] = stash[_servers].address


def pytest_configure(config: pytest.Config) -> None:
    if config.pluginmanager.hasplugin("xdist"):
        config.pluginmanager.register(_Xdist())


def pytest_unconfigure(config: pytest.Config) -> None:
    if servers := config.stash.get(_servers, None):
        servers.close()


@pytest.fixture(scope="session")
def standin_options(pytestconfig: pytest.Config) -> list[str]:
    """The options of `standin serve`. A conftest.py can replace this fixture."""
    options = pytestconfig.getoption("--standin-args") or pytestconfig.getini("standin_args")
    return shlex.split(options)


@pytest.fixture(scope="session")
def standin(request: pytest.FixtureRequest, standin_options: list[str]) -> Iterator[Server]:
    """A server on a free port: one process for the whole run, which the workers of pytest-xdist share."""
    shared = getattr(request.config, "workerinput", {}).get("standin")
    try:
        server = Server(sharing.request_server(shared, standin_options)) if shared else start(*standin_options)
    except StartError as error:
        pytest.fail(f"standin has not started: {error}", pytrace=False)
    with server:
        yield server


@pytest.fixture
def api(standin: Server) -> Iterator[Session]:
    """A session for one test: a fork of the session `default`, deleted after the test."""
    with standin.session() as session:
        yield session


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Adds the requests that the session of a failed test has received to its report."""
    report = yield
    session = getattr(item, "funcargs", {}).get("api")
    if report.when == "call" and report.failed and isinstance(session, Session):
        try:
            received = [str(request) for request in session.requests]
        except (ControlError, OSError) as error:
            received = [f"unknown: {error}"]
        report.sections.append(("requests received by standin", "\n".join(received) or "none"))
    return report
