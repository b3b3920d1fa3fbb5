/*
 * The memory of answers: a key that is made once, tokens that are read back
 * whole, and what of them is to be written.
 */
#include "tests/unit/spool_test.h"

#include "bridge/base/private_file.h"
#include "bridge/message/replies_trim.h"
#include "bridge/route/table.h"

#include <sys/stat.h>

#define NOW_S  (20000 * DAY + 3600)
#define PIET   "decvax!mcvax!piet"
#define TOKEN  "k3v7x2mq4dwe"
#define OTHER  "aaaabbbb27cc"
#define LISTED TOKEN "\0" PIET "\0"

static const char conf[] =
    "hostname = \"gw.example.com\";\nuucp-name = \"gw\";\n"
    "domains = [ \"gw.example.com\" ];\npostmaster = \"owner@example.org\";\n";

struct world {
	struct config *config;
	struct config_faults faults;
	struct route_table *table;
};

static void
world_make(struct world *w, const struct place *p, const char *more)
{
	char path[80], line[300] = "";
	struct buf words = {0};
	FILE *f;

	*w = (struct world){0};
	snprintf(path, sizeof path, "%s/conf", p->dir);
	f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, "%s%s", conf, more);
	fclose(f);
	if (config_load(path, &w->config, &w->faults) != 0) {
		config_fault_text(&w->faults.v[0], &words);
		snprintf(line, sizeof line, "%s", buf_text(&words));
		fail_msg("%s", line);
	}
	w->table = route_table_new(w->config);
	assert_non_null(w->table);
}

static void
world_free(struct world *w)
{
	route_table_free(w->table);
	config_free(w->config);
	config_faults_free(&w->faults);
}

static void
keep(struct spool *s, struct span list, int64_t now_s)
{
	struct spool_change *c = spool_change_new(s);

	while (list.n > 0)
		replies_keep(c, &list, 100, now_s);
	committed(s, c);
}

/* As the table looks it up: the address, or what there is instead. */
static const char *
stands_for(const struct world *w, const char *token)
{
	const struct route_memory *m = &w->table->memory;
	static struct buf address;
	int found;

	buf_free(&address);
	found = m->token(m->arg, span_of(token), &address);
	return found > 0 ? buf_text(&address) : found == 0 ? "none" : "failed";
}

static void
makes_one_key(void **state)
{
	struct place *p = *state;
	struct spool *s = opened(p);
	struct buf why = {0};
	uint8_t key[32];
	struct world w;

	world_make(&w, p, "");
	assert_int_equal(replies_attach(s, w.config, w.table, &why), 0);
	assert_false(w.table->memory.keyed);
	assert_int_equal(replies_make_key(s, &why), 0);
	assert_int_equal(replies_attach(s, w.config, w.table, &why), 0);
	assert_true(w.table->memory.keyed);
	memcpy(key, w.table->memory.key, sizeof key);
	assert_int_equal(replies_make_key(s, &why), 0);
	assert_int_equal(replies_attach(s, w.config, w.table, &why), 0);
	assert_memory_equal(w.table->memory.key, key, sizeof key);
	assert_int_equal(why.n, 0);
	world_free(&w);
	spool_close(s);
}

/* `bangway check` says of the file what we say of it. */
static void
is_checked_alike(const struct config *c, const struct buf *why)
{
	struct config_faults faults;

	assert_int_equal(config_check_files(c, &faults), why->n > 0 ? -1 : 0);
	if (why->n > 0)
		assert_string_equal(faults.v[0].words, buf_text(why));
	config_faults_free(&faults);
}

