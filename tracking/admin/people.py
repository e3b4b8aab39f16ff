"""Accounts and groups, in the look of the panel."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission, User
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from tracking.labels import permission_in_list

admin.site.unregister([User, Group])


class NamesPermissions:
    """The list of permissions says in the reader's language what each allows."""

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **options: Any) -> Any:
        field = super().formfield_for_manytomany(db_field, request=request, **options)  # type: ignore[misc]
        if field is not None and db_field.related_model is Permission:
            field.label_from_instance = permission_in_list
        return field


@admin.register(User)
class PersonAdmin(NamesPermissions, UserAdmin, ModelAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm


@admin.register(Group)
class PeopleAdmin(NamesPermissions, GroupAdmin, ModelAdmin):
    pass
