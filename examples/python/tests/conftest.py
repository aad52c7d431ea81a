import subprocess

import pytest
import standin_mock
from standin_client import HttpTransport, InTandem

from . import operations


@pytest.fixture
def connect(api):
    """Returns a function that makes the SDK for a token of the mock; requests go to the session of the test."""

    def connect(token="staff", **options):
        transport = HttpTransport(api.urls["main"], api.urls["fallback"], sleep=waited.append)
        return InTandem(transport, token=api.token(token), **options)

    waited = connect.waited = []
    return connect


@pytest.fixture(scope="session")
def fixture_folder(tmp_path_factory):
    """A folder with the JSON fixtures of the operations that the SDK has."""
    folder = tmp_path_factory.mktemp("fixtures")
    selected = [option for operation in operations.CALLS for option in ("--operation", operation)]
    subprocess.run([standin_mock.find_standin(), "fixtures", "--out", folder, *selected], check=True, capture_output=True)
    return folder