/* Bridges that share a file share the key; what an editor puts behind it does not count. */
static void
reads_the_key_from_a_file(void **state)
{
	static const struct {
		const char *text;
		unsigned mode;
		const char *words; /* "": the key of the first row */
	} rows[] = {
	    {"0123456789abcdef0123456789abcdef", 0600, ""},
	    {"0123456789abcdef0123456789abcdef\r\n", 0400, ""},
	    {"0123456789abcdef0123456789abcd\n", 0600, "must hold 32 to 4095 octets"},
	    {"0123456789abcdef0123456789abc\r\n", 0600, "must hold 32 to 4095 octets"},
	    {"\n", 0600, "must hold 32 to 4095 octets"},
	    {"", 0600, "must hold 32 to 4095 octets"},
	    {"0123456789abcdef0123456789abcdef", 0640, "must be a file that its owner alone"},
	    {NULL, 0600, "cannot be read: No such file"},
	};
	struct place *p = *state;
	struct spool *s = opened(p);
	uint8_t first[32] = {0};
	char path[100], line[140];
	struct buf why = {0};
	struct world w;
	size_t i;
	FILE *f;

	assert_int_equal(replies_make_key(s, &why), 0);
	snprintf(path, sizeof path, "%s/secret", p->dir);
	snprintf(line, sizeof line, "secret = \"%s\";\n", path);
	world_make(&w, p, line);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		unlink(path);
		if (rows[i].text != NULL) {
			f = fopen(path, "w");
			fputs(rows[i].text, f);
			fclose(f);
			chmod(path, rows[i].mode);
		}
		buf_clear(&why);
		assert_int_equal(replies_attach(s, w.config, w.table, &why),
		                 rows[i].words[0] == '\0' ? 0 : -1);
		if (strstr(buf_text(&why), rows[i].words) == NULL)
			fail_msg("%s", buf_text(&why));
		is_checked_alike(w.config, &why);
		if (i == 0)
			memcpy(first, w.table->memory.key, sizeof first);
		if (rows[i].words[0] == '\0')
			assert_memory_equal(w.table->memory.key, first, sizeof first);
	}
	buf_free(&why);
	world_free(&w);
	spool_close(s);
}

