"""Imports: tried, done in the background, gone on with after a death, undone."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from relance import journal
from relance.addresses.models import EmailAddress
from relance.crm import custom_fields, importing, importing_undo, importing_writing
from relance.crm.models import (
    Company,
    CustomField,
    Deal,
    ImportedRow,
    ImportRun,
    Person,
    PersonAddress,
    Tag,
)
from relance.crm.models.records import Record
from relance.journal.models import Change
from relance.users.models import Team, User
from tests.crm.conftest import Ear, deal, person

State = ImportRun.State
FAIR = """Nom;Prénom;Mail pro;E-mail 2;Société;Tel;Pays;Etiquettes;Notes
LECLERC;Tom;T.Leclerc@Logis.example;t@home.example;Logis Ouest;0600000041;France;"salon, Lyon";B12
Roche;Marie;m.roche@@atelier.example;;Atelier;;France;;
Dupuis;Jean;jean dupuis;;;;;;
Garnier;Éloïse;E.GARNIER@meunier.example;;Meunier;0478000000;;;
Lam;Paul;p.lam@vallon,example;;Vallon;;Suisse;;
"""


def run_of(user: User, text: str | bytes, module: str = "contacts", **options: Any) -> ImportRun:
    data = text.encode() if isinstance(text, str) else text
    run = importing.create(user, module, "salon-lyon.csv", data)
    importing.change(run, run.mapping, options)
    importing.check(run)
    return run


def done(run: ImportRun) -> ImportRun:
    importing.start(run)
    importing.work(run.pk)
    run.refresh_from_db()
    return run


def undone(run: ImportRun) -> ImportRun:
    entry = importing_undo.entry_of(run)
    assert entry
    journal.undo(entry.pk, run.user)
    importing.work(run.pk)
    run.refresh_from_db()
    assert run.state == State.UNDONE
    return run


def addresses_of(one: Person) -> list[str]:
    return [str(link) for link in one.address_links.all()]


def by_last_name(name: str) -> Person:
    return Person.objects.get(last_name=name, deleted_at=None)


def test_a_dry_run_tells_what_would_happen_and_writes_nothing(alice: User, eloise: Person) -> None:
    run = run_of(alice, FAIR)
    dry = run.options["dry"]
    assert (dry["rows"], dry["create"], dry["found"], dry["refused"]) == (5, 1, 1, 3)
    assert dry["mendable"] == 2
    assert [p[:2] for p in run.problems] == [[3, "two_at"], [4, "no_at"], [6, "bad_address"]]
    assert run.problems[0][3] == "m.roche@atelier.example"
    assert run.problems[2][3] == "p.lam@vallon.example"
    assert Person.objects.count() == 1
    assert not Company.objects.exists()


def test_contacts_arrive_with_everything_their_row_says(alice: User) -> None:
    run = done(run_of(alice, FAIR))
    assert (run.state, run.created_count, run.refused_count) == (State.DONE, 2, 3)
    thomas = by_last_name("LECLERC")
    assert thomas.kind == Person.Kind.CONTACT
    assert addresses_of(thomas) == ["t.leclerc@logis.example", "t@home.example"]
    assert thomas.address_links.get(is_primary=True).address.address.startswith("t.leclerc")
    assert thomas.company
    assert (thomas.company.name, thomas.phone, thomas.country) == (
        "Logis Ouest",
        "0600000041",
        "FR",
    )
    assert {tag.name for tag in thomas.tags.all()} == {"salon", "Lyon"}
    assert thomas.description == "B12"
    assert thomas.search_text == thomas.indexed_text()
    assert (thomas.owner, thomas.created_by) == (alice, alice)
    assert [(r.number, r.code) for r in run.refused.order_by("number")] == [
        (3, "two_at"),
        (4, "no_at"),
        (6, "bad_address"),
    ]


def test_slips_are_mended_when_the_proposals_are_accepted(alice: User) -> None:
    run = done(run_of(alice, FAIR, mend=True))
    assert run.created_count == 4
    assert addresses_of(by_last_name("Roche")) == ["m.roche@atelier.example"]


def test_a_known_address_fills_what_is_empty_and_changes_nothing_else(
    alice: User, eloise: Person
) -> None:
    eloise.title = "Directrice"
    eloise.save()
    text = "Nom;E-mail;Fonction;Tel\nAutre;e.garnier@meunier.example;Stagiaire;0478\n"
    run = done(run_of(alice, text))
    assert (run.created_count, run.updated_count) == (0, 1)
    eloise.refresh_from_db()
    assert (eloise.last_name, eloise.title, eloise.phone) == ("Garnier", "Directrice", "0478")
    line = Change.objects.get(entity="person", record_id=eloise.pk)
    assert line.changes == {"phone": ["", "0478"]}
    assert line.user == alice


def test_it_may_change_skip_or_double_what_is_known(alice: User, eloise: Person) -> None:
    text = "Nom;E-mail\nAutre;e.garnier@meunier.example\n"
    assert done(run_of(alice, text, on_match="skip")).skipped_count == 1
    assert done(run_of(alice, text, on_match="update")).updated_count == 1
    eloise.refresh_from_db()
    assert eloise.last_name == "Autre"
    assert done(run_of(alice, text, on_match="create")).created_count == 1
    assert PersonAddress.objects.filter(address__address="e.garnier@meunier.example").count() == 2


def test_names_find_people_when_asked(alice: User, eloise: Person) -> None:
    text = "Nom;Prénom;E-mail\nGARNIER;Eloise;nouvelle@meunier.example\n"
    assert run_of(alice, text).options["dry"]["found"] == 0
    run = done(run_of(alice, text, match="address_name"))
    assert run.updated_count == 1
    assert "nouvelle@meunier.example" in addresses_of(eloise)
    assert eloise.address_links.get(is_primary=True).address.address == "e.garnier@meunier.example"


@pytest.mark.parametrize("match", ["address", "address_name"])
def test_a_row_finds_what_an_earlier_row_made(alice: User, match: str) -> None:
    text = "Nom;E-mail;Tel\nRoy;a@x.example;\nRoy;A@X.example;0102\nRoy;b@x.example,a@x.example;\n"
    run = run_of(alice, text, match=match)
    assert (run.options["dry"]["create"], run.options["dry"]["found"]) == (1, 2)
    run = done(run)
    assert (run.created_count, run.updated_count) == (1, 2)
    roy = by_last_name("Roy")
    assert (roy.phone, addresses_of(roy)) == ("0102", ["a@x.example", "b@x.example"])


def test_converted_leads_and_deleted_people_are_not_found(alice: User, eloise: Person) -> None:
    from relance.crm import people

    people.delete(alice, eloise)
    run = done(run_of(alice, "Nom;E-mail\nG;e.garnier@meunier.example\n"))
    assert run.created_count == 1


def test_mail_of_known_addresses_is_told_to_move_once_a_batch(alice: User, ear: Ear) -> None:
    EmailAddress.objects.create(address="known@x.example", domain="x.example")
    rows = "".join(f"N{n};n{n}@x.example\n" for n in range(700))
    run = run_of(alice, f"Nom;E-mail\nKnown;known@x.example\n{rows}")
    ear.heard.clear()
    done(run)
    assert ear.heard == [("import", {"known@x.example"})]


def test_who_refuses_is_unsubscribed_and_nobody_is_subscribed_again(alice: User) -> None:
    EmailAddress.objects.create(
        address="c@x.example", domain="x.example", opted_out_at="2026-01-01T00:00Z"
    )
    text = "Nom;E-mail;Opt-in\nA;a@x.example;oui\nB;b@x.example;non\nC;c@x.example;oui\n"
    run = done(run_of(alice, text))
    out = EmailAddress.objects.exclude(opted_out_at=None).values_list("address", flat=True)
    assert set(out) == {"b@x.example", "c@x.example"}
    undone(run)
    out = EmailAddress.objects.exclude(opted_out_at=None).values_list("address", flat=True)
    assert set(out) == {"c@x.example"}


def test_owners_teams_and_custom_fields_are_understood(alice: User, bob: User) -> None:
    Team.objects.create(name="Équipe Sud")
    K = CustomField.Kind
    for key, kind in (("budget", K.MONEY), ("since", K.DATE), ("vip", K.YES_NO), ("level", K.LIST)):
        field = CustomField(entity="Person", label=key, kind=kind)
        custom_fields.with_choices(field, [("", "Gold", "Or")] if kind == K.LIST else [])
        custom_fields.create(field)
    text = (
        "Nom;Propriétaire;Équipe;Budget;Since;VIP;Level\n"
        "A;bob@clarte.example;equipe sud;12 500,50 €;14/11/2026;oui;or\n"
        "B;nobody@x.example;;;;;\nC;;;beaucoup;;;\nD;;;;;;argent\n"
    )
    run = done(run_of(alice, text))
    one = by_last_name("A")
    assert (one.owner, one.team and one.team.name) == (bob, "Équipe Sud")
    assert one.custom == {
        "budget": {"amount": "12500.5", "currency": "EUR"},
        "since": "2026-11-14",
        "vip": True,
        "level": "gold",
    }
    refused = list(run.refused.order_by("number").values_list("number", "code"))
    assert refused == [(3, "unknown_user"), (4, "bad_number"), (5, "unknown_choice")]


def test_leads_keep_their_company_in_words(alice: User) -> None:
    run = done(run_of(alice, "Nom;Société;Statut\nA;Vallon;En cours\n", "leads"))
    lead = by_last_name("A")
    assert (lead.kind, lead.company, lead.company_name) == ("lead", None, "Vallon")
    assert lead.status == Person.Status.IN_PROCESS
    assert run.created_count == 1


def test_accounts_are_found_by_name_and_by_domain(alice: User) -> None:
    known = Company.objects.create(name="Meunier & Fils", domain="meunier.example", owner=alice)
    text = (
        "Nom;Domaine;Ville;E-mail\nMEUNIER & FILS;;Lyon;contact@meunier.example\n"
        "Meunier SA;www.meunier.example;Nice;\nVallon;https://vallon.example/fr;Genève;\n"
    )
    run = done(run_of(alice, text, "accounts"))
    assert (run.created_count, run.updated_count) == (1, 1)
    assert run.skipped_count == 1  # its town is known by then, though its row is in the same batch
    known.refresh_from_db()
    assert (known.city, known.address_links.count()) == ("Lyon", 1)
    assert Company.objects.get(name="Vallon").domain == "vallon.example"


def test_deals_arrive_with_amounts_stages_and_contacts(
    alice: User, eloise: Person, ear: Ear
) -> None:
    text = (
        "Affaire;Montant;Étape;Date de clôture;Compte;E-mail du contact\n"
        "Entrepôt;48 000,00 €;Négociation;27/11/2026;Meunier;e.garnier@meunier.example\n"
        "Vitrines;$1.500,5;Gagnée;03/02/2026;Meunier;\nSans date;1;;;;\n"
    )
    run = done(run_of(alice, text, "deals"))
    assert (run.created_count, run.refused_count) == (2, 1)
    one = Deal.objects.get(name="Entrepôt")
    assert (one.amount, one.currency, one.closes_on) == (Decimal(48000), "EUR", date(2026, 11, 27))
    assert one.stage.name == "Negotiation"
    assert one.company and one.company.name == "Meunier"
    assert one.contacts.get().person == eloise
    assert "e.garnier@meunier.example" in ear.last[1]
    won = Deal.objects.get(name="Vitrines")
    assert (won.amount, won.currency, won.stage.kind) == (Decimal("1500.50"), "USD", "won")
    assert won.closed_at


def test_a_whole_import_is_undone(alice: User, eloise: Person, ear: Ear) -> None:
    tag = Tag.objects.create(name="vip")
    eloise.tags.add(tag)
    text = (
        "Nom;E-mail;E-mail 2;Tel;Autre téléphone;Société;Étiquettes\n"
        "G;e.garnier@meunier.example;new@x.example;0478;0622222222;Meunier;vip, salon\n"
        "A;a@x.example;;;;Vallon;salon\nB;b@x.example;;;;Vallon;\n"
    )
    run = done(run_of(alice, text))
    eloise.refresh_from_db()
    assert eloise.company and eloise.phones.count() == 1
    undone(run)
    eloise.refresh_from_db()
    assert (eloise.last_name, eloise.phone, eloise.company) == ("Garnier", "", None)
    assert addresses_of(eloise) == ["e.garnier@meunier.example", "eloise@home.example"]
    assert [t.name for t in eloise.tags.all()] == ["vip"]
    assert not eloise.phones.exists()
    assert not Person.objects.filter(deleted_at=None).exclude(pk=eloise.pk).exists()
    assert not Company.objects.filter(deleted_at=None).exists()
    assert not ImportedRow.objects.exists()
    assert {"a@x.example", "new@x.example"} <= {a for _r, some in ear.heard for a in some}


def test_undoing_leaves_what_somebody_changed_since(alice: User, bob: User) -> None:
    from relance.crm import people

    run = done(run_of(alice, "Nom;E-mail;Société\nA;a@x.example;Vallon\nB;b@x.example;Autre\n"))
    one = by_last_name("A")
    one.title = "Directeur"
    people.edit(one, actor=bob)
    undone(run)
    assert [p.last_name for p in Person.objects.filter(deleted_at=None)] == ["A"]
    assert [c.name for c in Company.objects.filter(deleted_at=None)] == ["Vallon"]
    assert run.options["kept"] == 1


def test_nobody_undoes_the_import_of_another(alice: User, bob: User) -> None:
    run = done(run_of(alice, "Nom\nA\n"))
    entry = importing_undo.entry_of(run)
    assert entry
    with pytest.raises(journal.CannotUndo):
        journal.undo(entry.pk, bob)
    assert by_last_name("A")


def test_it_does_not_start_untried(alice: User) -> None:
    run = importing.create(alice, "contacts", "a.csv", b"Nom\nA\n")
    with pytest.raises(importing.NotReady):
        importing.start(run)
    importing.check(run)
    importing.change(run, {**run.mapping, "columns": [""]}, {})
    with pytest.raises(importing.NotReady):
        importing.start(run)


def test_a_run_goes_on_after_the_last_whole_batch(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 10)
    rows = "".join(f"N{n};n{n}@x.example\n" for n in range(35))
    run = run_of(alice, f"Nom;E-mail\n{rows}")
    importing.start(run)
    write, calls = importing_writing.Writer.write, []

    def dies(self: Any, drafts: Any) -> Any:
        calls.append(len(drafts))
        counts = write(self, drafts)
        if len(calls) == 3:
            raise MemoryError  # in its transaction, after it wrote
        return counts

    monkeypatch.setattr(importing_writing.Writer, "write", dies)
    with pytest.raises(MemoryError):
        importing.work(run.pk)
    assert Person.objects.count() == 20
    importing.work(run.pk)  # its lease has not ended
    assert Person.objects.count() == 20
    ImportRun.objects.filter(pk=run.pk).update(lease_until="2020-01-01T00:00Z")
    assert importing.due() == [run.pk]
    importing.work(run.pk)
    run.refresh_from_db()
    assert (run.state, run.created_count, Person.objects.count()) == (State.DONE, 35, 35)


def test_a_run_that_kills_its_workers_is_given_up_and_can_be_undone(alice: User) -> None:
    run = run_of(alice, "Nom\nA\n")
    importing.start(run)
    ImportRun.objects.filter(pk=run.pk).update(attempts=5)
    importing.work(run.pk)
    run.refresh_from_db()
    assert (run.state, run.last_error) == (State.FAILED, "unexpected")


def test_a_worker_that_lost_its_run_writes_nothing(alice: User) -> None:
    run = run_of(alice, "Nom\nA\n")
    importing.start(run)
    stale = ImportRun.objects.get(pk=run.pk)
    stale.next_row = 7
    plan = importing.plan_of(run, importing.table_of(run))
    known = importing.Known(alice, plan, "address")
    batch = importing.Batch(last=2, drafts=[importing.Draft(2, {"last_name": "A"})])
    assert not importing._write(stale, importing.Writer(run, plan, known), batch)
    assert not Person.objects.exists()


def test_old_runs_are_forgotten_with_their_files(alice: User) -> None:
    run = done(run_of(alice, "Nom\nA\n"))
    draft = importing.create(alice, "contacts", "b.csv", b"Nom\nB\n")
    assert not importing.prune()
    ImportRun.objects.update(created_at="2020-01-01T00:00Z")
    importing.prune()
    assert not ImportRun.objects.filter(pk__in=[run.pk, draft.pk]).exists()
    assert by_last_name("A")


def test_a_lead_is_filled_by_a_file_of_contacts_and_stays_a_lead(alice: User) -> None:
    lead = person(alice, "l@x.example", kind="lead", company_name="")
    done(run_of(alice, "Nom;E-mail;Société\nL;l@x.example;Vallon\n"))
    lead.refresh_from_db()
    assert (lead.kind, lead.company_name, lead.company) == ("lead", "Vallon", None)


def test_a_deal_found_again_may_change_its_stage(alice: User, eloise: Person) -> None:
    one = deal(alice, eloise, name="Entrepôt")
    text = "Affaire;Étape\nEntrepôt;Gagnée\n"
    assert done(run_of(alice, text, "deals")).skipped_count == 1
    run = done(run_of(alice, text, "deals", on_match="update"))
    one.refresh_from_db()
    assert one.stage.kind == "won" and one.closed_at
    undone(run)
    one = Deal.objects.get(pk=one.pk)
    assert one.stage.kind == "open" and one.closed_at is None
    assert isinstance(one, Record)
