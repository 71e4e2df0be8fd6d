"""AutoML on this machine, with Azure's metrics, guardrails, featurization and names of algorithms."""
