"""One thread each: jobs wrapped for Qt."""
