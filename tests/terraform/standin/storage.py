"""aws_s3_*, aws_kms_*"""

from __future__ import annotations

from typing import Any

from base import Resource, Values, known_as, renamed

# Each of a bucket's aspects is a call of its own, and the provider reads them all.
ASPECTS = ("get_bucket_policy", "get_bucket_acl", "get_bucket_cors", "get_bucket_website",
           "get_bucket_versioning", "get_bucket_accelerate_configuration",
           "get_bucket_request_payment", "get_bucket_logging", "get_bucket_lifecycle_configuration",
           "get_bucket_replication", "get_bucket_encryption", "get_object_lock_configuration",
           "get_bucket_tagging")


@known_as("aws_s3_bucket")
class Bucket(Resource):
    service = "s3"
    replacing = ("bucket", "bucket_prefix")

    def create(self, new: Values) -> dict[str, Any]:
        name, region = new["bucket"], self.region or self.cloud.region
        where = None if region == "us-east-1" else {"LocationConstraint": region}
        self.call("create_bucket", Bucket=name, CreateBucketConfiguration=where)
        self._tag(new)
        return {"arn": f"arn:{self.cloud.partition(region)}:s3:::{name}", "id": name,
                "bucket_region": region, "bucket_domain_name": f"{name}.s3",
                "bucket_regional_domain_name": f"{name}.s3.{region}"}

    def _tag(self, new: Values) -> None:
        if self.tags(new):
            self.call("put_bucket_tagging", Bucket=new["bucket"],
                      Tagging={"TagSet": self.tags(new)})

    def read(self, now: Values) -> dict[str, Any] | None:
        self.call("head_bucket", Bucket=now["bucket"])
        for aspect in ASPECTS:
            try:
                self.call(aspect, Bucket=now["bucket"])
            except self.cloud.client("s3", self.region).exceptions.ClientError:
                pass    # not set
        return {}

    def update(self, old: Values, new: Values) -> dict[str, Any]:
        if old.get("tags_all") != new.get("tags_all"):
            self.call("delete_bucket_tagging", Bucket=new["bucket"])
            self._tag(new)
        return {}

    def delete(self, old: Values) -> None:
        if old.get("force_destroy"):
            found = self.call("list_object_versions", Bucket=old["bucket"])
            for one in found.get("Versions", []) + found.get("DeleteMarkers", []):
                self.call("delete_object", Bucket=old["bucket"], Key=one["Key"],
                          VersionId=one["VersionId"])
        self.call("delete_bucket", Bucket=old["bucket"])


@known_as("aws_s3_bucket_policy")
class BucketPolicy(Resource):
    service = "s3"
    replacing = ("bucket",)

    def create(self, new: Values) -> dict[str, Any]:
        self.call("put_bucket_policy", Bucket=new["bucket"], Policy=new["policy"])
        return {"id": new["bucket"]}

    def read(self, now: Values) -> dict[str, Any] | None:
        self.call("get_bucket_policy", Bucket=now["bucket"])
        return {}

    def delete(self, old: Values) -> None:
        self.call("delete_bucket_policy", Bucket=old["bucket"])


@known_as("aws_s3_bucket_public_access_block")
class PublicAccessBlock(Resource):
    service = "s3"
    replacing = ("bucket",)

    def create(self, new: Values) -> dict[str, Any]:
        self.call("put_public_access_block", Bucket=new["bucket"],
                  PublicAccessBlockConfiguration=renamed(
                      new, BlockPublicAcls="block_public_acls",
                      IgnorePublicAcls="ignore_public_acls",
                      BlockPublicPolicy="block_public_policy",
                      RestrictPublicBuckets="restrict_public_buckets"))
        return {"id": new["bucket"]}

    def read(self, now: Values) -> dict[str, Any] | None:
        self.call("get_public_access_block", Bucket=now["bucket"])
        return {}

    def delete(self, old: Values) -> None:
        self.call("delete_public_access_block", Bucket=old["bucket"])


@known_as("aws_kms_key")
class Key(Resource):
    service = "kms"

    def create(self, new: Values) -> dict[str, Any]:
        made = self.call("create_key", Tags=self.tags(new),
                         **renamed(new, Description="description", Policy="policy"))["KeyMetadata"]
        if new.get("enable_key_rotation"):
            self.call("enable_key_rotation", KeyId=made["KeyId"])
        return {"arn": made["Arn"], "id": made["KeyId"], "key_id": made["KeyId"]}

    def read(self, now: Values) -> dict[str, Any] | None:
        key = now["key_id"]
        found = self.call("describe_key", KeyId=key)["KeyMetadata"]
        if found["KeyState"] == "PendingDeletion":
            return None
        self.call("get_key_policy", KeyId=key, PolicyName="default")
        self.call("get_key_rotation_status", KeyId=key)
        self.call("list_resource_tags", KeyId=key)
        return {}

    def update(self, old: Values, new: Values) -> dict[str, Any]:
        key = old["key_id"]
        if new.get("description") != old.get("description"):
            self.call("update_key_description", KeyId=key, Description=new["description"])
        if new.get("policy") != old.get("policy"):
            self.call("put_key_policy", KeyId=key, PolicyName="default", Policy=new["policy"])
        self.retag(key, old, new)
        return {}

    def delete(self, old: Values) -> None:
        self.call("schedule_key_deletion", KeyId=old["key_id"],
                  PendingWindowInDays=old.get("deletion_window_in_days") or 30)


@known_as("aws_kms_alias")
class Alias(Resource):
    service = "kms"
    replacing = ("name",)

    def create(self, new: Values) -> dict[str, Any]:
        self.call("create_alias", AliasName=new["name"], TargetKeyId=new["target_key_id"])
        return {"arn": self.cloud.arn("kms", self.region, new["name"]), "id": new["name"]}

    def read(self, now: Values) -> dict[str, Any] | None:
        found = self.call("list_aliases")["Aliases"]
        return {} if any(one["AliasName"] == now["name"] for one in found) else None

    def update(self, old: Values, new: Values) -> dict[str, Any]:
        self.call("update_alias", AliasName=new["name"], TargetKeyId=new["target_key_id"])
        return {}

    def delete(self, old: Values) -> None:
        self.call("delete_alias", AliasName=old["name"])
