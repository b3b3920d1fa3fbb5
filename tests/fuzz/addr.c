/*
 * Octets at random for every reader of bridge/addr (libFuzzer: `make fuzz`).
 * The first octet chooses the reading. What is found must hold: places lie
 * inside the input, and what was read and printed is read again as the same.
 */
#include "bridge/addr/addr.h"
#include "bridge/addr/fields.h"
#include "bridge/addr/from_line.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
goes_round(const struct addr *a)
{
	struct buf out = {0}, store = {0};
	struct addr again;
	const char *why;

	addr_print_bang(a, &out);
	if (out.n <= ADDR_TEXT_MAX &&
	    (addr_parse(buf_view(&out), ADDR_DOMAIN_FIRST, &store, &again, &why) < 0 ||
	     !addr_equal(a, &again)))
		abort();
	buf_clear(&out);
	if (addr_print_domain(a, &out) == 0 && out.n <= ADDR_TEXT_MAX &&
	    (addr_parse(buf_view(&out), ADDR_DOMAIN_FIRST, &store, &again, &why) < 0 ||
	     !addr_equal(a, &again)))
		abort();
	addr_cut_loops(a, &store, &again);
	addr_refused(a, 0);
	addr_unfold_percent(a, &again, &why);
	buf_free(&out);
	buf_free(&store);
}

static void
one_address(struct span text, unsigned how)
{
	struct buf store = {0}, code = {0}, plain = {0};
	struct addr a;
	const char *why;

	if (addr_parse(addr_unwrap(text), how & 3, &store, &a, &why) == 0) {
		goes_round(&a);
		if (addr_encode_1137(a.user, &code) == 0 &&
		    (addr_decode_1137(buf_view(&code), &plain) < 0 ||
		     !span_eq(buf_view(&plain), a.user)))
			abort();
	}
	buf_free(&store);
	buf_free(&code);
	buf_free(&plain);
}

static void
one_field(struct span text, unsigned how)
{
	struct buf store = {0};
	struct field_address f;
	struct fields w;
	size_t last = 0;

	fields_begin(&w, text, how & 1);
	while (fields_next(&w, &store, &f) > 0) {
		if (f.at < last || f.at + f.n > text.n)
			abort();
		last = f.at + f.n;
		goes_round(&f.addr);
	}
	buf_free(&store);
}

static void
one_letter(struct span text, unsigned how)
{
	struct buf path = {0};
	struct from_chain c;
	struct from_line l;
	struct span rest = text;
	int64_t when_s;
	unsigned lines = 0;

	if (from_chain_read(text, (how & 4) != 0, how & 1, &path, &c) == 0) {
		rest.n = c.bytes;
		while (from_chain_next(&rest, &l))
			lines++;
		if (c.bytes > text.n || lines != c.lines || c.path.n > FROM_PATH_MAX)
			abort();
	}
	from_date_read(text, &when_s);
	buf_free(&path);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span text;

	if (n == 0)
		return 0;
	text = (struct span){(const char *)data + 1, n - 1};
	one_address(text, data[0]);
	one_field(text, data[0]);
	one_letter(text, data[0]);
	return 0;
}
