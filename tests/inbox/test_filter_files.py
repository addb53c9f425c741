"""Files of filters from Thunderbird, and files that are none."""

import time
from typing import Any

import pytest

from relance.criteria import conditions
from relance.inbox.filter_files import reading
from relance.inbox.filter_files.drafts import NEVER, Draft, RefusedFile, repeated
from relance.inbox.filter_files.thunderbird_actions import folder_of

HEAD = 'version="9"\nlogging="no"\n'


def rule(condition: str, *actions: str, name: str = "One", kind: int = 17, on: str = "yes") -> str:
    done = "\n".join(actions or ['action="Mark read"'])
    quoted = condition.replace("\\", "\\\\").replace('"', '\\"')
    return f'name="{name}"\nenabled="{on}"\ntype="{kind}"\n{done}\ncondition="{quoted}"\n'


def read(*rules: str, head: str = HEAD) -> list[Draft]:
    return list(reading.read((head + "".join(rules)).encode()).drafts)


def codes(draft: Draft) -> list[str]:
    return [code for code, _ in draft.warnings]


def ask(field: str, op: str, value: Any = None) -> dict[str, Any]:
    return {"field": field, "op": op} | ({} if value is None else {"value": value})


def test_a_rule_of_two_conditions_and_three_actions_is_read() -> None:
    [draft] = read(
        rule(
            "AND (from,contains,@hotel-lac.example) AND (subject,contains,commande)",
            'action="Move to folder"\nactionValue="imap://ines%40zylker.example@imap.zylker.example'
            '/Ventes/H%C3%B4tels"',
            'action="AddTag"\nactionValue="$label4"',
            'action="Stop execution"',
            name="Commandes",
        )
    )

    assert (draft.name, draft.match, draft.is_enabled, draft.stops) == (
        "Commandes",
        "all",
        True,
        True,
    )
    assert draft.criteria == {
        "all": [
            ask("from", "contains", "@hotel-lac.example"),
            ask("subject", "contains", "commande"),
        ]
    }
    assert draft.actions == (
        {"kind": "label", "label": "To Do"},
        {"kind": "move", "folder": "Ventes/Hôtels"},
    )
    assert (draft.labels, draft.folders) == (["To Do"], ["Ventes/Hôtels"])
    assert draft.warnings == (("folder_of", {"what": "ines@zylker.example@imap.zylker.example"}),)
    assert draft.source.startswith('name="Commandes"') and draft.source.endswith('"')


def test_a_rule_that_was_off_or_by_hand_stays_off() -> None:
    off, manual = read(
        rule("OR (subject,begins with,[Salon]) OR (to or cc,contains,presse@x.example)", on="no"),
        rule("AND (subject,is,x)", kind=16),
    )

    assert off.match == "any" and off.disabled_because == "off_in_file"
    assert off.criteria["any"][0] == ask("subject", "starts", "[Salon]")
    assert manual.disabled_because == "manual" and "manual_only" in codes(manual)


def test_all_is_every_mail_and_spam_waits_for_a_word() -> None:
    [draft] = read(rule("ALL", 'action="JunkScore"\nactionValue="100"'))

    assert (draft.match, draft.criteria, draft.actions) == ("every", {}, ())
    assert draft.unconfirmed == ({"kind": "spam"},)


def test_quotes_commas_and_parentheses_stay_in_values() -> None:
    [draft] = read(
        rule(
            'OR (subject,contains,"Plan (final)") OR (body,doesn\'t contain,un, deux, trois) '
            'OR ("list-id",contains,presse)'
        )
    )

    assert draft.criteria == {
        "any": [
            ask("subject", "contains", "Plan (final)"),
            ask("body", "not_contains", "un, deux, trois"),
            ask("listId", "contains", "presse"),
        ]
    }


_NAMED = {"any": [ask("from", "contains", "Bob"), ask("fromName", "contains", "Bob")]}


