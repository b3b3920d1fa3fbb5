/*
 * bangwayd: takes what is queued to where it belongs, whenever a link allows.
 */
#include "bridge/base/exits.h"
#include "bridge/base/log.h"
#include "bridge/operator/daemon.h"

#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

static int
usage(FILE *out)
{
	fprintf(out,
	        "usage: bangwayd [-v] [-C FILE]\n"
	        "  -C FILE    the configuration, instead of %s\n"
	        "  -v         say more in the log\n"
	        "  --version  say which bangwayd this is\n"
	        "It stays in the foreground; SIGTERM ends it, SIGHUP reads FILE again.\n",
	        config_path(NULL));
	return exit_status(out == stdout ? ENDING_DONE : ENDING_USAGE, false);
}

/* Faults go to where the person who starts it looks. */
static int
complain(const char *path, struct config_faults *faults)
{
	struct buf text = {0};
	size_t i;

	for (i = 0; i < faults->n; i++) {
		buf_clear(&text);
		config_fault_text(&faults->v[i], &text);
		log_line(LEVEL_ERROR, "%s", buf_text(&text));
	}
	if (faults->n == 0)
		log_line(LEVEL_ERROR, "%s: cannot be read", path);
	buf_free(&text);
	config_faults_free(faults);
	return exit_status(ENDING_CONFIG, false);
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"help", no_argument, NULL, 'h'}, {"version", no_argument, NULL, 'V'}, {0}};
	enum log_level most = LEVEL_INFO;
	const char *from_option = NULL, *path;
	struct config_faults faults = {0};
	struct config *config = NULL;
	enum ending e;
	int c;

	while ((c = getopt_long(argc, argv, "C:v", options, NULL)) != -1)
		switch (c) {
		case 'C':
			from_option = optarg;
			break;
		case 'v':
			most = LEVEL_DEBUG;
			break;
		case 'V':
			puts("bangwayd " BANGWAY_VERSION);
			return 0;
		case 'h':
			return usage(stdout);
		default:
			return usage(stderr);
		}
	if (optind < argc)
		return usage(stderr);
	path = config_path(from_option);
	log_open("bangwayd", LOG_TO_STDERR, most);
	if (config_load(path, &config, &faults) != 0)
		return complain(path, &faults);
	config_faults_free(&faults);
	log_open("bangwayd", config->log_syslog ? LOG_TO_SYSLOG : LOG_TO_STDERR, most);
	e = daemon_run(path, config);
	return exit_status(e, false);
}
