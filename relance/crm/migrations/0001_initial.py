import django.core.validators
import django.db.models.deletion
import relance.lib.clock
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("addresses", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Stage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                (
                    "name_fr",
                    models.CharField(blank=True, max_length=60, verbose_name="French name"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("open", "Open"), ("won", "Won"), ("lost", "Lost")],
                        default="open",
                        max_length=4,
                        verbose_name="kind",
                    ),
                ),
                (
                    "probability",
                    models.PositiveSmallIntegerField(
                        default=0,
                        validators=[django.core.validators.MaxValueValidator(100)],
                        verbose_name="probability",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
            ],
            options={
                "ordering": ["position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Company",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField(default=relance.lib.clock.now, editable=False)),
                ("updated_at", models.DateTimeField(default=relance.lib.clock.now, editable=False)),
                ("deleted_at", models.DateTimeField(editable=False, null=True)),
                ("search_text", models.TextField(blank=True, default="", editable=False)),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "domain",
                    models.CharField(
                        blank=True, db_index=True, max_length=255, verbose_name="e-mail domain"
                    ),
                ),
                ("website", models.CharField(blank=True, max_length=255, verbose_name="website")),
                ("phone", models.CharField(blank=True, max_length=50, verbose_name="phone")),
                ("street", models.CharField(blank=True, max_length=255, verbose_name="street")),
                ("postcode", models.CharField(blank=True, max_length=20, verbose_name="postcode")),
                ("city", models.CharField(blank=True, max_length=120, verbose_name="city")),
                ("country", models.CharField(blank=True, max_length=2, verbose_name="country")),
                ("description", models.TextField(blank=True, verbose_name="description")),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
            ],
            options={
                "verbose_name": "account",
                "verbose_name_plural": "accounts",
            },
        ),
        migrations.CreateModel(
            name="Deal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField(default=relance.lib.clock.now, editable=False)),
                ("updated_at", models.DateTimeField(default=relance.lib.clock.now, editable=False)),
                ("deleted_at", models.DateTimeField(editable=False, null=True)),
                ("search_text", models.TextField(blank=True, default="", editable=False)),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "amount",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=15,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="amount",
                    ),
                ),
                (
                    "currency",
                    models.CharField(default="EUR", max_length=3, verbose_name="currency"),
                ),
                ("closes_on", models.DateField(verbose_name="closing date")),
                ("closed_at", models.DateTimeField(editable=False, null=True)),
                ("description", models.TextField(blank=True, verbose_name="description")),
                (
                    "company",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="deals",
                        to="crm.company",
                        verbose_name="account",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
            ],
            options={
                "verbose_name": "deal",
                "verbose_name_plural": "deals",
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField(default=relance.lib.clock.now, editable=False)),
                ("updated_at", models.DateTimeField(default=relance.lib.clock.now, editable=False)),
                ("deleted_at", models.DateTimeField(editable=False, null=True)),
                ("search_text", models.TextField(blank=True, default="", editable=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("lead", "Lead"), ("contact", "Contact")],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                (
                    "first_name",
                    models.CharField(blank=True, max_length=100, verbose_name="first name"),
                ),
                ("last_name", models.CharField(max_length=100, verbose_name="last name")),
                ("title", models.CharField(blank=True, max_length=150, verbose_name="title")),
                (
                    "company_name",
                    models.CharField(blank=True, max_length=200, verbose_name="company"),
                ),
                ("phone", models.CharField(blank=True, max_length=50, verbose_name="phone")),
                ("mobile", models.CharField(blank=True, max_length=50, verbose_name="mobile")),
                ("city", models.CharField(blank=True, max_length=120, verbose_name="city")),
                ("country", models.CharField(blank=True, max_length=2, verbose_name="country")),
                (
                    "time_zone",
                    models.CharField(blank=True, max_length=64, verbose_name="time zone"),
                ),
                (
                    "status",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("new", "New"),
                            ("assigned", "Assigned"),
                            ("in_process", "In process"),
                            ("converted", "Converted"),
                            ("recycled", "Recycled"),
                            ("dead", "Dead"),
                        ],
                        default="new",
                        max_length=12,
                        verbose_name="status",
                    ),
                ),
                ("source", models.CharField(blank=True, max_length=60, verbose_name="source")),
                ("description", models.TextField(blank=True, verbose_name="description")),
                (
                    "company",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="people",
                        to="crm.company",
                        verbose_name="account",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
            ],
            options={
                "verbose_name": "person",
                "verbose_name_plural": "people",
            },
        ),
        migrations.CreateModel(
            name="DealContact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("role", models.CharField(blank=True, max_length=60, verbose_name="role")),
                ("is_primary", models.BooleanField(default=False)),
                (
                    "deal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contacts",
                        to="crm.deal",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deal_roles",
                        to="crm.person",
                    ),
                ),
            ],
            options={
                "ordering": ["-is_primary", "pk"],
            },
        ),
        migrations.AddField(
            model_name="deal",
            name="people",
            field=models.ManyToManyField(
                related_name="deals", through="crm.DealContact", to="crm.person"
            ),
        ),
        migrations.CreateModel(
            name="PersonAddress",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("is_primary", models.BooleanField(default=False)),
                (
                    "address",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="person_links",
                        to="addresses.emailaddress",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="address_links",
                        to="crm.person",
                    ),
                ),
            ],
            options={
                "ordering": ["-is_primary", "pk"],
            },
        ),
        migrations.AddField(
            model_name="person",
            name="addresses",
            field=models.ManyToManyField(
                related_name="people", through="crm.PersonAddress", to="addresses.emailaddress"
            ),
        ),
        migrations.AddField(
            model_name="deal",
            name="stage",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, to="crm.stage", verbose_name="stage"
            ),
        ),
        migrations.AddIndex(
            model_name="company",
            index=models.Index(fields=["name"], name="crm_company_name"),
        ),
        migrations.AddConstraint(
            model_name="dealcontact",
            constraint=models.UniqueConstraint(
                fields=("deal", "person"), name="crm_person_once_per_deal"
            ),
        ),
        migrations.AddConstraint(
            model_name="dealcontact",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_primary", True)),
                fields=("deal",),
                name="crm_one_primary_contact",
            ),
        ),
        migrations.AddConstraint(
            model_name="personaddress",
            constraint=models.UniqueConstraint(
                fields=("person", "address"), name="crm_person_address_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="personaddress",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_primary", True)),
                fields=("person",),
                name="crm_one_primary_address",
            ),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(
                fields=["kind", "last_name", "first_name"], name="crm_person_by_name"
            ),
        ),
        migrations.AddIndex(
            model_name="deal",
            index=models.Index(fields=["stage", "closes_on"], name="crm_deal_by_stage"),
        ),
    ]