static void
bounds_the_key_of_a_file(void **state)
{
	static const size_t sizes[] = {0, 1, 31, 32, 4095, 4096, 4097, 9000};
	static const char *const ends[] = {"", "\n", "\r\n", NULL};
	struct place *p = *state;
	struct spool *s = opened(p);
	char path[100], line[140];
	struct buf why = {0};
	struct world w;
	size_t i, j, k;
	FILE *f;

	snprintf(path, sizeof path, "%s/secret", p->dir);
	snprintf(line, sizeof line, "secret = \"%s\";\n", path);
	world_make(&w, p, line);
	for (i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
		for (j = 0; ends[j] != NULL; j++) {
			f = fopen(path, "w");
			for (k = 0; k < sizes[i]; k++)
				fputc('k', f);
			fputs(ends[j], f);
			fclose(f);
			chmod(path, 0600);
			buf_clear(&why);
			assert_int_equal(replies_attach(s, w.config, w.table, &why),
			                 sizes[i] + strlen(ends[j]) >= 32 && sizes[i] <= 4095 ? 0
			                                                                      : -1);
			is_checked_alike(w.config, &why);
		}
	buf_free(&why);
	world_free(&w);
	spool_close(s);
}

/* head -c 32 /dev/urandom: whatever the last octet is, all of it is the key. */
static void
takes_any_octet_for_a_key(void **state)
{
	struct place *p = *state;
	char path[100], text[32];
	struct private_file held;
	struct buf why = {0};
	int last;
	FILE *f;

	snprintf(path, sizeof path, "%s/octets", p->dir);
	memset(text, 'k', sizeof text);
	for (last = 0; last < 256; last++) {
		text[31] = (char)last;
		f = fopen(path, "w");
		assert_int_equal(fwrite(text, 1, sizeof text, f), sizeof text);
		fclose(f);
		chmod(path, 0600);
		assert_int_equal(private_file_read_key(&held, path, geteuid(), &why), 0);
		assert_int_equal(held.held.n, 32);
	}
	unlink(path);
	buf_free(&why);
}

static void
reads_tokens_back(void **state)
{
	static const char *const none[] = {OTHER,           "",
	                                   "key",           "k3v7x2mq4dw",
	                                   "k3v7x2mq4dwee", "k3v7x2mq4dw!",
	                                   "../../../../.", "k3v7x2mq4dw8"};
	struct place *p = *state;
	struct spool *s = opened(p);
	struct buf why = {0}, list = {0};
	char path[5000];
	struct world w;
	size_t i;

	world_make(&w, p, "");
	assert_int_equal(replies_make_key(s, &why), 0);
	assert_int_equal(replies_attach(s, w.config, w.table, &why), 0);
	memset(path, 'a', sizeof path - 1);
	path[sizeof path - 1] = '\0';
	buf_add(&list, LISTED, sizeof LISTED - 1);
	buf_add(&list, OTHER, sizeof OTHER);
	buf_add(&list, path, sizeof path);
	assert_string_equal(stands_for(&w, TOKEN), "none");
	keep(s, buf_view(&list), NOW_S);
	assert_string_equal(stands_for(&w, TOKEN), PIET);
	assert_string_equal(stands_for(&w, "K3V7x2MQ4DWE"), PIET);
	assert_string_equal(stands_for(&w, OTHER), path);
	for (i = 1; i < sizeof none / sizeof none[0]; i++)
		assert_string_equal(stands_for(&w, none[i]), "none");
	buf_free(&list);
	world_free(&w);
	spool_close(s);
}

static void
knows_what_is_missing(void **state)
{
	static const struct {
		int64_t later_s;
		unsigned days;
		bool missing;
	} rows[] = {
	    {0, 180, false},          {17 * DAY, 180, false}, {18 * DAY, 180, false},
	    {19 * DAY, 180, true},    {400 * DAY, 180, true}, {-1 * DAY, 180, true},
	    {-400 * DAY, 180, true},  {DAY - 3601, 1, false}, {DAY, 1, true},
	    {100 * DAY, 1000, false},
	};
	struct spool *s = opened(*state);
	struct span listed = {LISTED, sizeof LISTED - 1};
	struct buf missing = {0}, why = {0};
	size_t i;

	assert_int_equal(replies_missing(s, listed, 180, NOW_S, &missing, &why), 0);
	assert_true(span_eq(buf_view(&missing), listed));
	keep(s, buf_view(&missing), NOW_S);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		buf_clear(&missing);
		assert_int_equal(replies_missing(s, listed, rows[i].days, NOW_S + rows[i].later_s,
		                                 &missing, &why),
		                 0);
		assert_int_equal(missing.n > 0, rows[i].missing);
	}
	buf_free(&missing);
	spool_close(s);
}

static void
refuses_what_cannot_be_kept(void **state)
{
	static const char another[] = TOKEN "\0somebody!else\0", no_token[] = "k3v7\0" PIET "\0";
	struct spool *s = opened(*state);
	struct buf missing = {0}, why = {0}, large = {0};
	int i;

	keep(s, (struct span){LISTED, sizeof LISTED - 1}, NOW_S);
	assert_int_equal(replies_missing(s, (struct span){another, sizeof another - 1}, 180, NOW_S,
	                                 &missing, &why),
	                 1);
	assert_string_equal(buf_text(&why), "the token " TOKEN " stands for another address");
	buf_clear(&why);
	assert_int_equal(replies_missing(s, (struct span){no_token, sizeof no_token - 1}, 180,
	                                 NOW_S, &missing, &why),
	                 1);
	buf_add(&large, OTHER, sizeof OTHER);
	for (i = 0; i < 65532; i++)
		buf_ch(&large, 'a');
	buf_ch(&large, '\0');
	buf_clear(&why);
	assert_int_equal(replies_missing(s, buf_view(&large), 180, NOW_S, &missing, &why), 1);
	assert_string_equal(buf_text(&why), "an address of 65532 octets cannot be remembered");
	assert_int_equal(missing.n, 0);
	buf_free(&why);
	buf_free(&large);
	spool_close(s);
}