@pytest.mark.parametrize(
    ("term", "wanted"),
    [
        ("(subject,contains,x)", ask("subject", "contains", "x")),
        ("(subject, contains, x)", ask("subject", "contains", "x")),
        ("(subject,doesn't contain,x)", ask("subject", "not_contains", "x")),
        ("(subject,is,x)", ask("subject", "is", "x")),
        ("(subject,isn't,x)", ask("subject", "is_not", "x")),
        ("(subject,is empty,)", ask("subject", "empty")),
        ("(subject,isn't empty,)", ask("subject", "filled")),
        ("(body,ends with,x)", ask("body", "ends", "x")),
        ("(to,contains,a@b.example)", ask("to", "contains", "a@b.example")),
        ("(from,is,a@b.example)", ask("from", "is", "a@b.example")),
        ("(from,is in ab,jsaddrbook://abook.sqlite)", ask("inCrm", "yes")),
        ("(from,isn't in ab,jsaddrbook://abook.sqlite)", ask("inCrm", "no")),
        ("(date,is before,01-Jan-2026)", ask("receivedAt", "before", "2026-01-01")),
        ("(date,is after,9-dec-2025)", ask("receivedAt", "after", "2025-12-09")),
        ("(date,is,31-Mar-2026)", ask("receivedAt", "on", "2026-03-31")),
        ("(age in days,is greater than,30)", ask("receivedAt", "older_days", 30)),
        ("(age in days,is less than,7)", ask("receivedAt", "last_days", 7)),
        ("(size,is greater than,2048)", ask("size", "gt", "2097.152")),
        ("(size,is less than,1000)", ask("size", "lt", "1024")),
        ("(status,is,read)", ask("isUnread", "no")),
        ("(status,isn't,read)", ask("isUnread", "yes")),
        ("(status,is,flagged)", ask("isStarred", "yes")),
        ("(tag,contains,$label1)", ask("label", "is", "Important")),
        ("(tag,is empty,)", ask("label", "empty")),
        ("(has attachment status,is,true)", ask("hasAttachment", "yes")),
        ("(has attachment status,isn't,true)", ask("hasAttachment", "no")),
        ('("Reply-To",contains,a@b.example)', ask("replyTo", "contains", "a@b.example")),
    ],
)
def test_a_condition_is_asked_here(term: str, wanted: dict[str, Any]) -> None:
    [draft] = read(rule(f"AND {term}"))

    assert draft.is_enabled
    assert draft.criteria == {"all": [wanted]}
    conditions.parse(draft.criteria, "Mail")


def test_a_word_is_looked_for_in_the_name_of_the_sender_too() -> None:
    [draft] = read(rule("AND (from,contains,Bob)"))
    assert draft.criteria == _NAMED


@pytest.mark.parametrize(
    "term",
    [
        "(subject,matches,^x+$)",
        "(subject,sounds like,x)",
        "(priority,is higher than,Normal)",
        "(status,is,replied)",
        "(status,is,new)",
        "(junk percent,is greater than,90)",
        "(age in days,is,3)",
        "(age in days,is greater than,soon)",
        "(date,is before,31-Feb-2026)",
        "(date,is before,2026-01-01)",
        "(size,is,3)",
        '("x-spam-flag",contains,YES)',
        "(addon@x.example#term,is,x)",
        "(to,is in ab,jsaddrbook://abook.sqlite)",
        "(subject,contains,***promo***)",
        "(subject,contains,)",
        '(subject,contains," RE ")',
        f"(subject,contains,{'x' * 501})",
        "(to,doesn't contain,Bob)",
        "(subject,contains",
        "subject contains x",
    ],
)
def test_a_condition_that_cannot_be_asked_disables_and_meets_nothing(term: str) -> None:
    [draft] = read(rule(f"AND (body,contains,y) AND {term}"))

    assert draft.disabled_because == "condition"
    assert draft.warnings
    assert NEVER in (draft.criteria, *draft.criteria.get("all", []))


def test_lists_of_both_are_read_from_left_to_right() -> None:
    [draft] = read(rule("AND (subject,is,a) AND (subject,is,b) OR (subject,is,c) AND (body,is,d)"))

    a, b, c = (ask("subject", "is", x) for x in "abc")
    assert draft.criteria == {"all": [{"any": [{"all": [a, b]}, c]}, ask("body", "is", "d")]}


def test_more_than_can_be_kept_is_disabled() -> None:
    many, deep = read(
        rule(" ".join(f"OR (subject,is,{n})" for n in range(101))),
        rule(" ".join(f"{'AO'[n % 2]} (subject,is,{n})" for n in range(20))),
    )

    assert (many.disabled_because, deep.disabled_because) == ("condition", "condition")
    assert (many.criteria, deep.criteria) == (NEVER, NEVER)


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ('action="Mark read"', {"kind": "read"}),
        ('action="Mark unread"', {"kind": "unread"}),
        ('action="mark flagged"', {"kind": "star"}),
        ('action="Ignore thread"', {"kind": "archive"}),
        ('action="Change priority"\nactionValue="Highest"', {"kind": "priority", "priority": 1}),
        ('action="Change priority"\nactionValue="Lowest"', {"kind": "priority", "priority": -1}),
        ('action="AddTag"\nactionValue="devis"', {"kind": "label", "label": "devis"}),
        ('action="JunkScore"\nactionValue="0"', {"kind": "never_spam"}),
        (
            'action="Copy to folder"\nactionValue="mailbox://nobody@Local%20Folders/X"',
            {"kind": "copy", "folder": "X"},
        ),
    ],
)
def test_an_action_is_done_here(lines: str, wanted: dict[str, Any]) -> None:
    [draft] = read(rule("ALL", lines))
    assert draft.actions == (wanted,) and draft.is_enabled


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ('action="Delete"', {"kind": "trash"}),
        (
            'action="Forward"\nactionValue="paul@zylker.example"',
            {"kind": "forward", "to": "paul@zylker.example"},
        ),
    ],
)
def test_what_loses_mail_or_sends_it_away_waits(lines: str, wanted: dict[str, Any]) -> None:
    [draft] = read(rule("AND (subject,is,x)", lines))

    assert draft.actions == () and draft.unconfirmed == (wanted,)
    assert ("to_confirm", {"what": wanted["kind"]}) in draft.warnings


