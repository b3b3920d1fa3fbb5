#include "bridge/base/config_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FAULTS_MOST   100
#define WARNINGS_MOST 50 /* a fault after them is still told */

/* What config_free() frees: the config and all it points to. */
struct whole {
	struct config config; /* first */
	struct arena arena;
};

const char *
config_path(const char *from_option)
{
	const char *named;

	if (from_option != NULL)
		return from_option;
	named = secure_getenv("BANGWAY_CONFIG");
	return named != NULL && named[0] != '\0' ? named : BANGWAY_CONFIG_PATH;
}

/* ---- faults ---- */

/* By file, then by line, then as they were found. */
static bool
fault_after(const struct config_fault *f, struct config_place at)
{
	int by_file = strcmp(f->place.file, at.file);

	return by_file > 0 || (by_file == 0 && f->place.line > at.line);
}

static void
fault_add(struct config_faults *faults, bool warning, struct config_place at, const char *words)
{
	struct config_fault *v;
	size_t i = faults->n;

	if (faults->n >= (warning ? WARNINGS_MOST : FAULTS_MOST))
		return;
	v = realloc(faults->v, (faults->n + 1) * sizeof *v);
	if (v == NULL) {
		faults->names.bad = true;
		return;
	}
	faults->v = v;
	for (faults->n++; i > 0 && fault_after(&v[i - 1], at); i--)
		v[i] = v[i - 1];
	v[i].warning = warning;
	v[i].place.line = at.line;
	v[i].place.file = arena_text(&faults->names, span_of(at.file)); /* outlives the config */
	snprintf(v[i].words, sizeof v[i].words, "%s", words);
}

static void
fault_vadd(struct config_faults *f, bool warning, struct config_place at, const char *fmt,
           va_list ap)
{
	struct buf words = {0};

	buf_vfmt(&words, fmt, ap);
	fault_add(f, warning, at,
	          words.bad ? "is wrong, and there is no memory to say how" : buf_text(&words));
	buf_free(&words);
}

void
config_fault(struct config_reader *r, struct config_place at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fault_vadd(r->faults, false, at, fmt, ap);
	va_end(ap);
}

void
config_faults_add(struct config_faults *f, struct config_place at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fault_vadd(f, false, at, fmt, ap);
	va_end(ap);
}

void
config_faults_warn(struct config_faults *f, struct config_place at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fault_vadd(f, true, at, fmt, ap);
	va_end(ap);
}

const struct config_fault *
config_faults_first(const struct config_faults *f)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		if (!f->v[i].warning)
			return &f->v[i];
	return NULL;
}

void
config_fault_text(const struct config_fault *f, struct buf *out)
{
	buf_str(out, f->place.file);
	if (f->place.line > 0)
		buf_fmt(out, ":%d", f->place.line);
	buf_fmt(out, ": %s", f->words);
}

void
config_faults_free(struct config_faults *f)
{
	free(f->v);
	arena_free(&f->names);
	*f = (struct config_faults){0};
}

/* ---- places ---- */

/*
 * Our name for a file that libconfig names. It names the first one NULL, and
 * the included ones as they were written, or with the directory in front
 * (since 1.7).
 */
static const char *
file_name(struct config_reader *r, const char *theirs)
{
	struct buf whole = {0};
	const char *ours;
	size_t n = r->directory.n;

	if (theirs[0] == '/' || (strncmp(theirs, r->directory.p, n) == 0 && theirs[n] == '/'))
		return arena_text(r->arena, span_of(theirs));
	buf_span(&whole, r->directory);
	buf_fmt(&whole, "/%s", theirs);
	ours = arena_text(r->arena, buf_view(&whole));
	buf_free(&whole);
	return ours;
}

static const char *
file_find(struct config_reader *r, const char *theirs)
{
	struct config_file **at, *f;

	if (theirs == NULL)
		return r->files->name;
	for (at = &r->files->next; *at != NULL; at = &(*at)->next)
		if (strcmp((*at)->theirs, theirs) == 0)
			return (*at)->name;
	if ((f = arena_take(r->arena, sizeof *f)) == NULL)
		return "";
	f->theirs = theirs;
	f->name = file_name(r, theirs);
	*at = f;
	return f->name;
}

struct config_place
config_place_of(struct config_reader *r, const config_setting_t *s)
{
	struct config_place at = {r->files->name, 0};

	if (s != NULL && !config_setting_is_root(s)) {
		at.file = file_find(r, config_setting_source_file(s));
		at.line = (int)config_setting_source_line(s);
	}
	return at;
}

