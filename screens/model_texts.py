"""A model version as rows, facts and a line."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from screens import clock
from screens.lists import counted, dimmed, shown, tags_text
from screens.models import TYPES
from screens.widgets.grid import GridColumn, GridRow
from screens.widgets.status import age_text, size_text
from services.entities import ModelSignature, ModelVersion
from services.specs.assets import ModelSpec

SIGNATURE_COLUMNS = (
    GridColumn("role", "Role"),
    GridColumn("kind", "Kind", priority=1),
    GridColumn("name", "Name"),
    GridColumn("type", "Type"),
    GridColumn("shape", "Shape", priority=2),
    GridColumn("required", "Required", priority=3),
)
VERSION_COLUMNS = (
    GridColumn("version", "Version", align="right"),
    GridColumn("type", "Type", priority=1),
    GridColumn("aliases", "Aliases", priority=1),
    GridColumn("flavors", "Flavors", priority=4),
    GridColumn("size", "Size", align="right", priority=3),
    GridColumn("created", "Created", align="right", priority=2),
    GridColumn("job", "Job", priority=3),
    GridColumn("tags", "Tags", priority=5),
)
SIGNATURE_KINDS = {
    "column": "Column-based: the input is a table, its columns are known by their names.",
    "tensor": "Tensor-based: the input is an array of this type and shape; -1 is any length.",
    "mixed": "Both columns, known by their names, and tensors, known by their shapes.",
}
"""What the two kinds of MLflow's model signatures mean."""
NO_SIGNATURE = (
    "The MLmodel file declares no signature. mlflow.models.infer_signature makes one; pass it, or an input_example, "
    "to log_model."
)


def spec_of(version: ModelVersion) -> ModelSpec:
    """The version as the spec that registers it again."""
    return ModelSpec(
        name=version.name,
        version=version.version,
        type=version.type,  # type: ignore[arg-type] # one of the three
        path=version.uri,
        description=version.description or None,
        tags=dict(version.tags),
    )


def version_facts(version: ModelVersion) -> list[tuple[str, str]]:
    """A version in full, as labels and values."""
    kind = version.signature.kind
    return [
        ("Name", version.name),
        ("Version", version.version),
        ("Type", f"{TYPES.get(version.type, version.type)} ({version.type})"),
        ("Aliases", ", ".join(version.aliases)),
        ("Flavors", ", ".join(version.flavors)),
        (
            "Signature",
            f"{kind}-based, {counted(len(version.signature.fields), 'field', 'fields')}; 2 shows it" if kind else "",
        ),
        ("Job", f"{version.job_name}   J opens it" if version.job_name else ""),
        (
            "Created",
            f"{version.created_at.astimezone():%Y-%m-%d %H:%M}"
            + (f" by {version.created_by}" if version.created_by else ""),
        ),
        ("Size", size_text(version.size) if version.size else ""),
        ("Description", version.description),
        ("Tags", tags_text(version.tags)),
        ("URI", version.uri),
        ("In a job", f"azureml:{version.name}:{version.version}"),
        ("Archived", "yes; A restores it" if version.archived else ""),
    ]


def head_text(version: ModelVersion) -> Text:
    """Name, version, whether it is archived, aliases, size, age and flavors in one line, the most important first."""
    line = Text.assemble((shown(f"{version.name}:{version.version}"), "bold"))
    line.append(f"  {TYPES.get(version.type, version.type)}", "dim")
    if version.archived:
        line.append("  archived", "yellow")
    for alias in version.aliases:
        line.append("  ")
        line.append(f"@{shown(alias)}", "bold green")
    if version.size:
        line.append(f"  {size_text(version.size)}", "dim")
    line.append(f"  {age_text(version.created_at, clock.now())} ago", "dim")
    for flavor in version.flavors:
        line.append(f"  {shown(flavor)}", "cyan")
    return line


def signature_rows(signature: ModelSignature) -> list[GridRow]:
    """A row for each field, inputs first, as the file has them."""
    rows = []
    for at, field in enumerate(signature.fields):
        name = shown(field.name) or Text("without a name", "dim")
        kind = "" if field.role == "param" else field.kind
        needed = "yes" if field.required else "optional"
        rows.append(GridRow(str(at), (field.role, kind, name, shown(field.type), shown(field.shape), needed)))
    return rows


def version_rows(versions: Sequence[ModelVersion]) -> list[GridRow]:
    """A row for each version."""
    rows = []
    for item in versions:
        cells = (
            item.version + (" (archived)" if item.archived else ""),
            TYPES.get(item.type, item.type),
            shown(", ".join(item.aliases)),
            shown(", ".join(item.flavors)),
            size_text(item.size) if item.size else "",
            age_text(item.created_at, clock.now()),
            shown(item.job_name),
            tags_text(item.tags),
        )
        rows.append(GridRow(item.version, dimmed(cells, item.archived)))
    return rows
