/*
 * Names, keys and records: what is written reads back, what is cut or changed
 * is refused, and the order of keys is the order of what they mean.
 */
#include "tests/unit/spool_test.h"

#include "spool/txn.h"

static void
names_read_back(void **state)
{
	static const spool_id ids[] = {1,
	                               2,
	                               31,
	                               32,
	                               1000,
	                               32767,
	                               32768,
	                               1048575,
	                               1048576,
	                               UINT64_C(1) << 40,
	                               UINT64_MAX - 1,
	                               UINT64_MAX};
	char text[SPOOL_ID_TEXT], lower[SPOOL_ID_TEXT];
	spool_id got;
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof ids / sizeof ids[0]; i++) {
		spool_id_text(ids[i], text);
		for (j = 0; j <= strlen(text); j++)
			lower[j] =
			    text[j] >= 'A' && text[j] <= 'Z' ? (char)(text[j] + 32) : text[j];
		assert_int_equal(spool_id_parse(text, &got), 0);
		assert_true(got == ids[i]);
		assert_int_equal(spool_id_parse(lower, &got), 0);
		assert_true(got == ids[i]);
	}
}

static void
names_are_forgiving_and_strict(void **state)
{
	char one[SPOOL_ID_TEXT];
	static const struct {
		const char *text;
		int rc;
	} rows[] = {
	    {"00-011", 0},
	    {"00011", 0},
	    {"oo-oll", 0},
	    {"OO-OIi", 0},
	    {"00-012", -1},
	    {"", -1},
	    {"-", -1},
	    {"1", -1},
	    {"00-01U", -1},
	    {"00-01 1", -1},
	    {"00-000", -1},
	    {"ZZZZZZZZZZZZZZZ", -1},
	    {"ZZZZZZZZZZZZZZ", -1},
	    {"00-0111111111111111", -1},
	};
	spool_id got;
	size_t i;

	(void)state;
	assert_string_equal(spool_id_text(1, one), "00-011");
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (spool_id_parse(rows[i].text, &got) != rows[i].rc)
			fail_msg("%s", rows[i].text);
}

static bool
is_unseen(char a, char b)
{
	return (a == '0' && b == 'Z') || (a == 'Z' && b == '0') || a == b;
}

static void
swap(char *text)
{
	char c = text[0];

	text[0] = text[1];
	text[1] = c;
}

/* One digit wrong, or two neighbours swapped, is not another message. */
static void
names_are_checked(void **state)
{
	static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	char text[SPOOL_ID_TEXT], c;
	spool_id id, got;
	size_t at, i;

	(void)state;
	for (id = 1000; id < 60000; id += 777) {
		spool_id_text(id, text);
		for (at = 0; text[at]; at++) {
			c = text[at];
			for (i = 0; i < 32 && c != '-'; i++) {
				text[at] = alphabet[i];
				if (!is_unseen(c, text[at]) && spool_id_parse(text, &got) == 0)
					fail_msg("%s", text);
			}
			text[at] = c;
			if (!text[at + 1] || !text[at + 2] || c == '-' || text[at + 1] == '-' ||
			    is_unseen(c, text[at + 1]))
				continue;
			swap(text + at);
			if (spool_id_parse(text, &got) == 0)
				fail_msg("%s", text);
			swap(text + at);
		}
	}
}

static void
keys_are_in_order(void **state)
{
	const struct key rows[] = {
	    key_due(1, 0, INT64_MIN, 1, 0), key_due(1, 0, -5, 1, 0), key_due(1, 0, 0, 1, 0),
	    key_due(1, 0, 0, 1, 1),         key_due(1, 0, 0, 2, 0),  key_due(1, 0, 255, 1, 0),
	    key_due(1, 0, 256, 1, 0),       key_due(1, 1, 0, 1, 0),  key_due(1, 255, 0, 1, 0),
	    key_due(256, 0, 0, 1, 0),
	};
	size_t i;

	(void)state;
	for (i = 1; i < sizeof rows / sizeof rows[0]; i++)
		assert_true(memcmp(rows[i - 1].b, rows[i].b, rows[i].n) < 0);
	assert_true(key_time(rows[1].b, KEY_DUE_TIME) == -5);
	assert_int_equal(key_u32(rows[9].b, 0), 256);
	assert_int_equal(key_u64(rows[4].b, KEY_DUE_ID), 2);
}

