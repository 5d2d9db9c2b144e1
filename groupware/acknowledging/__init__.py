"""Acknowledgements: an official says that they have taken note of a post; its author and owner see who has."""
