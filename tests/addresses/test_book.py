"""One row an address, whatever way it was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.addresses import book
from relance.addresses.models import EmailAddress


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Alice@Client.Example", "alice@client.example"),
        ("  alice@client.example. ", "alice@client.example"),
        ("bob+devis@client.example", "bob+devis@client.example"),
        ("b.o.b@client.example", "b.o.b@client.example"),
        ("élodie@société.example", "élodie@xn--socit-esab.example"),
        ("a@b@client.example", "a@b@client.example"),
    ],
)
def test_an_address_is_lower_case_with_its_domain_in_ascii(written: str, kept: str) -> None:
    assert book.normalise(written) == kept


@pytest.mark.parametrize(
    "nonsense",
    [
        *("", "   ", "@", "alice", "alice@", "@client.example", "a b@client.example"),
        *("a@x.example\r\nBcc: b@y.example", "a\x00@x.example", "a@" + "ü" * 80 + ".example"),
        "x" * 400 + "@client.example",
    ],
)
def test_nonsense_is_no_address(nonsense: str) -> None:
    assert book.normalise(nonsense) == ""


@given(st.text(max_size=60))
def test_normalising_never_fails_and_changes_nothing_twice(text: str) -> None:
    kept = book.normalise(text)
    assert not kept or book.normalise(kept) == kept


@pytest.mark.django_db
def test_ids_are_given_once_and_nonsense_is_left_out() -> None:
    first = book.ids_for(["Alice@client.example", "alice@CLIENT.example", "", "nobody"])
    assert list(first) == ["alice@client.example"]
    again = book.ids_for(["alice@client.example", "bob@client.example"])
    assert again["alice@client.example"] == first["alice@client.example"]
    assert EmailAddress.objects.count() == 2
    assert EmailAddress.objects.get(pk=again["bob@client.example"]).domain == "client.example"


@pytest.mark.django_db
def test_ten_thousand_recipients_take_few_queries(
    django_assert_max_num_queries: pytest.FixtureRequest,
) -> None:
    addresses = [f"p{n}@client.example" for n in range(10_000)]
    with django_assert_max_num_queries(150):  # type: ignore[operator]
        assert len(book.ids_for(addresses)) == 10_000


@pytest.mark.django_db
def test_a_row_is_asked_for_by_any_writing_and_refused_for_nonsense() -> None:
    assert book.row_for("Alice@client.example") == book.row_for(" alice@client.example")
    with pytest.raises(ValueError, match="nobody"):
        book.row_for("nobody")
