"""What is asked before a mail leaves, on tables of French and English letters."""

import time

import pytest

from relance.inbox import guards
from relance.inbox.announced import announced_attachment, greeted, greets, name_words
from relance.inbox.guards import Facts, Missing, Recipient
from relance.lib.reason import Reason

ANNOUNCED = [
    "Vous trouverez ci-joint notre devis.",
    "Ci-joint le devis demandé.",
    "Veuillez trouver ci-jointe l’offre révisée.",
    "Je vous joins le contrat signé.",
    "J’ai joint le plan de l’entrepôt.",
    "Le planning est en pièce jointe.",
    "Bonjour,\n\nVoir le détail en PJ.\n\nBien à vous",
    "PJ : devis 2026-118",
    "Nous joignons les photos du chantier.",
    "Les conditions figurent en annexe.",
    "Vous trouverez également joint le bon de commande.",
    "Devis joint, à me retourner signé.",
    "Le contrat est joint à ce message.",
    "La facture corrigée est jointe.",
    "Le procès-verbal est joint ; pouvez-vous le signer ?",
    "Please find attached our quote.",
    "Please find a first budget for both areas.",
    "I have attached the contract.",
    "I’m attaching the drawings.",
    "See attached.",
    "Attached is the schedule for December.",
    "The invoice is attached.",
    "We enclose our brochure.",
    "The details are in the attachment.",
    "Please see the attached file.",
]
NOT_ANNOUNCED = [
    "",
    "Merci pour votre pièce jointe, je la regarde demain.",
    "Pouvez-vous joindre le plan ?",
    "Merci de joindre votre RIB à la commande.",
    "Je vous ai joint par téléphone ce matin.",
    "Vous m’avez joint la mauvaise version.",
    "Vous pouvez me joindre au 04 00 00 00 12.",
    "Nous avons ouvert un compte joint.",
    "Je reviens vers vous sans pièce jointe cette fois.",
    "Rejoignons-nous à la gare.",
    "Bien reçu la pièce jointe, merci.",
    "Il est joignable au 04 00 00 00 12.",
    "Could you attach the plan?",
    "Please find a date that suits you.",
    "Please attach your order form.",
    "Thank you for the attachment.",
    "You attached the wrong file.",
    "I am rather attached to the idea.",
    "There are no strings attached.",
    "Your attachment could not be opened.",
    "The offer still stands, see you on Tuesday.",
]


@pytest.mark.parametrize("text", ANNOUNCED)
def test_an_attachment_that_is_announced_is_heard(text: str) -> None:
    assert announced_attachment(text)


@pytest.mark.parametrize("text", NOT_ANNOUNCED)
def test_somebody_elses_attachment_announces_nothing(text: str) -> None:
    assert announced_attachment(text) == ""


@pytest.mark.parametrize(
    "text",
    ["je vous " * 3000, "find a " * 4000, "merci de veuillez " * 2000, "a" * 20_000,
     "Bonjour " * 3000, "have we " * 4000, "É'" * 9000, "\xa0" * 20_000, "-" * 20_000],
)  # fmt: skip
def test_hostile_text_takes_no_time(text: str) -> None:
    before = time.process_time()
    announced_attachment(text)
    greeted(text)
    assert time.process_time() - before < 0.5


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Bonjour Marie,\n\nMerci.", ["Marie"]),
        ("Bonjour Madame Dupont,", ["Dupont"]),
        ("Bonjour M. Le Goff,", ["Le", "Goff"]),
        ("Chère Éloïse, merci", ["Éloïse"]),
        ("Bonjour Jean-Pierre !", ["Jean-Pierre"]),
        ("Bonjour Marie et Paul,", ["Marie", "Paul"]),
        ("Dear Mr. Smith,", ["Smith"]),
        ("Hi Tom,\nthanks", ["Tom"]),
        ("Good morning Ann,", ["Ann"]),
        ("Bonjour,\n\nMarie m’a dit", []),
        ("Bonjour à tous,", []),
        ("Hello all,", []),
        ("Hi there,", []),
        ("Bonjour Madame,", []),
        ("Bonjour {Person.firstName},", []),
        ("Bonjour et merci pour votre retour", []),
        ("Bonjour Messieurs,", []),
        ("Bonjour l’équipe,", []),
        ("Dear Sir or Madam,", []),
        ("Dear colleagues,", []),
    ],
)
def test_a_greeting_is_read_for_its_names(text: str, names: list[str]) -> None:
    assert greeted(text) == names


@pytest.mark.parametrize(
    ("names", "known", "same"),
    [
        (["Marie"], ("Paul Kerouan",), False),
        (["Paul"], ("Paul Kerouan",), True),
        (["Éloïse"], ("eloise.garnier@meunier.example",), True),
        (["Alex"], ("Alexandre Roy",), True),
        (["Dupont"], ("mdupont@client.example",), True),
        (["Jean-Pierre"], ("Jean Pierre Bec",), True),
        (["Anne"], ("Marie-Anne Colas",), True),
        (["Luc"], ("Lucie Roche",), True),
        (["Paul"], ("p.k@client.example",), False),
    ],
)
def test_a_greeting_is_compared_with_every_form_of_the_name(
    names: list[str], known: tuple[str, ...], same: bool
) -> None:
    assert greets(names, name_words(*known)) is same


