from django.apps import AppConfig
from django.db.backends.signals import connection_created


class CriteriaConfig(AppConfig):
    name = "relance.criteria"
    label = "criteria"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from relance.criteria import folding

        connection_created.connect(folding.teach, dispatch_uid="relance.criteria.folding")
