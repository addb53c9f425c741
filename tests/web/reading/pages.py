"""Asking for the pages of a conversation."""

from __future__ import annotations

from django.test import Client

from relance.mail.models import (
    Attachment,
    MessageCopy,
)

HX = {"HX-Request": "true"}


def base(copy: MessageCopy) -> str:
    return f"/threads/{copy.thread_id}/messages/{copy.pk}/"


def show(web: Client, copy: MessageCopy, query: str = "") -> str:
    response = web.get(f"/threads/{copy.thread_id}/{query}")
    assert response.status_code == 200
    return response.content.decode()


def file_named(name: str) -> Attachment:
    return Attachment.objects.get(filename=name)
