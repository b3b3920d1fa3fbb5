/*
 * Many look while one writes: every look sees whole messages, and every thread
 * is told of its own failures only.
 */
#include "tests/unit/spool_test.h"

#include <pthread.h>
#include <stdatomic.h>

enum { LOOKERS = 4, LETTERS = 60 };

static struct spool *shared;
static atomic_bool ended;
static atomic_uint wrong, looks;

/* A message may go while it is looked at; it is never seen in part. */
static void
look_at(spool_id id)
{
	struct spool_delivery d[2];
	struct spool_content *c;
	struct spool_message m;
	uint64_t size;
	size_t n = 2;

	if (spool_message_get(shared, id, &m) == 0) {
		wrong += m.pending < 1 || m.pending > 2 || m.size != 3000;
		spool_message_free(&m);
	}
	if (spool_deliveries(shared, id, 0, d, &n) == 0) {
		wrong += n < 1;
		while (n > 0)
			spool_delivery_free(&d[--n]);
	}
	if (spool_content_open(shared, id, &c, &size) == 0)
		spool_content_close(c);
	else
		wrong += spool_status(shared) != SPOOL_NONE;
}

static void *
look(void *arg)
{
	struct spool_choice choice[8];
	struct spool_message m;
	int64_t next_s;
	spool_id ids[8];
	size_t n, i;

	(void)arg;
	while (!ended) {
		n = 8;
		wrong += spool_list_newest(shared, UINT64_MAX, ids, &n) != 0;
		for (i = 0; i < n; i++)
			look_at(ids[i]);
		n = 8;
		wrong += spool_choose(shared, 1, NULL, 1000, choice, &n, &next_s) != 0;
		wrong += spool_message_get(shared, 1000000, &m) == 0;
		wrong += spool_status(shared) != SPOOL_NONE;
		looks++;
	}
	return NULL;
}

static void
write_while_they_look(struct spool *s)
{
	char body[3001];
	struct spool_change *c;
	struct spool_draft *d;
	spool_id id;
	int i;

	memset(body, 'b', 3000);
	body[3000] = '\0';
	for (i = 0; i < LETTERS || looks < 10 * LOOKERS; i++) {
		d = letter(s, body, "a", "d", 2);
		spool_draft_recipient(d, "b", "d", 2, EMPTY);
		id = accepted(s, d, 5);
		settled(s, id, 0, SPOOL_SENT, 6);
		if (i % 3)
			settled(s, id, 1, SPOOL_SENT, 6);
		c = spool_change_new(s);
		spool_hold(c, 999999, 0);
		assert_int_equal(spool_commit(c), -1);
		assert_int_equal(spool_status(s), SPOOL_NONE);
		spool_change_free(c);
	}
}

static void
many_look_while_one_writes(void **state)
{
	pthread_t looker[LOOKERS];
	int i;

	shared = opened(*state);
	for (i = 0; i < LOOKERS; i++)
		assert_int_equal(pthread_create(&looker[i], NULL, look, NULL), 0);
	write_while_they_look(shared);
	ended = true;
	for (i = 0; i < LOOKERS; i++)
		pthread_join(looker[i], NULL);
	assert_int_equal(wrong, 0);
	assert_int_equal(faults(shared), 0);
	spool_close(shared);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    spool_test(many_look_while_one_writes),
	};

	return cmocka_run_group_tests_name("spool_threads", tests, NULL, NULL);
}
