"""The id map and the archives. All live in V5, so that data and lineage commit or vanish together."""

from __future__ import annotations

from django.db import models

from entities.engine.tables import V5Model


class LegacyIdMapping(V5Model):
    """What became of one legacy row: one entry per entity type, legacy id and part (GR-04).

    `part` is empty for 1:1; a date, an index or a school for 1:n. `v5_id` is null for skipped and
    rejected rows. `school_id` is the legacy id, null for rows of no school.
    """

    id = models.BigAutoField(primary_key=True)
    entity_type = models.CharField(max_length=64)
    legacy_table = models.CharField(max_length=64)
    legacy_id = models.BigIntegerField()
    part = models.CharField(max_length=64, default="")
    v5_table = models.CharField(max_length=64, default="")
    v5_id = models.BigIntegerField(null=True)
    disposition = models.CharField(max_length=12)
    reason = models.CharField(max_length=40, default="")
    school_id = models.BigIntegerField(null=True)
    source_hash = models.CharField(max_length=32, default="")
    target_hash = models.CharField(max_length=32, default="")
    run_id = models.BigIntegerField(null=True)
    batch_id = models.BigIntegerField(null=True)
    additional_data = models.JSONField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    class Meta(V5Model.Meta):
        db_table = "legacy_id_mappings"
        verbose_name = "map entry"
        verbose_name_plural = "id map"

    def __str__(self) -> str:
        return f"{self.entity_type}:{self.legacy_id}{f'#{self.part}' if self.part else ''}"


class LegacyArchive(V5Model):
    """The full payload of a legacy row without a home in V5; never of a sensitive table."""

    id = models.BigAutoField(primary_key=True)
    legacy_table = models.CharField(max_length=64)
    legacy_id = models.BigIntegerField()
    school_id = models.BigIntegerField(null=True)
    payload = models.JSONField()
    created_at = models.DateTimeField(null=True)

    class Meta(V5Model.Meta):
        db_table = "legacy_archive"
        verbose_name = "archived legacy row"
        verbose_name_plural = "legacy archive"

    def __str__(self) -> str:
        return f"{self.legacy_table}:{self.legacy_id}"


class RollbackArchive(V5Model):
    """A V5 row as it was: before a rollback took it out, or before a later run changed it.

    `kind`: deleted (a row), map (its entry of the id map), updated (a row before a change), entry (a map entry
    before a change), forgotten (a map entry that a change removed), figures (what one step took out), layout
    (names of the columns of rows that went by the thousand).
    `payload` is the whole row, cell by cell (`rollback.layout` reads it; of figures and layouts JSON), but the secrets,
    which are in `sealed` and never shown;
    `written` is what was put over it; `entry` is the entry of a row that went together with it.
    """

    DELETED, MAP, UPDATED, ENTRY = "deleted", "map", "updated", "entry"
    FORGOTTEN, FIGURES, LAYOUT = "forgotten", "figures", "layout"

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=12)
    v5_table = models.CharField(max_length=64)
    v5_id = models.BigIntegerField(null=True)
    payload = models.TextField()
    sealed = models.TextField(null=True)
    written = models.JSONField(null=True)
    entry = models.TextField(null=True)
    rollback_id = models.BigIntegerField(null=True)
    run_id = models.BigIntegerField(null=True)
    map_id = models.BigIntegerField(null=True)
    school_id = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=200, default="")
    created_at = models.DateTimeField(null=True)
    restored_at = models.DateTimeField(null=True)

    class Meta(V5Model.Meta):
        db_table = "legacy_rollback_archive"
        verbose_name = "row taken out of V5"
        verbose_name_plural = "rollback archive"

    def __str__(self) -> str:
        return f"{self.v5_table}:{self.v5_id}"
