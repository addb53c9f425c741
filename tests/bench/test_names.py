"""The command line of the benchmarks."""

import importlib
import json
from typing import Any

import pytest

from bench import __main__ as command


def test_without_a_name_they_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([]) == 0
    assert capsys.readouterr().out.split() == list(command.NAMES)


def test_an_unknown_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refusal:
        command.main(["speed"])
    assert refusal.value.code == 2
    assert "invalid choice: 'speed'" in capsys.readouterr().err


@pytest.mark.parametrize("name", command.NAMES)
def test_each_can_be_run(name: str) -> None:
    assert callable(importlib.import_module(f"bench.{name}").run)


@pytest.mark.parametrize("name", command.WORLDS)
def test_each_world_can_be_prepared(name: str) -> None:
    assert callable(importlib.import_module(f"bench.{name}").prepare)


def test_the_last_line_is_one_json_object(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*, small: bool) -> dict[str, Any]:
        print("halfway")
        return {"pss_mb": 1 if small else 2}

    monkeypatch.setattr("bench.memory.run", run)
    assert command.main(["memory", "--small"]) == 0
    first, *_, last = capsys.readouterr().out.splitlines()
    assert first.startswith("memory: ")
    assert "load before" in first
    assert json.loads(last) == {"pss_mb": 1}
