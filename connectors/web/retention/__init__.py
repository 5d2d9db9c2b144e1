"""The pages for security officers about what is kept and what was erased. They show nothing of what was written."""
