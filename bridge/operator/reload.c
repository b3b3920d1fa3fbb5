/*
 * Has the daemon read its own configuration again, and say how that went: a
 * signal could not answer.
 */
#include "bridge/operator/control_client.h"
#include "bridge/operator/json.h"

#define ANSWER_MS 10000

enum ending
operator_reload(struct console *con)
{
	const char *words;
	char why[200];
	json_t *answer;
	enum ending e;

	answer = control_ask(con->config->control_socket, ANSWER_MS,
	                     json_pack("{s:s}", "do", "reload"), why);
	if (answer == NULL)
		return operator_fail(con, ENDING_UNAVAILABLE, "%s", why);
	e = control_ending(answer, &words);
	if (e != ENDING_DONE)
		operator_fail(con, e, "the configuration before stays in force: %s", words);
	else if (con->json)
		json_put(con, json_pack("{s:b}", "ok", 1));
	else
		fprintf(con->out, "the configuration is in force\n");
	json_decref(answer);
	return e;
}
