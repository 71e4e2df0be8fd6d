"""What can be done on the screen of one data asset."""

from __future__ import annotations

from screens.actions import Action
from screens.base import studio_action

ASSET_ACTIONS = (
    Action(
        "data-asset.submit",
        ("n",),
        "New job",
        "Open the submit form with this version as input",
        footer=2,
        writes=True,
    ),
    Action(
        "data-asset.version", ("R",), "New version", "Register another version of this asset", footer=3, writes=True
    ),
    Action(
        "data-asset.compare",
        ("v",),
        "Compare",
        "What changed between two marked versions, or from this one to the latest",
        footer=2,
    ),
    Action("data-asset.table", ("p",), "Preview", "Show all rows of its table", footer=3),
    Action("data-asset.profile", ("f",), "Profile", "Tell what the columns of its table are like", footer=5),
    Action("data-asset.wrangle", ("w",), "Wrangle", "Change its table step by step, as a recipe", footer=3),
    Action("data-asset.tags", ("t",), "Tags", "Edit the tags of this version", footer=6, writes=True),
    Action("data-asset.describe", ("e",), "Describe", "Edit the description of this version", footer=6, writes=True),
    Action("data-asset.download", ("D",), "Download", "Copy the files of this version to a folder", footer=5),
    Action(
        "data-asset.wrap", ("M",), "MLTable", "Register this file as MLTable, as AutoML needs it", footer=7, writes=True
    ),
    Action("data-asset.job", ("J",), "Made by", "Open the job that made this version", footer=7),
    Action("data-asset.origin", ("I",), "Made from", "Open the table that a recipe made this version from", footer=7),
    Action("data-asset.copy-uri", ("u",), "Copy URI", "Copy the URI of this version, in one of its forms", footer=4),
    Action("data-asset.copy-name", ("c",), "Copy name", "Copy azureml:NAME:VERSION, as jobs name it", footer=6),
    Action("data-asset.show-as", ("y",), "Show as", "This version as az ml YAML, az command and SDK code", footer=5),
    Action(
        "data-asset.archive",
        ("A",),
        "Archive",
        "Hide this version (or that under the cursor), or restore it",
        footer=7,
        writes=True,
    ),
    studio_action("data-asset"),
    Action("data-asset.refresh", ("r",), "Refresh", "Read again", footer=0),
)
