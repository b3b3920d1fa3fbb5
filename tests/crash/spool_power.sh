# The power goes at any write of the spool: see spool_power.c.
exec "$BUILD/tests/crash/spool_power"
