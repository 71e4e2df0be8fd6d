"""Tests of the screen that shows a table."""
