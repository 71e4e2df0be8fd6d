"""`lapis model ...`."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from services.workspace import Workspace
from tui.cli.assets import add_asset_options, asset_document
from tui.cli.documents import model_document, model_row
from tui.cli.options import Verbs, add_archived, add_name, add_noun, add_verb, add_version, version_of
from tui.cli.output import emit, emit_list, file_argument, say

COLUMNS = {
    "Name": "name",
    "Latest": "latest_version",
    "Type": "type",
    "Aliases": "aliases",
    "Modified": "creation_context.last_modified_at",
    "Description": "description",
}
VERSION_COLUMNS = {
    "Name": "name",
    "Version": "version",
    "Type": "type",
    "Aliases": "aliases",
    "Job": "job_name",
    "Size": "size",
    "Created": "creation_context.created_at",
}


def add(nouns: Verbs) -> None:
    """Add the noun to the parser."""
    verbs = add_noun(nouns, "model", "register models and see their versions")
    add_asset_options(
        add_verb(
            verbs,
            "create",
            create,
            "register a version of a model",
            writes=True,
            description=(
                "Register a version of a model, from a YAML file or from options. The path is a local folder or file,\n"
                "or what a job left:\n\n"
                "  lapis model create --name diabetes --type mlflow_model \\\n"
                "      --path azureml://jobs/NAME/outputs/artifacts/paths/model/"
            ),
        ),
        "model",
        ("custom_model", "mlflow_model", "triton_model"),
    )
    models = add_verb(verbs, "list", list_models, "list the models, or the versions of one", output="table")
    add_name(models, "model whose versions are listed", required=False)
    add_archived(models)
    one = add_verb(verbs, "show", show, "show a version of a model, with its signature")
    add_name(one, "model")
    add_version(one)
    download = add_verb(verbs, "download", download_model, "copy the files of a version")
    add_name(download, "model")
    add_version(download)
    download.add_argument(
        "-p", "--download-path", type=Path, default=Path(), metavar="DIR", help="where to (default: here)"
    )
    for name, handler, text in (
        ("archive", archive, "hide a model, or a version, from lists"),
        ("restore", restore, "show an archived model, or a version, again"),
    ):
        verb = add_verb(verbs, name, handler, text, output=None, writes=True)
        add_name(verb, "model")
        verb.add_argument("--version", metavar="VERSION", help="which version (default: the whole model)")


async def create(workspace: Workspace, args: Namespace) -> None:
    """Register a version."""
    from services.specs.reading import read_model

    document, base = asset_document(args)
    emit(model_document(await workspace.models.register(read_model(document, args.overrides), base=base)), args)


async def list_models(workspace: Workspace, args: Namespace) -> None:
    """The models, or all versions of one."""
    if not args.name:
        models = await workspace.models.list(include_archived=args.include_archived)
        emit_list([model_row(model) for model in models], args, COLUMNS)
        return
    versions = [v for v in await workspace.models.versions(args.name) if args.include_archived or not v.archived]
    emit_list([model_document(version) for version in versions], args, VERSION_COLUMNS)


async def show(workspace: Workspace, args: Namespace) -> None:
    """One version."""
    emit(model_document(await workspace.models.get(args.name, version_of(args))), args)


async def download_model(workspace: Workspace, args: Namespace) -> None:
    """Copy its files."""
    version = (await workspace.models.get(args.name, version_of(args))).version
    report = await workspace.models.download(args.name, version, file_argument(args.download_path))
    emit({"target": report.target, "files": report.files, "size": report.size}, args)


async def archive(workspace: Workspace, args: Namespace) -> None:
    """Hide it."""
    await workspace.models.archive(args.name, args.version)
    say(f"lapis: archived {args.name}{f':{args.version}' if args.version else ''}")


async def restore(workspace: Workspace, args: Namespace) -> None:
    """Show it again."""
    await workspace.models.archive(args.name, args.version, archived=False)
    say(f"lapis: restored {args.name}{f':{args.version}' if args.version else ''}")