struct listed {
	char text[400];
	size_t most, n;
};

static int
list(void *arg, const struct reply_kept *k)
{
	struct listed *l = arg;
	size_t at = strlen(l->text);

	snprintf(l->text + at, sizeof l->text - at, "%s %.*s %lld\n", k->token, (int)k->address.n,
	         k->address.p, (long long)(k->day_s / DAY));
	return ++l->n == l->most;
}

static void
lists_and_forgets(void **state)
{
	static const char two[] = LISTED OTHER "\0b!c\0";
	struct place *p = *state;
	struct spool *s = opened(p);
	struct spool_change *c;
	struct listed all = {.most = 9}, one = {.most = 1}, after = {.most = 9};
	struct buf why = {0};
	struct span rest = {two, sizeof two - 1};

	assert_int_equal(replies_make_key(s, &why), 0);
	c = spool_change_new(s);
	assert_int_equal(replies_keep(c, &rest, 1, NOW_S), 1);
	assert_int_equal(replies_keep(c, &rest, 5, NOW_S + DAY), 1);
	assert_int_equal(replies_keep(c, &rest, 5, NOW_S), 0);
	committed(s, c);
	assert_int_equal(replies_each(s, "", list, &all), 0);
	assert_string_equal(all.text, OTHER " b!c 20001\n" TOKEN " " PIET " 20000\n");
	assert_int_equal(replies_each(s, "", list, &one), 0);
	assert_string_equal(one.text, OTHER " b!c 20001\n");
	assert_int_equal(replies_each(s, OTHER, list, &after), 0);
	assert_string_equal(after.text, TOKEN " " PIET " 20000\n");
	c = spool_change_new(s);
	replies_forget(c, OTHER);
	committed(s, c);
	memset(&all, 0, sizeof all);
	assert_int_equal(replies_each(s, "", list, &all), 0);
	assert_string_equal(all.text, TOKEN " " PIET " 20000\n");
	assert_int_equal(faults(s), 0);
	spool_close(s);
}

/* A copy has the key and the tokens: what was sent before is still answered. */
static void
is_in_a_backup(void **state)
{
	struct place *p = *state, other = *p;
	struct spool *s = opened(p);
	struct buf why = {0};
	char words[300], to[100];
	uint8_t key[32];
	struct world w;

	world_make(&w, p, "");
	assert_int_equal(replies_make_key(s, &why), 0);
	keep(s, (struct span){LISTED, sizeof LISTED - 1}, NOW_S);
	assert_int_equal(replies_attach(s, w.config, w.table, &why), 0);
	memcpy(key, w.table->memory.key, sizeof key);
	snprintf(to, sizeof to, "%s/backup", p->dir);
	assert_int_equal(spool_backup(s, to), 0);
	spool_close(s);
	snprintf(other.spool, sizeof other.spool, "%s/other", p->dir);
	other.o.directory = other.spool;
	if (spool_restore(&other.o, to, words, sizeof words) != 0 ||
	    spool_compact(&other.o, words, sizeof words) != 0)
		fail_msg("%s", words);
	s = opened(&other);
	assert_int_equal(replies_make_key(s, &why), 0);
	assert_int_equal(replies_attach(s, w.config, w.table, &why), 0);
	assert_memory_equal(w.table->memory.key, key, sizeof key);
	assert_string_equal(stands_for(&w, TOKEN), PIET);
	assert_int_equal(faults(s), 0);
	world_free(&w);
	spool_close(s);
}

/* ---- forgetting ---- */

