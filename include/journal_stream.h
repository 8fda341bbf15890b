#pragma once
#include <stdbool.h>

/*
 * Does what is written there go to systemd's journal? value: of $JOURNAL_STREAM, "DEVICE:INODE" of
 * the stream that the manager opened (systemd.exec(5)); NULL: it opened none. Then a line may begin
 * with its priority, "<4>" (sd-daemon(3)).
 */
bool journal_stream_is(int fd, const char *value);
