/* A list of strings as the configuration has them; at file scope, for it lives where it stands. */
#ifndef TEST_LIST_H
#define TEST_LIST_H

#define LIST(...)                                                                                  \
	{                                                                                          \
		(const char *[]){__VA_ARGS__},                                                     \
		    sizeof((const char *[]){__VA_ARGS__}) / sizeof(const char *)                   \
	}

#endif
