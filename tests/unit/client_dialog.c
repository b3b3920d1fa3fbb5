/*
 * Plays the scripts of tests/dialog against the client's machine.
 *
 *	O: tls=verify recipients=2 size=4096   options of the client, of the messages
 *	M: SENDER RCPT[,RCPT...] [8bit] [utf8] [size=N] [ret=full] [envid=X] [notify=success]
 *	T: a line of the last M's content
 *	C: what the client has to say          S: what the server says
 *	=: tls                                 the handshake succeeds
 *	=: close                               the server hangs up
 *	V: MESSAGE.RCPT OUTCOME SCOPE CODE STATUS [doubt]
 *	E: OUTCOME SCOPE                       how the session ends
 *
 * C and S lines are played in order; where an S follows, the client may have
 * said no more than the C lines before it. "\xNN" stands for an octet; an S
 * line ending in "\" has no line end.
 *
 * Each script is played whole, then torn (one octet at a time in both
 * directions, content too), then cut after every octet of the server's and
 * every octet of the client's. In each play every recipient gets exactly one
 * verdict, and a cut one may differ from the whole one only by being LATER.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bridge/base/buf.h"
#include "bridge/smtp/client.h"

#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_MESSAGES 32
#define MAX_RCPTS    300
#define MAX_LINES    1500

struct message {
	struct client_message m;
	struct client_recipient rcpt[MAX_RCPTS];
	char *words; /* owned: the addresses point into it */
	struct buf text;
	bool done;
};

struct line {
	char kind;
	struct buf text;
};

struct expected {
	char verdict[80]; /* "0.0 sent message 250 2.0.0" */
};

struct script {
	const char *path;
	struct client_options o;
	bool at_once; /* an S line with several replies is there before the client moves */
	char *option_words;
	struct message messages[MAX_MESSAGES];
	unsigned nmessages;
	struct line lines[MAX_LINES];
	unsigned nlines;
	struct expected expected[MAX_RCPTS];
	unsigned nexpected;
	char end[40];
};

struct got {
	unsigned times;
	struct verdict v;
};

struct play {
	struct script *s;
	struct client *c;
	unsigned line;     /* of the script */
	unsigned given;    /* messages */
	size_t content_at; /* in the current message's text */
	bool torn, closed;
	size_t heard, said;           /* octets so far */
	size_t hear_limit, say_limit; /* cut there */
	struct got got[MAX_MESSAGES][MAX_RCPTS];
	unsigned dots, accepted; /* final dots said; 2yz replies heard while one was open */
	struct verdict end;
};

static void
unescape(struct buf *out, const char *p)
{
	unsigned v;

	while (*p != '\0') {
		if (p[0] == '\\' && p[1] == 'x' && sscanf(p + 2, "%2x", &v) == 1) {
			buf_ch(out, (char)v);
			p += 4;
		} else if (p[0] == '%' && p[1] == '*' && sscanf(p + 2, "%u", &v) == 1) {
			/* "%*N;" is N times the letter x */
			for (p = strchr(p, ';') + 1; v > 0; v--)
				buf_ch(out, 'x');
		} else {
			buf_ch(out, *p++);
		}
	}
}

static void
read_flag(struct message *g, char *word)
{
	if (strcmp(word, "8bit") == 0)
		g->m.eightbit = true;
	else if (strcmp(word, "utf8") == 0)
		g->m.smtputf8 = true;
	else if (strncmp(word, "size=", 5) == 0)
		g->m.size_bytes = strtoull(word + 5, NULL, 10);
	else if (strcmp(word, "ret=full") == 0)
		g->m.ret = DSN_RET_FULL;
	else if (strcmp(word, "ret=hdrs") == 0)
		g->m.ret = DSN_RET_HDRS;
	else if (strncmp(word, "envid=", 6) == 0)
		g->m.envid = span_of(word + 6);
	else if (strncmp(word, "orcpt=", 6) == 0)
		g->rcpt[0].orcpt = span_of(word + 6);
	else if (strncmp(word, "notify=", 7) == 0)
		g->rcpt[0].notify = (unsigned)atoi(word + 7);
	else
		fail_msg("unknown word %s", word);
}

