"""Our own files of filters, and filters written for Gmail: what is written is read back."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from relance.inbox.filter_files import gmail_query, gmail_writing, own, reading
from relance.inbox.filter_files.drafts import NEVER, Draft, Notes, RefusedFile, Tree, criteria_of


def has(field: str, value: str) -> Tree:
    return {"field": field, "op": "contains", "value": value}


def draft(text: str = "subject:x", *actions: dict[str, Any], **more: Any) -> Draft:
    notes = Notes()
    match, criteria = criteria_of(gmail_query.read(text, notes), notes)
    assert not notes.warnings
    done = actions or ({"kind": "label", "label": "A/B"},)
    return Draft("Devis & co", match, criteria, done, **more)


def told(one: Draft) -> tuple[Any, ...]:
    actions = sorted((*one.actions, *one.unconfirmed), key=str)
    return one.name, one.match, one.criteria, actions, one.stops, one.is_outgoing


EXPRESSIONS = [
    "subject:devis",
    'subject:"bon de commande"',
    "from:a@b.example",
    "from:bob",
    "-from:bob",
    "-from:a@b.example subject:x",
    "devis",
    "-devis",
    "devis urgent",
    "devis OR urgent",
    "{from:a@b.example from:c@d.example} subject:x",
    "from:{a@b.example bob}",
    "-list:x.example",
    "list:x.example -cc:a@b.example",
    "has:attachment larger:2M",
    "-has:attachment smaller:10k",
    "-larger:1234567",
    "after:2026/01/31 before:2026/12/31",
    "newer_than:3d",
    "label:clients/paris -label:vip",
    "subject:(a {b (c d)} -e)",
    "{(subject:a subject:b) (subject:c -devis)}",
    "to:x.example filename:pdf replyto:a@b.example",
    "-{subject:a subject:b} -(subject:c subject:d)",
    "subject:<b>&amp;'",
]


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_what_is_written_for_gmail_is_read_back(text: str) -> None:
    asked = draft(text)
    written = gmail_writing.write([asked])
    [read] = reading.read(written.data).drafts

    assert written.left == ()
    assert told(read) == told(asked) and read.is_enabled


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_what_is_written_for_ourselves_is_read_back(text: str) -> None:
    asked = draft(text, stops=True, is_outgoing=True)
    [read] = reading.read(own.write([asked]), "filters.json").drafts

    assert told(read) == told(asked) and read.is_enabled


def test_actions_that_gmail_knows_are_written() -> None:
    kinds = ("star", "read", "never_spam", "archive", "trash")
    asked = draft(
        "subject:x",
        *({"kind": kind} for kind in kinds),
        {"kind": "label", "label": "Durand & 'filles' \"<1>\""},
        {"kind": "forward", "to": "a@b.example"},
        {"kind": "priority", "priority": -1},
    )
    [read] = reading.read(gmail_writing.write([asked]).data).drafts

    assert told(read) == told(asked)
    assert {a["kind"] for a in read.unconfirmed} == {"trash", "forward"}


def test_what_gmail_cannot_do_is_left_out_and_said() -> None:
    plain = draft()
    crm = {"some": "deals", "where": {"field": "amount", "op": "filled"}}
    written = gmail_writing.write(
        [
            plain,
            replace(plain, stops=True),
            replace(plain, is_outgoing=True),
            replace(plain, disabled_because="off_in_file"),
            replace(plain, match="every", criteria={}),
            replace(plain, criteria={"all": [has("from", "bob")]}),
            replace(plain, criteria={"all": [{"field": "subject", "op": "starts", "value": "x"}]}),
            replace(plain, criteria={"all": [has("subject", 'say "x"')]}),
            replace(plain, criteria={"all": [{"field": "inCrm", "op": "yes"}]}),
            replace(plain, criteria={"all": [has("subject", "x"), crm]}),
            replace(plain, match="any", criteria=NEVER),
            replace(plain, actions=({"kind": "move", "folder": "X"},)),
            replace(plain, actions=({"kind": "priority", "priority": 0},)),
            replace(plain, actions=()),
        ]
    )

    assert written.left == tuple(range(1, 14))
    assert len(reading.read(written.data).drafts) == 1


def test_every_mail_and_a_filter_that_is_off_are_read_back() -> None:
    every = replace(draft(), match="every", criteria={})
    off = replace(draft(), disabled_because="off_in_file")
    first, second = reading.read(own.write([every, off])).drafts

    assert told(first) == told(every) and first.is_enabled
    assert second.disabled_because == "off_in_file"
    assert second.fingerprint == reading.read(own.write([draft()])).drafts[0].fingerprint


def test_our_own_actions_are_read_back_and_the_dangerous_wait() -> None:
    actions: list[dict[str, Any]] = [
        {"kind": "tag", "tags": ["vip"]},
        {"kind": "task", "name": "Rappeler", "days": 2, "priority": "high", "assignee": "owner"},
        {"kind": "reminder", "reminder": "answer", "minutes": 240, "by_mail": True},
        {"kind": "move", "folder": "A/B"},
        {"kind": "forward", "to": "a@b.example"},
    ]
    [read] = reading.read(own.write([draft("subject:x", *actions)])).drafts

    assert list(read.actions) == actions[:-1]
    assert read.unconfirmed == ({"kind": "forward", "to": "a@b.example"},)


def one(**changed: Any) -> Draft:
    kept: dict[str, Any] = {
        "name": "N",
        "match": "all",
        "criteria": {"all": [has("subject", "x")]},
        "actions": [{"kind": "read"}],
        "stops": False,
        "outgoing": False,
        "enabled": True,
    }
    file = {"format": "relance-filters", "version": 1, "filters": [kept | changed]}
    [read] = reading.read(json.dumps(file).encode()).drafts
    return read


@pytest.mark.parametrize(
    "changed",
    [
        {"criteria": {}},
        {"criteria": {"all": []}},
        {"criteria": {"all": [{"all": []}]}},
        {"match": "any", "criteria": {"any": [{"all": []}]}},
        {"match": "any"},
        {"match": "all", "criteria": None},
        {"match": "every"},
        {"match": ["all"]},
        {"criteria": {"all": [has("bankBalance", "x")]}},
        {"criteria": {"all": [{"field": "subject", "op": "matches", "value": "x"}]}},
        {"criteria": {"all": [{"field": "size", "op": "gt", "value": {"a": 1}}]}},
        {"criteria": {"all": [{"field": "receivedAt", "op": "last_days", "value": 1e308}]}},
        {"criteria": {"all": [has("subject", "x")] * 101}},
        {"criteria": {"all": [{"any": [{"all": [{"any": [{"all": [{"any": [{"all": []}]}]}]}]}]}]}},
        {"criteria": {"all": ["x", 3, None]}},
        {"sneaky": True},
    ],
)
def test_criteria_that_cannot_be_read_disable_and_never_widen(changed: dict[str, Any]) -> None:
    read = one(**changed)

    assert read.disabled_because == "condition" and read.warnings
    assert read.match != "every" and (read.criteria == NEVER or "sneaky" in changed)


@pytest.mark.parametrize(
    "action",
    [
        *("read", None, [], {}),
        *({"kind": "explode"}, {"kind": ["read"]}, {"kind": "read", "script": "x"}),
        *({"kind": "label"}, {"kind": "label", "label": {"a": 1}}, {"kind": "move", "folder": ""}),
        {"kind": "label", "label": "x" * 501},
    ],
)
def test_an_action_that_cannot_be_done_is_dropped_and_said(action: Any) -> None:
    read = one(actions=[action, {"kind": "star"}])

    assert read.actions == ({"kind": "star"},) and read.is_enabled
    assert len(read.warnings) == 1


@pytest.mark.parametrize("actions", [None, {}, [], "read", [None] * 30])
def test_a_filter_that_does_nothing_is_off(actions: Any) -> None:
    assert one(actions=actions).disabled_because == "no_action"


@pytest.mark.parametrize("enabled", [False, None, "yes", 1])
def test_only_true_is_enabled(enabled: Any) -> None:
    assert one(enabled=enabled).disabled_because == "off_in_file"


_HEAD = b'{"format": "relance-filters", "version": 1, "filters": '


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"{", "broken"),
        (b"{}", "unknown_format"),
        (b'{"format": "other"}', "unknown_format"),
        (b'{"format": "relance-filters", "version": 2}', "version"),
        (_HEAD + b"3}", "broken"),
        (_HEAD + b"[]}", "no_filter"),
        (_HEAD + b"[NaN]}", "broken"),
        (_HEAD + b"[" * 400_000, "broken"),
        (_HEAD + b'[{"a":' * 100_000, "broken"),
        (_HEAD + b"9" * 10_000 + b"}", "broken"),
        (_HEAD + b"[" + b"{}," * 1000 + b"{}]}", "too_many"),
        (_HEAD + b'["\xff"]}', "broken"),
        (_HEAD + b"[" + b" " * 2_000_000 + b"]}", "too_large"),
        (_HEAD + b'["\x00"]}', "binary"),
    ],
)
def test_a_file_that_is_not_ours_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(RefusedFile) as refused:
        reading.read(data)
    assert refused.value.code == code


def test_a_filter_that_is_no_object_is_off() -> None:
    [read] = reading.read(_HEAD + b'["rm -rf"]}').drafts
    assert read.disabled_because == "unreadable" and read.criteria == NEVER


def test_a_deep_filter_is_refused_or_off() -> None:
    for depth in (100, 900, 990, 5_000, 50_000):
        data = _HEAD + b"[" + b'{"criteria":' * depth + b"1" + b"}" * depth + b"]}"
        try:
            drafts = reading.read(data).drafts
        except RefusedFile as refused:
            assert refused.code == "broken"
        else:
            assert not any(one.is_enabled for one in drafts)


_PIECES = st.sampled_from(
    [
        *'(){}"-:| *',
        "OR",
        "AND",
        "from:",
        "subject:",
        "list:",
        "is:",
        "larger:2M",
        "a",
        "a@b.c",
        "é",
    ]
)


@given(st.lists(_PIECES, max_size=15).map("".join))
@settings(max_examples=150, deadline=None)
@example("-(subject:a OR -{b})")
def test_any_expression_is_read_or_lost(text: str) -> None:
    notes = Notes()
    match, criteria = criteria_of(gmail_query.read(text, notes), notes)

    assert match in ("all", "any") and criteria[match] is not None
    assert criteria == NEVER or criteria[match]
    if (again := gmail_writing.expression(match, criteria)) is not None:
        assert criteria_of(gmail_query.read(again, Notes()), Notes()) == (match, criteria)


@given(
    st.sampled_from([b'version="9"\n', b"<feed ", _HEAD, b""]),
    st.one_of(st.binary(max_size=80), st.text(max_size=80).map(str.encode)),
)
@settings(max_examples=150, deadline=None)
def test_any_file_is_read_or_refused(head: bytes, rest: bytes) -> None:
    try:
        drafts = reading.read(head + rest).drafts
    except RefusedFile as refused:
        assert refused.code
    else:
        assert not any(one.is_enabled for one in drafts)
