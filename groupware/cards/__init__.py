"""Officials as cards for address books: who is in which book, and how a card is written."""
