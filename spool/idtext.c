/*
 * What is a message called? Its number in base 32, in Crockford's alphabet
 * without I, L, O and U, and a last digit that checks the others, so that a
 * mistyped name is not another message's. Ids rise, so names stay short: four
 * digits and the check for the first million, "00-011", with the dash before the
 * last three. Case does not matter, O is 0, I and L are 1.
 */
#include "spool/spool.h"

#include <string.h>

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

enum { LEAST_DIGITS = 4, MOST_DIGITS = 13, CHECK_MODULUS = 31, CHECK_WEIGHT = 3 };

/*
 * The digits weighted by powers of 3, modulo 31: of one digit wrong, or two
 * neighbours swapped, only 0 for Z is not seen.
 */
static char
check_digit(spool_id id)
{
	unsigned sum = 0, weight = 1;

	for (; id > 0; id /= 32) {
		sum += (unsigned)(id % 32) * weight;
		weight = weight * CHECK_WEIGHT % CHECK_MODULUS;
	}
	return alphabet[sum % CHECK_MODULUS];
}

const char *
spool_id_text(spool_id id, char out[SPOOL_ID_TEXT])
{
	char digits[MOST_DIGITS + 1];
	size_t n = 0, i;
	spool_id left = id;

	do {
		digits[n++] = alphabet[left % 32];
		left /= 32;
	} while (left > 0 || n < LEAST_DIGITS);
	for (i = 0; n > 2; i++)
		out[i] = digits[--n];
	out[i++] = '-';
	out[i++] = digits[1];
	out[i++] = digits[0];
	out[i++] = check_digit(id);
	out[i] = '\0';
	return out;
}

static int
digit_value(char c)
{
	const char *at;

	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	if (c == 'O')
		c = '0';
	if (c == 'I' || c == 'L')
		c = '1';
	at = c ? strchr(alphabet, c) : NULL;
	return at ? (int)(at - alphabet) : -1;
}

int
spool_id_parse(const char *text, spool_id *out)
{
	int v, last = -1;
	spool_id id = 0;
	size_t n = 0;

	for (; *text; text++) {
		if (*text == '-')
			continue;
		if ((v = digit_value(*text)) < 0 || n > MOST_DIGITS)
			return -1;
		if (last >= 0) {
			if (id > UINT64_MAX >> 5)
				return -1;
			id = id << 5 | (spool_id)last;
		}
		last = v;
		n++;
	}
	if (n < LEAST_DIGITS + 1 || id == 0 || alphabet[last] != check_digit(id))
		return -1;
	*out = id;
	return 0;
}
