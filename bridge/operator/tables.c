#include "bridge/operator/tables.h"

#include "bridge/message/replies.h"

static enum ending
tell(struct console *con, const struct config_faults *faults)
{
	const struct config_fault *first = config_faults_first(faults);
	struct buf words = {0};
	enum ending e;

	if (first == NULL)
		return operator_fail(con, ENDING_SYSTEM, "out of memory");
	config_fault_text(first, &words);
	e = operator_fail(con, ENDING_CONFIG, "%s", buf_text(&words));
	buf_free(&words);
	return e;
}

struct route_table *
tables_open(struct console *con, enum ending *e)
{
	struct route_table *t = route_table_new(con->config);
	struct config_faults faults = {0};

	if (t == NULL || route_table_read(t, ROUTE_FILES, &faults) != 0) {
		if (e != NULL)
			*e = tell(con, &faults);
		route_table_free(t);
		t = NULL;
	}
	config_faults_free(&faults);
	return t;
}

void
tables_remember(const struct console *con, struct route_table *t, struct buf *why)
{
	if (con->spool != NULL)
		replies_attach(con->spool, con->config, t, why);
}
