/*
 * The forms in which an address leaves so that its answer comes back: which
 * address gets which, what reads them, and what does not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "bridge/route/reply_int.h"
#include "tests/unit/expect.h"
#include "tests/unit/gateway.h"
#include "tests/unit/remember.h"

static struct config_site sites[] = {
    {.name = "alpha", .domain = "", .relay = true},
    {.name = "vax43", .domain = "vax43.example.com", .relay = true},
    {.name = "guest", .domain = "", .relay = false},
    {.name = "Twin", .domain = "", .relay = true},
    {.name = "twin", .domain = "", .relay = true},
    {.name = "under_score", .domain = "", .relay = true},
    {.name = "www", .domain = "", .relay = true},
    {.name = "www2", .domain = "www2.gw.example.com", .relay = true},
    {.name = "shown", .domain = "", .relay = true, .reply_form = REPLY_FORM_PATH},
};

static struct config_route routes[] = {
    {.to = "*", .hop = HOP_MX, .srs = true},
    {.to = "site:*", .hop = HOP_UUCP},
    {.to = "www.gw.example.com", .hop = HOP_MX},
};

static struct config config;
static struct route_table *table;

static int
setup(void **state)
{
	(void)state;
	config = gateway;
	config.sites = sites;
	config.nsites = sizeof sites / sizeof sites[0];
	config.routes = routes;
	config.nroutes = sizeof routes / sizeof routes[0];
	config.reply_days = 180;
	table = route_table_new(&config);
	if (table == NULL)
		return -1;
	remember(table);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	route_table_free(table);
	buf_free(&remembered);
	return 0;
}

/* As a sender, in that form; letters and digits that come of the key are `*`. */
static void
make(const char *address, const char *from, enum reply_form form, bool srs, struct buf *out)
{
	const struct route_ask ask = {.site = from, .now_s = NOON};
	const struct rewrite w = {
	    .table = table, .ask = &ask, .now_s = NOON, .srs = srs, .tokens = &remembered};
	const char *why;

	config.reply_form = form;
	buf_clear(out);
	assert_in_range(rewrite_sender(&w, span_of(address), out, NULL, &why), 0, 1);
}

static void
hide(struct buf *text, char after, size_t n)
{
	char *p = text->p != NULL ? strrchr(text->p, after) : NULL;

	if (p != NULL && strspn(p + 1, "abcdefghijklmnopqrstuvwxyz234567") == n)
		memset(p + 1, '*', n);
}

