"""A conversation: read, handled, answered, and its sender made known."""

from django.urls import path

from relance.web.conversation import (
    adding,
    content,
    correcting,
    files,
    handling,
    keeping,
    linking,
    loading,
    meeting,
    participants,
    printing,
    replying,
    views,
)

_MESSAGE = "<int:thread_id>/messages/<int:copy_id>"
_FILE = f"{_MESSAGE}/attachments/<int:attachment_id>"

app_name = "conversation"
urlpatterns = [
    path("<int:thread_id>/", views.show, name="show"),
    path("<int:thread_id>/why/", views.why, name="why"),
    path("<int:thread_id>/panel/", views.panel, name="panel"),
    path("<int:thread_id>/panel/next/", views.panel_next, name="panel_next"),
    path("<int:thread_id>/read/", handling.read, name="read"),
    path("<int:thread_id>/unread/", handling.unread, name="unread"),
    path("<int:thread_id>/archive/", handling.archive, name="archive"),
    path("<int:thread_id>/trash/", handling.trash, name="trash"),
    path("<int:thread_id>/outgoing/", views.outgoing, name="outgoing"),
    path("<int:thread_id>/outgoing/<int:outgoing_id>/again/", replying.again, name="again"),
    path("<int:thread_id>/add/<slug:kind>/", adding.add, name="add"),
    path("<int:thread_id>/join/<int:person_id>/", adding.join, name="join"),
    path("<int:thread_id>/colleague/", adding.colleague, name="colleague"),
    path("<int:thread_id>/colleague/remove/", adding.not_colleague, name="not_colleague"),
    path(
        "<int:thread_id>/deals/<int:deal_id>/<slug:outcome>/", adding.close_deal, name="close_deal"
    ),
    path("<int:thread_id>/deal/", linking.show, name="deal"),
    path("<int:thread_id>/deal/choose/", linking.choose, name="choose_deal"),
    path("<int:thread_id>/deal/link/", linking.link_chosen, name="link_chosen"),
    path("<int:thread_id>/records/<slug:entity>/<int:key>/unlink/", linking.detach, name="detach"),
    path("<int:thread_id>/deal/<int:deal_id>/link/", linking.link, name="link"),
    path("<int:thread_id>/deal/<int:deal_id>/unlink/", linking.unlink, name="unlink"),
    path("<int:thread_id>/print/", printing.conversation, name="print"),
    path("<int:thread_id>/merge/choose/", correcting.choose, name="choose_merge"),
    path("<int:thread_id>/merge/", correcting.merge, name="merge"),
    path(f"{_MESSAGE}/", views.message, name="message"),
    path(f"{_MESSAGE}/people/", participants.show, name="participants"),
    path(f"{_MESSAGE}/body/", content.body, name="body"),
    path(f"{_MESSAGE}/source/", content.source, name="source"),
    path(f"{_MESSAGE}/print/", printing.message, name="print_message"),
    path(f"{_MESSAGE}/load/", loading.load, name="load"),
    path(f"{_MESSAGE}/images/allow/", loading.allow, name="allow_images"),
    path(f"{_MESSAGE}/images/block/", loading.disallow, name="block_images"),
    path(f"{_MESSAGE}/unread/", loading.unread_from, name="unread_from"),
    path(f"{_MESSAGE}/answer/", meeting.answer, name="answer"),
    path(f"{_MESSAGE}/split/", correcting.split, name="split"),
    path(f"{_MESSAGE}/move/choose/", correcting.choose, name="choose_move"),
    path(f"{_MESSAGE}/move/", correcting.move, name="move"),
    path(f"{_MESSAGE}/keep/", keeping.keep, name="keep_files"),
    path(f"{_MESSAGE}/files.zip", files.everything, name="everything"),
    path(f"{_MESSAGE}/inline/<int:attachment_id>/", files.inline, name="inline"),
    path(f"{_FILE}/", files.attachment, name="attachment"),
    path(f"{_FILE}/preview/", files.preview, name="preview"),
    path(f"{_FILE}/look/", files.look, name="look"),
    path(f"{_FILE}/inside/<int:number>/", files.inside, name="inside"),
]
