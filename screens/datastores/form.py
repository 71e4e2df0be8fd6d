"""Register a datastore, or change one; faults show at their fields while one types."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from textual.widget import Widget

from screens import clock
from screens.datastores.texts import ends_text
from screens.datastores.values import CERTIFICATE_KEY, SIGN_IN, keys_of, spec_of_values, values_of
from screens.fields import Choice, Field, Lines, RadioList, line_input
from screens.forms import FormScreen, form_actions
from screens.places import Leave, Open, Place
from screens.widgets.line_input import SecretInput
from screens.widgets.path_input import PathInput
from services.entities import Datastore
from services.errors import Fault, NotFoundError, SpecError, UserError
from services.specs.datastores import CREDENTIALS, NONE, TYPES, DatastoreSpec, sas_expiry, spec_of
from services.workspace import DatastoreService

WAYS = {
    "account_key": "account key: opens the whole account",
    "sas": "shared access signature: opens what it names, until it ends",
    "service_principal": "service principal: the id and the password of an application",
    "certificate": "certificate: an application that signs with a private key",
    NONE: "identity: no secret is kept; whoever reads needs a role",
}
REQUIRED = "this field is required"
KEPT = "unchanged"


class DatastoreFormScreen(FormScreen):
    """The subject is empty, or the name of the datastore that is changed."""

    BUSY = "Registering"
    ACTIONS: ClassVar = form_actions("datastore-form", "Save", "Register the datastore, or change it")

    def __init__(self, place: Place, *, datastores: DatastoreService) -> None:
        super().__init__(place)
        self.datastores = datastores
        self.old: Datastore | None = None

    @property
    def crumbs(self) -> str:
        """What is done to what."""
        return f"Datastores › {self.place.subject or 'New'}"

    def compose_fields(self) -> Iterable[Widget]:
        """The type first: the rest follows from it."""
        labels = [f"{kind:<21} {text}" for kind, text in TYPES.items()]
        yield Field("type", "Type", RadioList(tuple(TYPES), labels=labels), hint="Where the files lie; ↑ ↓ choose")
        yield Field("name", "Name", line_input(), hint="How URIs call it: azureml://datastores/NAME/paths/...")
        yield Field("account_name", "Account", line_input(), hint="The storage account, by its name alone")
        yield Field("container_name", "Container", line_input(), hint="The blob container in the account")
        yield Field("filesystem", "File system", line_input(), hint="The file system (the container) in the account")
        yield Field("file_share_name", "Share", line_input(), hint="The file share in the account")
        yield Field("one_lake_workspace_name", "Workspace", line_input(), hint="The Fabric workspace, by name or id")
        yield Field("artifact", "Lakehouse", line_input(), hint="The lakehouse, by name or id")
        yield Field("path", "Folder", PathInput(), hint="A folder of this machine; tab completes")
        yield Field(SIGN_IN, "Signs in by", RadioList(()), hint="What opens the storage; ↑ ↓ choose")
        yield from self._secrets()
        yield Field(
            "endpoint",
            "Endpoint",
            line_input(placeholder="that of the public cloud"),
            hint="Where the cloud's accounts are, such as core.windows.net; empty: the public cloud",
        )
        yield Field("description", "Used for", line_input(), hint="What lies there and where it comes from")
        yield Field("tags", "Tags", Lines(placeholder="key=value, one a line"), hint="key=value, one a line")

    @staticmethod
    def _secrets() -> Iterable[Field]:
        yield Field(
            "credentials.account_key",
            "Account key",
            SecretInput(),
            hint="From the portal, under Access keys; never shown",
        )
        yield Field(
            "credentials.sas_token",
            "Signature",
            SecretInput(),
            hint="The token (sv=...&sig=...), from the portal, under Shared access tokens; never shown",
        )
        yield Field("credentials.tenant_id", "Tenant", line_input(), hint="The id of the directory of the application")
        yield Field("credentials.client_id", "Application", line_input(), hint="The id of the application (client)")
        yield Field(
            "credentials.client_secret", "Password", SecretInput(), hint="A secret of the application; never shown"
        )
        yield Field("credentials.thumbprint", "Thumbprint", line_input(), hint="Of the certificate, in hex")
        yield Field(
            CERTIFICATE_KEY, "Certificate", PathInput(), hint="A PEM file with the certificate and its private key"
        )

    def on_mount(self) -> None:
        """Read what is changed."""
        super().on_mount()
        self._show_fields()
        self.set_clean()
        if self.place.subject:
            self.load(self._fill, group="fill")

    async def _fill(self) -> None:
        store = await self.datastores.get(self.place.subject)
        spec = spec_of(store)
        if spec is None:
            raise UserError(f"{store.name} can't be changed: every workspace has it as it is.")
        self.old = store
        values = values_of(spec)
        fields = self.fields
        fields["type"].value = spec.type
        self._show_fields()
        for key, field in fields.items():
            if key in values:
                field.value = values[key]
            for control in field.controls:
                if isinstance(control, SecretInput):
                    control.placeholder = KEPT
        for key in ("type", "name"):
            fields[key].controls[0].disabled = True
        self._show_fields()
        self.set_clean()
        next(field for field in fields.values() if field.display and not field.controls[0].disabled).focus_control()

    def _show_fields(self) -> None:
        """Those of the type and of its way to sign in."""
        fields = self.fields
        kind = fields["type"].value
        ways, control = CREDENTIALS[kind], fields[SIGN_IN].controls[0]
        if isinstance(control, RadioList) and control.options != ways:
            control.set_options(ways, [WAYS[way] for way in ways])
        wanted = keys_of(kind, fields[SIGN_IN].value)
        loses = any(field.has_focus_within for key, field in fields.items() if key not in wanted)
        for key, field in fields.items():
            field.display = key in wanted
        if loses:  # who tabs ahead of the screen means the secret that takes the place of the one that goes
            fields[
                next((key for key in fields if key in wanted and key.startswith("credentials.")), SIGN_IN)
            ].focus_control()

    # while one types

    def on_choice_changed(self, event: Choice.Changed) -> None:
        """Other fields at once."""
        self._show_fields()
        super().on_choice_changed(event)

    def typed(self) -> None:
        """Tell when a signature ends, and check it."""
        token = self.fields["credentials.sas_token"]
        token.say(ends_text(sas_expiry(token.value), clock.now()))
        if self.changed:
            self.load(self._check, group="check")

    async def _check(self) -> None:
        """What is not typed yet is not told as a fault."""
        try:
            faults = await self.datastores.check(self.spec(), base=Path.cwd())
        except SpecError as error:
            faults = error.faults
        self.mark([fault for fault in faults if fault.message != REQUIRED])
        name = self.fields["name"]
        if self.old is None and name.value.strip():
            try:
                await self.datastores.get(name.value.strip())
            except NotFoundError:
                name.say("")
            else:
                name.say("There is one of that name: it would be changed")

    def mark(self, faults: Sequence[Fault]) -> list[Fault]:
        """A way to sign in that the type has not belongs to the choice of it."""
        return super().mark([replace(f, path=SIGN_IN) if f.path == "credentials" else f for f in faults])

    # keys

    def spec(self) -> DatastoreSpec:
        """What the form means. Raises SpecError."""
        return spec_of_values(self.values(), self.old)

    async def submit(self) -> None:
        """Register it and show what is in it, which tells whether it can be read; a changed one was in view before."""
        made = await self.datastores.create(self.spec(), base=Path.cwd())
        self.set_clean()
        self.tell(f"{made.name} is {'changed' if self.old else 'registered'}.")
        self.post_message(Leave() if self.old else Open(Place("datastore", made.name), push=False))
