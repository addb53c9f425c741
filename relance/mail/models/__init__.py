from relance.mail.models.accounts import Folder, MailAccount
from relance.mail.models.bounces import Bounce
from relance.mail.models.identities import Identity, OrganisationAddress
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
from relance.mail.models.outgoing import Outgoing, OutgoingAttachment, OutgoingRecipient

__all__ = [
    "Attachment",
    "Bounce",
    "CopyParticipant",
    "Folder",
    "Identity",
    "MailAccount",
    "Message",
    "MessageBody",
    "MessageCopy",
    "Operation",
    "OrganisationAddress",
    "Outgoing",
    "OutgoingAttachment",
    "OutgoingRecipient",
    "Participant",
    "RawMessage",
    "Thread",
    "ThreadReference",
]
