"""The pages for security officers: the log, and the ledger of a post. They show nothing of what was written."""
