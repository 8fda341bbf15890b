#pragma once
#include "client_config.h"
#include "config.h"
#include "exit_codes.h"
#include "options.h"

/* `ecr-upsertd client-config`: prints what a client has to be told, or writes it with --write. */
enum exit_code configure_client(const struct options *options);

/* What the client needs for this daemon, here and for who runs this. As client_config_make(). */
int configure_client_make(const struct client *client, const struct config *of_daemon,
    struct client_config *ret, struct err *e);
