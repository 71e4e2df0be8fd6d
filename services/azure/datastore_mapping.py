"""Datastores: the bodies of Azure Resource Manager as entities; what they hold of credentials is their kind alone."""

from __future__ import annotations

from services.azure.asset_fields import text
from services.azure.job_mapping import time_of
from services.azure.resources import Body, properties_of
from services.azure.storage import BROWSABLE
from services.entities import Datastore
from services.targets import AzureTarget

_TYPES = {
    "azureblob": "azure_blob",
    "azurefile": "azure_file",
    "azuredatalakegen1": "azure_data_lake_gen1",
    "azuredatalakegen2": "azure_data_lake_gen2",
    "onelake": "one_lake",
}
_CREDENTIALS = {
    "accountkey": "account_key",
    "sas": "sas",
    "serviceprincipal": "service_principal",
    "certificate": "certificate",
    "none": "none",
}


def datastore(body: Body, target: AzureTarget) -> Datastore:
    """One datastore; a type that is new to us keeps the service's name."""
    properties = properties_of(body)
    name, kind = text(body.get("name")), text(properties.get("datastoreType"))
    credentials = properties.get("credentials")
    told = text(credentials.get("credentialsType")) if isinstance(credentials, dict) else ""
    system = body.get("systemData")
    return Datastore(
        name=name,
        type=_TYPES.get(kind.lower(), kind),
        is_default=bool(properties.get("isDefault")),
        description=text(properties.get("description")),
        account_name=text(properties.get("accountName") or properties.get("storeName")),
        container_name=text(properties.get(BROWSABLE.get(kind, "artifact"))),
        credentials=_CREDENTIALS.get(told.lower(), told or "none"),
        created_at=time_of(system.get("createdAt")) if isinstance(system, dict) else None,
        studio_url=target.studio_page(f"data/datastore/{name}/edit"),
    )
