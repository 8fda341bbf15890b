"""From AWS's sample to the module: its state and what it created stay."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from terraform.double import ACCOUNT, Double
from terraform.work import Work

REGION = "eu-west-1"
FULL_NAME = f"dynamic-create-ecr-repo-{REGION}"

# Resources of amazon-ecr-dynamic-repository-creation by their addresses and names, as far as these
# matter for a state.
SAMPLE = {
    "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws"}}},
    "variable": {"package": {}},
    "resource": {
        "aws_iam_role": {"this": {
            "name": f"dynamic-create-ecr-repo-lambda-role-{REGION}",
            "assume_role_policy": json.dumps({"Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Action": "sts:AssumeRole",
                "Principal": {"Service": "lambda.amazonaws.com"}}]})}},
        "aws_iam_role_policy": {"this": {
            "name_prefix": f"dynamic-create-ecr-repo-lambda-policy-{REGION}",
            "role": "${aws_iam_role.this.id}",
            "policy": json.dumps({"Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Action": ["ecr:CreateRepository"],
                "Resource": [f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/*"]}]})}},
        "aws_lambda_function": {"this": {
            "function_name": FULL_NAME, "filename": "${var.package}", "timeout": 120,
            "role": "${aws_iam_role.this.arn}", "handler": "handler.run", "runtime": "python3.9",
            "environment": [{"variables": {"IMAGE_TAG_MUTABILITY": "IMMUTABLE"}}],
            "tracing_config": [{"mode": "Active"}]}},
        "aws_lambda_permission": {"this": {
            "action": "lambda:InvokeFunction", "principal": "events.amazonaws.com",
            "function_name": "${aws_lambda_function.this.function_name}",
            "source_arn": "${aws_cloudwatch_event_rule.this.arn}",
            "statement_id": "AllowExecutionFromCloudWatch"}},
        "aws_lambda_function_event_invoke_config": {"this": {
            "function_name": "${aws_lambda_function.this.function_name}",
            "maximum_event_age_in_seconds": 60, "maximum_retry_attempts": 0}},
        "aws_cloudwatch_log_group": {"this": {
            "name": "/aws/lambda/${aws_lambda_function.this.function_name}",
            "retention_in_days": 365}},
        "aws_cloudwatch_event_rule": {"this": {
            "name": f"cw-event-rule-for-non-existent-repo-{REGION}",
            "event_pattern": json.dumps({"source": ["aws.ecr"]})}},
        "aws_cloudwatch_event_target": {"this": {
            "target_id": "${aws_lambda_function.this.function_name}",
            "rule": "${aws_cloudwatch_event_rule.this.name}",
            "arn": "${aws_lambda_function.this.arn}"}},
    },
}


def test_state_and_repositories_stay(work: Callable[..., Work], double: Double,
                                     package: Path) -> None:
    here = work(REGION, where="examples/from-sample")
    values = {"package": str(package)}
    ours = here.source / "main.tf"
    kept = ours.read_text()
    sample = here.source / "ecr"
    sample.mkdir()
    (sample / "main.tf.json").write_text(json.dumps(SAMPLE))
    ours.write_text('module "ecr" {\n  source  = "./ecr"\n  package = var.package\n}\n')
    here.run("init", "-no-color", "-input=false")
    here.apply(values)
    double.client("ecr", REGION).create_repository(repositoryName="team/app")
    logs = double.client("logs", REGION)
    logs.create_log_stream(logGroupName=f"/aws/lambda/{FULL_NAME}", logStreamName="history")

    ours.write_text(kept)
    shutil.rmtree(sample)
    here.run("init", "-no-color", "-input=false")
    double.calls.clear()
    here.apply(values)
    made = {call.operation for call in double.calls}
    assert not made & {"CreateFunction", "DeleteFunction", "CreateLogGroup", "DeleteLogGroup",
                       "DeleteRepository"}
    assert not here.plan(values), "the plan after it is not empty"
    [function] = double.client("lambda", REGION).list_functions()["Functions"]
    assert function["FunctionName"] == FULL_NAME
    assert function["Runtime"] == "provided.al2023"
    assert logs.describe_log_streams(logGroupName=f"/aws/lambda/{FULL_NAME}")["logStreams"]
    [rule] = double.client("events", REGION).list_rules()["Rules"]
    assert rule["Name"] == FULL_NAME
    [role] = double.client("iam", REGION).list_roles()["Roles"]
    assert role["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/{FULL_NAME}-{REGION}"
    assert double.client("ecr", REGION).describe_repositories()["repositories"]
