"""The templates of mails."""

from django.urls import path

from relance.web.mailtemplates import acts, previewing, trying, views

app_name = "templates"
urlpatterns = [
    path("", views.list_templates, name="list"),
    path("new/", views.create, name="create"),
    path("preview/", previewing.preview, name="preview"),
    path("fields/", previewing.fields, name="fields"),
    path("<int:template_id>/", views.edit, name="edit"),
    path("<int:template_id>/copy/", acts.copy, name="copy"),
    path("<int:template_id>/try/", trying.try_out, name="try"),
    path("<int:template_id>/delete/", acts.delete, name="delete"),
    path("<int:template_id>/files/<int:attachment_id>/", acts.file, name="file"),
]