def test_what_cannot_be_done_is_dropped_and_said() -> None:
    reply, pop, custom, unknown = read(
        rule("ALL", 'action="Reply"\nactionValue="mailbox://x/y"', 'action="Mark read"'),
        rule("ALL", 'action="Leave on Pop3 server"'),
        rule("ALL", 'action="Custom"\ncustomId="a@b.example#run"\nactionValue="/bin/x"'),
        rule("ALL", 'action="Format disk"', 'action="Mark read"'),
    )

    assert reply.is_enabled and codes(reply) == ["action_dropped"]
    assert pop.disabled_because == "no_action"
    assert custom.actions == () and "add_on" in codes(custom)
    assert unknown.disabled_because == "unreadable" and "unknown_action" in codes(unknown)


def test_when_it_runs_is_read_and_the_rest_said() -> None:
    sent, both, periodic, news, none = read(
        *(rule("AND (subject,is,x)", kind=kind) for kind in (64, 65, 305, 4, 0))
    )

    assert sent.is_outgoing and sent.is_enabled
    assert not both.is_outgoing and "when_ignored" in codes(both)
    assert periodic.is_enabled and codes(periodic) == ["when_ignored", "when_ignored"]
    assert news.disabled_because == "unreadable"
    assert none.disabled_because == "manual"


def test_an_unknown_attribute_disables_its_filter_alone() -> None:
    spoiled = rule("ALL").replace('type="17"', 'type="17"\nscriptName="a.js"\n?!')
    first, second = read(spoiled, rule("ALL", name="Two"))

    assert first.disabled_because == "unreadable"
    assert codes(first) == ["unknown_attribute", "unknown_attribute"]
    assert second.is_enabled


def test_old_files_are_in_latin_and_name_folders_by_path() -> None:
    text = 'version="6"\r\n' + rule(
        "AND (subject,contains,été)", 'action="Move to folder"\nactionValue="Archiv&AOk-s/2025"'
    ).replace("\n", "\r\n")
    [draft] = reading.read(text.encode("latin-1")).drafts

    assert draft.criteria == {"all": [ask("subject", "contains", "été")]}
    assert draft.folders == ["Archivés/2025"]


def test_a_file_that_lies_about_its_letters_is_read_and_said() -> None:
    found = reading.read((HEAD + rule("AND (subject,is,été)")).encode("latin-1"))

    assert found.warnings == (("encoding", {}),)
    assert found.drafts[0].criteria == {"all": [ask("subject", "is", "été")]}


def test_the_same_rule_has_the_same_fingerprint_switched_off_or_not() -> None:
    on, off, other = read(rule("ALL"), rule("ALL", on="no"), rule("AND (subject,is,x)"))

    assert on.fingerprint == off.fingerprint != other.fingerprint
    assert len(on.fingerprint) == 64
    assert repeated([on, off, other]) == {1}


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("imap://u%40h@s.example/A/B%20c", "A/B c"),
        ("imap://u@s.example/Entw&APw-rfe", "Entwürfe"),
        ("imap://u@s.example/R&-D", "R&D"),
        ("imap://u@s.example/&br-", "&br-"),
        ("imap://[bad/A", ""),
        ("owl://x/Boîte", "Boîte"),
        ("Relative/Path", ""),
        ("imap://u@s.example/", ""),
    ],
)
def test_a_folder_is_named_by_its_path(uri: str, path: str) -> None:
    assert folder_of(uri)[0] == path


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "a.dat", "empty"),
        (b"\xef\xbb\xbf \r\n", "a.dat", "empty"),
        (HEAD.encode(), "a.dat", "no_filter"),
        (HEAD.encode(), "a.exe", "suffix"),
        (b"\x7fELF\x00\x00", "a.dat", "binary"),
        (b"PK\x03\x04", "", "binary"),
        (b"hello", "a.xml", "unknown_format"),
        (b'version="9"\n' + b"x" * 2_000_000, "a.dat", "too_large"),
        ((HEAD + rule("ALL") * 1001).encode(), "a.dat", "too_many"),
    ],
)
def test_what_is_no_file_of_filters_is_refused(data: bytes, name: str, code: str) -> None:
    with pytest.raises(RefusedFile) as refused:
        reading.read(data, name)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "text",
    [
        'name="' + "\\" * 900_000,
        'name="x"\ncondition="' + "AND (" * 180_000,
        'name="x"\ncondition="AND (a,' + "b" * 900_000,
        "=" * 900_000,
        'name="x"\n' + "a " * 400_000,
    ],
    ids=["backslashes", "terms", "value", "signs", "words"],
)
def test_long_lines_take_no_time(text: str) -> None:
    start = time.process_time()
    try:
        drafts = read(text)
    except RefusedFile:
        drafts = []

    assert not any(draft.is_enabled for draft in drafts)
    assert time.process_time() - start < 5


def test_a_rule_without_a_name_has_one_to_be_seen() -> None:
    [nameless, long] = read(rule("ALL", name=" "), rule("ALL", name="n" * 500))
    assert (nameless.name, len(long.name)) == ("…", 120)