static void
fill(struct spool *s, unsigned first, unsigned n, int64_t day)
{
	static const char letters[] = "abcdefghijklmnop";
	struct spool_change *c = spool_change_new(s);
	struct buf all = {0};
	struct span rest;
	unsigned i, j;

	for (i = first; i < first + n; i++) {
		for (j = 0; j < REPLY_TOKEN; j++) /* scattered, as digests are */
			buf_ch(&all, letters[(i * 2654435761u >> (4 * (j % 8))) & 15]);
		buf_ch(&all, '\0');
		buf_fmt(&all, "vax%08u!user%08u", i, i); /* 24 octets */
		buf_ch(&all, '\0');
	}
	for (rest = buf_view(&all); rest.n > 0;)
		replies_keep(c, &rest, 1000, day * DAY);
	committed(s, c);
	buf_free(&all);
}

struct ages {
	size_t n, of_day[4];
	int64_t first;
};

static int
count_day(void *arg, const struct reply_kept *k)
{
	struct ages *a = arg;

	a->n++;
	if (k->day_s / DAY >= a->first && k->day_s / DAY < a->first + 4)
		a->of_day[k->day_s / DAY - a->first]++;
	return 0;
}

static size_t
trimmed(struct spool *s, unsigned days, uint64_t most_bytes, int64_t today)
{
	struct replies_trim t = {.days = days, .most_bytes = most_bytes, .now_s = today * DAY + 5};
	unsigned steps = 0;
	int more;

	assert_int_equal(replies_trim_begin(&t), 0);
	while ((more = replies_trim_step(&t, s)) > 0)
		assert_true(++steps < 1000);
	assert_int_equal(more, 0);
	replies_trim_end(&t);
	return t.removed;
}

static struct ages
counted_days(struct spool *s, int64_t first)
{
	struct ages a = {.first = first};

	assert_int_equal(replies_each(s, "", count_day, &a), 0);
	return a;
}

static void
forgets_by_age(void **state)
{
	struct spool *s = opened(*state);
	struct buf why = {0};
	struct ages a;

	assert_int_equal(replies_make_key(s, &why), 0);
	assert_int_equal(trimmed(s, 180, 1 << 20, 20000), 0);
	fill(s, 0, 3000, 20000);
	fill(s, 3000, 3000, 20001);
	fill(s, 6000, 3000, 20002);
	fill(s, 9000, 1, 30000);
	/* in use till day 20018, it is not renewed: it stays till 180 days after that */
	assert_int_equal(trimmed(s, 180, 1 << 20, 20198), 0);
	assert_int_equal(trimmed(s, 180, 1 << 20, 20199), 3000);
	a = counted_days(s, 20000);
	assert_int_equal(a.n, 6001);
	assert_int_equal(a.of_day[0], 0);
	assert_int_equal(trimmed(s, 1, 1 << 20, 20003), 3000);
	assert_int_equal(trimmed(s, 1, 1 << 20, 20003), 0);
	assert_int_equal(trimmed(s, 1000, 1 << 20, 30000), 3000);
	assert_int_equal(counted_days(s, 20000).n, 1);
	assert_int_equal(replies_make_key(s, &why), 0);
	assert_int_equal(why.n, 0);
	assert_int_equal(faults(s), 0);
	spool_close(s);
}

/* Too many: the oldest first, down to seven eighths of the bound, and never the key. */
static void
forgets_by_room(void **state)
{
	struct spool *s = opened(*state);
	uint64_t each = REPLIES_OVERHEAD + 24;
	struct buf why = {0};
	uint8_t key[32];
	struct ages a;
	size_t n;

	assert_int_equal(replies_make_key(s, &why), 0);
	fill(s, 0, 1000, 20000);
	fill(s, 1000, 1000, 20001);
	fill(s, 2000, 1000, 20002);
	fill(s, 3000, 1000, 20003);
	assert_int_equal(trimmed(s, 180, 4000 * each, 20003), 0);
	assert_int_equal(trimmed(s, 180, 3200 * each, 20003), 1200);
	a = counted_days(s, 20000);
	assert_int_equal(a.of_day[0], 0);
	assert_int_equal(a.of_day[1], 800);
	assert_int_equal(a.of_day[2], 1000);
	assert_int_equal(a.of_day[3], 1000);
	assert_int_equal(trimmed(s, 180, 80 * each, 20003), 2730); /* all of a day, even today */
	a = counted_days(s, 20000);
	assert_int_equal(a.n, 70);
	assert_int_equal(a.of_day[3], 70);
	assert_int_equal(trimmed(s, 180, 0, 20003), 70);
	assert_int_equal(spool_fact_get(s, "reply/key", key, sizeof key, &n), 0);
	assert_int_equal(n, 32);
	assert_int_equal(faults(s), 0);
	spool_close(s);
}