def recipient(address: str = "paul@client.example", **fields: object) -> Recipient:
    values = {"role": "to", "address": address, "normalised": address, "name": "Paul Kerouan"}
    values["names"] = frozenset(name_words(str(fields.get("name", "Paul Kerouan")), address))
    return Recipient(**{**values, **fields})  # type: ignore[arg-type]


def letter(**fields: object) -> Facts:
    values: dict[str, object] = {
        "kind": "new",
        "subject": "Devis",
        "own_text": "Bonjour Paul,\n\nVoici où nous en sommes.",
        "recipients": (recipient(),),
    }
    return Facts(**{**values, **fields})  # type: ignore[arg-type]


def codes(facts: Facts) -> list[str]:
    return [warning.code for warning in guards.judge(facts)]


def test_a_sound_letter_raises_nothing() -> None:
    assert codes(letter()) == []


@pytest.mark.parametrize(
    ("fields", "code", "blocking"),
    [
        ({"recipients": ()}, "no_recipient", True),
        ({"recipients": (recipient("paul", normalised=""),)}, "bad_address", True),
        ({"subject": "  "}, "empty_subject", False),
        ({"own_text": "\n\n"}, "empty_body", False),
        ({"own_text": "Ci-joint le devis."}, "attachment_missing", False),
        ({"own_text": "Bonjour Marie,\nà demain"}, "greeting_differs", False),
        ({"own_text": "Dear Mary,\nsee you"}, "greeting_differs", False),
        ({"has_sender": False}, "no_sender", True),
        (
            {"recipients_max": 1, "recipients": (recipient(), recipient())},
            "too_many_recipients",
            True,
        ),
        ({"attachments_size": 11, "attachments_limit": 10}, "attachments_too_large", True),
        ({"thread_is_internal": True}, "first_external", False),
        ({"kind": "reply_all", "recipients": (recipient(),) * 11}, "reply_all_many", False),
        ({"other_companies": ("Vasseur",)}, "other_company", False),
        ({"missing": (Missing("Paul", ("Deal: name",)),)}, "placeholder_missing", True),
        ({"unknown_fields": ("{Person.shoe}",)}, "placeholder_unknown", True),
        ({"recipients": (recipient(verdict=Reason("invalid")),)}, "invalid", True),
        ({"recipients": (recipient(verdict=Reason("blocked")),)}, "blocked", True),
        ({"recipients": (recipient(verdict=Reason("opted_out")),)}, "opted_out", False),
    ],
)
def test_each_guard_speaks_when_it_should(
    fields: dict[str, object], code: str, blocking: bool
) -> None:
    found = guards.judge(letter(**fields))
    assert [(w.code, w.blocking) for w in found if w.code == code] == [(code, blocking)]


@pytest.mark.parametrize(
    "fields",
    [
        {"own_text": "Ci-joint le devis.", "attachment_count": 1},
        {"attachments_size": 10, "attachments_limit": 10},
        {"kind": "reply_all", "recipients": (recipient(),) * 10},
        {"kind": "forward", "own_text": ""},
        {"own_text": "", "has_images": True},
        {"thread_is_internal": True, "recipients": (recipient(is_internal=True),)},
        {
            "recipients": (recipient("info@client.example", name="", names=frozenset()),),
            "own_text": "Bonjour Marie, à demain",
        },
    ],
)
def test_each_guard_is_silent_when_it_should(fields: dict[str, object]) -> None:
    assert codes(letter(**fields)) == []


def test_opting_out_blocks_all_where_the_organisation_says_so() -> None:
    person = recipient(verdict=Reason("opted_out"))
    found = guards.judge(letter(recipients=(person,), opted_out_blocks=True))
    assert [(w.code, w.blocking) for w in found] == [("opted_out", True)]


def test_what_blocks_comes_first_and_is_never_confirmed_or_silenced() -> None:
    facts = letter(subject="", recipients=(recipient(verdict=Reason("invalid")),))
    found = guards.judge(facts)
    assert [w.code for w in found] == ["invalid", "empty_subject"]
    everything = {w.code for w in found}
    left = guards.unanswered(found, confirmed=everything, silenced=everything)
    assert [w.code for w in left] == ["invalid"]


def test_an_address_that_opted_out_is_confirmed_but_never_silenced() -> None:
    found = guards.judge(letter(recipients=(recipient(verdict=Reason("opted_out")),)))
    assert guards.unanswered(found, confirmed=set(), silenced={"opted_out"}) == found
    assert guards.unanswered(found, confirmed={"opted_out"}, silenced=set()) == []
