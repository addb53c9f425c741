"""A conversation: read, handled, answered, and its sender made known."""

from django.urls import path

from relance.web.conversation import adding, content, handling, replying, views

app_name = "conversation"
urlpatterns = [
    path("<int:thread_id>/", views.show, name="show"),
    path("<int:thread_id>/why/", views.why, name="why"),
    path("<int:thread_id>/panel/", views.panel, name="panel"),
    path("<int:thread_id>/read/", handling.read, name="read"),
    path("<int:thread_id>/unread/", handling.unread, name="unread"),
    path("<int:thread_id>/archive/", handling.archive, name="archive"),
    path("<int:thread_id>/trash/", handling.trash, name="trash"),
    path("<int:thread_id>/reply/", replying.reply, name="reply"),
    path("<int:thread_id>/outgoing/", replying.outgoing, name="outgoing"),
    path("<int:thread_id>/outgoing/<int:outgoing_id>/again/", replying.again, name="again"),
    path("<int:thread_id>/add/<slug:kind>/", adding.add, name="add"),
    path("<int:thread_id>/join/<int:person_id>/", adding.join, name="join"),
    path("<int:thread_id>/colleague/", adding.colleague, name="colleague"),
    path("<int:thread_id>/colleague/remove/", adding.not_colleague, name="not_colleague"),
    path(
        "<int:thread_id>/deals/<int:deal_id>/<slug:outcome>/", adding.close_deal, name="close_deal"
    ),
    path("<int:thread_id>/messages/<int:copy_id>/", views.message, name="message"),
    path("<int:thread_id>/messages/<int:copy_id>/body/", content.body, name="body"),
    path("<int:thread_id>/messages/<int:copy_id>/source/", content.source, name="source"),
    path(
        "<int:thread_id>/messages/<int:copy_id>/attachments/<int:attachment_id>/",
        content.attachment,
        name="attachment",
    ),
    path(
        "<int:thread_id>/messages/<int:copy_id>/inline/<int:attachment_id>/",
        content.inline,
        name="inline",
    ),
]
