"""The daemon and the function make the same repository of the same rule: compared as the API
returns both, over the matrix of settings."""

from __future__ import annotations

import getpass
from collections.abc import Iterator

import pytest

from integration import settings_matrix
from integration.lambda_runtime import Function, push_event
from integration.settings_matrix import Combination
from integration.test_settings import ALL, as_returned, configure, expected, push_all
from sandbox import Sandbox


@pytest.fixture(scope="module")
def made_by_both(running_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
                 ) -> Iterator[dict[str, tuple[object, object]]]:
    """What the daemon made of each name, and then, in an empty registry, the function."""
    folder = tmp_path_factory.mktemp("settings")
    running_sandbox.reset()
    for defaults in settings_matrix.DEFAULTS:
        push_all(running_sandbox, folder, defaults)
    by_daemon = {one.name: as_returned(running_sandbox, one.name) for one in ALL}

    running_sandbox.reset()
    for defaults in settings_matrix.DEFAULTS:
        file = configure(folder, defaults)
        with Function(running_sandbox.env(), arguments=["--config", str(file)]) as function:
            for one in ALL:
                if one.defaults == defaults:
                    answer = function.invoke(push_event(one.name, user=getpass.getuser()))
                    assert answer.body == {"result": "created"}, (one, answer)
    yield {one.name: (by_daemon[one.name], as_returned(running_sandbox, one.name)) for one in ALL}


@pytest.mark.parametrize("combination", ALL, ids=lambda one: one.name.partition("/")[2])
def test_both_make_the_same(made_by_both: dict[str, tuple[object, object]],
                            combination: Combination) -> None:
    by_daemon, by_function = made_by_both[combination.name]
    assert by_function == by_daemon
    # and it is not nothing that is equal
    assert dict(by_function["tags"]) == expected(combination)["tags"]  # type: ignore[index]
