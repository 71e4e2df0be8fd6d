"""Code that reads a table: what a notebook or a script begins with."""

from __future__ import annotations

from services.asset_uris import asset_name, datastore_path
from services.entities.tables import TableOptions
from services.specs.show_as import sdk_client
from services.targets import AzureTarget
from services.uris import long_uri

_FUNCTIONS = {
    "Parquet": "read_parquet",
    "Arrow": "read_feather",
    "Excel": "read_excel",
    "JSON": "read_json",
    "JSON lines": "read_json",
}
"""By the format of a table; all others are delimited text."""
_WITHOUT_SPARK = ("Arrow", "MLTable")


def reading_code(source: str, format_: str, options: TableOptions, target: AzureTarget | None = None) -> dict[str, str]:
    """The code by the label of its library; an asset's asks the Azure ML SDK for its path first.

    Args:
        format_: as the open table tells it.
        target: the workspace of an asset or a datastore; without one the code for an asset reads config.json.
    """
    if asset := asset_name(source):
        which = "label" if asset.version == "latest" else "version"
        code = (
            "from azure.ai.ml import MLClient\nfrom azure.identity import DefaultAzureCredential\n"
            f"{{library}}\n\n{sdk_client(target)}data = ml_client.data.get({asset.name!r}, {which}={asset.version!r})\n"
        )
        path = "data.path"
    elif target and (place := datastore_path(source)):
        # the short form means something within a workspace alone; azureml-fsspec takes the long one
        code = "# azureml:// needs the package azureml-fsspec\n{library}\n\n"
        path = repr(
            long_uri(
                place.datastore,
                place.path,
                workspace=target.workspace_name,
                resource_group=target.resource_group,
                subscription_id=target.subscription_id,
            )
        )
    else:
        code, path = "{library}\n\n", repr(source)
    arguments = _arguments(format_, options)
    forms = {"pandas": ("import pandas as pd", f"pd.{_function(format_)}({path}{arguments})")}
    if format_ == "MLTable":
        forms = {"mltable": ("import mltable", f"mltable.load({path}).to_pandas_dataframe()")}
    if format_ not in _WITHOUT_SPARK:
        forms["PySpark"] = ("import pyspark.pandas as ps", f"ps.{_function(format_)}({path}{arguments})")
    return {
        label: code.format(library=library) + f"df = {call}\nprint(df.head())\n"
        for label, (library, call) in forms.items()
    }


def _function(format_: str) -> str:
    return _FUNCTIONS.get(format_, "read_csv")


def _arguments(format_: str, options: TableOptions) -> str:
    given: dict[str, object] = {}
    if format_ == "JSON lines":
        given["lines"] = True
    if format_ == "Excel" and options.sheet:
        given["sheet_name"] = options.sheet
    if _function(format_) == "read_csv":
        separator = options.separator or ("\t" if format_ == "TSV" else "")
        given |= {"sep": separator} if separator else {}
        given |= {"encoding": options.encoding} if options.encoding else {}
        given |= {} if options.header else {"header": None}
        given |= {} if options.infers else {"dtype": str}
    return "".join(f", {name}={'str' if value is str else repr(value)}" for name, value in given.items())
