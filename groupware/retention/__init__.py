"""How long posts are kept; legal holds; erasing what is due from every store, and the proof of it."""
