/*
 * bangway: the operator's command. All of it is in bridge/operator/.
 */
#include "bridge/base/log.h"
#include "bridge/operator/operator.h"

int
main(int argc, char **argv)
{
	log_open("bangway", LOG_TO_STDERR, LEVEL_WARN);
	return operator_main(argc, argv, stdout, stderr);
}
