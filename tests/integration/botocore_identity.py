"""Who botocore says one is, in a process of its own: its environment is the case's.

    python botocore_identity.py < cases.json

reads [{"env": {…}}, …] and writes for each {"source", "access_key_id", "account", "whole": secret
and token are those of the key}, {"refused": "no credentials"} or {"refused": the exception's
class}."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import botocore.session
from botocore.credentials import ContainerMetadataFetcher, SSOProvider
from botocore.loaders import create_loader
from botocore.tokens import SSOTokenProvider

LOADER = create_loader()    # of the services' models: read once


def take_place(env: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(env)
    # Class attributes that were expanded with the home directory at import.
    cache = os.path.expanduser("~/.aws/sso/cache")
    SSOProvider._SSO_TOKEN_CACHE_DIR = SSOTokenProvider._SSO_TOKEN_CACHE_DIR = cache
    ContainerMetadataFetcher.SLEEP_TIME = 0


def resolve(env: dict[str, str]) -> dict[str, Any]:
    take_place(env)
    session = botocore.session.Session()
    session.register_component("data_loader", LOADER)
    try:
        credentials = session.get_credentials()
        if credentials is None:
            return {"refused": "no credentials"}
        keys = credentials.get_frozen_credentials()
    except Exception as exception:    # whatever it is: the kind of refusal
        return {"refused": type(exception).__name__}
    kind, name = keys.access_key[:4], keys.access_key[4:]
    whole = (keys.secret_key == f"secret-of-{name}"
             and (keys.token or None) == (f"token-of-{name}" if kind == "ASIA" else None))
    return {"source": credentials.method, "access_key_id": keys.access_key,
            "account": keys.account_id, "whole": whole}


if __name__ == "__main__":
    json.dump([resolve(case["env"]) for case in json.load(sys.stdin)], sys.stdout)
