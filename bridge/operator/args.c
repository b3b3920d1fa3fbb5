#include "bridge/operator/args.h"

#include "bridge/operator/near.h"

#include <errno.h>
#include <stdlib.h>

#define SHOWN_MOST 40 /* of a wrong word */

static int
option_index(const struct command *c, struct span name)
{
	int i;

	for (i = 0; c->options != NULL && c->options[i].name != NULL; i++)
		if (span_is(name, c->options[i].name))
			return i;
	return -1;
}

static const char *
option_near(const struct command *c, struct span name)
{
	struct near near = near_begin(name);
	int i;

	for (i = 0; c->options != NULL && c->options[i].name != NULL; i++)
		near_offer(&near, c->options[i].name);
	near_offer(&near, "json");
	near_offer(&near, "help");
	return near_best(&near);
}

static int
option_unknown(struct args *a, struct span name)
{
	const char *near = option_near(a->command, name);
	int n = name.n < SHOWN_MOST ? (int)name.n : SHOWN_MOST;

	if (near != NULL)
		snprintf(a->why, sizeof a->why, "`%s` has no option --%.*s; did you mean --%s?",
		         a->command->name, n, name.p, near);
	else
		snprintf(a->why, sizeof a->why,
		         "`%s` has no option --%.*s; `bangway %s --help` lists what it has",
		         a->command->name, n, name.p, a->command->name);
	return -1;
}

/* Letters are options of bangway itself; and somebody may mean a file or an address by it. */
static int
letter_unknown(struct args *a, const char *word)
{
	if (word[1] == 'C')
		snprintf(a->why, sizeof a->why,
		         "-C FILE stands before the command: bangway -C FILE %s", a->command->name);
	else
		snprintf(a->why, sizeof a->why,
		         "`%s` has no option %.*s; a word that begins with - stands after --",
		         a->command->name, SHOWN_MOST, word);
	return -1;
}

/* One option at argv[0]; answers how many of argv it took, or -1. */
static int
option_read(struct args *a, int argc, char **argv)
{
	struct span rest = span_of(argv[0] + 2);
	bool has_value = memchr(rest.p, '=', rest.n) != NULL;
	struct span name = span_cut(&rest, '=');
	const struct command_option *o;
	int i;

	if (!has_value && span_is(name, "json"))
		a->json = true;
	if (!has_value && span_is(name, "help"))
		a->help = true;
	if (!has_value && (span_is(name, "json") || span_is(name, "help")))
		return 1;
	i = option_index(a->command, name);
	if (i < 0)
		return option_unknown(a, name);
	o = &a->command->options[i];
	if (has_value != (o->value != NULL) && (has_value || argc < 2)) {
		snprintf(a->why, sizeof a->why,
		         o->value != NULL ? "--%s wants %s after it" : "--%s takes no value",
		         o->name, o->value);
		return -1;
	}
	if (o->value == NULL)
		a->values[i] = "";
	else
		a->values[i] = has_value ? rest.p : argv[1];
	return o->value != NULL && !has_value ? 2 : 1;
}

static int
words_counted(struct args *a)
{
	const struct command *c = a->command;
	struct buf usage = {0};

	if (a->help || (a->n >= c->least && (c->most < 0 || a->n <= c->most)))
		return 0;
	args_usage(c, &usage);
	snprintf(a->why, sizeof a->why, "%s: %s",
	         a->n < c->least ? "something is missing" : "too many words", buf_text(&usage));
	buf_free(&usage);
	return -1;
}

int
args_read(struct args *a, const struct command *c, int argc, char **argv)
{
	int i = 0, took;

	*a = (struct args){.command = c};
	a->words = calloc((size_t)argc + 1, sizeof a->words[0]);
	if (a->words == NULL) {
		snprintf(a->why, sizeof a->why, "out of memory");
		return -1;
	}
	while (i < argc && strcmp(argv[i], "--") != 0) {
		took = 1;
		if (strcmp(argv[i], "-h") == 0)
			a->help = true;
		else if (strncmp(argv[i], "--", 2) == 0)
			took = option_read(a, argc - i, argv + i);
		else if (argv[i][0] == '-' && argv[i][1] != '\0')
			took = letter_unknown(a, argv[i]);
		else
			a->words[a->n++] = argv[i];
		if (took < 0)
			return -1;
		i += took;
	}
	for (i++; i < argc; i++)
		a->words[a->n++] = argv[i];
	return words_counted(a);
}

void
args_free(struct args *a)
{
	free(a->words);
	a->words = NULL;
}

const char *
args_value(const struct args *a, const char *option)
{
	int i = option_index(a->command, span_of(option));

	return i < 0 ? NULL : a->values[i];
}

bool
args_given(const struct args *a, const char *option)
{
	return args_value(a, option) != NULL;
}

int
args_number(const struct args *a, const char *option, uint64_t *out)
{
	const char *text = args_value(a, option);
	unsigned long long v;
	char *end;

	if (text == NULL)
		return 0;
	errno = 0;
	v = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || v == 0)
		return -1;
	*out = v;
	return 0;
}

void
args_usage(const struct command *c, struct buf *out)
{
	const struct command_option *o;

	buf_fmt(out, "bangway %s", c->name);
	if (c->words[0] != '\0')
		buf_fmt(out, " %s", c->words);
	for (o = c->options; o != NULL && o->name != NULL; o++)
		buf_fmt(out, o->value != NULL ? " [--%s %s]" : " [--%s]", o->name, o->value);
	buf_str(out, " [--json]");
}
