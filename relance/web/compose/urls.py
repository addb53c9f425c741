"""The composer's addresses."""

from django.urls import path

from relance.web.compose import files, helping, previewing, replying, scheduling, sending, views

app_name = "compose"
urlpatterns = [
    path("", views.new, name="new"),
    path("suggest/", helping.suggest, name="suggest"),
    path("fields/", helping.fields, name="fields"),
    path("zones/", scheduling.zones, name="zones"),
    path("when/", scheduling.when, name="when"),
    path("silence/<slug:code>/", sending.silence, name="silence"),
    path("reply/<int:thread_id>/<int:copy_id>/<slug:kind>/", replying.reply, name="reply"),
    path("<int:draft_id>/", views.show, name="show"),
    path("<int:draft_id>/save/", views.save, name="save"),
    path("<int:draft_id>/discard/", views.discard, name="discard"),
    path("<int:draft_id>/quote/", views.quote, name="quote"),
    path("<int:draft_id>/files/", files.add, name="files"),
    path("<int:draft_id>/files/<int:file_id>/", files.show, name="file"),
    path("<int:draft_id>/files/<int:file_id>/remove/", files.remove, name="remove_file"),
    path("<int:draft_id>/preview/", previewing.preview, name="preview"),
    path("<int:draft_id>/templates/", helping.templates, name="templates"),
    path("<int:draft_id>/template/<int:template_id>/", helping.template, name="template"),
    path("<int:draft_id>/signature/", helping.signature, name="signature"),
    path("<int:draft_id>/send/", sending.send, name="send"),
    path("<int:draft_id>/schedule/", scheduling.schedule, name="schedule"),
    path("<int:draft_id>/undo/", sending.undo, name="undo"),
]
