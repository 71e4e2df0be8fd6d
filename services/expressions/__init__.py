"""The language of filters and of computed columns: read here, never run; `tables` and `wrangling` give it meaning."""
