#pragma once
/* Each kind of failure to start has a code of its own; --help lists them. */

enum exit_code {
	EXIT_CODE_DONE = 0,
	EXIT_CODE_FAILED = 1,
	EXIT_CODE_USAGE = 2,
	EXIT_CODE_ADDRESS = 3,
	EXIT_CODE_CREDENTIALS = 4,
	EXIT_CODE_REGISTRY = 5,
	EXIT_CODE_AWS = 6,
	EXIT_CODE_CONFIG = 7,
	EXIT_CODE_STATE = 8,
};
