from django.apps import AppConfig


class InboxConfig(AppConfig):
    name = "relance.inbox"
    label = "inbox"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from relance.crm.signals import addresses_affected
        from relance.inbox import (
            arrivals,
            conversion,
            conversion_from_mail,
            correcting,
            handling,
            links,
            mail_fields,
            screening,
            senders,
            streams,
            uniting,
        )
        from relance.inbox.filters import past
        from relance.mail import bounces, ports

        ports.register_placer(streams)
        ports.register_screener(screening)
        ports.register_arrivals(arrivals)
        addresses_affected.connect(streams.on_addresses_affected, dispatch_uid="inbox.streams")
        mail_fields.declare()
        handling.register()
        correcting.register()
        links.register()
        senders.register()
        bounces.register()
        conversion.register()
        conversion_from_mail.register()
        uniting.register()
        past.register()
