from relance.inbox.models.cases import CaseSource
from relance.inbox.models.filters import Filter, FilterHit, FilterRun
from relance.inbox.models.links import RecordLink
from relance.inbox.models.placements import AddressOverride, ColumnCount, Placement, Stream
from relance.inbox.models.reading import MeetingAnswer, RemoteConsent
from relance.inbox.models.reminders import Reminder
from relance.inbox.models.sales import DocumentMail
from relance.inbox.models.search import SearchEntry
from relance.inbox.models.triage import Label, ThreadLabel, ThreadState
from relance.inbox.models.vacation import VacationResponse, VacationSent
from relance.inbox.models.views import ColumnChoice, SmartFolder

__all__ = [
    "AddressOverride",
    "CaseSource",
    "ColumnChoice",
    "ColumnCount",
    "DocumentMail",
    "Filter",
    "FilterHit",
    "FilterRun",
    "Label",
    "MeetingAnswer",
    "Placement",
    "RecordLink",
    "Reminder",
    "RemoteConsent",
    "SearchEntry",
    "SmartFolder",
    "Stream",
    "ThreadLabel",
    "ThreadState",
    "VacationResponse",
    "VacationSent",
]
