"""Nothing a mail holds runs or loads anything, on any page that shows it (promises X1, X2)."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import letters
from tests.browser.conftest import ROOT
from tests.browser.payloads import NAMES, PAYLOADS

pytestmark = pytest.mark.browser
_A_THREAD = 12  # messages in one conversation


def code(number: int) -> str:
    """What runs when payload `number` fires: without spaces or quotes, so that it fits anywhere."""
    return f"alert({number})||fetch(`/fired/{number}`)"


def armed(payload: str, number: int) -> str:
    return payload.replace("JS", code(number))


class Sink:
    """A server elsewhere, that remembers who asked it for what."""

    def __init__(self) -> None:
        asked = self.asked = []  # type: list[str]

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_response(204)
                self.end_headers()

            do_POST = do_HEAD = do_OPTIONS = do_GET

            def log_message(self, *_args: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def sink() -> Iterator[Sink]:
    made = Sink()
    yield made
    made.stop()


@pytest.fixture
def receive(environment: dict[str, str]) -> Callable[..., dict[str, Any]]:
    """`receive("meeting")`, `receive("raw", mails…)`: mails with their sources come in."""

    def one(name: str, *rest: str | bytes) -> dict[str, Any]:
        words = [base64.b64encode(r).decode() if isinstance(r, bytes) else r for r in rest]
        done = subprocess.run(
            [sys.executable, "-m", "tests.browser.letters", name, *words],
            cwd=ROOT,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    return one


class Watched:
    """A page, and what ran or was asked for in it."""

    def __init__(self, browser: Browser, served: str, session: str) -> None:
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.set_default_timeout(15_000)
        context.add_cookies([{"name": "relance_session", "value": session, "url": served}])
        self.context = context
        self.served = served
        self.fired: list[str] = []
        self.elsewhere: list[str] = []
        context.on("dialog", lambda dialog: (self.fired.append(dialog.message), dialog.dismiss()))
        context.on("request", lambda request: self._asked(request.url))
        self.page: Page = context.new_page()

    def _asked(self, url: str) -> None:
        if "/fired/" in url or url.startswith(("javascript:", "blob:")):
            self.fired.append(url)
        if not url.startswith((self.served, "data:image/", "about:", "chrome-")):
            self.elsewhere.append(url)

    def goto(self, path: str) -> None:
        self.page.goto(self.served + path)
        self.page.wait_for_load_state("load")
        assert not self.fired, (path, self.fired)
        assert not self.elsewhere, (path, self.elsewhere)

    def poke(self) -> None:
        """Move over, click and focus what invites to it, in every frame."""
        for frame in self.page.frames:
            for selector in ("a[href]:not([href^=http]):not([href^='/'])", "[tabindex]", "button"):
                if frame is not self.page.main_frame and frame.query_selector(selector):
                    frame.evaluate(_POKE, selector)
        assert not self.fired, self.fired


_POKE = """selector => document.querySelectorAll(selector).forEach(e => {
  for (const type of ['pointerenter', 'mouseover', 'mousedown', 'focus', 'click'])
    e.dispatchEvent(new MouseEvent(type, {bubbles: true, cancelable: true}));
})"""


@pytest.fixture
def watched(browser: Browser, served: str, session: str) -> Iterator[Watched]:
    made = Watched(browser, served, session)
    yield made
    made.context.close()


def word(text: str) -> str:
    """An encoded word, so that a header may hold anything."""
    return f"=?utf-8?b?{base64.b64encode(text.encode('utf-8', 'replace')).decode()}?="


def thread_of(number: int, payloads: list[str]) -> list[bytes]:
    """A conversation of attacks, each also in its text, its subject, its sender and a file."""
    raws = []
    for n, payload in enumerate(payloads, start=number):
        name = armed(NAMES[n % len(NAMES)], n)
        html = f"<p>Bonjour {n}</p>{armed(payload, n)}"
        body = b"Content-Type: multipart/alternative; boundary=alt\r\n\r\n" + b"\r\n".join(
            [b"--alt", letters.text(html), b"--alt", letters.text(html, "html"), b"--alt--"]
        )
        file = letters.file("NAME", "image/png", letters.png(8, 8))
        raws.append(
            letters.mail(
                body,
                file.replace(b'"NAME"', f'"{word(name)}"'.encode()),
                own_id=f"p{n}@x",
                names=() if n == number else (f"p{number}@x",),
                subject=word(name),
                sender=f"{word(name)} <a{n}@bad.example>",
            )
        )
    return raws


def test_there_are_enough_payloads() -> None:
    assert len(PAYLOADS) >= 120 and len(set(PAYLOADS)) == len(PAYLOADS)


@pytest.fixture
def attacked(receive: Callable[..., dict[str, Any]]) -> list[dict[str, Any]]:
    starts = range(0, len(PAYLOADS), _A_THREAD)
    return [
        receive("raw", *thread_of(start, PAYLOADS[start : start + _A_THREAD])) for start in starts
    ]


def test_no_mail_runs_anything_wherever_it_is_shown(
    attacked: list[dict[str, Any]], watched: Watched
) -> None:
    watched.goto("/")
    watched.goto("/list/")
    watched.goto("/search/?q=bonjour")
    for made in attacked:
        thread, ids = made["thread"], ",".join(map(str, made["copies"]))
        watched.goto(f"/threads/{thread}/?open={ids}")
        assert len(watched.page.query_selector_all("iframe.mail__frame")) == len(made["copies"])
        watched.poke()
        watched.goto(f"/threads/{thread}/?plain={ids}")
        watched.goto(f"/threads/{thread}/print/")
        watched.poke()
        watched.goto(f"/threads/{thread}/messages/{made['copies'][0]}/source/?view=1")
        watched.goto(f"/threads/{thread}/messages/{made['copies'][0]}/move/choose/")


def _quoted(watched: Watched, thread: int, copy: int) -> int:
    """Begin to pass a mail on; its draft."""
    watched.goto("/")
    token = watched.page.evaluate(
        "JSON.parse(document.body.getAttribute('hx-headers:inherited'))['X-CSRFToken']"
    )
    answer = watched.context.request.post(
        f"{watched.served}/compose/reply/{thread}/{copy}/forward/",
        headers={"X-CSRFToken": token, "Referer": f"{watched.served}/"},
        form={"text": "x"},
    )
    assert answer.ok and "/compose/" in answer.url, answer.url
    return int(answer.url.rstrip("/").rsplit("/", 1)[1])


def test_no_mail_runs_anything_once_it_is_quoted(
    attacked: list[dict[str, Any]], watched: Watched
) -> None:
    for made in attacked:
        for number, copy in enumerate(made["copies"]):
            draft = _quoted(watched, made["thread"], copy)
            watched.goto(f"/compose/{draft}/quote/")
            watched.poke()
            if number == 0:
                watched.goto(f"/compose/{draft}/")
    watched.goto("/outgoing/drafts/")


def test_no_notice_runs_anything(receive: Callable[..., dict[str, Any]], watched: Watched) -> None:
    texts = [armed(name, n) for n, name in enumerate([*NAMES, *PAYLOADS[:40]])]
    receive("notices", *[text.replace("\0", "") for text in texts])
    watched.goto("/notices/")
    watched.goto("/")
    watched.page.locator("[href='/notices/'], [data-notices]").first.click()
    watched.page.wait_for_timeout(300)
    assert not watched.fired


def test_nothing_is_loaded_from_elsewhere_before_consent(
    receive: Callable[..., dict[str, Any]], watched: Watched, sink: Sink
) -> None:
    made = receive("remote", sink.address)
    thread, copy = made["thread"], made["copies"][0]
    for path in (
        *("/", "/list/", f"/threads/{thread}/", f"/threads/{thread}/?plain={copy}"),
        *(f"/threads/{thread}/print/", f"/threads/{thread}/messages/{copy}/print/"),
        f"/threads/{thread}/messages/{copy}/source/?view=1",
    ):
        watched.goto(path)
        watched.page.wait_for_timeout(100)
    draft = _quoted(watched, thread, copy)
    watched.goto(f"/compose/{draft}/quote/")
    watched.goto(f"/compose/{draft}/")
    watched.page.wait_for_timeout(500)
    assert sink.asked == []


def test_consent_loads_pictures_alone_and_is_taken_back(
    receive: Callable[..., dict[str, Any]], watched: Watched, sink: Sink
) -> None:
    made = receive("remote", sink.address)
    page, path = watched.page, f"/threads/{made['thread']}/"
    watched.goto(path)
    page.get_by_role("link", name="Show them").click()
    page.wait_for_timeout(700)
    loaded = set(sink.asked)
    assert "/1.png" in loaded
    assert loaded <= {"/1.png", "/22.png", "/23.png"}, loaded
    assert not watched.fired
    sink.asked.clear()
    watched.elsewhere.clear()
    watched.goto(path)
    assert sink.asked == []
    page.get_by_role("button", name="Always for this sender").click()
    page.wait_for_timeout(700)
    assert "/1.png" in sink.asked
    page.get_by_role("group").get_by_label("More actions").last.click()
    page.get_by_role("button", name="Block images of this sender again").click()
    page.wait_for_timeout(500)
    sink.asked.clear()
    watched.elsewhere.clear()
    watched.goto(path)
    page.wait_for_timeout(300)
    assert sink.asked == []
