"""YAML to an Assignment with its key computed, each mistake told with its place."""
