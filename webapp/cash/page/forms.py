"""The two forms of the page: log in, and choose."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from flask import request
from wtforms import BooleanField, HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Regexp, ValidationError

from ...web.forms import Form, strip
from ...web.languages import _, _l
from ..model import (
    HOUR_ROUNDINGS,
    WORK_STATUSES,
    Administration,
    Credentials,
    Login,
    SavedSettings,
    Settings,
    Warehouse,
    WarehouseList,
)
from .words import HINTS, LABELS, administration_names, rounding


def words(name: str) -> dict[str, Any]:
    """Label and one-line description of a field."""
    return {"label": LABELS[name], "description": HINTS[name]}


class LoginForm(Form):
    """The login of a Cash API user."""

    relation_code = StringField(
        **words("relation_code"),
        filters=[strip],
        validators=[
            InputRequired(_l("Fill in the relation code.")),
            Regexp(r"[0-9]{1,10}\Z", message=_l("The relation code consists of digits only, at most 10.")),
        ],
    )
    email = StringField(
        **words("email"),
        filters=[strip],
        validators=[
            InputRequired(_l("Fill in the email address.")),
            Length(max=254, message=_l("This email address is too long.")),
            # Whether the address exists is for Cash to say.
            Regexp(r"[^@\s]+@[^@\s]+\Z", message=_l("Fill in a whole email address, such as name@company.nl.")),
        ],
    )
    password = PasswordField(
        **words("password"),
        validators=[
            InputRequired(_l("Fill in the password.")),
            Length(max=200, message=_l("This password is too long.")),
        ],
    )

    def credentials(self) -> Credentials:
        """What was typed, to be proven."""
        return Credentials(str(self.relation_code.data), str(self.email.data), str(self.password.data))


def switch(name: str) -> BooleanField:
    """A choice that is on or off."""
    return BooleanField(**words(name))


FROM_THE_LIST: dict[str, Any] = {
    "invalid_choice_message": _l("Choose one from the list."),
    "invalid_value_message": _l("Choose one from the list."),
}


class SettingsForm(Form):
    """What to sync. Its choices depend on what the login sees; see `offer`."""

    _connection: Login
    _saved: Settings
    _answers: Mapping[str, str]

    version = HiddenField()
    administration = SelectField(
        **words("administration"),
        validators=[InputRequired(_l("Choose an administration."))],
        validate_choice=False,
    )
    import_relations = switch("import_relations")
    import_materials = switch("import_materials")
    import_hour_types = switch("import_hour_types")
    import_warehouses = switch("import_warehouses")
    import_employees = switch("import_employees")
    export_sales_orders = switch("export_sales_orders")
    export_work_status = SelectField(**words("export_work_status"), choices=WORK_STATUSES, **FROM_THE_LIST)
    export_hour_rounding = SelectField(**words("export_hour_rounding"), coerce=int, **FROM_THE_LIST)
    export_default_warehouse = SelectField(**words("export_default_warehouse"), validate_choice=False)
    export_new_relations = switch("export_new_relations")
    export_new_materials = switch("export_new_materials")
    export_work_description = switch("export_work_description")

    IMPORTS = (
        "import_relations",
        "import_materials",
        "import_hour_types",
        "import_warehouses",
        "import_employees",
    )
    ORDER_SWITCHES = ("export_new_relations", "export_new_materials", "export_work_description")

    @classmethod
    def offer(cls, connection: Login, saved: SavedSettings, *, typed: bool = False) -> "SettingsForm":
        """The form with what this login can choose, over the settings in force or over what was typed."""
        form = cls(obj=saved.settings) if typed else cls(formdata=None, obj=saved.settings)
        form._connection, form._saved, form._answers = connection, saved.settings, request.form
        if not typed:
            form.version.data = str(saved.version)
            form.administration.data = preselected(connection, saved.settings)
        names = administration_names(connection.administrations)
        form.administration.choices = {"": _("Choose an administration"), **names}
        form.export_hour_rounding.choices = {str(minutes): rounding(minutes) for minutes in HOUR_ROUNDINGS}
        listed = {each.code: f"{each.name} ({each.code})" for each in form.warehouses}
        form.export_default_warehouse.choices = {"": _("No warehouse"), **listed}
        return form

    @property
    def chosen(self) -> Administration | None:
        """The administration that is chosen in the form."""
        return self._connection.administration(self.administration.data or "")

    @property
    def warehouse_list(self) -> WarehouseList | None:
        """The warehouses of the chosen administration, if Cash listed them before."""
        return self._connection.warehouse_lists.get(self.administration.data or "")

    @property
    def warehouses(self) -> tuple[Warehouse, ...]:
        """What can be the default warehouse; the saved one stays possible when its list is not there."""
        listed = self.warehouse_list.warehouses if self.warehouse_list else ()
        code, saved = self._saved.export_default_warehouse, self._saved
        chosen = (self._connection.relation_code, self.administration.data)
        same = chosen == (saved.relation_code, saved.administration)
        if code and same and code not in [each.code for each in listed]:
            return (*listed, Warehouse(code, _("Saved earlier")))
        return listed

    def validate_administration(self, field: SelectField) -> None:
        """It must be one that this login sees."""
        if self.chosen is None:
            raise ValidationError(_("This login does not see that administration. Choose another one."))

    def validate_export_sales_orders(self, field: BooleanField) -> None:
        """Nothing can be written to a read-only administration."""
        if field.data and self.chosen and self.chosen.read_only:
            raise ValidationError(
                _("This administration is read-only in Cash. Switch Sales orders off or choose another one.")
            )

    def validate_export_default_warehouse(self, field: SelectField) -> None:
        """It must be one of the chosen administration."""
        if field.data and field.data not in [each.code for each in self.warehouses]:
            raise ValidationError(_("This warehouse is not in the chosen administration. Choose another one."))

    def take_theirs(self) -> None:
        """After a conflict: puts what was in force in place of what was typed, where the user chose that.

        From then on the form goes before that version (`answers`). Until it is answered it does not, wherever the
        user goes meanwhile, so that nothing a colleague saved is overwritten unseen.

        `take` = `theirs` or `yours` goes for all rows of the conflict, `take_NAME` = `theirs` for one: unless its
        field holds something else by now than the row (`yours_NAME`), because then it was chosen after the question.
        """
        sent = self._answers
        self.version.data = sent.get("answers", self.version.data)
        for_all = sent.get("take")
        for name in (each.removeprefix("take_") for each in sent if each.startswith("take_")):
            chosen_since = not for_all and sent.get(name, "") != sent.get(f"yours_{name}")
            if name in CHOICES and (for_all or sent[f"take_{name}"]) == "theirs" and not chosen_since:
                self[name].data = getattr(self._saved, name)

    @property
    def seen_version(self) -> int:
        """The version that the form was compared with: 0 when none was in force, -1 for what never was one."""
        text = self.version.data or "0"
        return int(text) if text.isdecimal() and len(text) < 10 else -1

    def settings(self) -> Settings:
        """What was chosen; to be stored only when the form is valid."""
        chosen = {each.name: self[each.name].data for each in fields(Settings) if each.name in self}
        return Settings(
            **chosen,
            relation_code=self._connection.relation_code,
            administration_name=self.chosen.name if self.chosen else "",
        )


CHOICES = {each.name for each in fields(Settings) if hasattr(SettingsForm, each.name)}


def preselected(connection: Login, settings: Settings) -> str:
    """The saved administration if this login sees it, the only one there is, or none."""
    same_environment = settings.relation_code == connection.relation_code
    if same_environment and connection.administration(settings.administration):
        return settings.administration
    return connection.administrations[0].id if len(connection.administrations) == 1 else ""
