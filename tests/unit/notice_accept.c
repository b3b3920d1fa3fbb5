/*
 * A notice on its way into the spool: how its To shows the letter's sender,
 * and what its journal says.
 */
#include "tests/unit/spool_test.h"

#include "bridge/base/event.h"
#include "bridge/message/notice.h"
#include "bridge/message/replies.h"
#include "bridge/route/rewrite.h"
#include "bridge/route/route.h"
#include "tests/unit/ask.h"

#define NOW_S (20000 * DAY + 3600)

static const char conf[] =
    "hostname = \"gw.example.com\";\nuucp-name = \"gw\";\n"
    "domains = [ \"gw.example.com\" ];\npostmaster = \"owner@example.org\";\n"
    "sites = { vax43 = {}; };\nroutes = ( { to = \"site:*\"; next-hop = \"uucp\"; } );\n";

struct world {
	struct spool *spool;
	struct config *config;
	struct route_table *table;
};

static void
world_make(struct world *w, struct place *p, bool keyed)
{
	struct config_faults faults = {0};
	struct buf why = {0};
	char path[80];
	FILE *f;

	w->spool = opened(p);
	snprintf(path, sizeof path, "%s/conf", p->dir);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(conf, f);
	fclose(f);
	assert_int_equal(config_load(path, &w->config, &faults), 0);
	w->table = route_table_new(w->config);
	assert_non_null(w->table);
	if (keyed)
		assert_int_equal(replies_make_key(w->spool, &why), 0);
	assert_int_equal(replies_attach(w->spool, w->config, w->table, &why), 0);
}

static void
world_free(struct world *w)
{
	route_table_free(w->table);
	config_free(w->config);
	spool_close(w->spool);
}

static int
sender(const struct world *w, const char *of, struct buf *domain, struct buf *missing,
       struct buf *why)
{
	const struct rewrite as = {.table = w->table, .ask = ASK("vax43"), .now_s = NOW_S};

	buf_clear(domain);
	buf_clear(missing);
	buf_clear(why);
	return notice_sender(w->spool, &as, of, domain, missing, why);
}

static void
keep(const struct world *w, struct span list)
{
	struct spool_change *c = spool_change_new(w->spool);

	replies_keep(c, &list, SIZE_MAX, NOW_S);
	committed(w->spool, c);
}

/* His token is to be kept once; and when it cannot be, the notice has another To. */
static void
the_sender_is_shown_so_that_he_can_answer(void **state)
{
	struct buf domain = {0}, missing = {0}, why = {0}, other = {0};
	struct world w;

	world_make(&w, *state, true);
	assert_int_equal(sender(&w, "who@cwi.example", &domain, &missing, &why), 0);
	assert_string_equal(buf_text(&domain), "who@cwi.example");
	assert_int_equal(missing.n, 0);

	assert_int_equal(sender(&w, "vax43!far!piet", &domain, &missing, &why), 0);
	assert_non_null(strstr(buf_text(&domain), "@gw.example.com"));
	assert_true(missing.n > REPLY_TOKEN);
	assert_memory_equal(missing.p, strchr(buf_text(&domain), '+') + 1, REPLY_TOKEN);
	buf_add(&other, missing.p, REPLY_TOKEN + 1);
	buf_add(&other, "somebody!else", sizeof "somebody!else");

	keep(&w, buf_view(&other));
	assert_int_equal(sender(&w, "vax43!far!piet", &domain, &missing, &why), 1);
	assert_string_equal(buf_text(&domain), "postmaster@gw.example.com");
	assert_non_null(strstr(buf_text(&why), "stands for the sender in To: the token "));
	assert_non_null(strstr(buf_text(&why), " stands for another address"));
	assert_int_equal(missing.n, 0);
	buf_free(&domain);
	buf_free(&missing);
	buf_free(&why);
	buf_free(&other);
	world_free(&w);
}

static void
a_sender_without_a_form_is_our_postmaster(void **state)
{
	struct buf domain = {0}, missing = {0}, why = {0};
	struct world w;

	world_make(&w, *state, false);
	assert_int_equal(sender(&w, "far!\"Joe Soap\"", &domain, &missing, &why), 1);
	assert_string_equal(buf_text(&domain), "postmaster@gw.example.com");
	assert_true(why.n > sizeof "postmaster@gw.example.com stands for the sender in To: ");
	buf_free(&domain);
	buf_free(&missing);
	buf_free(&why);
	world_free(&w);
}

static int
first_line(void *arg, spool_id id, int64_t at_s, const char *line, size_t n)
{
	(void)id;
	(void)at_s;
	assert_true(event_line_valid((struct span){line, n}));
	buf_add(arg, line, n);
	return 1;
}

static void
its_journal_says_what_it_is(void **state)
{
	static const struct {
		uint64_t about;
		size_t recipients, most;
		bool too_many;
		const char *kind, *words, *line, *said;
	} rows[] = {
	    {7, 2, 9, false, "failed", "", "to=x about=%s kind=failed recipients=2", ""},
	    {0, 1, 9, false, "expanded", "so", "to=x kind=expanded recipients=1", "so"},
	    {0, 0, 9, false, "quarantined", "", "to=x kind=quarantined", ""},
	    {0, 0, 1, true, "quarantined", "", "to=x kind=quarantined",
	     "x has more than 1 members (limits.recipients): the others are not told"},
	    {0, 0, 1, true, "failed", "so", "to=x kind=failed",
	     "so; x has more than 1 members (limits.recipients): the others are not told"},
	};
	struct route_member one = {.address = "a@b.example", .destination = "domain:b.example"};
	struct spool *s = opened(*state);
	struct buf line = {0}, want = {0};
	char about[SPOOL_ID_TEXT];
	spool_id ids[9];
	size_t i, n;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct route_expansion whom = {
		    .v = &one, .n = 1, .most = rows[i].most, .too_many = rows[i].too_many};
		const struct notice_letter l = {.content = SPAN("To: x\n\ny\n"),
		                                .to = "x",
		                                .whom = &whom,
		                                .kind = rows[i].kind,
		                                .about = rows[i].about,
		                                .recipients = rows[i].recipients,
		                                .words = rows[i].words};
		struct spool_change *c = spool_change_new(s);

		assert_int_equal(notice_accept(s, c, &l, NOW_S), 0);
		committed(s, c);
		n = 1;
		assert_int_equal(spool_journalled(s, UINT64_MAX, ids, &n), 0);
		assert_int_equal(n, 1);
		buf_clear(&line);
		assert_int_equal(spool_journal(s, ids[0], first_line, &line), 0);
		buf_clear(&want);
		buf_str(&want, "notice ");
		buf_fmt(&want, rows[i].line, spool_id_text(rows[i].about, about));
		if (rows[i].said[0] != '\0')
			buf_str(&want, " words=");
		buf_escape_value(&want, span_of(rows[i].said));
		assert_string_equal(buf_text(&line), buf_text(&want));
	}
	buf_free(&want);
	buf_free(&line);
	spool_close(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    spool_test(the_sender_is_shown_so_that_he_can_answer),
	    spool_test(a_sender_without_a_form_is_our_postmaster),
	    spool_test(its_journal_says_what_it_is),
	};

	return cmocka_run_group_tests_name("notice_accept", tests, NULL, NULL);
}