static const struct {
	const char *address, *from;
	const char *token, *site, *path;
} forms[] = {
    /* what needs none */
    {"piet@cwi.example", "alpha", "piet@cwi.example", "=", "="},
    {"vax43!ernie", "vax43", "ernie@vax43.example.com", "=", "="},
    {"cwi.example!b!piet", "alpha", "piet+************@gw.example.com", "=",
     "cwi.example!b!piet=*******@gw.example.com"},
    {"gw!fred", "alpha", "fred@gw.example.com", "=", "="},
    {"fred@example.com", "alpha", "fred@example.com", "=", "="},
    /* a site without a domain, and what is behind a site */
    {"bob", "alpha", "bob+************@gw.example.com", "bob@alpha.gw.example.com",
     "alpha!bob@gw.example.com"},
    {"far!bob", "alpha", "bob+************@gw.example.com", "=", "alpha!far!bob@gw.example.com"},
    {"far!ernie", "vax43", "ernie+************@gw.example.com", "=", "far!ernie@vax43.example.com"},
    {"far!ernie@vax43.example.com", "vax43", "ernie+************@gw.example.com", "=",
     "far!ernie@vax43.example.com"},
    {"shown!bob", NULL, "shown!bob@gw.example.com", "=", "="},
    /* where not everybody may go, the path has a tag */
    {"far!bob", NULL, "bob+************@gw.example.com", "=", "far!bob=*******@gw.example.com"},
    {"cwi.example!piet", "vax43", "piet@cwi.example", "=", "="},
    {"vax43!cwi.example!piet", "vax43", "piet+************@gw.example.com", "=",
     "cwi.example!piet=*******@vax43.example.com"},
    {"u%cwi.example@vax43.example.com", "vax43", "u_cwi.example+************@gw.example.com", "=",
     "u%cwi.example=*******@vax43.example.com"},
    /* no site's name below our domain that could be read as something else */
    {"Twin!bob", NULL, "bob+************@gw.example.com", "=", "Twin!bob@gw.example.com"},
    {"under_score!bob", NULL, "bob+************@gw.example.com", "=",
     "under_score!bob@gw.example.com"},
    {"www!bob", NULL, "bob+************@gw.example.com", "=", "www!bob@gw.example.com"},
    {"alpha!bob#1", NULL, "bob_1+************@gw.example.com", "=", "alpha!bob#1@gw.example.com"},
    {"far!vax43!ernie", "vax43", "ernie+************@gw.example.com", "=", "="},
    /* what has no other form */
    {"alpha!\"a b\"", NULL, "a_b+************@gw.example.com", "=", "="},
    {"alpha!a;b", NULL, "a_b+************@gw.example.com", "=", "="},
    {"alpha!/G=Jan/S=Smit/O=Centrum-voor-Wiskunde-en-Informatica/PRMD=surf/ADMD=400net/C=NL/",
     "alpha", "_G_Jan_S_Smit_O_Centrum-voor-Wiskunde-en-Informatic+************@gw.example.com",
     "=", "="},
    {"alpha!-", NULL, "_+************@gw.example.com", "=", "alpha!-@gw.example.com"},
    {"alpha!.profile.", NULL, "_profile.+************@gw.example.com", "=", "="},
    {"alpha!a-name-that-is-so-long-that-the-digest-of-its-path-has-no-room!fred", NULL,
     "fred+************@gw.example.com", "=", "="},
    {"a-local-part-of-more-than-sixty-four-octets-that-no-server-will-ever-take@cwi.example", NULL,
     "a-local-part-of-more-than-sixty-four-octets-that-no+************@gw.example.com", "=", "="},
    /* from a stranger: no more than he may himself */
    {"vax43!cwi.example!piet", "guest", "cwi.example!piet@vax43.example.com", "=", "="},
    {"guest!cwi.example!piet", "guest", "guest!cwi.example!piet@gw.example.com", "=", "="},
    {"guest!cwi\xe3\x80\x82test!piet", "guest", "guest!cwi\xe3\x80\x82test!piet@gw.example.com",
     "=", "="},
    {"guest!far!p\xef\xbc\xa0q", "guest", "guest!far!p\xef\xbc\xa0q@gw.example.com", "=", "="},
    {"far!p\xef\xbc\x85q", "stranger", "stranger!far!p\xef\xbc\x85q@gw.example.com", "=", "="},
    /* whom no route leads to, he can be answered by nobody */
    {"far!bob", "stranger", "stranger!far!bob@gw.example.com", "=", "="},
    {"bob", "guest", "bob+************@gw.example.com", "bob@guest.gw.example.com",
     "guest!bob@gw.example.com"},
    {"far!x.example!bob", "stranger", "stranger!far!x.example!bob@gw.example.com", "=", "="},
};

static void
each_address_has_its_forms(void **state)
{
	const char *want[3];
	struct buf out = {0};
	unsigned k;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		want[0] = forms[i].token;
		want[1] = strcmp(forms[i].site, "=") != 0 ? forms[i].site : want[0];
		want[2] = strcmp(forms[i].path, "=") != 0 ? forms[i].path : want[0];
		for (k = 0; k < 3; k++) {
			make(forms[i].address, forms[i].from, REPLY_FORM_TOKEN + k, false, &out);
			out.p[out.n - strlen(strrchr(out.p, '@'))] = '\0';
			hide(&out, '+', REPLY_TOKEN);
			hide(&out, '=', DIGEST_TAG);
			out.p[strlen(out.p)] = '@';
			expect(forms[i].address, buf_text(&out), want[k]);
		}
	}
	buf_free(&out);
}

/* Once more what was made leaves as it is, but for the day of a tag. */
static void
what_is_a_form_already_stays(void **state)
{
	struct buf once = {0}, twice = {0};
	unsigned k;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof forms / sizeof forms[0]; i++)
		for (k = 0; k < 3; k++) {
			make(forms[i].address, forms[i].from, REPLY_FORM_TOKEN + k, false, &once);
			make(buf_text(&once), forms[i].from, REPLY_FORM_TOKEN + k, false, &twice);
			expect(forms[i].address, buf_text(&twice), buf_text(&once));
		}
	buf_free(&once);
	buf_free(&twice);
}

