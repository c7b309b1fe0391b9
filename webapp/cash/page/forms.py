"""The two forms of the page: log in, and choose."""

import re
from typing import Any

from flask import request
from wtforms import BooleanField, Field, HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Regexp, ValidationError

from ...outbound.text import sendable
from ...web.forms import Form
from ...web.languages import _, _l
from ..actions import State
from ..choices import CHOICES, TOGETHER, Choice, Settings
from ..model import Administration, Credentials, Login, Warehouse, WarehouseList
from . import words

# What comes along when text is copied from a PDF or an e-mail: marks of direction, joiners, soft hyphens.
INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")


def clean_code(typed: str | None) -> str | None:
    """A relation code as digits: "25.583" and "25 583" are how people write it."""
    return typed and re.sub(r"[\s.]", "", INVISIBLE.sub("", typed))


def clean_email(typed: str | None) -> str | None:
    """An email address without what stands around it in an e-mail or a sentence."""
    if not typed:
        return typed
    address = INVISIBLE.sub("", typed).strip()
    if inside := re.fullmatch(r"[^<>]*<([^<>]*)>[,.;]?", address):
        address = inside[1]
    return re.sub(r"(?i)^mailto:", "", address.strip()).rstrip(",.; ")


def can_be_sent(form: Form, field: Field) -> None:
    """No XML document, and so no call to Cash, can hold some characters."""
    typed = field.data or ""
    if sendable(typed) != typed:
        raise ValidationError(_("This holds a character that cannot be sent to Cash. Type it instead of pasting it."))


class LoginForm(Form):
    """The login of a Cash API user. The password is taken as it is typed."""

    relation_code = StringField(
        words.RELATION_CODE,
        description=_l("The relation number you log in to cashweb.nl with"),
        filters=[clean_code],
        validators=[
            DataRequired(_l("Fill in the relation code.")),
            Regexp(r"[0-9]{1,10}\Z", message=_l("The relation code consists of digits only, at most 10.")),
        ],
    )
    email = StringField(
        _l("Email address"),
        description=_l("Of the API user in Cash"),
        filters=[clean_email],
        validators=[
            DataRequired(_l("Fill in the email address.")),
            Length(max=254, message=_l("This email address is too long.")),
            # Whether the address exists is for Cash to say.
            Regexp(r"[^@\s]+@[^@\s]+\Z", message=_l("Fill in a whole email address, such as name@company.nl.")),
            can_be_sent,
        ],
    )
    password = PasswordField(
        _l("Password"),
        description=_l("Of the API user in Cash"),
        validators=[
            InputRequired(_l("Fill in the password.")),
            Length(max=200, message=_l("This password is too long: more than 200 characters.")),
            can_be_sent,
        ],
    )

    def credentials(self) -> Credentials:
        """What was typed, to be proven."""
        return Credentials(str(self.relation_code.data), str(self.email.data), str(self.password.data))


def _line_ends(code: str) -> str:
    return code.replace("\r\n", "\n").replace("\r", "\n")


