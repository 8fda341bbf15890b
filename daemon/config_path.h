#pragma once
/*
 * Which configuration file counts: the given one, else $ECR_UPSERTD_CONFIG, else
 * ~/.config/ecr-upsertd/ecr-upsertd.conf, else /etc/ecr-upsertd/ecr-upsertd.conf. The last two only
 * if they are there; *ret is NULL when none is. 0 or −ENOMEM. Free *ret.
 */
int config_path(const char *given, char **ret);
