"""Filters from Gmail: its XML, its search expressions, and files made to do harm."""

import time
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest

from relance.criteria import conditions
from relance.inbox.filter_files import gmail_query, reading
from relance.inbox.filter_files.drafts import NEVER, Draft, Notes, Reading, RefusedFile, Tree

FEED = (
    "<feed xmlns='http://www.w3.org/2005/Atom' "
    "xmlns:apps='http://schemas.google.com/apps/2006'><title>Mail Filters</title>"
)


def entry(*properties: tuple[str, str], term: str = "filter", more: str = "") -> str:
    listed = "".join(f"<apps:property name='{n}' value={quoteattr(v)}/>" for n, v in properties)
    head = f"<category term='{term}'></category><title>Mail Filter</title>"
    return f"<entry>{head}{more}{listed}</entry>"


def reading_of(*entries: str, before: str = "<?xml version='1.0' encoding='UTF-8'?>") -> Reading:
    return reading.read(f"{before}{FEED}{''.join(entries)}</feed>".encode(), "mailFilters.xml")


def one(*properties: tuple[str, str]) -> Draft:
    [draft] = reading_of(entry(*properties)).drafts
    return draft


def query(text: str, field: str = "") -> tuple[Tree, list[str]]:
    notes = Notes()
    tree = gmail_query.read(text, notes, field=field)
    conditions.parse(tree, "Mail")
    return tree, [code for code, _ in notes.warnings]


def ask(field: str, op: str, value: Any = None) -> Tree:
    return {"field": field, "op": op} | ({} if value is None else {"value": value})


def has(field: str, value: str) -> Tree:
    return ask(field, "contains", value)


def lacks(field: str, value: str) -> Tree:
    return ask(field, "not_contains", value)


def anywhere(value: str) -> Tree:
    return {"any": [has(f, value) for f in ("subject", "body", "from", "fromName", "toOrCc")]}


def named(value: str) -> Tree:
    return {"any": [has("from", value), has("fromName", value)]}


def test_the_conditions_of_an_entry_hold_together_and_a_size_without_number_is_none() -> None:
    draft = one(
        ("from", "commandes@hotel-lac.example"),
        ("subject", "offre"),
        ("label", "Hôtels/Lac"),
        ("shouldStar", "true"),
        ("shouldNeverSpam", "true"),
        ("sizeOperator", "s_sl"),
        ("sizeUnit", "s_smb"),
    )

    assert draft.match == "all" and draft.is_enabled and not draft.warnings
    assert draft.criteria == {
        "all": [has("from", "commandes@hotel-lac.example"), has("subject", "offre")]
    }
    assert draft.actions == (
        {"kind": "label", "label": "Hôtels/Lac"},
        {"kind": "star"},
        {"kind": "never_spam"},
    )
    assert draft.name == "commandes@hotel-lac.example · offre"
    assert draft.source.startswith("<entry>") and draft.source.endswith("</entry>")


def test_a_newsletter_is_read_and_archived() -> None:
    draft = one(
        ("hasTheWord", "list:lettre.musee.example"),
        ("shouldArchive", "true"),
        ("shouldMarkAsRead", "true"),
    )

    assert draft.criteria == {"all": [has("listId", "lettre.musee.example")]}
    assert draft.actions == ({"kind": "read"}, {"kind": "archive"})


