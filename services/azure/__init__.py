"""The adapter of an Azure Machine Learning workspace, by azure-ai-ml, azure-identity and MLflow's REST.

Objects of these stop here: what leaves is an entity or a ServiceError.
"""
