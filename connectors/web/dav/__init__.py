"""WebDAV for address books (RFC 6352), and later calendars: Radicale with our sign-in, rights and storage."""
