#pragma once
/*
 * Where docker's command finds its daemon: $DOCKER_HOST, else the context ($DOCKER_CONTEXT, else
 * currentContext of config.json), else the system's socket (docker/cli, cli/command/cli.go).
 */
#include "err.h"

/*
 * *ret: "unix:///var/run/docker.sock", "tcp://…", "ssh://…"; free it. $DOCKER_CONFIG wins over
 * home/.docker, home may be NULL. A context that cannot be read is the default one. 0 or −ENOMEM.
 */
int docker_host_find(const char *(*getenv)(const char *name), const char *home, char **ret);