def test_everything_at_once_is_read_and_what_is_dangerous_waits() -> None:
    found = reading_of(
        entry(
            ("from", "{@lac.example @mer.example} -robot"),
            ("doesNotHaveTheWord", '"ne plus recevoir" OR désinscrire'),
            ("hasAttachment", "true"),
            ("excludeChats", "true"),
            ("size", "5"),
            ("sizeOperator", "s_sl"),
            ("sizeUnit", "s_smb"),
            ("label", "Durand & filles"),
            ("forwardTo", "paul@zylker.example"),
            ("smartLabelToApply", "^smartlabel_personal"),
            ("shouldAlwaysMarkAsImportant", "true"),
            ("cannedResponse", "tag:mail.google.com,2009:cannedResponse:x1"),
        ),
        entry(term="cannedResponse", more="<content type='text'>Merci, bien reçu.</content>"),
    )
    [draft] = found.drafts
    criteria = draft.criteria["all"]

    assert draft.is_enabled
    assert criteria[0] == {"any": [has("from", "@lac.example"), has("from", "@mer.example")]}
    assert criteria[1] == lacks("from", "robot")
    assert (
        lacks("body", "ne plus recevoir") in criteria and lacks("body", "désinscrire") in criteria
    )
    assert criteria[-2:] == [ask("hasAttachment", "yes"), ask("size", "gt", "5242.88")]
    assert draft.labels == ["Durand & filles", "Personnel"]
    assert draft.unconfirmed == ({"kind": "forward", "to": "paul@zylker.example"},)
    assert {c for c, _ in draft.warnings} == {"answer_dropped", "smart_label", "to_confirm"}
    assert found.templates == (("Mail Filter", "Merci, bien reçu."),)


def test_one_condition_that_cannot_be_asked_disables_the_filter() -> None:
    draft = one(
        ("hasTheWord", '(from:(ana OR paul) subject:"bon de livraison") larger:2M -in:chats'),
        ("shouldTrash", "true"),
    )

    assert draft.disabled_because == "condition"
    assert draft.unconfirmed == ({"kind": "trash"},) and not draft.actions
    assert draft.criteria["all"][-1] == NEVER
    assert ("unknown_operator", {"what": "in:chats"}) in draft.warnings


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("devis", anywhere("devis")),
        ('"bon de commande"', anywhere("bon de commande")),
        ("+devis", anywhere("devis")),
        ("12:30", anywhere("12:30")),
        ("https://x.example/a", anywhere("https://x.example/a")),
        ("from:a@b.example", has("from", "a@b.example")),
        ("from:*@b.example", has("from", "@b.example")),
        ("FROM:b.example", has("from", "b.example")),
        ("from:bob", named("bob")),
        ('from:"Bob Martin"', named("Bob Martin")),
        ("to:a@b.example", has("toOrCc", "a@b.example")),
        ("cc:a@b.example", has("cc", "a@b.example")),
        ("list:<x.y.example>", has("listId", "x.y.example")),
        ("replyto:a@b.example", has("replyTo", "a@b.example")),
        ("filename:pdf", has("attachmentName", "pdf")),
        ("has:attachment", ask("hasAttachment", "yes")),
        ("-has:attachment", ask("hasAttachment", "no")),
        ("larger:2M", ask("size", "gt", "2097.152")),
        ("size:1000000", ask("size", "gt", "1000")),
        ("smaller:10k", ask("size", "lt", "10.24")),
        ("-larger:10k", ask("size", "le", "10.24")),
        ("after:2026/01/31", ask("receivedAt", "after", "2026-01-31")),
        ("-after:2026-1-31", ask("receivedAt", "before", "2026-01-31")),
        ("newer_than:3d", ask("receivedAt", "last_days", 3)),
        ("label:clients/paris", ask("label", "is", "clients/paris")),
        ("subject:a OR subject:b", {"any": [has("subject", "a"), has("subject", "b")]}),
        ("subject:(a OR b)", {"any": [has("subject", "a"), has("subject", "b")]}),
        ("subject:{a b}", {"any": [has("subject", "a"), has("subject", "b")]}),
        ("subject:(a b)", {"all": [has("subject", "a"), has("subject", "b")]}),
        ("subject:(a AND b)", {"all": [has("subject", "a"), has("subject", "b")]}),
        ("-subject:(a b)", {"any": [lacks("subject", "a"), lacks("subject", "b")]}),
        ("-subject:{a b}", {"all": [lacks("subject", "a"), lacks("subject", "b")]}),
        ("subject:-a", lacks("subject", "a")),
        ("-(-subject:a)", has("subject", "a")),
        ("-list:x.example", {"any": [ask("listId", "empty"), lacks("listId", "x.example")]}),
        (
            "subject:a OR subject:b subject:c",
            {"all": [{"any": [has("subject", "a"), has("subject", "b")]}, has("subject", "c")]},
        ),
        (
            "subject:(a {b c} -d)",
            {
                "all": [
                    has("subject", "a"),
                    {"any": [has("subject", "b"), has("subject", "c")]},
                    lacks("subject", "d"),
                ]
            },
        ),
    ],
)
def test_an_expression_is_asked_here(text: str, wanted: Tree) -> None:
    assert query(text) == (wanted, [])


