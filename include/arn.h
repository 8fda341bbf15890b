#pragma once
/* Amazon Resource Names that a configuration gives: is it the form that the API takes? Pure. */
#include <stdbool.h>

#include "str.h"

/* arn:PARTITION:iam::12 digits:role/[PATH/]NAME (IAM user guide, "IAM ARNs") */
bool arn_is_role(const char *text);
/* arn:PARTITION:kms:REGION:12 digits:key/ID or :alias/NAME (KMS developer guide, "Key ARN") */
bool arn_is_kms_key(const char *text);

/*
 * Whom IAM knows the caller as: of arn:…:sts::…:assumed-role/NAME/SESSION the role (its path is not
 * in there), anybody else as he is. Appends; 0 or −ENOMEM.
 */
int arn_write_principal(const char *caller, struct str *ret);
