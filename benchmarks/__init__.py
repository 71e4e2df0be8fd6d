"""How fast Lapis is, and how little it sends, each figure beside a rival that was measured in the same run."""
