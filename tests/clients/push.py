"""The one test: a name that is missing, one push, one creation, and the same image back."""

from __future__ import annotations

import re

from clients.client import Client
from clients.image import Image
from clients.stack import Stack, stored_digest


def repository_name(client: Client, image: Image) -> str:
    """A name that no other case uses."""
    return "clients/" + re.sub(r"[^a-z0-9]+", "-", f"{client.id} {image.name}".lower())


def check(stack: Stack, client: Client, image: Image) -> None:
    name = repository_name(client, image)
    ref = stack.target.reference(client.form, name)
    assert stack.repository(name) is None

    pushed = client.push(image, ref)

    assert stack.creations(name) == 1
    repository = stack.repository(name)
    assert repository is not None
    assert repository["imageTagMutability"] == "IMMUTABLE"
    assert repository["imageScanningConfiguration"]["scanOnPush"] is True
    assert stored_digest(stack.target, stack.target.path(client.form, name)) == pushed.digest
    assert client.pull(ref) == pushed
