"""Networks from untrusted files, checked before they are built."""
