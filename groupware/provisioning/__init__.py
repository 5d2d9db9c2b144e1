"""What national identity systems do through SCIM: the entries of their own body, and of no other."""
