/*
 * The words of one command: options anywhere among them, "--" ends the
 * options, "--name=value" and "--name value" are the same. Nothing is copied:
 * everything points into argv.
 */
#ifndef OPERATOR_ARGS_H
#define OPERATOR_ARGS_H

#include "bridge/operator/operator.h"

#define ARGS_OPTIONS 12 /* more than any command has */

struct args {
	const struct command *command;
	const char *values[ARGS_OPTIONS]; /* by the command's options; NULL: not given */
	const char **words;               /* owned: the list, not what it points to */
	int n;
	bool json, help;
	char why[200]; /* what is wrong, after args_read() failed; not escaped */
};

/* Reads argv[0..argc) as what follows the command's name. 0, or -1 with a->why. */
int args_read(struct args *a, const struct command *c, int argc, char **argv);
void args_free(struct args *a);

bool args_given(const struct args *a, const char *option);
/* Its value; "" for an option without one; NULL when it was not given. */
const char *args_value(const struct args *a, const char *option);
/* A value that is a number from 1 on. 0, also when not given (then *out stays), or -1. */
int args_number(const struct args *a, const char *option, uint64_t *out);

/* The usage line without "usage: ": "bangway queue show ID... [--content] [--json]". */
void args_usage(const struct command *c, struct buf *out);

#endif