static void
read_message(struct script *s, const char *text)
{
	struct message *g = &s->messages[s->nmessages++];
	struct buf b = {0};
	char *word, *save, *to, *save_to;
	unsigned many;

	unescape(&b, text);
	g->words = b.p;
	word = strtok_r(g->words, " ", &save);
	g->m.reverse_path = strcmp(word, "<>") == 0 ? "" : word;
	to = strtok_r(NULL, " ", &save);
	if (sscanf(to, "*%u", &many) == 1) /* "*250": so many of one kind */
		for (; g->m.nrecipients < many; g->m.nrecipients++)
			g->rcpt[g->m.nrecipients].path = "u@many.example";
	else
		for (to = strtok_r(to, ",", &save_to); to != NULL;
		     to = strtok_r(NULL, ",", &save_to))
			g->rcpt[g->m.nrecipients++].path = to;
	while ((word = strtok_r(NULL, " ", &save)) != NULL)
		read_flag(g, word);
	g->m.recipients = g->rcpt;
	g->m.owner = g;
}

static void
read_options(struct script *s, const char *text)
{
	char *word, *save;

	s->option_words = strdup(text);
	for (word = strtok_r(s->option_words, " ", &save); word != NULL;
	     word = strtok_r(NULL, " ", &save)) {
		if (strcmp(word, "tls=verify") == 0)
			s->o.tls = TLS_VERIFY;
		else if (strcmp(word, "tls=opportunistic") == 0)
			s->o.tls = TLS_OPPORTUNISTIC;
		else if (strncmp(word, "recipients=", 11) == 0)
			s->o.recipients = (unsigned)atoi(word + 11);
		else if (strncmp(word, "user=", 5) == 0)
			s->o.user = word + 5;
		else if (strncmp(word, "password=", 9) == 0)
			s->o.password = word + 9;
		else if (strcmp(word, "at-once") == 0)
			s->at_once = true;
		else if (strcmp(word, "clear") == 0)
			s->o.auth_plain_in_clear = true;
		else
			fail_msg("unknown option %s", word);
	}
}

static void
read_line(struct script *s, char *line)
{
	char *text = line + 2 + (line[2] == ' ');
	struct line *l = &s->lines[s->nlines];

	if (line[0] == 'O')
		read_options(s, text);
	else if (line[0] == 'M')
		read_message(s, text);
	else if (line[0] == 'T') {
		unescape(&s->messages[s->nmessages - 1].text, text);
		buf_ch(&s->messages[s->nmessages - 1].text, '\n');
	} else if (line[0] == 'V') {
		snprintf(s->expected[s->nexpected++].verdict, 80, "%s", text);
	} else if (line[0] == 'E') {
		snprintf(s->end, sizeof s->end, "%s", text);
	} else {
		assert_true(s->nlines < MAX_LINES);
		l->kind = line[0];
		unescape(&l->text, text);
		if (l->text.n > 0 && l->kind == 'S' && l->text.p[l->text.n - 1] == '\\')
			l->text.n--;
		else if (l->kind != '=')
			buf_str(&l->text, "\r\n");
		s->nlines++;
	}
}

