/* noop: a static program that does nothing; what one exec costs. */
int
main(void)
{
	return 0;
}
