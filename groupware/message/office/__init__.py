"""What attached office documents say."""
