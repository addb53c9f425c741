"""From what one wrote to the bytes that leave (RFC 5322, RFC 2045–2047).

Written by hand rather than with `email.message`, which folds long ids into encoded words that
other clients cannot match, and takes twenty times longer.
"""

from relance.mime.compose.alternative import text_of
from relance.mime.compose.bodies import File
from relance.mime.compose.composition import Composition, build, new_message_id
from relance.mime.compose.headers import MOST_REFERENCES, written_address
from relance.mime.compose.replies import attribution, quote_text, reply_subject

__all__ = [
    "MOST_REFERENCES",
    "Composition",
    "File",
    "attribution",
    "build",
    "new_message_id",
    "quote_text",
    "reply_subject",
    "text_of",
    "written_address",
]
