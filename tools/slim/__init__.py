"""Libraries made smaller for the package on Linux: what no program in it can use is taken out."""
