from relance.mail.models.accounts import Folder, MailAccount
from relance.mail.models.messages import (
    Attachment,
    CopyParticipant,
    Message,
    MessageBody,
    MessageCopy,
    Participant,
    RawMessage,
    Thread,
    ThreadReference,
)
from relance.mail.models.operations import Operation
from relance.mail.models.outgoing import Outgoing, OutgoingRecipient

__all__ = [
    "Attachment",
    "CopyParticipant",
    "Folder",
    "MailAccount",
    "Message",
    "MessageBody",
    "MessageCopy",
    "Operation",
    "Outgoing",
    "OutgoingRecipient",
    "Participant",
    "RawMessage",
    "Thread",
    "ThreadReference",
]
