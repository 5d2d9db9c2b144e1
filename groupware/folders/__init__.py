"""Folders as mail clients count them: each reader's own dense numbering of what the policies let that reader list."""
