/*
 * What a supervisor is told: systemd's notify protocol (sd_notify(3)), spoken
 * by ourselves since it is one datagram, and harmless where nobody listens.
 */
#ifndef BASE_SUPERVISOR_H
#define BASE_SUPERVISOR_H

/*
 * Sends the lines, "READY=1\nSTATUS=..." say, to NOTIFY_SOCKET. Never blocks,
 * never fails; without the variable it does nothing.
 */
void supervisor_tell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* How often WATCHDOG=1 is wanted, in ms: half of WATCHDOG_USEC; 0 never, or not from us. */
unsigned supervisor_watchdog_ms(void);

#endif
