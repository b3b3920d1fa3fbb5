/* Asking a daemon that answers rightly, oddly, late, or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bridge/operator/control_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static char place[64];

static void
write_all(int fd, const char *p, size_t n)
{
	ssize_t wrote;

	for (; n > 0; p += wrote, n -= (size_t)wrote)
		if ((wrote = write(fd, p, n)) <= 0)
			_exit(0);
}

/* A daemon of one connection: hears a line, says `answer`, an octet at a time when `drip`. */
static pid_t
serve(const char *answer, bool drip)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), c;
	char heard[256];
	pid_t pid;

	snprintf(a.sun_path, sizeof a.sun_path, "%s", place);
	unlink(place);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(fd, 1), 0);
	if ((pid = fork()) == 0) {
		c = accept(fd, NULL, NULL);
		if (read(c, heard, sizeof heard) <= 0)
			_exit(1);
		for (; drip && *answer != '\0'; answer++) {
			write_all(c, answer, 1);
			usleep(1000);
		}
		write_all(c, answer, strlen(answer));
		if (answer[0] == '\0' && !drip)
			sleep(1); /* says nothing, and stays */
		_exit(0);
	}
	close(fd);
	return pid;
}

static void
answers_have_their_ending(void **state)
{
	static const struct {
		const char *answer;
		bool drip;
		enum ending ending;
		const char *words;
	} rows[] = {
	    {"{\"ok\":true}\n", false, ENDING_DONE, ""},
	    {"{\"ok\":true, \"more\":[1,2]}\n", true, ENDING_DONE, ""},
	    {"{\"ok\":false,\"kind\":\"none\",\"error\":\"no such\"}\n", false, ENDING_NOINPUT,
	     "no such"},
	    {"{\"ok\":false,\"kind\":\"busy\",\"error\":\"wire\"}\n", true, ENDING_TEMPORARY,
	     "wire"},
	    {"{\"ok\":false,\"kind\":\"refused\",\"error\":\"not you\"}\n", false, ENDING_NOPERM,
	     "not you"},
	    {"{\"ok\":false,\"kind\":\"config\",\"error\":\"line 3\"}\n", false, ENDING_CONFIG,
	     "line 3"},
	    {"{\"ok\":false,\"kind\":\"failed\",\"error\":\"disk\"}\n", false, ENDING_IO, "disk"},
	    {"{\"ok\":false,\"kind\":\"novel\",\"error\":\"huh\"}\n", false, ENDING_UNAVAILABLE,
	     "huh"},
	    {"{\"ok\":false}\n", false, ENDING_UNAVAILABLE, "the daemon gave no reason"},
	    {"{}\n", false, ENDING_UNAVAILABLE, "the daemon gave no reason"},
	    {"{\"ok\":\"true\"}\n", false, ENDING_UNAVAILABLE, "the daemon gave no reason"},
	};
	const char *words;
	json_t *answer;
	char why[200];
	pid_t pid;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		pid = serve(rows[i].answer, rows[i].drip);
		answer = control_ask(place, 2000, json_pack("{s:s}", "do", "status"), why);
		assert_non_null(answer);
		assert_int_equal(control_ending(answer, &words), rows[i].ending);
		assert_string_equal(words, rows[i].words);
		json_decref(answer);
		waitpid(pid, NULL, 0);
	}
}

static void
what_is_no_answer_is_said(void **state)
{
	static const struct {
		const char *answer;
		const char *why;
	} rows[] = {
	    {"nonsense\n", "no JSON"},
	    {"[1]\n", "no JSON"},
	    {"{\"ok\":true}", "closed the connection"},
	    {"", "does not answer in time"},
	};
	char why[200];
	pid_t pid;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		pid = serve(rows[i].answer, false);
		assert_null(control_ask(place, 200, json_pack("{s:s}", "do", "status"), why));
		assert_non_null(strstr(why, rows[i].why));
		waitpid(pid, NULL, 0);
	}
	unlink(place);
	assert_null(control_ask(place, 200, json_pack("{s:s}", "do", "status"), why));
	assert_non_null(strstr(why, "No such file"));
	assert_null(
	    control_ask("/a/place/whose/name/is/far/too/long/for/the/address/of/a/socket/in/"
	                "any/unix/since/4.2BSD/which/allows/about/a/hundred/octets",
	                200, json_pack("{s:s}", "do", "status"), NULL));
}

static void
answers_come_in_order(void **state)
{
	pid_t pid = serve("{\"ok\":true,\"n\":1}\n{\"ok\":true,\"n\":2}\n", false);
	struct control_client c;
	json_t *answer;
	int n;

	(void)state;
	assert_int_equal(control_connect(&c, place, 2000), 0);
	assert_int_equal(control_send(&c, json_pack("{s:s}", "do", "hold")), 0);
	for (n = 1; n <= 2; n++) {
		answer = control_receive(&c);
		assert_int_equal(json_integer_value(json_object_get(answer, "n")), n);
		json_decref(answer);
	}
	control_close(&c);
	waitpid(pid, NULL, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answers_have_their_ending),
	    cmocka_unit_test(what_is_no_answer_is_said),
	    cmocka_unit_test(answers_come_in_order),
	};
	int rc;

	snprintf(place, sizeof place, "/tmp/bangway-control-test.%ld", (long)getpid());
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(place);
	return rc;
}
