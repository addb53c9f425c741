from django.urls import path

from relance.web.mailboxes import setup, views

app_name = "mailboxes"
urlpatterns = [
    path("", views.mailboxes, name="list"),
    path("new/", setup.begin, name="new"),
    path("new/provider/", setup.provider, name="provider"),
    path("new/credentials/", setup.credentials, name="credentials"),
    path("new/servers/", setup.servers, name="servers"),
    path("new/sharing/", setup.sharing, name="sharing"),
    path("new/domains/", setup.domains, name="domains"),
    path("<int:pk>/sync/", views.progress, name="progress"),
    path("<int:pk>/", views.mailbox, name="show"),
    path("<int:pk>/resync/", views.resync, name="resync"),
    path("<int:pk>/password/", views.password, name="password"),
    path("<int:pk>/servers/", views.servers, name="edit"),
    path("<int:pk>/details/", views.details, name="details"),
    path("<int:pk>/default/", views.default, name="default"),
    path("<int:pk>/disconnect/", views.disconnect, name="disconnect"),
]
