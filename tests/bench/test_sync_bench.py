"""The bench of the first import, on a few mails of each kind, and what it refuses to measure."""

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bench import corpus, measure, sync


@pytest.mark.skipif(shutil.which("mbsync") is None, reason="needs Debian's isync")
@pytest.mark.skipif(shutil.which("dovecot") is None, reason="needs Debian's dovecot-imapd")
def test_every_mail_is_kept_once_and_none_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measure, "CACHE", tmp_path)
    mails = list(corpus.mails(910))
    malformed = mails[7::50]
    figures = sync.measure([*malformed, *mails[200:300]], rounds=1)
    assert len(malformed) == 19
    assert figures["lost"] == figures["doubled"] == figures["unreadable"] == 0
    assert figures["ratio_to_mbsync"] > 0
    assert 10 < figures["peak_rss_mb"] < 500
    assert figures["first_200_s"] == 0  # there are not two hundred


def _answer(**changed: Any) -> dict[str, Any]:
    whole = {"unplaced": 0, "twice": 0, "placements": 3, "threads": 3, "shas": ["a", "b", "c"]}
    timed = {"seconds": 2.0, "first_200_s": 0.5, "peak_mb": 100.4, "unreadable": 0}
    return {**whole, **timed, **changed}


@pytest.mark.parametrize("fault", [{"unplaced": 1}, {"twice": 1}, {"placements": 4}])
def test_an_import_that_is_not_whole_gives_no_figure(fault: dict[str, int]) -> None:
    with pytest.raises(RuntimeError, match="not whole"):
        sync._check(_answer(**fault))


def test_one_bad_round_is_enough_to_be_told_of() -> None:
    rounds = [_answer(), _answer(shas=["a", "b"]), _answer(shas=["a", "b", "c", "c"])]
    figures = sync._figures(rounds, [1.0, 1.0, 1.0], Counter("abc"))
    assert (figures["lost"], figures["doubled"]) == (1, 1)
    assert figures["ratio_to_mbsync"] == 0.5
    assert figures["peak_rss_mb"] == 100
