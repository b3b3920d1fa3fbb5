/*
 * Exit codes, from one function (under uuxqt 0 or 75 and nothing else;
 * sysexits only for what a person typed).
 */
#ifndef BASE_EXITS_H
#define BASE_EXITS_H

#include <stdbool.h>

enum ending {
	ENDING_DONE,        /* 0: it is done, and durable */
	ENDING_USAGE,       /* 64: the words of the command are wrong */
	ENDING_DATA,        /* 65: the input is wrong */
	ENDING_NOINPUT,     /* 66: no such message, site, file */
	ENDING_UNAVAILABLE, /* 69: something needed is not there (the daemon, the spool) */
	ENDING_SOFTWARE,    /* 70: our own mistake */
	ENDING_SYSTEM,      /* 71: the system refused */
	ENDING_CANTCREATE,  /* 73: an output file cannot be made */
	ENDING_IO,          /* 74: reading or writing failed */
	ENDING_TEMPORARY,   /* 75: try again later */
	ENDING_NOPERM,      /* 77: not allowed */
	ENDING_CONFIG,      /* 78: the configuration is wrong */
};

/* The exit status for e; under uuxqt everything but ENDING_DONE is 75. */
int exit_status(enum ending e, bool under_uuxqt);

#endif
