"""Networks from anybody, checked before they are built."""