@pytest.mark.parametrize(
    "text",
    [
        *("is:unread", "in:anywhere", "category:promotions", "older_than:1y", "newer_than:1y"),
        *("rfc822msgid:x@y", "bcc:a@b.example", "deliveredto:a@b.example", "has:drive"),
        *("larger:big", "after:soon", "after:2026/02/30", "label:*", "banana:split"),
        *("-to:bob", "a | b", "subject:a*b", "-newer_than:3d", "from:(list:x)"),
        *("is:(unread OR starred)", "subject:" + "x" * 501),
        *("(", ")", "{a", "OR", "a OR", "-()", '""', "a AROUND b", "(" * 50 + "a" + ")" * 50),
    ],
)
def test_an_expression_that_cannot_be_asked_meets_nothing(text: str) -> None:
    tree, codes = query(text)

    assert codes
    assert tree == NEVER or NEVER in tree.get("all", [])


def test_a_lost_one_of_several_leaves_the_others() -> None:
    assert query("{subject:a is:unread}") == (has("subject", "a"), ["unknown_operator"])


@pytest.mark.parametrize(
    ("text", "field", "wanted"),
    [
        (
            "a@b.example OR c@d.example",
            "from",
            {"any": [has("from", "a@b.example"), has("from", "c@d.example")]},
        ),
        ("b.example", "to", has("toOrCc", "b.example")),
        ("[Salon]", "subject", has("subject", "[Salon]")),
        ("-spam", "subject", lacks("subject", "spam")),
    ],
)
def test_a_property_is_an_expression_of_its_field(text: str, field: str, wanted: Tree) -> None:
    assert query(text, field) == (wanted, [])


def test_several_words_are_each_denied() -> None:
    draft = one(("subject", "x"), ("doesNotHaveTheWord", "subject:a subject:b"), ("label", "L"))
    assert draft.criteria == {
        "all": [has("subject", "x"), lacks("subject", "a"), lacks("subject", "b")]
    }


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("shouldNeverMarkAsImportant", "true", {"kind": "priority", "priority": -1}),
        ("shouldMarkAsRead", "true", {"kind": "read"}),
        ("smartLabelToApply", "^smartlabel_formus", {"kind": "label", "label": "Forums"}),
        ("smartLabelToApply", "^smartlabel_receipt", {"kind": "label", "label": "Reçus"}),
    ],
)
def test_an_action_is_done_here(name: str, value: str, wanted: dict[str, Any]) -> None:
    assert one(("subject", "x"), (name, value)).actions == (wanted,)


def test_what_is_false_or_unknown_is_not_done() -> None:
    false = one(("subject", "x"), ("shouldStar", "false"))
    deleted = one(("subject", "x"), ("shouldDelete", "true"))
    smart = one(("subject", "x"), ("smartLabelToApply", "^other"), ("label", "L"))
    unknown = one(("subject", "x"), ("shouldExplode", "true"), ("label", "L"))
    forward = one(("subject", "x"), ("forwardTo", "a@b, c@d"), ("label", "L"))

    assert false.disabled_because == "no_action" and not false.actions
    assert deleted.unconfirmed == ({"kind": "trash"},)
    assert [c for c, _ in smart.warnings] == ["unknown_smart_label"] and smart.is_enabled
    assert unknown.disabled_because == "condition"
    assert forward.warnings == (("no_address", {"what": "a@b, c@d"}),) and not forward.unconfirmed