static const struct {
	const char *sender, *form;
} srs_forms[] = {
    {"piet@cwi.example", "SRS0=*****=**=cwi.example=piet@gw.example.com"},
    {"Piet@CWI.example", "SRS0=*****=**=CWI.example=Piet@gw.example.com"},
    {"cwi.example!piet", "SRS0=*****=**=cwi.example=piet@gw.example.com"},
    {"SRS0=HHH=TT=a.example=u@b.example",
     "SRS1=*******=b.example==HHH=TT=a.example=u@gw.example.com"},
    {"SRS0+HHH=TT=a.example=u@b.example",
     "SRS1=*******=b.example=+HHH=TT=a.example=u@gw.example.com"},
    {"srs0-HHH=TT=a.example=u@b.example",
     "SRS1=*******=b.example=-HHH=TT=a.example=u@gw.example.com"},
    {"SRS1=XXX=b.example==HHH=TT=a.example=u@c.example",
     "SRS1=*******=b.example==HHH=TT=a.example=u@gw.example.com"},
    {"SRS1=odd@c.example", "SRS0=*****=**=c.example=SRS1=odd@gw.example.com"},
    {"SRS1=XXX=localhost==a=x@c.example",
     "SRS0=*****=**=c.example=SRS1=XXX=localhost==a=x@gw.example.com"},
    {"SRS1=XXX=gw.example.com==a=x@c.example",
     "SRS0=*****=**=c.example=SRS1=XXX=gw.example.com==a=x@gw.example.com"},
    {"srsly@cwi.example", "SRS0=*****=**=cwi.example=srsly@gw.example.com"},
    /* ours, or a site's, or nobody's */
    {"fred@gw.example.com", "fred@gw.example.com"},
    {"fred@example.com", "fred@example.com"},
    {"ernie@vax43.example.com", "ernie@vax43.example.com"},
    {"bob@alpha.gw.example.com", "bob@alpha.gw.example.com"},
    {"", ""},
    {"<>", ""},
    {"MAILER-DAEMON@cwi.example", "MAILER-DAEMON@cwi.example"},
    /* what has no room there, or letters that it cannot have */
    {"a-list-with-a-long-name-for-its-bounces+0123456789@lists.cwi.example",
     "a-list-with-a-long-name-for-its-bounces+0123456789+************@gw.example.com"},
    {"a%b@cwi.example", "a_b+************@gw.example.com"},
    {"b!piet@cwi.example", "piet+************@gw.example.com"},
    {"\"a b\"@cwi.example", "a_b+************@gw.example.com"},
    {"u@[192.0.2.1]", "u+************@gw.example.com"},
};

static void
hide_srs(struct buf *text)
{
	if (strncmp(buf_text(text), "SRS0=", 5) == 0) {
		memset(text->p + 5, '*', 5);
		memset(text->p + 11, '*', 2);
	} else if (strncmp(buf_text(text), "SRS1=", 5) == 0) {
		memset(text->p + 5, '*', DIGEST_TAG);
	} else if (text->n > 0 && strchr(text->p, '+') != NULL) {
		memset(strrchr(text->p, '@') - REPLY_TOKEN, '*', REPLY_TOKEN);
	}
}

static void
senders_elsewhere_leave_as_srs(void **state)
{
	struct buf out = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof srs_forms / sizeof srs_forms[0]; i++) {
		make(srs_forms[i].sender, NULL, REPLY_FORM_TOKEN, true, &out);
		hide_srs(&out);
		expect(srs_forms[i].sender, buf_text(&out), srs_forms[i].form);
	}
	buf_free(&out);
}

/* By a token of ours anybody could ask a host that trusts us to send it on. */
static void
a_stranger_gets_no_token_that_leads_on(void **state)
{
	static const char *const senders[] = {
	    "victim%evil.example@cwi.example",
	    "evil.example!victim@cwi.example",
	    "cwi.example!evil.example!victim",
	    "\"victim@evil.example\"@cwi.example",
	    "x@[127.0.0.1]",
	    "evil.example\xe2\x80\xbcvictim@cwi.example",
	};
	struct buf out = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof senders / sizeof senders[0]; i++) {
		buf_clear(&remembered);
		make(senders[i], "guest", REPLY_FORM_TOKEN, true, &out);
		if (remembered.n > 0)
			fail_msg("%s: %s", senders[i], buf_text(&out));
	}
	make("a-list-with-a-long-name-for-its-bounces+0123456789@lists.cwi.example", "guest",
	     REPLY_FORM_TOKEN, true, &out);
	assert_true(remembered.n > 0);
	buf_free(&out);
}

