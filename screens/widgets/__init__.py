"""Widgets that screens share; none of them knows a service."""