static void
fill_long(struct spool *s, unsigned first, unsigned n, int64_t day)
{
	struct spool_change *c = spool_change_new(s);
	struct buf all = {0};
	struct span rest;
	unsigned i;

	for (i = first; i < first + n; i++) {
		buf_fmt(&all, "zzzzzzzz%c%c%c%c", 'a' + i / 4096 % 16, 'a' + i / 256 % 16,
		        'a' + i / 16 % 16, 'a' + i % 16);
		buf_ch(&all, '\0');
		buf_fmt(&all, "%0*u!enemy", REPLY_ADDRESS_MOST - 6, i);
		buf_ch(&all, '\0');
	}
	for (rest = buf_view(&all); rest.n > 0;)
		replies_keep(c, &rest, 1000, day * DAY);
	committed(s, c);
	buf_free(&all);
}

/* Whose paths are long as none is makes room with them, though others' are older. */
static void
forgets_long_ones_first(void **state)
{
	struct spool *s = opened(*state);
	const uint64_t most = 2000000;
	struct ages a;

	fill(s, 0, 1000, 20000);
	fill(s, 1000, 1000, 20002);
	fill_long(s, 0, 1500, 20002);
	fill_long(s, 1500, 1500, 20003);
	assert_true(trimmed(s, 180, most, 20003) >= 1500);
	a = counted_days(s, 20000);
	assert_int_equal(a.of_day[0], 1000);
	assert_int_equal(a.of_day[2], 1000);
	assert_in_range(a.of_day[3], 1000, 1499);
	assert_int_equal(trimmed(s, 180, 1500 * (REPLIES_OVERHEAD + 24), 20003),
	                 a.of_day[3] +
	                     688); /* then the oldest of all others: to 7/8 of the bound */
	a = counted_days(s, 20000);
	assert_int_equal(a.of_day[3], 0);
	assert_int_equal(a.of_day[2], 1000);
	assert_int_equal(faults(s), 0);
	spool_close(s);
}

/* In a full spool tokens are still kept: they ask for no room, which the bound makes up for. */
static void
keeps_in_a_full_spool(void **state)
{
	struct place *p = *state;
	struct spool_change *c;
	struct spool *s;

	p->o.limit_bytes = 1;
	s = opened(p);
	c = spool_change_new(s);
	spool_accept(c, letter(s, "full", "a", "site:a", 2), 1, NULL);
	refused(s, c, SPOOL_FULL);
	fill(s, 0, 1000, 20000);
	assert_int_equal(counted_days(s, 20000).n, 1000);
	spool_close(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    spool_test(makes_one_key),
	    spool_test(reads_tokens_back),
	    spool_test(knows_what_is_missing),
	    spool_test(refuses_what_cannot_be_kept),
	    spool_test(lists_and_forgets),
	    spool_test(is_in_a_backup),
	    spool_test(reads_the_key_from_a_file),
	    spool_test(bounds_the_key_of_a_file),
	    spool_test(takes_any_octet_for_a_key),
	    spool_test(forgets_by_age),
	    spool_test(forgets_by_room),
	    spool_test(forgets_long_ones_first),
	    spool_test(keeps_in_a_full_spool),
	};

	return cmocka_run_group_tests_name("replies", tests, NULL, NULL);
}
