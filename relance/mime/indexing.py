"""What of a mail one searches for."""

from relance.lib.text import fold
from relance.mime.message import ParsedMessage

TEXT_INDEXED = 20_000
"""Characters of the text: the rest of a huge mail is not worth its space in an index."""

FILES_INDEXED = 50
"""Attachments whose names are words of their mail."""

_PEOPLE_INDEXED = 50


def words_of(message: ParsedMessage) -> str:
    """Subject, people, names of attached files and the beginning of the text, folded."""
    people = (*message.from_, *message.sender, *message.reply_to, *message.to, *message.cc)
    named = [word for person in people[:_PEOPLE_INDEXED] for word in (person.name, person.address)]
    files = [part.filename for part in message.parts if part.is_attachment and part.filename]
    words = [message.subject, *named, *files[:FILES_INDEXED], message.text[:TEXT_INDEXED]]
    return fold(" ".join(words))
