# Memory, disk and syncs fail one call after the other: see spool_faults.c.
# plain-build-only: the program's own malloc would take the sanitizer's place
exec "$BUILD/tests/crash/spool_faults"
