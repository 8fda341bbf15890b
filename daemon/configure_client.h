#pragma once
#include "exit_codes.h"
#include "options.h"

/* `ecr-upsertd client-config`: prints what a client has to be told, or writes it with --write. */
enum exit_code configure_client(const struct options *options);
