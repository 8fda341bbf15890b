/* Signs the cases on standard input, for the comparison with botocore. */
#include "sigv4_case.h"

static void print(const char *name, const char *bytes, size_t len)
{
	printf("%s ", name);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)bytes[i];

		printf(c >= 0x20 && c <= 0x7e && c != '\\' ? "%c" : "\\x%02x", c);
	}
	putchar('\n');
}

int main(void)
{
	for (;;) {
		_cleanup_(sigv4_case_finish) struct sigv4_case c = {};
		_cleanup_(sigv4_finish) struct sigv4_result result = {};
		const char *authorization;
		int r = sigv4_case_read(stdin, &c);

		if (r <= 0)
			return r ? EXIT_FAILURE : EXIT_SUCCESS;
		r = sigv4_case_sign(&c, &result);
		if (r < 0)
			printf("error %d\n\n", r);
		if (r < 0)
			continue;
		authorization = headers_get(&result.headers, "Authorization");
		print("canonical_request", result.canonical_request.data,
		    result.canonical_request.len);
		print("string_to_sign", result.string_to_sign.data, result.string_to_sign.len);
		print("signature", result.signature, strlen(result.signature));
		print("authorization", authorization, strlen(authorization));
		putchar('\n');
	}
}