@pytest.mark.parametrize(
    "properties",
    [
        [("excludeChats", "true")],
        [("size", "many")],
        [("size", "5"), ("sizeUnit", "s_parsec")],
        [("from", "  ")],
        [],
    ],
)
def test_an_entry_without_a_condition_is_never_every_mail(
    properties: list[tuple[str, str]],
) -> None:
    draft = one(*properties, ("label", "L"))
    assert (draft.criteria, draft.disabled_because) == (NEVER, "condition")


def test_the_same_filter_exported_again_has_the_same_fingerprint() -> None:
    first = one(("from", "a@b.example"), ("label", "L"), ("sizeUnit", "s_smb"))
    again = one(("label", "L"), ("from", "a@b.example"))

    assert first.fingerprint == again.fingerprint != one(("from", "a@c.example")).fingerprint


@pytest.mark.parametrize("before", ["", "\ufeff", '\ufeff<?xml version="1.0"?>\n', "\n  "])
def test_marks_and_declarations_before_it_are_no_matter(before: str) -> None:
    assert len(reading_of(entry(("subject", "été"), ("label", "L")), before=before).drafts) == 1


def test_latin_letters_are_read_as_declared() -> None:
    head = "<?xml version='1.0' encoding='ISO-8859-1'?>"
    data = f"{head}{FEED}{entry(('subject', 'été'), ('label', 'L'))}</feed>".encode("latin-1")
    assert reading.read(data).drafts[0].criteria == {"all": [has("subject", "été")]}


_RULE = entry(("subject", "x"), ("label", "L"))
_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"<!DOCTYPE feed>{FEED}{_RULE}</feed>", "dtd"),
        (f'<!DOCTYPE f [<!ENTITY x SYSTEM "file:///etc/passwd">]>{FEED}&x;{_RULE}</feed>', "dtd"),
        (f'<!DOCTYPE f SYSTEM "http://127.0.0.1:1/x.dtd">{FEED}{_RULE}</feed>', "dtd"),
        (f'<!DOCTYPE f [<!ENTITY l0 "ha">{_LAUGHS}]>{FEED}&l9;{_RULE}</feed>', "dtd"),
        (f"{FEED}{_RULE}", "broken"),
        (f"{FEED}&unknown;</feed>", "broken"),
        (f"{FEED}<entry></feed>", "broken"),
        ("<?xml version='1.0' encoding='utf-7'?><feed/>", "encoding"),
        ("<feed/>", "unknown_format"),
        ("<html><body>login</body></html>", "unknown_format"),
        (f"{FEED}</feed>", "no_filter"),
        (f"{FEED}{entry(term='cannedResponse')}</feed>", "no_filter"),
        (f"{FEED}{'<entry/>' * 1001}</feed>", "too_many"),
        (f"{FEED}{_RULE}{' ' * 2_000_000}</feed>", "too_large"),
        ("<a>" * 300_000, "broken"),
        (f"{FEED}\x00</feed>", "binary"),
    ],
)
def test_a_file_made_to_harm_is_refused(text: str, code: str) -> None:
    with pytest.raises(RefusedFile) as refused:
        reading.read(text.encode())
    assert refused.value.code == code


def test_letters_that_are_none_are_refused() -> None:
    with pytest.raises(RefusedFile) as refused:
        reading.read(f"{FEED}{_RULE}</feed>".encode().replace(b"x", b"\xff", 1))
    assert refused.value.code == "broken"


@pytest.mark.parametrize(
    "value",
    ["a " * 400_000, "(" * 800_000, "-" * 800_000, "from:" * 160_000, "x" * 900_000, '"' * 800_001],
)
def test_long_expressions_take_no_time(value: str) -> None:
    start = time.process_time()
    escaped = value.replace('"', "&quot;")[:900_000]
    long = f"<apps:property name='hasTheWord' value='{escaped}'/>"
    [draft] = reading_of(entry(more=long)).drafts

    assert draft.criteria == NEVER and not draft.is_enabled
    assert time.process_time() - start < 5


def test_a_deep_file_is_no_harm() -> None:
    deep = "<a>" * 100_000 + "</a>" * 100_000
    assert len(reading_of(f"<entry><category term='filter'/>{deep}</entry>").drafts) == 1
