"""The book: who is to be found, and by whom. `groupware.book.book.Book` is what callers use."""
