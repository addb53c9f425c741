"""Tasks: listed, made, changed, finished; and those of a record."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from relance.crm import access, activities, tasks
from relance.crm.models import Task
from relance.web.components.about import asked, from_mail, subject_or_404
from relance.web.components.acting import acted
from relance.web.components.activities import task_line
from relance.web.components.saving import saved
from relance.web.records.listing import page
from relance.web.requests import is_fragment, posted, user_of
from relance.web.tasks.forms import TaskForm

_SHOWN_DONE = 3


@require_safe
def list_tasks(request: HttpRequest) -> HttpResponse:
    """Every task one may read, mine that are to be done first."""
    return page(request, "tasks")


@require_safe
def show(request: HttpRequest, task_id: int) -> HttpResponse:
    """One task."""
    user = user_of(request)
    found = access.tasks_for(user).select_related(
        "owner", "person", "company", "deal", "case", "created_by"
    )
    task = get_object_or_404(found, pk=task_id)
    return render(request, "tasks/show.html", {"task": task, "is_late": tasks.is_late(task, user)})


def create(request: HttpRequest) -> HttpResponse:
    """A new task about what the address names; a dialog as a fragment."""
    user = user_of(request)
    form = TaskForm(posted(request), viewer=user, asked=asked(request))
    if request.method == "POST" and form.is_valid():
        task = tasks.create(user, form.filled())
        return saved(request, task, _("Task added: %(name)s") % {"name": task.name})
    return _form(request, form)


def edit(request: HttpRequest, task_id: int) -> HttpResponse:
    """Change a task."""
    user = user_of(request)
    task = get_object_or_404(access.tasks_for(user).select_related("person", "owner"), pk=task_id)
    form = TaskForm(posted(request), viewer=user, instance=task)
    if request.method == "POST" and form.is_valid():
        tasks.edit(user, form.filled())
        return saved(request, task, _("%(name)s was saved") % {"name": task.name})
    return _form(request, form)


@require_POST
def finish(request: HttpRequest, task_id: int) -> HttpResponse:
    """Tick it off, with a way back."""
    user = user_of(request)
    task = get_object_or_404(access.tasks_for(user), pk=task_id)
    entry = tasks.finish(user, task)
    return acted(request, task, _("Done: %(name)s") % {"name": task.name}, undo=entry.pk)


@require_POST
def reopen(request: HttpRequest, task_id: int) -> HttpResponse:
    """It is to be done after all."""
    user = user_of(request)
    task = get_object_or_404(access.tasks_for(user), pk=task_id)
    entry = tasks.reopen(user, task)
    return acted(request, task, _("To do again: %(name)s") % {"name": task.name}, undo=entry.pk)


@require_POST
def delete(request: HttpRequest, task_id: int) -> HttpResponse:
    """Delete, with a way back."""
    user = user_of(request)
    task = get_object_or_404(access.tasks_for(user), pk=task_id)
    entry = activities.delete(user, task)
    words = _("%(name)s was deleted") % {"name": task.name}
    return acted(request, task, words, undo=entry.pk, back="tasks:list")


@require_safe
def related(request: HttpRequest, entity: str, key: int) -> HttpResponse:
    """The tasks of a record: what is to be done, then what was done last."""
    user = user_of(request)
    subject = subject_or_404(user, entity, key)
    rows = activities.about(access.tasks_for(user), subject).select_related("owner")
    to_do = tasks.by_urgency(rows.filter(status__in=tasks.ACTIVE))
    done = rows.filter(status=Task.Status.DONE).order_by("-done_at", "-pk")
    context = {
        "subject": subject,
        "from_mail": from_mail(request),
        "lines": [task_line(task, user) for task in (*to_do, *done[:_SHOWN_DONE])],
        "count": len(to_do),
    }
    return render(request, "tasks/_related.html", context)


def _form(request: HttpRequest, form: TaskForm) -> HttpResponse:
    task: Task = form.instance
    template = "tasks/_dialog.html" if is_fragment(request) else "tasks/form.html"
    return render(request, template, {"form": form, "task": task, "action": request.path})
