"""What the commands do that work beside a running Cairn."""
