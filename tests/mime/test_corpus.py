"""Real mail: the SpamAssassin public corpus, fetched by `bin/fetch-corpus`, never committed."""

import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import pytest

from relance.mime.parse import parse
from relance.mime.quotes import split_quotes
from relance.mime.sanitise import document_for_frame, sanitise

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT / ".cache" / "corpora" / "spam-assassin"
SAMPLE = 300
WHOLE = 6_046


@cache
def corpus() -> list[Path]:
    """The mails, or the test is skipped with the reason."""
    fetched = subprocess.run(
        [sys.executable, ROOT / "bin" / "fetch-corpus"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if not CORPUS.is_dir():
        pytest.skip(f"the corpus could not be fetched: {fetched.stderr.strip()[:300]}")
    return sorted(CORPUS.rglob("*.txt"))


def read(paths: list[Path]) -> tuple[int, float]:
    """How many mails came out empty, and the slowest one's seconds."""
    empty, slowest = 0, 0.0
    for path in paths:
        raw = path.read_bytes()
        start = time.process_time()
        message = parse(raw)
        document_for_frame(sanitise(message.html, cid_url=lambda _: None))
        assert "".join(block.text for block in split_quotes(message.text)) == message.text
        slowest = max(slowest, time.process_time() - start)
        has_body = bool(raw.replace(b"\r\n", b"\n").partition(b"\n\n")[2].strip())
        empty += has_body and not message.text.strip() and not message.html.strip()
    return empty, slowest


def test_a_sample_of_real_mail_is_read() -> None:
    paths = corpus()
    empty, slowest = read(paths[:: len(paths) // SAMPLE])
    assert empty == 0
    assert slowest < 2


@pytest.mark.slow
def test_all_real_mail_is_read() -> None:
    paths = corpus()
    assert len(paths) == WHOLE
    empty, slowest = read(paths)
    assert empty <= len(paths) // 1_000
    assert slowest < 2
