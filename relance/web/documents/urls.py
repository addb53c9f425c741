"""The library of documents."""

from django.urls import path

from relance.web.documents import changes, downloads, folders, picking, views

app_name = "documents"
urlpatterns = [
    path("", views.list_documents, name="list"),
    path("upload/", changes.upload, name="upload"),
    path("pick/", picking.pick, name="pick"),
    path("folders/new/", folders.create, name="new_folder"),
    path("folders/<int:folder_id>/", folders.edit, name="edit_folder"),
    path("folders/<int:folder_id>/delete/", folders.delete, name="delete_folder"),
    path("<int:document_id>/", downloads.download, name="download"),
    path("<int:document_id>/edit/", changes.edit, name="edit"),
    path("<int:document_id>/replace/", changes.replace, name="replace"),
    path("<int:document_id>/delete/", changes.delete, name="delete"),
    path("<int:document_id>/versions/", downloads.versions, name="versions"),
    path("<int:document_id>/versions/<int:number>/", downloads.version, name="version"),
]
