"""Async services over a workspace; no terminal library is imported here."""