/* Other bridges with the key, and later versions, make the same: computed by another program. */
static void
a_key_gives_the_same_everywhere(void **state)
{
	const uint8_t *key = table->memory.key;
	struct span text = SPAN("decvax!mcvax!piet");
	char letters[51 + 1], tag[DIGEST_TAG + 1];

	(void)state;
	digest_letters(key, DIGEST_TOKEN, text, sizeof letters - 1, letters);
	expect("token", letters, "cu3jpsmkoo4347722t4j7a5op3h2ibhk6nvkrlyaizyh7rfqha6");
	digest_tag(key, DIGEST_PATH, SPAN("DECVAX!mcvax!Piet"), NOON, tag);
	expect("tag", tag, "su4u3ra");
	digest_letters(key, DIGEST_PATH, text, REPLY_TOKEN, letters);
	assert_memory_not_equal(letters, "cu3jpsmkoo", REPLY_TOKEN);
}

/* ---- read back ---- */

/* Of a neighbour without an entry: where a route leads back to him. */
static void
a_stranger_is_answered_where_a_route_leads(void **state)
{
	const struct config_route before = routes[1];
	struct buf made = {0};

	(void)state;
	make("far!bob", "stranger", REPLY_FORM_TOKEN, false, &made);
	assert_string_equal(buf_text(&made), "stranger!far!bob@gw.example.com");
	routes[1].hop = HOP_SMTP;
	routes[1].hosts[0] = (struct config_host){"hub.example", 25};
	routes[1].nhosts = 1;
	buf_clear(&made);
	make("far!bob", "stranger", REPLY_FORM_TOKEN, false, &made);
	assert_memory_equal(buf_text(&made), "bob+", 4);
	routes[1] = before;
	buf_free(&made);
}

/* Where a stranger's letter goes so many days after NOON: "a!b!user", "" when refused. */
static void
reach(const char *text, int days, struct buf *out, struct verdict *v)
{
	const struct route_ask stranger = {.client = "198.51.100.7", .now_s = NOON + days * DAY};
	struct resolved r;

	buf_clear(out);
	assert_int_equal(resolve(table, span_of(text), &stranger, NULL, &r), 0);
	if (r.kind != RESOLVED_REFUSED)
		addr_print_bang(&r.addr, out);
	*v = r.refusal;
	resolved_free(&r);
}

static void
lives(const char *address, enum reply_form form, bool srs, const char *home, const char *after)
{
	struct buf made = {0}, out = {0};
	struct verdict v;

	make(address, NULL, form, srs, &made);
	reach(buf_text(&made), -1, &out, &v);
	expect(address, buf_text(&out), home);
	reach(buf_text(&made), 180, &out, &v);
	expect(address, buf_text(&out), home);
	reach(buf_text(&made), 181, &out, &v);
	expect(address, out.n > 0 ? buf_text(&out) : v.words, after);
	reach(buf_text(&made), 1024, &out, &v);
	assert_string_not_equal(buf_text(&out), home);
	reach(buf_text(&made), -2, &out, &v);
	assert_string_not_equal(buf_text(&out), home);
	buf_free(&made);
	buf_free(&out);
}

static void
tags_have_their_days(void **state)
{
	(void)state;
	lives("far!bob", REPLY_FORM_PATH, false, "far!bob",
	      "198.51.100.7 may not send through us to far: it is not in `relay-clients`, and "
	      "the tag =lyupxra is not ours, or too old");
	lives("piet@cwi.example", REPLY_FORM_TOKEN, true, "cwi.example!piet",
	      "this SRS address has expired");
}

/* A tag is over the whole path: what is added in front, behind, or hidden, makes another. */
static void
a_tag_is_for_its_path_alone(void **state)
{
	static const char *const tries[] = {
	    "far!x.edu!u=%s@gw.example.com",
	    "x.edu!far!u=%s@gw.example.com",
	    "x.edu!u=%s@gw.example.com",
	    "far!u=%s%%x.edu@gw.example.com",
	    "u=%s%%x.edu%%far@gw.example.com",
	    "@gw.example.com,@far:u=%s@x.edu",
	    "@far:u=%s@x.edu",
	    "far!x.edu!y.edu!u=%s@gw.example.com",
	    "far!x.edu!v=%s@gw.example.com",
	    "far!x.edu!u%%y.edu=%s@gw.example.com",
	    "\"far!x.edu!u=%s\"@gw.example.com",
	};
	struct buf made = {0}, text = {0}, out = {0};
	struct verdict v;
	char tag[DIGEST_TAG + 1];
	size_t i;

	(void)state;
	make("far!x.edu!u", NULL, REPLY_FORM_PATH, false, &made);
	memcpy(tag, strchr(made.p, '=') + 1, DIGEST_TAG);
	tag[DIGEST_TAG] = '\0';
	for (i = 0; i < sizeof tries / sizeof tries[0]; i++) {
		const char *at = strstr(tries[i], "%s");

		buf_clear(&text);
		buf_add(&text, tries[i], (size_t)(at - tries[i]));
		buf_str(&text, tag);
		for (at += 2; *at != '\0'; at++)
			if (at[0] != '%' || at[1] != '%')
				buf_ch(&text, *at);
		reach(buf_text(&text), 1, &out, &v);
		expect(buf_text(&text), buf_text(&out), i == 0 ? "far!x.edu!u" : "");
	}
	buf_free(&made);
	buf_free(&text);
	buf_free(&out);
}

