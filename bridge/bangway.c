/*
 * bangway: the operator's command. All of it is in bridge/operator/.
 */
#include "bridge/operator/operator.h"
#include "bridge/base/log.h"

int
main(int argc, char **argv)
{
	log_open("bangway", LOG_TO_STDERR, LEVEL_WARN);
	return operator_main(argc, argv, stdout, stderr);
}
