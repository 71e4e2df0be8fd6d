"""Recipes: steps that are data, whose meaning is the pandas code that they generate."""
