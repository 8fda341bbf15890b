#include <stdio.h>

int main(void)
{
	puts("ecr-upsertd " ECR_UPSERTD_VERSION);
	return 0;
}