static void
files_store(struct config_reader *r)
{
	struct config_strings *out = &r->out->files;
	const struct config_file *f;

	for (f = r->files; f != NULL; f = f->next)
		out->n++;
	out->v = arena_array(r->arena, out->n, sizeof *out->v);
	out->n = 0;
	for (f = r->files; f != NULL && out->v != NULL; f = f->next)
		out->v[out->n++] = f->name;
}

static void
settings_store(struct config_reader *r)
{
	struct config *c = r->out;
	const config_setting_t *s;
	unsigned i, n = (unsigned)config_setting_length(r->root);

	if ((c->settings = arena_array(r->arena, n, sizeof *c->settings)) == NULL)
		return;
	for (i = 0; i < n; i++) {
		s = config_setting_get_elem(r->root, i);
		c->settings[i].name = arena_text(r->arena, span_of(config_setting_name(s)));
		c->settings[i].place = config_place_of(r, s);
	}
	c->nsettings = n;
}

struct config_place
config_place(const struct config *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->nsettings; i++)
		if (strcmp(c->settings[i].name, name) == 0)
			return c->settings[i].place;
	return (struct config_place){"", 0};
}

/* ---- reading ---- */

/* Who may write the file says where mail goes: not everybody. */
static FILE *
file_open(struct config_reader *r)
{
	struct config_place at = {r->files->name, 0};
	int fd = open(at.file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	FILE *f = NULL;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		config_fault(r, at, "cannot be read: %s", strerror(errno));
	else if (!S_ISREG(st.st_mode))
		config_fault(r, at, "is not a file");
	else if ((st.st_mode & S_IWOTH) != 0)
		config_fault(r, at, "may be written by everybody: chmod o-w it");
	else if ((f = fdopen(fd, "r")) == NULL)
		config_fault(r, at, "cannot be read: %s", strerror(errno));
	if (f == NULL && fd >= 0)
		close(fd);
	return f;
}

static void
syntax_tell(struct config_reader *r, const config_t *file)
{
	struct config_place at = {file_find(r, config_error_file(file)), config_error_line(file)};
	const char *words = config_error_text(file);

	if (strcmp(words, "cannot open include file") == 0)
		config_fault(r, at,
		             "the included file cannot be opened; names are relative to %.*s",
		             (int)r->directory.n, r->directory.p);
	else if (strcmp(words, "duplicate setting name") == 0)
		config_fault(r, at, "the setting that ends here is there twice; remove one");
	else if (strcmp(words, "mismatched element type in array") == 0)
		config_fault(r, at, "what stands in brackets must be texts in quotes only");
	else
		config_fault(r, at, "%s: look here, and for a missing ; or \" before", words);
}

static void
file_read(struct config_reader *r, config_t *file)
{
	FILE *f = file_open(r);

	if (f == NULL)
		return;
	config_set_include_dir(file, arena_text(r->arena, r->directory));
	if (!config_read(file, f)) {
		syntax_tell(r, file);
	} else {
		r->root = config_root_setting(file);
		config_read_group(r, r->root, config_top_keys, r->out);
		config_check(r);
		files_store(r);
		settings_store(r);
	}
	fclose(f);
}

static struct span
directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return SPAN(".");
	return (struct span){path, slash > path ? (size_t)(slash - path) : 1};
}

int
config_load(const char *path, struct config **out, struct config_faults *faults)
{
	struct whole *w = calloc(1, sizeof *w);
	struct config_file first = {0};
	struct config_reader r = {.faults = faults, .files = &first};
	config_t file;

	*out = NULL;
	*faults = (struct config_faults){0};
	if (w == NULL) {
		fault_add(faults, false, (struct config_place){path, 0}, "no memory");
		return -1;
	}
	config_init(&file);
	r.out = &w->config;
	r.arena = &w->arena;
	first.name = arena_text(r.arena, span_of(path));
	r.directory = directory_of(first.name);
	file_read(&r, &file);
	config_destroy(&file);
	if (w->arena.bad)
		config_fault(&r, (struct config_place){path, 0}, "no memory");
	if (faults->n > 0 || faults->names.bad) {
		config_free(&w->config);
		return -1;
	}
	*out = &w->config;
	return 0;
}

void
config_free(struct config *c)
{
	struct whole *w = (struct whole *)c;

	if (w == NULL)
		return;
	arena_free(&w->arena);
	free(w);
}