typedef int unpack_fn(struct spool_bytes b);

static int
unpack_a_message(struct spool_bytes b)
{
	struct message_record m;

	return record_unpack_message(b, &m);
}

static int
unpack_a_delivery(struct spool_bytes b)
{
	struct delivery_record d;

	return record_unpack_delivery(b, &d);
}

static int
unpack_an_item(struct spool_bytes b)
{
	struct quarantine_record q;

	return record_unpack_quarantine(b, &q);
}

static int
unpack_an_envelope(struct spool_bytes b)
{
	struct envelope e;

	return record_unpack_envelope(b, &e);
}

static int
unpack_some_counters(struct spool_bytes b)
{
	struct counters c;

	return record_unpack_counters(b, &c);
}

/* Cut anywhere or lengthened, a record is refused, and never read past its end. */
static void
records_are_bounded(void **state)
{
	struct message_record m = {.sender = bytes_of("piet"), .attributes = bytes_of("x")};
	struct delivery_record d = {
	    .recipient = bytes_of("a"), .words = bytes_of("450"), .attributes = bytes_of("")};
	struct quarantine_record q = {.reason = bytes_of("odd"), .source = bytes_of("vax")};
	struct envelope e = {.m = m,
	                     .recipients = bytes_of("rr"),
	                     .notes = bytes_of(""),
	                     .reason = bytes_of("odd"),
	                     .source = bytes_of("")};
	struct counters c = {.messages = 7};
	uint8_t counters[COUNTERS_BYTES];
	struct pack k[5] = {{0}};
	unpack_fn *unpack[5] = {unpack_a_message, unpack_a_delivery, unpack_an_item,
	                        unpack_an_envelope, unpack_some_counters};
	uint8_t *exact;
	size_t i, n;

	(void)state;
	record_pack_message(&k[0], &m);
	record_pack_delivery(&k[1], &d);
	record_pack_quarantine(&k[2], &q);
	record_pack_envelope(&k[3], &e);
	record_pack_counters(counters, &c);
	pack_raw(&k[4], counters, sizeof counters);
	for (i = 0; i < 5; i++) {
		assert_int_equal(unpack[i](pack_view(&k[i])), 0);
		for (n = 0; n < k[i].n; n++) {
			exact = malloc(n ? n : 1); /* so that a sanitizer sees one octet too many */
			memcpy(exact, k[i].p, n);
			assert_int_equal(unpack[i]((struct spool_bytes){exact, n}), -1);
			free(exact);
		}
		pack_u8(&k[i], 0);
		assert_int_equal(unpack[i](pack_view(&k[i])), -1);
		pack_free(&k[i]);
	}
}

static void
lengths_are_not_believed(void **state)
{
	struct message_record m = {.sender = bytes_of("piet"), .attributes = bytes_of("x")}, got;
	struct pack k = {0};
	size_t at;

	(void)state;
	record_pack_message(&k, &m);
	for (at = 0; at < k.n; at++) {
		uint8_t was = k.p[at];

		k.p[at] = 0xff;
		if (record_unpack_message(pack_view(&k), &got) == 0)
			assert_int_equal(got.sender.n, 4);
		k.p[at] = was;
	}
	pack_free(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_read_back),     cmocka_unit_test(names_are_forgiving_and_strict),
	    cmocka_unit_test(names_are_checked),   cmocka_unit_test(keys_are_in_order),
	    cmocka_unit_test(records_are_bounded), cmocka_unit_test(lengths_are_not_believed),
	};

	return cmocka_run_group_tests_name("spool_records", tests, NULL, NULL);
}
