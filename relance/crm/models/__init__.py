from relance.crm.models.activities import (
    Attendee,
    CalendarFeed,
    Call,
    Meeting,
    Note,
    Priority,
    RecordFile,
    Task,
)
from relance.crm.models.cases import Case
from relance.crm.models.companies import Company, CompanyAddress
from relance.crm.models.custom import CustomField, Tag
from relance.crm.models.deals import Deal, DealContact, Stage
from relance.crm.models.duplicates import NotDuplicates
from relance.crm.models.imports import ImportedRow, ImportRun, RefusedRow
from relance.crm.models.people import Person, PersonAddress, PersonPhone
from relance.crm.models.sales import DocumentLine, NumberSeries, SalesDocument

__all__ = [
    "Attendee",
    "CalendarFeed",
    "Call",
    "Case",
    "Company",
    "CompanyAddress",
    "CustomField",
    "Deal",
    "DealContact",
    "DocumentLine",
    "ImportRun",
    "ImportedRow",
    "Meeting",
    "NotDuplicates",
    "Note",
    "NumberSeries",
    "Person",
    "PersonAddress",
    "PersonPhone",
    "Priority",
    "RecordFile",
    "RefusedRow",
    "SalesDocument",
    "Stage",
    "Tag",
    "Task",
]
