import django.db.models.deletion
from django.db import migrations, models

# As SQL and not as a changed field: on SQLite Django would make the table anew, without its triggers.
OLD = ("patient_into_id_8497931b", "patient_into_id_8497931b_like")


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0006_by_name"),
        ("tenancy", "0006_same_organization"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(f"DROP INDEX IF EXISTS {each}", migrations.RunSQL.noop) for each in OLD
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="patient",
                    name="into",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged",
                        to="people.patient",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="patient",
            index=models.Index(condition=models.Q(("into__isnull", False)), fields=["into"], name="patient_merged"),
        ),
    ]
