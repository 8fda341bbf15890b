"""aws_iam_*: the service that no region holds."""

from __future__ import annotations

from typing import Any

from base import Resource, Values, given_name, known_as, renamed


@known_as("aws_iam_role")
class Role(Resource):
    service = "iam"
    replacing = ("name", "name_prefix", "path")

    def create(self, new: Values) -> dict[str, Any]:
        name, path = given_name(new), new.get("path") or "/"
        made = self.call(
            "create_role", RoleName=name, Path=path, Tags=self.tags(new),
            AssumeRolePolicyDocument=new["assume_role_policy"],
            **renamed(new, Description="description", PermissionsBoundary="permissions_boundary",
                      MaxSessionDuration="max_session_duration"))["Role"]
        return {"arn": made["Arn"], "id": name, "name": name, "unique_id": made["RoleId"],
                "path": path, "create_date": made["CreateDate"].strftime("%Y-%m-%dT%H:%M:%SZ"),
                "managed_policy_arns": []}

    def read(self, now: Values) -> dict[str, Any] | None:
        found = self.call("get_role", RoleName=now["name"])["Role"]
        self.call("list_role_policies", RoleName=now["name"])
        self.call("list_attached_role_policies", RoleName=now["name"])
        return {"description": found.get("Description")}

    def update(self, old: Values, new: Values) -> dict[str, Any]:
        name = new["name"]
        if new["assume_role_policy"] != old["assume_role_policy"]:
            self.call("update_assume_role_policy", RoleName=name,
                      PolicyDocument=new["assume_role_policy"])
        if new.get("description") != old.get("description"):
            # The provider's own choice, although UpdateRole could do it too.
            self.call("update_role_description", RoleName=name,
                      Description=new.get("description") or "")
        if new.get("permissions_boundary") != old.get("permissions_boundary"):
            if new.get("permissions_boundary"):
                self.call("put_role_permissions_boundary", RoleName=name,
                          PermissionsBoundary=new["permissions_boundary"])
            else:
                self.call("delete_role_permissions_boundary", RoleName=name)
        self.retag(name, old, new)
        return {}

    def delete(self, old: Values) -> None:
        name = old["name"]
        for one in self.call("list_instance_profiles_for_role", RoleName=name)["InstanceProfiles"]:
            self.call("remove_role_from_instance_profile", RoleName=name,
                      InstanceProfileName=one["InstanceProfileName"])
        self.call("delete_role", RoleName=name)


@known_as("aws_iam_role_policy")
class RolePolicy(Resource):
    service = "iam"
    replacing = ("name", "name_prefix", "role")

    def create(self, new: Values) -> dict[str, Any]:
        name = given_name(new)
        self.call("put_role_policy", RoleName=new["role"], PolicyName=name,
                  PolicyDocument=new["policy"])
        return {"id": f"{new['role']}:{name}", "name": name}

    def read(self, now: Values) -> dict[str, Any] | None:
        self.call("get_role_policy", RoleName=now["role"], PolicyName=now["name"])
        return {}

    def delete(self, old: Values) -> None:
        self.call("delete_role_policy", RoleName=old["role"], PolicyName=old["name"])