/* Nor for the same path by way of another neighbour. */
static void
a_tag_is_for_its_first_hop(void **state)
{
	static const char *const firsts[] = {"www", "alpha", "Twin", "decvax"};
	struct buf made = {0}, text = {0}, out = {0};
	struct verdict v;
	size_t i;

	(void)state;
	make("shown!x.example!u", NULL, REPLY_FORM_PATH, false, &made);
	reach(buf_text(&made), 1, &out, &v);
	expect(buf_text(&made), buf_text(&out), "shown!x.example!u");
	for (i = 0; i < sizeof firsts / sizeof firsts[0]; i++) {
		buf_clear(&text);
		buf_fmt(&text, "%s%s", firsts[i], strchr(buf_text(&made), '!'));
		reach(buf_text(&text), 1, &out, &v);
		expect(buf_text(&text), buf_text(&out), "");
	}
	buf_free(&made);
	buf_free(&text);
	buf_free(&out);
}

/* Each of the n characters at `at` exchanged for each other one: none of those is read. */
static void
changes_are_refused(struct buf *made, size_t at, size_t n)
{
	static const char base32[] = "abcdefghijklmnopqrstuvwxyz234567";
	struct buf home = {0}, out = {0};
	struct verdict v;
	const char *c;
	size_t i;
	char was;

	reach(buf_text(made), 1, &home, &v);
	assert_true(home.n > 0);
	for (i = at; i < at + n; i++) {
		was = made->p[i];
		assert_non_null(strchr(base32, was));
		for (c = base32; *c != '\0'; c++) {
			made->p[i] = *c;
			if (*c == was)
				continue;
			reach(buf_text(made), 1, &out, &v);
			if (span_eq(buf_view(&out), buf_view(&home)))
				fail_msg("%s is as good as with %c", buf_text(made), was);
		}
		made->p[i] = was;
	}
	buf_free(&home);
	buf_free(&out);
}

static size_t
place_behind(const struct buf *made, char c)
{
	return (size_t)(strchr(buf_text(made), c) + 1 - made->p);
}

static void
every_character_is_looked_at(void **state)
{
	struct buf made = {0};

	(void)state;
	make("far!x.edu!u", NULL, REPLY_FORM_PATH, false, &made);
	changes_are_refused(&made, place_behind(&made, '='), DIGEST_TAG);
	make("far!x.edu!u", NULL, REPLY_FORM_TOKEN, false, &made);
	changes_are_refused(&made, place_behind(&made, '+'), REPLY_TOKEN);
	make("piet@cwi.example", NULL, REPLY_FORM_TOKEN, true, &made);
	changes_are_refused(&made, strlen("SRS0="), DIGEST_TAG_LETTERS);
	changes_are_refused(&made, strlen("SRS0=xxxxx="), DIGEST_TAG_DAY);
	make("SRS0=abcde=ab=a.example=u@b.example", NULL, REPLY_FORM_TOKEN, true, &made);
	assert_true(span_starts_nocase(buf_view(&made), "SRS1="));
	changes_are_refused(&made, strlen("SRS1="), DIGEST_TAG);
	buf_free(&made);
}

static void
mailers_may_change_case(void **state)
{
	struct buf made = {0}, upper = {0}, out = {0};
	struct verdict v;
	size_t i;
	int form;

	(void)state;
	for (form = REPLY_FORM_TOKEN; form <= REPLY_FORM_PATH; form++) {
		make("far!bob", NULL, form, false, &made);
		buf_clear(&upper);
		for (i = 0; i < made.n; i++)
			buf_ch(&upper, made.p[i] >= 'a' && made.p[i] <= 'z'
			                   ? (char)(made.p[i] ^ 0x20)
			                   : made.p[i]);
		reach(buf_text(&upper), 1, &out, &v);
		expect(buf_text(&made), buf_text(&out),
		       form == REPLY_FORM_PATH ? "FAR!BOB" : "far!bob");
	}
	reach("BOB@ALPHA.GW.EXAMPLE.COM", 1, &out, &v);
	expect("site", buf_text(&out), "alpha!BOB");
	buf_free(&made);
	buf_free(&upper);
	buf_free(&out);
}

