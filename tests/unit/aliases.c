/* Files of aliases: what is read of them, what is left out and why. */
#include "bridge/route/aliases.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#define MANY 20000

/* What may be included, as if it were on the disk. */
static const struct {
	const char *path, *text;
} disk[] = {
    {"/ship.list", "piet\n# the second mate\nernie@vax43.example.com, decvax!jim\n\n"},
    {"/outer.list", "a\n:include:/ship.list\nb\n"},
    {"/self.list", "a\n:include:/self.list\nb\n"},
    {"/deep.list", ":include:/deeper.list\n"},
    {"/deeper.list", ":include:/deep.list\nz\n"},
    {"/empty.list", ""},
};

static int
open_on_disk(void *arg, const char *path, struct config_place from, struct buf *text)
{
	size_t i;

	(void)from;
	for (i = 0; i < sizeof disk / sizeof disk[0]; i++)
		if (strcmp(disk[i].path, path) == 0) {
			buf_str(text, disk[i].text);
			return text->bad ? -1 : 0;
		}
	config_faults_add(arg, (struct config_place){path, 0}, "not there");
	return -1;
}

static bool
host_is_ours(void *arg, struct span host)
{
	(void)arg;
	return span_is_nocase(host, "gw.example.com");
}

static int
read_text(struct aliases *a, struct span text, struct config_faults *faults)
{
	const struct alias_source from = {"a", open_on_disk, faults, faults};
	int rc = aliases_read(a, &from, text);

	return rc | aliases_index(a, host_is_ours, NULL, faults);
}

/* "name=member,\mailbox;" in the order of names, and "LINE words;" for each fault. */
static void
show(const struct aliases *a, const struct config_faults *faults, struct buf *out)
{
	static const char *const marks[] = {"", "\\", "", ""};
	const struct alias_member *m;
	size_t i, k;

	for (i = 0; i < a->n; i++) {
		buf_fmt(out, "%s=", a->v[i].name);
		for (k = 0; k < a->v[i].n; k++) {
			m = &a->members[a->v[i].first + k];
			buf_fmt(out, "%s%s%s", k > 0 ? "," : "", marks[m->kind], m->text);
		}
		buf_ch(out, ';');
	}
	for (i = 0; i < faults->n; i++)
		buf_fmt(out, "%s%d %.12s;", faults->v[i].warning ? "" : "!",
		        faults->v[i].place.line, faults->v[i].words);
}

static const struct {
	const char *text, *read;
} rows[] = {
    {"", ""},
    {"# nothing\n\n   \t\n", ""},
    {"staff: piet\n", "staff=piet;"},
    {"staff: piet", "staff=piet;"},
    {"staff:piet\r\n", "staff=piet;"},
    {"staff : piet , ernie,jim\n", "staff=piet,ernie,jim;"},
    {"staff: piet,\n\ternie,\n  jim\n", "staff=piet,ernie,jim;"},
    {"staff: piet\n\ternie\n", "staff=piet,ernie;"},
    {"staff:\n piet\n# not he\n\n jim\n", "staff=piet,jim;"},
    {"staff: piet,,ernie,\n", "staff=piet,ernie;"},
    {"Staff: Piet\nabuse: STAFF\n", "abuse=STAFF;Staff=Piet;"},
    {"\"joe soap\": joe\n", "joe soap=joe;"},
    {"a: \"joe soap\"@x.example, \"two, three\"\n", "a=\"joe soap\"@x.example,\"two, three\";"},
    {"a: Piet Beertema <piet@cwi.example>, jim (the boss, mostly)\n", "a=piet@cwi.example,jim;"},
    {"a: decvax!mcvax!piet, b%c@gw.example.com, @x.example:y@z.example\n",
     "a=decvax!mcvax!piet,b%c@gw.example.com,@x.example:y@z.example;"},
    /* itself */
    {"piet: \\piet, piet@home.example\n", "piet=\\piet,piet@home.example;"},
    {"piet: Piet, x\n", "piet=\\piet,x;"},
    {"piet: piet@GW.example.com, x\n", "piet=\\piet,x;"},
    {"piet: \"\\\\piet\"\n", "piet=\\piet;"},
    /* what others do and we do not */
    {"a: |/bin/vacation, \"|prog -x, y\", /var/mail/a, \"/a b\", /dev/null\n",
     "a=|/bin/vacation,|prog -x, y,/var/mail/a,/a b,/dev/null;"},
    {"a: /S=Piet/O=CWI/@gw.example.com\n", "a=/S=Piet/O=CWI/@gw.example.com;"},
    /* included */
    {"l: :include:/ship.list\n", "l=piet,ernie@vax43.example.com,decvax!jim;"},
    {"l: x, \":include: /outer.list\", y\n", "l=x,a,piet,ernie@vax43.example.com,decvax!jim,b,y;"},
    {"l: :include:/self.list\n", "l=a,b;2 the file inc;"},
    {"l: :include:/deep.list\n", "l=z;1 the file inc;"},
    {"l: :include:/empty.list\n", "l=;1 the alias l ;"},
    {"l: :include:ship.list, x\n", "l=x;1 :include: ne;"},
    {"l: :include:/not.there, x\n", "l=;!0 not there;"},
    /* left out */
    {"staff piet\nb: c\n", "b=c;1 a line witho;"},
    {"staff piet\n   x\nb: c\n", "b=c;1 a line witho;"},
    {"  x\nb: c\n", "b=c;1 this line go;"},
    {": x\n", "1 an alias has;"},
    {"a b: x\n", "1 a name with ;"},
    {"\"a: x\n", "1 a line witho;"},
    {"a@b.example: x\n", "1 an alias is ;"},
    {"0123456789012345678901234567890123456789012345678901234567890123x: y\n", "1 the name of ;"},
    {"a: b c, d\n", "a=d;1 this is no a;"},
    {"a: \"b, c\nd: e\n", "a=;d=e;1 a quote or a;1 the alias a ;"},
    {"a: x (b, c\n", "a=;1 a quote or a;1 the alias a ;"},
    {"a: \\\n", "a=;1 after \\ a ma;1 the alias a ;"},
    {"a: x@, @y, z\n", "a=z;1 this is no a;1 this is no a;"},
    {"a: <>\n", "a=;1 this is no a;1 the alias a ;"},
    {"a:\n", "a=;1 the alias a ;"},
    {"a: x\nb: y\nA: z\n", "a=x;b=y;3 the alias A ;"},
};

