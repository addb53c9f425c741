from django.apps import AppConfig


class WritingConfig(AppConfig):
    name = "relance.writing"
    label = "writing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from relance.writing import fields

        fields.declare()
