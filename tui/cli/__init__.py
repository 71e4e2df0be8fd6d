"""The headless twin: commands that mirror `az ml`, over the same services as the screens. No Textual on this path."""