static void
files_are_read(void **state)
{
	struct config_faults faults = {0};
	struct aliases a = {0};
	struct buf out = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		read_text(&a, span_of(rows[i].text), &faults);
		show(&a, &faults, &out);
		if (strcmp(buf_text(&out), rows[i].read) != 0)
			fail_msg("row %zu: %s\nis  %s\nnot %s", i, rows[i].text, buf_text(&out),
			         rows[i].read);
		buf_clear(&out);
		aliases_free(&a);
		config_faults_free(&faults);
	}
	buf_free(&out);
}

static void
names_are_found(void **state)
{
	struct config_faults faults = {0};
	struct aliases a = {0};

	(void)state;
	assert_int_equal(read_text(&a, SPAN("b: \\c\nA: x\nstaff: y\nsta: z\nc: d\n"), &faults), 0);
	assert_string_equal(aliases_find(&a, SPAN("STAFF"))->name, "staff");
	assert_string_equal(aliases_find(&a, SPAN("sta"))->name, "sta");
	assert_string_equal(aliases_find(&a, SPAN("a"))->name, "A");
	assert_null(aliases_find(&a, SPAN("st")));
	assert_null(aliases_find(&a, SPAN("staffs")));
	assert_null(aliases_find(&a, SPAN("")));
	assert_true(aliases_find(&a, SPAN("c"))->mailbox);
	assert_false(aliases_find(&a, SPAN("b"))->mailbox);
	assert_int_equal(aliases_find(&a, SPAN("c"))->place.line, 5);
	aliases_free(&a);
	config_faults_free(&faults);
}

static void
members_are_bounded(void **state)
{
	struct config_faults faults = {0};
	struct aliases a = {0};
	struct buf text = {0};
	size_t i;

	(void)state;
	buf_str(&text, "all:\n");
	for (i = 0; i < MANY; i++)
		buf_fmt(&text, " u%zu,\n", i);
	buf_str(&text, "next: x\nlong: ");
	for (i = 0; i < 2000; i++)
		buf_ch(&text, 'x');
	assert_int_equal(read_text(&a, buf_view(&text), &faults), 0);
	assert_int_equal(aliases_find(&a, SPAN("all"))->n, ALIAS_MEMBERS_MAX);
	assert_int_equal(aliases_find(&a, SPAN("next"))->n, 1);
	assert_int_equal(aliases_find(&a, SPAN("long"))->n, 0);
	assert_int_equal(faults.v[0].place.line, 2 + ALIAS_MEMBERS_MAX);
	aliases_free(&a);
	config_faults_free(&faults);
	buf_free(&text);
}

/* Whatever stands there is read to its end, and every alias has members that are its own. */
static void
anything_can_be_read(void **state)
{
	static const char octets[] = "ab:,\"\\()<>@!% \t\n\n#|/+\xc3\xa9:include:/self.list";
	unsigned seed = 19840711;
	char text[80];
	int round;

	(void)state;
	for (round = 0; round < 20000; round++) {
		struct config_faults faults = {0};
		struct aliases a = {0};
		size_t i, members = 0;

		for (i = 0; i < sizeof text; i++) {
			seed = seed * 1103515245 + 12345;
			text[i] = octets[(seed >> 16) % (sizeof octets - 1)];
		}
		assert_int_equal(read_text(&a, (struct span){text, sizeof text}, &faults), 0);
		for (i = 0; i < a.n; i++) {
			assert_true(a.v[i].first + a.v[i].n <= a.nmembers);
			assert_ptr_equal(aliases_find(&a, span_of(a.v[i].name)), &a.v[i]);
			members += a.v[i].n;
		}
		assert_true(members <= a.nmembers);
		aliases_free(&a);
		config_faults_free(&faults);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(files_are_read),
	    cmocka_unit_test(names_are_found),
	    cmocka_unit_test(members_are_bounded),
	    cmocka_unit_test(anything_can_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
