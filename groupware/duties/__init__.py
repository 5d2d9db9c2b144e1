"""Who holds which duty: granted by four eyes, handed over, taken up by deputies, ended with who leaves."""
