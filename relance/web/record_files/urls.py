"""Files of records."""

from django.urls import path

from relance.web.record_files import views

app_name = "record_files"
urlpatterns = [
    path("<int:file_id>/", views.download, name="download"),
    path("<int:file_id>/delete/", views.delete, name="delete"),
    path("from/<int:copy_id>/<int:attachment_id>/", views.take, name="take"),
    path("related/<slug:entity>/<int:key>/", views.related, name="related"),
    path("related/<slug:entity>/<int:key>/add/", views.upload, name="upload"),
]
