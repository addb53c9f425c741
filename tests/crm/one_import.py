"""Do one import in a process of its own, to be killed: `python -m tests.crm.one_import`.

`prepare` makes the database of RELANCE_DATA and a run of 2,000 rows; `work` says "ready" and goes
on with it; `state` prints how far it is: its state, its count, people, addresses, rows for undoing.
"""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "relance.site.settings")

import django

django.setup()

from django.core.management import call_command  # noqa: E402 (Django first)

from relance.crm import importing  # noqa: E402 (Django first)
from relance.crm.models import (  # noqa: E402 (Django first)
    ImportedRow,
    ImportRun,
    Person,
    PersonAddress,
)
from relance.users.models import User  # noqa: E402 (Django first)

ROWS = 2000


def prepare() -> None:
    call_command("migrate", verbosity=0)
    rows = "".join(f"N{n};n{n}@x.example;n{n}@home.example\n" for n in range(ROWS))
    user = User.objects.create_user("import@clarte.example")
    file = f"Nom;E-mail;E-mail 2\n{rows}".encode()
    run = importing.create(user, "contacts", "kills.csv", file)
    importing.check(run)
    importing.start(run)


def work() -> None:
    importing.BATCH = 50
    ImportRun.objects.update(lease_until=None)  # as if the time of the dead one's had passed
    print("ready", flush=True)
    importing.work(ImportRun.objects.get().pk)


def state() -> None:
    run = ImportRun.objects.get()
    links, people = PersonAddress.objects.count(), Person.objects.count()
    print(run.state, run.created_count, people, links, ImportedRow.objects.count())


if __name__ == "__main__":
    {"prepare": prepare, "work": work, "state": state}[sys.argv[1]]()
