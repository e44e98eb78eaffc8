"""What leaves the program: networks, pages, figures and reports."""
