# A spool made, compacted and restored, killed at every call: see spool_replace.c.
exec "$BUILD/tests/crash/spool_replace"