class SettingsForm(Form):
    """What to sync: a field for each of CHOICES. What can be chosen depends on what the login sees; see `offer`."""

    _login: Login
    _saved: Settings
    typed: bool

    version = HiddenField()  # the one that the user saw
    environment = HiddenField()  # the relation code that the administrations belong to
    confirmed = HiddenField()  # the fingerprint of what the user was told that a Save sets in motion

    @classmethod
    def offer(cls, state: State, settings: Settings | None = None, *, typed: bool = False) -> "SettingsForm":
        """The form with what this login can choose, over what was typed, over `settings`, or over what is stored."""
        shown = settings or state.saved.settings
        form = cls(obj=shown) if typed else cls(formdata=None, obj=shown)
        form._login, form._saved, form.typed = state.login, state.saved.settings, typed
        if not typed:
            form.version.data = str(state.saved.version)
        # An equal id in another Cash environment is another administration.
        elsewhere = state.login.administrations and form.environment.data not in (None, "", state.login.relation_code)
        if not typed or elsewhere:
            form.administration.data = preselected(state.login, shown)
        form.environment.data = state.login.relation_code
        form._list_options()
        return form

    def _list_options(self) -> None:
        for choice in CHOICES.values():
            if choice.options:
                labels = {str(value): _(label) for value, label in choice.options.items()}
                saved = str(getattr(self._saved, choice.name))  # perhaps one that only another version knows
                self[choice.name].choices = {**labels, saved: labels.get(saved, saved)}
        names = words.administration_names(self._login.administrations)
        self.administration.choices = {"": _("Choose an administration"), **names}
        # A browser sends each end of a line in a code as CR LF.
        typed = _line_ends(self.export_default_warehouse.data or "")
        same = (each.code for each in self.warehouses if _line_ends(each.code) == typed)
        self.export_default_warehouse.data = next(same, self.export_default_warehouse.data)
        listed = {each.code: f"{each.name} ({each.code})" for each in self.warehouses}
        self.export_default_warehouse.choices = {"": _("No warehouse"), **listed}

    def hidden(self) -> list[Field]:
        """The fields that tell what the user saw."""
        return [self.version, self.environment, self.confirmed]

    def placed(self, place: str) -> list[Field]:
        """The fields of one part of the page."""
        return [self[each.name] for each in CHOICES.values() if each.place == place]

    def was(self, field: Field) -> Any:
        """What is stored of a choice."""
        return getattr(self._saved, field.name)

    @property
    def chosen(self) -> Administration | None:
        """The administration that is chosen in the form."""
        return self._login.administration(self.administration.data or "")

    @property
    def warehouse_list(self) -> WarehouseList | None:
        """The warehouses of the chosen administration, if Cash listed them before."""
        return self._login.warehouse_lists.get(self.administration.data or "")

    @property
    def warehouses(self) -> tuple[Warehouse, ...]:
        """What can be the default warehouse; the saved one stays possible when its list is not there."""
        listed = self.warehouse_list.warehouses if self.warehouse_list else ()
        code, saved = self._saved.export_default_warehouse, self._saved
        chosen = (self._login.relation_code, self.administration.data)
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
        if field.data and self.cannot_export:
            raise ValidationError(
                _("This administration is read-only in Cash. Switch Sales orders off or choose another one.")
            )

    def validate_export_default_warehouse(self, field: SelectField) -> None:
        """It must be one of the chosen administration."""
        if field.data and field.data not in [each.code for each in self.warehouses]:
            raise ValidationError(_("This warehouse is not in the chosen administration. Choose another one."))

    @property
    def seen_version(self) -> int:
        """The version that the user saw: 0 when none was stored yet, -1 for what never was one."""
        text = self.version.data or ""
        return int(text) if text.isdecimal() and len(text) < 10 else -1

    def settings(self) -> Settings:
        """What was chosen; to be stored only when the form is valid."""
        name = self.chosen.name if self.chosen else ""
        chosen = {name: self[name].data for name in CHOICES} | dict.fromkeys(TOGETHER, self._together())
        return Settings(**chosen, relation_code=self._login.relation_code, administration_name=name)

    def _together(self) -> bool:
        """What is chosen of TOGETHER: without the script one of them may have been switched alone."""
        chosen = {self[name].data for name in TOGETHER}
        switched = {self[name].data for name in TOGETHER if self[name].data != self.was(self[name])}
        return (switched if len(switched) == 1 else chosen) != {False}

    @property
    def cannot_export(self) -> bool:
        """Whether the chosen administration takes nothing from OutSmart."""
        return bool(self.chosen and self.chosen.read_only)

    def choose(self, administration: str) -> None:
        """Puts another administration in place of what was typed."""
        self.administration.data = administration
        self._list_options()

    def show(self, settings: Settings) -> None:
        """Puts these choices in place of what was typed."""
        for name in CHOICES:
            self[name].data = getattr(settings, name)
        self._list_options()


def _field(choice: Choice) -> Field:
    about: dict[str, Any] = {"label": _l(choice.label), "description": _l(choice.hint)}
    if choice.is_switch:
        return BooleanField(**about)
    unknown = _l("Choose one from the list.")
    about |= {"invalid_choice_message": unknown, "invalid_value_message": unknown}
    return SelectField(
        **about,
        coerce=type(choice.default),
        validate_choice=choice.options is not None,
        validators=[DataRequired(_l("Choose an administration."))] if choice.place == "administration" else [],
    )


for _choice in CHOICES.values():
    setattr(SettingsForm, _choice.name, _field(_choice))


def typed_settings() -> bool:
    """Whether this request sends the settings form."""
    return "version" in request.form


def preselected(login: Login, settings: Settings) -> str:
    """The administration of the settings if this login sees it, the only one there is, or none."""
    same_environment = settings.relation_code == login.relation_code
    if same_environment and login.administration(settings.administration):
        return settings.administration
    return login.administrations[0].id if len(login.administrations) == 1 else ""