static struct script *
read_script(const char *path)
{
	struct script *s = calloc(1, sizeof *s);
	FILE *f = fopen(path, "r");
	char line[8192];

	assert_non_null(f);
	s->path = path;
	s->o = (struct client_options){
	    .hello = "gw.example.com",
	    .host = "mx.example",
	    .user = "",
	    .password = "",
	    .mechanisms = "",
	};
	while (fgets(line, sizeof line, f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#' || line[0] == '\0')
			continue;
		if (line[1] != ':')
			fail_msg("%s: %s", path, line);
		read_line(s, line);
	}
	fclose(f);
	return s;
}

static void
free_script(struct script *s)
{
	unsigned i;

	for (i = 0; i < s->nlines; i++)
		buf_free(&s->lines[i].text);
	for (i = 0; i < s->nmessages; i++) {
		free(s->messages[i].words);
		buf_free(&s->messages[i].text);
	}
	free(s->option_words);
	free(s);
}

static void
on_verdict(void *owner, const struct client_message *m, unsigned rcpt, const struct verdict *v)
{
	struct play *p = owner;
	struct message *g = m->owner;
	struct got *got = &p->got[g - p->s->messages][rcpt];

	assert_false(g->done);
	got->times++;
	got->v = *v;
	if (v->outcome == OUTCOME_SENT && p->accepted == 0)
		fail_msg("%s: SENT before any 2yz to a final dot", p->s->path);
}

static void
on_done(void *owner, const struct client_message *m)
{
	struct message *g = m->owner;

	(void)owner;
	assert_false(g->done);
	g->done = true;
}

/* Octets the client has said go to the script. false: cut. */
static bool
play_say(struct play *p)
{
	struct buf *out = client_out(p->c);
	struct line *l;
	size_t n, i;

	while (out->n > 0) {
		l = &p->s->lines[p->line];
		if (p->line == p->s->nlines || l->kind != 'C')
			fail_msg("%s: line %u: the client said too much: %s", p->s->path, p->line,
			         buf_text(out));
		n = l->text.n;
		if (out->n < n)
			return true; /* the rest of the line comes with the next piece */
		if (p->said + n > p->say_limit)
			return false;
		if (memcmp(out->p, l->text.p, n) != 0)
			fail_msg("%s: said %.*s, not %s", p->s->path, (int)n, out->p, l->text.p);
		for (i = 0; i < n; i++) /* never a bare CR or LF */
			assert_true((out->p[i] == '\n') == (i > 0 && out->p[i - 1] == '\r'));
		if (strcmp(l->text.p, ".\r\n") == 0)
			p->dots++;
		p->said += n;
		buf_drop(out, n);
		p->line++;
	}
	return true;
}

/* The server's next octets. false: cut, or there are none. */
static bool
play_hear(struct play *p)
{
	struct line *l = &p->s->lines[p->line];
	size_t i, n;

	if (p->line == p->s->nlines)
		return false;
	if (l->kind == '=') {
		p->line++;
		if (strcmp(l->text.p, "close") == 0) {
			client_cut(p->c, "4.4.2", "the server closed the connection");
			p->closed = true;
		} else {
			client_secured(p->c);
		}
		return true;
	}
	if (l->kind != 'S')
		fail_msg("%s: line %u: the client waits, the script has: %s", p->s->path, p->line,
		         l->text.p);
	p->line++;
	n = l->text.n;
	if (p->heard + n >= p->hear_limit)
		n = p->hear_limit - p->heard;
	if (n == l->text.n && l->text.p[0] == '2' && l->text.p[3] != '-' && p->dots > 0)
		p->accepted++;
	if (!p->torn)
		client_hear(p->c, (struct span){l->text.p, n});
	for (i = 0; p->torn && i < n; i++) {
		client_hear(p->c, (struct span){l->text.p + i, 1});
		if (i + 1 < n && !p->s->at_once && client_step(p->c) == CLIENT_ENDED)
			return true;
	}
	p->heard += n;
	return n == l->text.n && p->heard < p->hear_limit;
}

static void
play_content(struct play *p, bool restart)
{
	const struct client_message *m = client_current(p->c);
	struct buf *text = &((struct message *)m->owner)->text;
	size_t n;

	if (restart)
		p->content_at = 0;
	n = text->n - p->content_at;
	if (p->torn && n > 1)
		n = 1;
	client_content(p->c, (struct span){n > 0 ? text->p + p->content_at : "", n},
	               p->content_at + n == text->n);
	p->content_at += n;
}

static void
play_next(struct play *p)
{
	if (p->given == p->s->nmessages) {
		client_finish(p->c);
		return;
	}
	p->content_at = 0;
	client_give(p->c, &p->s->messages[p->given++].m);
}

static void
play(struct play *p)
{
	static const struct client_calls calls = {on_verdict, on_done};
	enum client_want want;
	unsigned i;

	for (i = 0; i < p->s->nmessages; i++)
		p->s->messages[i].done = false;
	p->c = client_new(&p->s->o, &calls, p);
	assert_non_null(p->c);
	while ((want = client_step(p->c)) != CLIENT_ENDED) {
		if (!play_say(p))
			break;
		if (want == CLIENT_NEXT)
			play_next(p);
		else if (want == CLIENT_CONTENT || want == CLIENT_RESTART)
			play_content(p, want == CLIENT_RESTART);
		else if (!play_hear(p))
			break;
	}
	if (want == CLIENT_ENDED)
		play_say(p);
	else
		client_cut(p->c, "4.4.2", "cut");
	assert_int_equal(client_step(p->c), CLIENT_ENDED);
	p->end = *client_end(p->c);
	client_free(p->c);
	for (i = 0; i < p->given; i++)
		if (!p->s->messages[i].done)
			fail_msg("%s: message %u is not done", p->s->path, i);
}

static void
one_verdict_each(const struct play *p)
{
	unsigned i, r;

	for (i = 0; i < p->s->nmessages; i++)
		for (r = 0; r < p->s->messages[i].m.nrecipients; r++)
			if (p->got[i][r].times != (i < p->given))
				fail_msg("%s: %u verdicts for %u.%u (heard %zu, said %zu)",
				         p->s->path, p->got[i][r].times, i, r, p->heard, p->said);
}

static void
as_expected(const struct play *p)
{
	struct buf b = {0};
	unsigned i, m, r;

	for (i = 0; i < p->s->nexpected; i++) {
		assert_int_equal(sscanf(p->s->expected[i].verdict, "%u.%u", &m, &r), 2);
		const struct verdict *v = &p->got[m][r].v;

		buf_clear(&b);
		buf_fmt(&b, "%u.%u %s %s %d %s%s", m, r, outcome_name(v->outcome),
		        scope_name(v->scope), v->code, v->status[0] != '\0' ? v->status : "-",
		        v->in_doubt ? " doubt" : "");
		if (strcmp(b.p, p->s->expected[i].verdict) != 0)
			fail_msg("%s: %s, not %s (%s)", p->s->path, b.p, p->s->expected[i].verdict,
			         v->words);
	}
	buf_clear(&b);
	buf_fmt(&b, "%s %s", outcome_name(p->end.outcome), scope_name(p->end.scope));
	if (strcmp(b.p, p->s->end) != 0)
		fail_msg("%s: ended %s, not %s (%s)", p->s->path, b.p, p->s->end, p->end.words);
	buf_free(&b);
}

/* What a cut play says is what the whole one said, or LATER. */
static void
not_worse(const struct play *cut, const struct play *whole)
{
	unsigned i, r;

	for (i = 0; i < cut->given; i++) {
		for (r = 0; r < cut->s->messages[i].m.nrecipients; r++) {
			const struct verdict *c = &cut->got[i][r].v, *w = &whole->got[i][r].v;

			if (c->outcome != w->outcome && c->outcome != OUTCOME_LATER)
				fail_msg("%s: %u.%u was %s, cut (heard %zu, said %zu) it is %s: %s",
				         cut->s->path, i, r, outcome_name(w->outcome), cut->heard,
				         cut->said, outcome_name(c->outcome), c->words);
		}
	}
}

static struct play *
played(struct script *s, bool torn, size_t hear_limit, size_t say_limit)
{
	struct play *p = calloc(1, sizeof *p);

	p->s = s;
	p->torn = torn;
	p->hear_limit = hear_limit;
	p->say_limit = say_limit;
	play(p);
	one_verdict_each(p);
	return p;
}

static void
plays(void **state)
{
	struct script *s = read_script(*state);
	struct play *whole = played(s, false, SIZE_MAX, SIZE_MAX), *p;
	size_t at, step = whole->heard + whole->said > 4000 ? 37 : 1;

	as_expected(whole);
	if (whole->line != s->nlines)
		fail_msg("%s: ended at line %u of %u", s->path, whole->line, s->nlines);
	p = played(s, true, SIZE_MAX, SIZE_MAX);
	as_expected(p);
	free(p);
	for (at = 0; at <= whole->heard; at += step) {
		p = played(s, false, at, SIZE_MAX);
		not_worse(p, whole);
		free(p);
	}
	for (at = 0; at <= whole->said; at += step) {
		p = played(s, false, SIZE_MAX, at);
		not_worse(p, whole);
		free(p);
	}
	free(whole);
	free_script(s);
}

int
main(void)
{
	struct CMUnitTest *tests;
	glob_t g;
	size_t i;
	int rc;

	if (glob("tests/dialog/*.txt", 0, NULL, &g) != 0 || g.gl_pathc < 20) {
		puts("1..1\nnot ok 1 - the scripts of tests/dialog are not there");
		return 1;
	}
	tests = calloc(g.gl_pathc, sizeof *tests);
	for (i = 0; i < g.gl_pathc; i++)
		tests[i] = (struct CMUnitTest){g.gl_pathv[i], plays, NULL, NULL, g.gl_pathv[i]};
	rc = _cmocka_run_group_tests("dialog", tests, g.gl_pathc, NULL, NULL);
	free(tests);
	globfree(&g);
	return rc;
}
