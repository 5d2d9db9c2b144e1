"""Mail as bytes: a bounded scanner, what IMAP says of it, what readers get of it, and a composer.

Nothing here uses the `email` package: its header parsing is quadratic and raises on hostile input.
"""
