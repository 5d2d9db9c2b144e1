"""The log that can be shown to be whole: records, their tree, its signed checkpoints."""