static void
hosts_below_our_domain_are_sites_or_themselves(void **state)
{
	static const struct {
		const char *recipient, *reached;
	} rows[] = {
	    {"bob@alpha.gw.example.com", "alpha!bob"},
	    {"bob@alpha.example.com", "alpha!bob"},
	    {"far!bob@alpha.gw.example.com", "alpha!far!bob"},
	    {"x.edu!bob@alpha.gw.example.com", ""},
	    {"bob@beta.gw.example.com", ""},
	    {"bob@a.alpha.gw.example.com", ""},
	    {"bob@twin.gw.example.com", ""},
	    {"bob@www.gw.example.com", ""},
	    {"bob@www2.gw.example.com", "www2.gw.example.com!bob"},
	    {"bob@alpha.gw", ""},
	    {"bob@alpha.localhost", ""},
	};
	struct buf out = {0};
	struct verdict v;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		reach(rows[i].recipient, 0, &out, &v);
		expect(rows[i].recipient, buf_text(&out), rows[i].reached);
	}
	buf_free(&out);
}

/* A token's mailbox is read with the name it was made with, and waits when nobody can be asked. */
static void
tokens_are_read_with_their_names(void **state)
{
	struct buf made = {0}, out = {0}, other = {0};
	struct verdict v;

	(void)state;
	make("far!x.edu!piet", NULL, REPLY_FORM_TOKEN, false, &made);
	reach(buf_text(&made), 0, &out, &v);
	expect("token", buf_text(&out), "far!x.edu!piet");
	buf_fmt(&other, "joe%s", made.p + 4);
	reach(buf_text(&other), 0, &out, &v);
	expect("another's name", v.status, "5.1.1");
	other.p[other.n - strlen(strchr(other.p, '@')) - 1] ^= 1;
	reach(buf_text(&other), 0, &out, &v);
	other.p[other.n - strlen(strchr(other.p, '@'))] = '\0';
	expect("none of ours", buf_text(&out), other.p);
	forgetful = true;
	reach(buf_text(&made), 0, &out, &v);
	forgetful = false;
	assert_int_equal(v.outcome, OUTCOME_LATER);
	expect("no memory", v.status, "4.3.0");
	buf_clear(&remembered);
	reach(buf_text(&made), 0, &out, &v);
	assert_int_equal(v.outcome, OUTCOME_NEVER);
	expect("forgotten", v.status, "5.1.1");
	buf_free(&made);
	buf_free(&out);
	buf_free(&other);
}

static void
srs_refuses_in_words(void **state)
{
	static const char *const forged[] = {"SRS0=abcde=ab=cwi.example=piet@gw.example.com",
	                                     "SRS0=x@gw.example.com", "srs0+abc=de=f@gw",
	                                     "SRS1=abcdefg=b.example==x@example.com"};
	struct buf out = {0};
	struct verdict v;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof forged / sizeof forged[0]; i++) {
		reach(forged[i], 0, &out, &v);
		expect(forged[i], v.words,
		       "this SRS address was not made here, or was changed on its way");
		expect(forged[i], v.status, "5.7.1");
	}
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_address_has_its_forms),
	    cmocka_unit_test(what_is_a_form_already_stays),
	    cmocka_unit_test(senders_elsewhere_leave_as_srs),
	    cmocka_unit_test(a_stranger_gets_no_token_that_leads_on),
	    cmocka_unit_test(a_stranger_is_answered_where_a_route_leads),
	    cmocka_unit_test(a_key_gives_the_same_everywhere),
	    cmocka_unit_test(tags_have_their_days),
	    cmocka_unit_test(a_tag_is_for_its_path_alone),
	    cmocka_unit_test(a_tag_is_for_its_first_hop),
	    cmocka_unit_test(every_character_is_looked_at),
	    cmocka_unit_test(mailers_may_change_case),
	    cmocka_unit_test(hosts_below_our_domain_are_sites_or_themselves),
	    cmocka_unit_test(tokens_are_read_with_their_names),
	    cmocka_unit_test(srs_refuses_in_words),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
