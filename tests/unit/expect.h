/* What was asked, beside what was said: a row that fails names itself. Needs cmocka.h before it. */
#ifndef TEST_EXPECT_H
#define TEST_EXPECT_H

#include <string.h>

static inline void
expect(const char *asked, const char *got, const char *want)
{
	if (strcmp(got, want) != 0)
		fail_msg("%s: got \"%s\", want \"%s\"", asked, got, want);
}

#endif
