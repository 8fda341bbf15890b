/* An answer of an AWS service (status, Date, error type, then the body): read and described. */
#include "fuzz.h"

#include <string.h>

#include "aws_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *text = fuzz_text(data, size);
	_cleanup_headers_ struct headers headers = {};
	_cleanup_str_ struct str body = {}, description = {};
	struct aws_reply reply = {};
	char *rest = text;
	const char *date, *type;
	unsigned status = (unsigned)atoi(strsep(&rest, "\n"));
	int64_t offset;

	date = strsep(&rest, "\n");
	type = strsep(&rest, "\n");
	MUST(headers_add(&headers, "Date", date ? date : "") == 0);
	MUST(headers_add(&headers, "x-amzn-ErrorType", type ? type : "") == 0);
	MUST(str_append_text(&body, rest ? rest : "") == 0);
	MUST(aws_reply_read(status, &headers, &body, &reply) == 0);
	MUST((aws_reply_verdict(&reply) == AWS_DONE) == (status >= 200 && status < 300));
	aws_reply_clock_offset(&reply, 1767323045, 1767323045, &offset);
	MUST(aws_reply_describe(&reply, &description) == 0);
	MUST(!strchr(str_text(&description), '\n'));
	aws_reply_finish(&reply);
	return 0;
}
