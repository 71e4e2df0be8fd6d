"""Create, attach or change a compute; faults show at their fields while one types."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Static

from screens.actions import Action
from screens.compute.fields import CHANGEABLE, FIXED_TEXT, compute_fields
from screens.compute.sizes import PickSize, quota_text
from screens.compute.texts import kind_text, machine_text, price_text
from screens.compute.values import CLUSTER, FORM_TYPES, INSTANCE, spec_of, values_of
from screens.forms import FormScreen, form_actions
from screens.places import Leave, Place
from services.compute_prices import LOW_PRIORITY_FACTOR, PRICES_NOTE
from services.entities import ComputeSize
from services.errors import NotFoundError, ServiceError, SpecError
from services.specs.assets import ComputeSpec
from services.specs.computes import DEFAULT_SIZE
from services.workspace import ComputeService

PROPOSED = 50
"""More proposals than that help nobody."""


class ComputeFormScreen(FormScreen):
    """The subject is a type (`computeinstance`), or `amlcompute:NAME` for a cluster that is changed."""

    BUSY = "Asking for it"
    ACTIONS: ClassVar = (
        *form_actions("compute-form", "Apply", "Create, attach or change the compute; it goes on in the background"),
        Action("compute-form.pick-size", ("f4",), "Sizes", "Choose among the sizes, with price and quota", footer=2),
    )
    DEFAULT_CSS = """
    ComputeFormScreen #fixed { display: none; height: auto; padding: 0 1; color: $text-muted; }
    """

    def __init__(self, place: Place, *, compute: ComputeService) -> None:
        super().__init__(place)
        self.compute = compute
        self.kind, _, self.name_of_old = place.subject.partition(":")
        if self.kind not in FORM_TYPES:
            self.kind = CLUSTER
        self.sizes: dict[str, ComputeSize] = {}

    @property
    def crumbs(self) -> str:
        """What is done to what."""
        what = kind_text(self.kind).removeprefix("attached ")
        verb = "New" if self.kind in (INSTANCE, CLUSTER) else "Attach"
        return f"Compute › {self.name_of_old or f'{verb}: {what}'}"

    def compose_body(self) -> ComposeResult:
        """What can't be changed any more is said above the fields."""
        yield Static(FIXED_TEXT, id="fixed", markup=False)
        yield from super().compose_body()

    def compose_fields(self) -> Iterable[Widget]:
        """Those of the type."""
        return compute_fields(self.kind, self._complete_size)

    def on_mount(self) -> None:
        """Read what is changed, and the sizes."""
        super().on_mount()
        if self.name_of_old:
            self.query_one("#fixed").display = True
            self.load(self._fill, group="fill")
        if "size" in self.fields:
            self.load(self._read_sizes, group="sizes")

    async def _fill(self) -> None:
        values = values_of(await self.compute.get(self.name_of_old))
        for key, field in self.fields.items():
            field.value = values.get(key, "")
            for control in field.controls:
                control.disabled = key not in CHANGEABLE
        self.set_clean()
        self._tell_costs()
        next(f for f in self.fields.values() if not f.controls[0].disabled).focus_control()

    async def _read_sizes(self) -> None:
        """Sizes help; a form without them works."""
        try:
            found = await self.compute.sizes()
        except ServiceError:
            return
        self.sizes = {size.name: size for size in found if not size.supported or self.kind in size.supported}
        self._tell_costs()

    async def _complete_size(self, text: str) -> Sequence[tuple[str, str]]:
        words = text.casefold().split()
        found = (size for size in self.sizes.values() if all(word in size.name.casefold() for word in words))
        return [(size.name, machine_text(size.vcpus, size.memory, size.gpus)) for size in found][:PROPOSED]

    # while one types

    def typed(self) -> None:
        """Tell what it will cost, and check it."""
        self._tell_costs()
        if self.changed:
            self.load(self._check, group="check")

    async def _check(self) -> None:
        try:
            self.mark(await self.compute.check(self.spec()))
        except SpecError as error:
            self.mark(error.faults)
        await self._tell_name()

    async def _tell_name(self) -> None:
        """A name that is taken is another compute's: the form would change that one."""
        if self.name_of_old or not (name := self.fields["name"].value.strip()):
            return
        try:
            await self.compute.get(name)
        except NotFoundError:
            self.fields["name"].say("")
        else:
            self.fields["name"].say("There is one of that name: it would be changed")

    def _tell_costs(self) -> None:
        fields = self.fields
        if "size" not in fields:
            return
        size = self.sizes.get(fields["size"].value.strip() or DEFAULT_SIZE)
        fields["size"].say(size_line(size) if size else "")
        if "tier" not in fields:
            return
        is_low = fields["tier"].value == "low_priority"
        factor = LOW_PRIORITY_FACTOR if is_low else 1.0
        fields["tier"].say(f"a node costs about {factor:.0%} of the dedicated price" if is_low else "")
        most = fields["max_instances"].value.strip()
        price = size.price_per_hour if size else None
        all_nodes = f"at most {price_text(price * factor * int(most))} an hour" if price and most.isdecimal() else ""
        fields["max_instances"].say(all_nodes)

    # keys

    def spec(self) -> ComputeSpec:
        """What the form means. Raises SpecError."""
        values = self.values()
        if self.name_of_old:
            kept = {"name", "size", "tier", *CHANGEABLE}
            values = {key: value for key, value in values.items() if key in kept}
        return spec_of(self.kind, values)

    async def submit(self) -> None:
        """Ask for it, and back to the list, which tells how far it is."""
        made = await self.compute.create(self.spec())
        self.set_clean()
        verb = "changed" if self.name_of_old else "created" if self.kind in (INSTANCE, CLUSTER) else "attached"
        self.tell(f"{made.name} is being {verb}. You can leave: it goes on by itself.")
        self.post_message(Leave())

    def action_pick_size(self) -> None:
        """Choose from the list of sizes."""
        field = self.fields.get("size")
        if field is None or field.controls[0].disabled:
            return

        async def pick() -> None:
            size = await self.app.push_screen_wait(PickSize(tuple(self.sizes.values()), field.value))
            if size:
                field.value = size
                field.focus_control()

        self.load(pick, group="pick")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Attached computes have the size that they have."""
        if action == "pick_size" and self.kind not in (INSTANCE, CLUSTER):
            return False
        return super().check_action(action, parameters)


def size_line(size: ComputeSize) -> str:
    """`4 vCPU  14 GiB · $0.23 an hour, East US list price · 12 of 24 vCPU left`."""
    price = f"{price_text(size.price_per_hour)} an hour, {PRICES_NOTE}" if size.price_per_hour is not None else ""
    quota = quota_text(size).plain
    parts = [machine_text(size.vcpus, size.memory, size.gpus), price, f"quota: {quota}" if quota else ""]
    return " · ".join(part for part in parts if part)
