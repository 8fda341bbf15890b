"""What the sandbox's own tests share."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from rawclient import Client  # noqa: E402
from sandbox import Sandbox  # noqa: E402


@pytest.fixture(scope="session")
def shared_sandbox():
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shared_sandbox):
    """The session's sandbox, as if just started."""
    shared_sandbox.reset()
    return shared_sandbox


@pytest.fixture
def client(sandbox):
    """A client with a fresh token of the default registry."""
    client = Client(sandbox)
    client.sign_in()
    yield client
    client.close()
