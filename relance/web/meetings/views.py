"""Meetings: listed, shown, made, changed, cancelled; and the calls and meetings of a record."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from relance.crm import access, activities, meetings
from relance.crm.models import Call, Meeting
from relance.lib import clock
from relance.web.components.about import asked, from_mail, start_asked, subject_or_404
from relance.web.components.acting import acted
from relance.web.components.activities import EventLine, call_line, meeting_line, when_words
from relance.web.components.saving import saved
from relance.web.meetings import inviting
from relance.web.meetings.forms import MeetingForm
from relance.web.records.listing import page
from relance.web.requests import is_fragment, posted, user_of

_SHOWN = 6


@require_safe
def list_meetings(request: HttpRequest) -> HttpResponse:
    """Every event one may read, the latest first."""
    return page(request, "meetings")


@require_safe
def show(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """One event, and who is invited."""
    user = user_of(request)
    found = access.meetings_for(user).select_related(
        "owner", "person", "company", "deal", "case", "created_by"
    )
    meeting = get_object_or_404(found, pk=meeting_id)
    context = {
        "meeting": meeting,
        "when": when_words(meeting),
        "offer": inviting.offer(user, meeting),
        "guests": meeting.attendees.select_related("person", "user").order_by("pk"),
        "is_over": meeting.ends_at < clock.now(),
    }
    return render(request, "meetings/show.html", context)


def create(request: HttpRequest) -> HttpResponse:
    """A new event about what the address names, at ?at=; a dialog as a fragment."""
    user = user_of(request)
    form = MeetingForm(
        posted(request), viewer=user, asked=asked(request), starts_at=start_asked(request)
    )
    if request.method == "POST" and form.is_valid():
        meeting = meetings.create(user, form.filled(), guests=form.cleaned_data["guests"])
        words = [_("Event added: %(name)s") % {"name": meeting.name}]
        if form.cleaned_data["invites"] and form.cleaned_data["guests"]:
            words.append(inviting.send(user, meeting))
        return saved(request, meeting, ". ".join(words))
    return _form(request, form)


def edit(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Change an event."""
    user = user_of(request)
    found = access.meetings_for(user).select_related("person", "owner")
    meeting = get_object_or_404(found, pk=meeting_id)
    form = MeetingForm(posted(request), viewer=user, instance=meeting)
    if request.method == "POST" and form.is_valid():
        meetings.edit(form.filled(), guests=form.cleaned_data["guests"])
        return saved(request, meeting, _("%(name)s was saved") % {"name": meeting.name})
    return _form(request, form)


@require_POST
def set_status(request: HttpRequest, meeting_id: int, status: str) -> HttpResponse:
    """It took place, or was called off; with a way back."""
    user = user_of(request)
    meeting = get_object_or_404(access.meetings_for(user), pk=meeting_id)
    entry = activities.set_status(user, meeting, Meeting.Status(status))
    words = f"{meeting.name}: {meeting.get_status_display()}"
    return acted(request, meeting, words, undo=entry.pk)


@require_POST
def delete(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Delete, with a way back."""
    user = user_of(request)
    meeting = get_object_or_404(access.meetings_for(user), pk=meeting_id)
    entry = activities.delete(user, meeting)
    words = _("%(name)s was deleted") % {"name": meeting.name}
    return acted(request, meeting, words, undo=entry.pk, back="meetings:week")


@require_safe
def related(request: HttpRequest, entity: str, key: int) -> HttpResponse:
    """The calls and events of a record: those to come, the next first, then the latest past."""
    user = user_of(request)
    subject = subject_or_404(user, entity, key)
    found: list[Call | Meeting] = [
        *activities.about(access.calls_for(user), subject).order_by("-starts_at")[:50],
        *activities.about(access.meetings_for(user), subject)
        .select_related("owner")
        .order_by("-starts_at")[:50],
    ]
    now = clock.now()
    coming = sorted((r for r in found if _is_coming(r, now)), key=lambda r: r.starts_at)
    past = sorted((r for r in found if not _is_coming(r, now)), key=lambda r: r.starts_at)[::-1]
    context = {
        "subject": subject,
        "from_mail": from_mail(request),
        "coming": [_line(r) for r in coming],
        "past": [_line(r) for r in past[: max(_SHOWN - len(coming), 2)]],
        "count": len(found),
    }
    return render(request, "meetings/_related.html", context)


def _is_coming(record: Call | Meeting, now: datetime) -> bool:
    if isinstance(record, Meeting):
        return record.status == Meeting.Status.PLANNED and record.ends_at >= now
    return record.status == Call.Status.PLANNED


def _line(record: Call | Meeting) -> EventLine:
    return meeting_line(record) if isinstance(record, Meeting) else call_line(record)


def _form(request: HttpRequest, form: MeetingForm) -> HttpResponse:
    meeting: Meeting = form.instance
    template = "meetings/_dialog.html" if is_fragment(request) else "meetings/form.html"
    return render(request, template, {"form": form, "meeting": meeting, "action": request.path})
