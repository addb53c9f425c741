from relance.inbox.models.cases import CaseSource
from relance.inbox.models.links import RecordLink
from relance.inbox.models.placements import AddressOverride, ColumnCount, Placement, Stream
from relance.inbox.models.reading import MeetingAnswer, RemoteConsent
from relance.inbox.models.search import SearchEntry
from relance.inbox.models.vacation import VacationResponse, VacationSent

__all__ = [
    "AddressOverride",
    "CaseSource",
    "ColumnCount",
    "MeetingAnswer",
    "Placement",
    "RecordLink",
    "RemoteConsent",
    "SearchEntry",
    "Stream",
    "VacationResponse",
    "VacationSent",
]
