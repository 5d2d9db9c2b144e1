"""Break-glass: in an emergency a security officer reads what another body's has confirmed, for some hours."""
