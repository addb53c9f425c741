"""What of a mail one searches for."""

from relance.lib.text import fold
from relance.mime.message import ParsedMessage

TEXT_INDEXED = 20_000
"""Characters of the text: the rest of a huge mail is not worth its space in an index."""

_PEOPLE_INDEXED = 50


def words_of(message: ParsedMessage) -> str:
    """Subject, people and the beginning of the text, folded."""
    people = (*message.from_, *message.sender, *message.reply_to, *message.to, *message.cc)
    named = [word for person in people[:_PEOPLE_INDEXED] for word in (person.name, person.address)]
    return fold(" ".join([message.subject, *named, message.text[:TEXT_INDEXED]]))
