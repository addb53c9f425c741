"""The CRM on the *million* world: every list, a contact with 3,600 mails, the panel, an import.

Lists: each module as it opens, all of it, one owner's, sorted by another column, searched, and its
twentieth page; the queries and the processor time of one request in a process, the least of five.
In Chromium: a contact's page from the navigation to its mails painted, and the panel beside a
conversation from asking to painted; medians of nine. The import: 50,000 contacts of two addresses
each, in a world of its own, checked first, by one worker.
"""

from __future__ import annotations

import json
import statistics
import time
import urllib.parse
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from bench import chromium, million
from bench.measure import free_port, fresh, python, running, session_key, wait_for

_START = "import django; django.setup()\n"
_LISTS = (
    _START
    + """
import json, time
from django.conf import settings
settings.ALLOWED_HOSTS = ['*']
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from relance.crm import modules
from relance.users.models import User
client = Client(); client.force_login(User.objects.first())
found = {}
for module in modules.all():
    if not module.address:
        continue
    base = module.address + ('&' if '?' in module.address else '?')
    whole = ('', '&owner=me', '&sort=-modifiedAt', '&q=1234', '&page=20')
    asked = ['', *(f'view=all{more}' for more in whole)]
    for query in asked:
        assert client.get(base + query).status_code == 200, base + query
        with CaptureQueriesContext(connection) as queries:
            client.get(base + query)
        count = len(queries)
        took = []
        for _ in range(5):
            start = time.process_time()
            client.get(base + query)
            took.append((time.process_time() - start) * 1000)
        found[base + query] = [count, round(min(took), 1)]
print(json.dumps(found))
"""
)
_CONTACT = (
    _START
    + """
import sys
from relance.crm.models import Person, PersonAddress
from relance.mail.models import Message, Participant
wanted = %d
link = PersonAddress.objects.filter(person__kind='contact').select_related('person').order_by('pk')[7]
there = Participant.objects.filter(address=link.address, role=2).count()
if there < wanted:
    step = max(1, Message.objects.count() // wanted)
    keys = list(Message.objects.order_by('-pk').values_list('pk', flat=True)[::step])[:wanted]
    Participant.objects.filter(address=link.address, role=2).delete()
    Participant.objects.bulk_create(
        [Participant(message_id=key, role=2, position=0, address=link.address) for key in keys],
        batch_size=500,
    )
print(link.person_id)
"""
)
_THREAD = (
    _START
    + """
from relance.inbox.models import Placement
from relance.crm.models import DealContact, PersonAddress
known = DealContact.objects.filter(deal__deleted_at=None).values('person')
addresses = PersonAddress.objects.filter(person__in=known).values('address')[:500]
print(Placement.objects.filter(decided_by__in=list(a['address'] for a in addresses)).order_by('-key').values_list('thread', flat=True)[0])
"""
)
_IMPORT = (
    _START
    + """
import time
from django.core.management import call_command
call_command('migrate', verbosity=0)
from relance.crm import importing
from relance.crm.models import Person, PersonAddress
from relance.users.models import Organisation, User
Organisation.objects.create(name='Bench')
user = User.objects.create_user('bench@clarte.example', role='admin')
rows = ''.join(f'First{n},Last{n},p{n}@c{n %% 5000}.example,q{n}@home{n %% 5000}.example,+33 4 72 00 {n // 100 %% 100:02} {n %% 100:02},Company {n %% 5000}\\n' for n in range(%d))
data = 'First name,Last name,E-mail,Secondary e-mail,Phone,Account\\n' + rows
run = importing.create(user, 'contacts', 'contacts.csv', data.encode())
importing.check(run)
importing.start(run)
start = time.perf_counter()
importing.work(run.pk)
took = time.perf_counter() - start
run.refresh_from_db()
made, held = Person.objects.count(), PersonAddress.objects.count()
assert (made, held) == (%d, 2 * %d), (made, held, run.mapping, run.state)
print(made / took)
"""
)
_MAILS = """async () => {
  while (performance.now() < 15000) {
    if (document.querySelectorAll('.relrow a').length > 3) {
      await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
      return performance.now();
    }
    await new Promise(requestAnimationFrame);
  }
  throw new Error('the mails were not there in 15 s');
}"""
_PANEL = """async url => {
  const start = performance.now();
  const answer = await fetch(url, {headers: {'HX-Request': 'true'}, credentials: 'same-origin'});
  if (!answer.ok) throw new Error(`the panel answered ${answer.status}`);
  document.querySelector('#ctx').innerHTML = await answer.text();
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  return performance.now() - start;
}"""


def run(*, small: bool) -> dict[str, Any]:
    data = million.folder(10_000 if small else 1_000_000)
    print(million.describe(data), flush=True)
    queries, cpu = _lists(data)
    contact, panel = _pages(data, mails=360 if small else 3_600, times=3 if small else 9)
    return {
        "list_queries_max": queries,
        "list_cpu_ms_max": cpu,
        "contact_3600_ms": contact,
        "panel_ms": panel,
        "import_per_s": _import(5_000 if small else 50_000),
    }


def _lists(data: Path) -> tuple[int, float]:
    found = json.loads(python(_LISTS, data).splitlines()[-1])
    for url, (queries, cpu) in found.items():
        print(f"{cpu:7.1f} ms CPU, {queries:2} queries: {urllib.parse.unquote(url)}", flush=True)
    return max(q for q, _ in found.values()), max(cpu for _, cpu in found.values())


def _pages(data: Path, *, mails: int, times: int) -> tuple[float, float]:
    person = int(python(_CONTACT % mails, data).split()[-1])
    thread = int(python(_THREAD, data).split()[-1])
    key, port = session_key(data), free_port()
    address = f"http://127.0.0.1:{port}"
    with running("web", "--port", str(port), data=data), chromium.launched() as browser:
        wait_for(f"{address}/login/")
        print(f"Chromium {browser.version}, 1440 × 900, median of {times}", flush=True)
        took = [_contact(browser, address, key, person) for _ in range(times + 1)][1:]
        shown = _panel(browser, address, key, thread, times)
    print(f"contact: {sorted(map(round, took))} ms; panel: {sorted(map(round, shown))} ms")
    return round(statistics.median(took), 1), round(statistics.median(shown), 1)


def _contact(browser: Browser, address: str, key: str, person: int) -> float:
    context = chromium.logged_in(browser, address, key)
    page = context.new_page()
    page.goto(f"{address}/people/{person}/", wait_until="commit")
    took = float(page.evaluate(_MAILS))
    context.close()
    return took


def _panel(browser: Browser, address: str, key: str, thread: int, times: int) -> list[float]:
    context = chromium.logged_in(browser, address, key)
    page = context.new_page()
    page.goto(f"{address}/threads/{thread}/")
    page.wait_for_selector("#ctx")
    url = f"/threads/{thread}/panel/"
    took = [float(page.evaluate(_PANEL, url)) for _ in range(times + 1)][1:]
    context.close()
    return took


def _import(count: int) -> int:
    start = time.perf_counter()
    speed = float(python(_IMPORT % (count, count, count), fresh("crm-import")).split()[-1])
    print(f"{count:,} contacts of two addresses, prepared in {time.perf_counter() - start:.0f} s")
    return round(speed)
