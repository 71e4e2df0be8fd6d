"""The form that runs a recipe over a whole table as a job."""
