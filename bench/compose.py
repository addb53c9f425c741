"""An answer to a mail of 100 kB in Chromium, on the demo world.

`open_ms` goes from `R` to the editor painted and ready for the next key, the draft made and the
whole mail quoted by the server meanwhile; median. `key_p95_ms` is what Event Timing says between a
key and the paint that shows it, over keys typed with the quote unfolded; the browser rounds to 8 ms
and tells nothing below 16, which counts as 16. `save_ms` is a draft's save, from its request to its
answer; median.
"""

from __future__ import annotations

import statistics
from typing import Any

from playwright.sync_api import Browser, Page

from bench import chromium, demo
from bench.measure import percentile, python, session_key

_LEAST = 16.0  # ms: quicker keys are not told apart
_TEXT = "Bonjour, voici ce que nous proposons pour vos quais, sans surcoût. "
_LARGE = """
import django; django.setup()
from relance.inbox.models import Placement
from relance.mail.models import MessageBody
from relance.users.models import User
user = User.objects.filter(email__startswith="camille").order_by("pk").first()
alone = Placement.objects.filter(account__owner=user, message_count=1, has_attachment=False)
newest = alone.filter(message__copies__is_partial=False).order_by("-key").first()
row = '<tr><td style="color:#345">Luminaire %d</td><td><b>%d</b> unités, pose comprise</td></tr>'
rows, n = [], 0
while sum(map(len, rows)) < 100_000:
    n += 1
    rows.append(row % (n, n * 3))
html = "<p>Bonjour,</p><table>" + "".join(rows) + "</table>"
MessageBody.objects.filter(message=newest.message).update(html=html)
print(newest.thread_id)
"""
_WATCH = """() => {
  window.keyTimes = new Map();
  new PerformanceObserver((list) => {
    for (const {interactionId, duration, name} of list.getEntries()) {
      if (!interactionId || !name.startsWith('key')) continue;
      window.keyTimes.set(interactionId, Math.max(duration, window.keyTimes.get(interactionId) ?? 0));
    }
  }).observe({type: 'event', durationThreshold: 16, buffered: false});
}"""
_OPEN = """async () => {
  const start = performance.now();
  document.dispatchEvent(new KeyboardEvent('keydown', {key: 'r', bubbles: true}));
  while (performance.now() < start + 10000) {
    const editor = document.querySelector('[data-compose-place] .composer__edit');
    if (editor && document.activeElement === editor) {
      await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
      return performance.now() - start;
    }
    await new Promise(requestAnimationFrame);
  }
  throw new Error('one cannot write after 10 s');
}"""
_SAVES = """performance.getEntriesByType('resource')
  .filter(e => e.name.endsWith('/save/')).map(e => e.responseEnd - e.requestStart)"""

_HAS_COMPOSER = "performance.getEntriesByType('resource').some(e => e.name.includes('compose.js'))"


def run(*, small: bool) -> dict[str, Any]:
    """The figures under `open_ms`, `key_p95_ms` and `save_ms`."""
    rounds, keys = (3, 60) if small else (9, 240)
    opens: list[float] = []
    with demo.served("compose") as world, chromium.launched() as browser:
        print(f"Chromium {browser.version}, 1440 × 900, {rounds} answers, {keys} keys")
        thread = python(_LARGE, world.data).split()[-1]
        session = session_key(world.data, "camille")
        address = f"{world.address}/threads/{thread}/"
        _once(browser, world.address, address, session)
        opens = [_once(browser, world.address, address, session) for _ in range(rounds)]
        times, saves = _typed(browser, world.address, address, session, keys)
    return {
        "open_ms": round(statistics.median(opens), 1),
        "key_p95_ms": round(percentile(times, 95), 1),
        "save_ms": round(statistics.median(saves), 1),
    }


def _reading(browser: Browser, origin: str, address: str, session: str) -> Page:
    """The conversation, read long enough for its composer to be fetched ahead."""
    context = chromium.logged_in(browser, origin, session)
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector("iframe.is-shown")
    while not page.evaluate(_HAS_COMPOSER):  # waiting inside the page would need its policy's leave
        page.wait_for_timeout(50)
    page.wait_for_timeout(300)
    return page


def _discard(page: Page) -> None:
    page.locator("[data-compose-place] [data-compose-discard]").click()
    confirm = page.locator("dialog[aria-labelledby=ask-h] [type=submit]")
    if confirm.count():
        confirm.click()
    page.wait_for_selector("[data-compose-opener]")


def _once(browser: Browser, origin: str, address: str, session: str) -> float:
    page = _reading(browser, origin, address, session)
    opened = float(page.evaluate(_OPEN))
    page.wait_for_timeout(200)
    _discard(page)
    page.context.close()
    print(f"open {opened:.0f} ms")
    return opened


def _typed(
    browser: Browser, origin: str, address: str, session: str, keys: int
) -> tuple[list[float], list[float]]:
    """Milliseconds from each key to its paint, and of each save."""
    page = _reading(browser, origin, address, session)
    page.evaluate(_OPEN)
    page.locator("[data-compose-quote] summary").click()
    page.wait_for_timeout(800)
    page.locator("[data-compose-place] .composer__edit").focus()
    page.evaluate(_WATCH)
    text = (_TEXT * (keys // len(_TEXT) + 1))[:keys]
    for at in range(0, keys, 40):
        page.keyboard.type(text[at : at + 40], delay=45)
        page.wait_for_timeout(1500)  # the hand rests, the draft is saved
    told = [float(t) for t in page.evaluate("[...window.keyTimes.values()]")]
    saves = [float(t) for t in page.evaluate(_SAVES)]
    _discard(page)
    page.context.close()
    times = [_LEAST] * max(0, keys - len(told)) + told
    print(f"{len(told)} of {keys} keys took 16 ms or more, the longest {max(times):.0f}")
    print("saves", [round(t) for t in saves])
    return times, saves
