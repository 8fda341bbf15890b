"""Environments in which one may be somebody: variables, the files of ~/.aws, services on loopback.

@HOME@, @STS@ and the like (services() of test_identity_botocore.py) stand for what is only known
when a case is set up. A key's secret and token follow from its id (see fake_sts.py)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from integration.fake_identity import iso
from integration.pairwise import pairwise

START_URL = "https://example.awsapps.com/start"
ROLE = "arn:aws:iam::444455556666:role/deploy"
SOON_S = 540    # within the ten minutes in which botocore must refresh, beyond the tests' own time

# Why we differ on purpose.
BLANK = "no key has a blank: AWS would refuse the signature, the reason would come late"
EMPTY = "what is set to nothing counts as not set, for variables as for keys of a profile"
LEGACY = "files of boto 2 and of the first EC2 tools are not read"
CONTINUED = "an indented line below a key with a value is passed over, not made a part of the value"


@dataclass(frozen=True)
class Case:
    name: str
    env: dict[str, str | None]    # None: not set, although it is for the others
    files: dict[str, bytes] = field(default_factory=dict)    # by their paths below the home folder
    # Why we do not do as botocore does, and what we do: a source or a kind of refusal.
    differs: str = ""
    ours: str = ""


def case(name: str, env: Mapping[str, str | None] | None = None, *,
         credentials: str | bytes | None = None,
         config: str | bytes | None = None, files: dict[str, str | bytes] | None = None,
         differs: str = "", ours: str = "") -> Case:
    """credentials, config: the two files of ~/.aws."""
    texts = {".aws/credentials": credentials, ".aws/config": config, **(files or {})}
    return Case(name, dict(env or {}), {path: text.encode() if isinstance(text, str) else text
                                  for path, text in texts.items() if text is not None},
                differs, ours)


def keys(name: str) -> str:
    """Lines of a section; a session's when the name begins with S_."""
    kind = "ASIA" if name.startswith("S_") else "AKIA"
    token = f"aws_session_token = token-of-{name}\n" if kind == "ASIA" else ""
    return (f"aws_access_key_id = {kind}{name}\naws_secret_access_key = secret-of-{name}\n{token}")


def variables(name: str) -> dict[str, str]:
    kind = "ASIA" if name.startswith("S_") else "AKIA"
    token = {"AWS_SESSION_TOKEN": f"token-of-{name}"} if kind == "ASIA" else {}
    return {"AWS_ACCESS_KEY_ID": kind + name, "AWS_SECRET_ACCESS_KEY": f"secret-of-{name}", **token}


def role(**settings: str) -> str:
    settings = {"role_arn": ROLE, **settings}
    return "".join(f"{key} = {value}\n" for key, value in settings.items() if value)


SOURCE = "[profile source]\n" + keys("SOURCE")
WEB = {"AWS_WEB_IDENTITY_TOKEN_FILE": "@HOME@/token", "AWS_ROLE_ARN": ROLE}
TOKEN = {"token": "web-identity-1"}
CONTAINER = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "@CONTAINER@"}
IMDS = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": "@IMDS@"}
SSO = f"sso_start_url = {START_URL}\nsso_region = eu-west-1\n"
SSO_ROLE = "sso_account_id = 777788889999\nsso_role_name = reader\n"
SSO_SESSION = "[sso-session corp]\n" + SSO + "sso_registration_scopes = sso:account:access\n"


def environment() -> Iterator[Case]:
    env = variables("ENV")
    session = variables("S_ENV")
    both = {**env, "AWS_PROFILE": "p"}
    yield case("nothing")
    yield case("env", env)
    yield case("env session", session)
    yield case("env legacy token", {**session, "AWS_SESSION_TOKEN": "",
                                    "AWS_SECURITY_TOKEN": "token-of-S_ENV"})
    yield case("env both tokens", {**session, "AWS_SESSION_TOKEN": "other",
                                   "AWS_SECURITY_TOKEN": "token-of-S_ENV"})
    yield case("env empty token", {**env, "AWS_SESSION_TOKEN": ""})
    yield case("env without secret", {"AWS_ACCESS_KEY_ID": "AKIAENV"})
    yield case("env empty secret", {**env, "AWS_SECRET_ACCESS_KEY": ""})
    yield case("env without id", {"AWS_SECRET_ACCESS_KEY": "secret-of-ENV"})
    yield case("env without id but file", {"AWS_SECRET_ACCESS_KEY": "secret-of-ENV"},
               credentials="[default]\n" + keys("FILE"))
    yield case("env empty id", {**env, "AWS_ACCESS_KEY_ID": ""})
    yield case("env token only", {"AWS_SESSION_TOKEN": "token"})
    yield case("env blank", {**env, "AWS_ACCESS_KEY_ID": " AKIAENV"},
               differs=BLANK, ours="error")
    yield case("env only blanks", {**env, "AWS_ACCESS_KEY_ID": "  "},
               differs=BLANK, ours="error")
    yield case("env line end", {**env, "AWS_SECRET_ACCESS_KEY": "secret-of-ENV\n"},
               differs=BLANK, ours="error")
    yield case("env expiry", {**session, "AWS_CREDENTIAL_EXPIRATION": iso(7200)})
    yield case("env expired", {**session, "AWS_CREDENTIAL_EXPIRATION": iso(-60)})
    yield case("env expires soon", {**session, "AWS_CREDENTIAL_EXPIRATION": iso(SOON_S)})
    yield case("env bad expiry", {**session, "AWS_CREDENTIAL_EXPIRATION": "tomorrow"})
    yield case("env before profile", both, credentials="[p]\n" + keys("FILE"))
    yield case("env half before profile", {**both, "AWS_SECRET_ACCESS_KEY": ""},
               credentials="[p]\n" + keys("FILE"))
    yield case("env with missing profile", both)
    yield case("env before role", env,
               config="[default]\n" + role(source_profile="source") + SOURCE)
    yield case("env before all services", {**env, **WEB, **CONTAINER, **IMDS}, files=TOKEN)
    yield case("env account", {**env, "AWS_ACCOUNT_ID": "121212121212"})


def profiles() -> Iterator[Case]:
    default = "[default]\n" + keys("FILE")
    p = "[p]\n" + keys("P")
    config = "[default]\n" + keys("CONFIG")
    yield case("credentials file", credentials=default)
    yield case("credentials file session", credentials="[default]\n" + keys("S_FILE"))
    yield case("credentials file legacy token", credentials="[default]\n" + keys("S_FILE").replace(
        "aws_session_token", "aws_security_token"))
    yield case("credentials file both tokens",
               credentials="[default]\n" + keys("S_FILE") + "aws_security_token = first\n")
    yield case("config file", config=config)
    yield case("config file default as profile", config="[profile default]\n" + keys("CONFIG"))
    yield case("both config defaults", config=config + "[profile default]\n" + keys("SECOND"))
    yield case("both config defaults turned",
               config="[profile default]\n" + keys("SECOND") + config)
    yield case("both config defaults, one without keys",
               config=config + "[profile default]\nregion = eu-west-1\n")
    yield case("config file bare name", {"AWS_PROFILE": "p"}, config=p)
    yield case("credentials file profile word", {"AWS_PROFILE": "p"},
               credentials="[profile p]\n" + keys("P"))
    yield case("credentials before config", credentials=default, config=config)
    yield case("profile", {"AWS_PROFILE": "p"}, credentials=default + p)
    yield case("default profile variable", {"AWS_DEFAULT_PROFILE": "p"}, credentials=default + p)
    yield case("both profile variables", {"AWS_PROFILE": "q", "AWS_DEFAULT_PROFILE": "p"},
               credentials=default + p + "[q]\n" + keys("Q"))
    yield case("empty profile variable", {"AWS_PROFILE": ""}, credentials=default + p,
               differs=EMPTY, ours="shared-credentials-file")
    yield case("empty default profile variable", {"AWS_DEFAULT_PROFILE": "", "AWS_PROFILE": "p"},
               credentials=default + p, differs=EMPTY, ours="shared-credentials-file")
    yield case("missing profile", {"AWS_PROFILE": "nobody"}, credentials=default)
    yield case("missing default profile", {"AWS_PROFILE": "default"}, credentials=p)
    yield case("missing profile and services", {"AWS_PROFILE": "nobody", **CONTAINER})
    yield case("profile without keys", {"AWS_PROFILE": "p"}, config="[profile p]\nregion = x\n",
               credentials=default)
    yield case("profile without keys and container", {"AWS_PROFILE": "p", **CONTAINER},
               config="[profile p]\nregion = eu-west-1\n", credentials=default)
    yield case("profile's case", {"AWS_PROFILE": "P"}, credentials=p)
    yield case("half in credentials", credentials="[default]\naws_access_key_id = AKIAFILE\n")
    yield case("half in credentials and whole config", config=config,
               credentials="[default]\naws_access_key_id = AKIAFILE\n")
    yield case("other half in credentials", config=config,
               credentials="[default]\naws_secret_access_key = secret-of-FILE\n")
    yield case("halves in two files", config="[default]\naws_secret_access_key = secret-of-FILE\n",
               credentials="[default]\naws_access_key_id = AKIAFILE\n")
    yield case("half in config", config="[default]\naws_access_key_id = AKIAFILE\n")
    yield case("empty id in credentials", config=config,
               credentials="[default]\naws_access_key_id =\naws_secret_access_key = x\n",
               differs=EMPTY, ours="config-file")
    yield case("files elsewhere", {"AWS_SHARED_CREDENTIALS_FILE": "@HOME@/c", "AWS_CONFIG_FILE":
                                   "@HOME@/f", "AWS_PROFILE": "p"}, credentials=default,
               files={"c": "[other]\n" + keys("OTHER"), "f": "[profile p]\n" + keys("CONFIG")})
    yield case("credentials file in tilde", {"AWS_SHARED_CREDENTIALS_FILE": "~/c"},
               files={"c": default})
    yield case("config file in tilde", {"AWS_CONFIG_FILE": "~/c"}, files={"c": config})
    yield case("credentials file with variable", {"AWS_SHARED_CREDENTIALS_FILE": "$HOME/c"},
               files={"c": default})
    yield case("files missing elsewhere", {"AWS_SHARED_CREDENTIALS_FILE": "@HOME@/none",
                                           "AWS_CONFIG_FILE": "@HOME@/none"}, credentials=default)
    yield case("files are folders", {"AWS_SHARED_CREDENTIALS_FILE": "@HOME@",
                                     "AWS_CONFIG_FILE": "@HOME@"})
    yield case("boto 2", files={".boto": "[Credentials]\n" + keys("BOTO")}, differs=LEGACY,
               ours="no credentials")
    yield case("first EC2 tools", {"AWS_CREDENTIAL_FILE": "@HOME@/ec2"}, files={
        "ec2": "AWSAccessKeyId=AKIAEC2\nAWSSecretKey=secret-of-EC2\n"}, differs=LEGACY,
        ours="no credentials")
    yield case("login", config="[default]\nlogin_session = arn:aws:iam::111122223333:user/me\n")
    yield case("login after credentials file", credentials=default,
               config="[default]\nlogin_session = arn:aws:iam::111122223333:user/me\n")
    yield case("login before config file", config=config + "login_session = me\n")
    yield case("login before process", config="[default]\nlogin_session = me\n"
               "credential_process = false\n")
    yield case("account of a profile", credentials=default + "aws_account_id = 121212121212\n")


def ini() -> Iterator[Case]:
    def quoted(head: str, name: str = "a b") -> Case:
        return case(f"section {head}", {"AWS_PROFILE": name}, config=f"{head}\n" + keys("CONFIG"))

    default = "[default]\n" + keys("FILE")
    yield quoted('[profile "a b"]')
    yield quoted("[profile 'a b']")
    yield quoted("[profile a b]")
    yield quoted("[profile a\\ b]")
    yield quoted("[profile  p ]", "p")
    yield quoted("[profile\tp]", "p")
    yield quoted("[profilep]", "p")
    yield quoted('[profile "p]', "p")
    yield quoted('[profile p"q"]', "pq")
    yield quoted("[PROFILE p]", "p")
    yield quoted("[ profile p]", "p")
    yield quoted("[profiles p]", "p")
    yield case("quoted values", credentials='[default]\naws_access_key_id = "AKIAFILE"\n'
                                            'aws_secret_access_key = "secret-of-FILE"\n')
    yield case("comments", credentials="# one\n; two\n" + default + "# three\n  # four\n")
    yield case("comment behind value", credentials="[default]\naws_access_key_id = AKIAFILE # me\n"
               "aws_secret_access_key = secret-of-FILE\n",
               differs=BLANK, ours="error")
    yield case("colons", credentials=default.replace(" = ", ": "))
    yield case("no blanks", credentials=default.replace(" = ", "="))
    yield case("upper-case keys", credentials=default.replace("aws_access", "AWS_Access"))
    yield case("CRLF", credentials=default.replace("\n", "\r\n"))
    yield case("CR", credentials=default.replace("\n", "\r"))
    yield case("BOM", credentials=b"\xef\xbb\xbf" + default.encode())
    yield case("not UTF-8", credentials=b"# caf\xe9\n" + default.encode())
    yield case("UTF-8 comment", credentials="# café\n" + default)
    yield case("NUL", credentials=default.encode() + b"\0\n")
    yield case("no section", credentials=keys("FILE"))
    yield case("nonsense", credentials=default + "nonsense\n")
    yield case("nonsense in another section", credentials=default + "[other]\nnonsense\n")
    yield case("nonsense in config", {}, credentials=default, config="nonsense\n")
    yield case("open section", credentials="[default\n" + keys("FILE"))
    yield case("empty section name", credentials="[]\n" + default)
    yield case("text behind section", credentials="[default] # mine\n" + keys("FILE"))
    yield case("duplicate section", credentials=default + default)
    yield case("duplicate section elsewhere", credentials=default + "[o]\na = 1\n[o]\na = 2\n")
    yield case("duplicate key", credentials=default + "aws_access_key_id = AKIASECOND\n")
    yield case("duplicate key in capitals",
               credentials=default + "AWS_ACCESS_KEY_ID = AKIASECOND\n")
    yield case("DEFAULT section", credentials="[DEFAULT]\n" + keys("FILE"))
    yield case("DEFAULT for others", {"AWS_PROFILE": "p"}, credentials="[DEFAULT]\n" + keys("FILE")
               + "[p]\nregion = eu-west-1\n")
    yield case("indented keys", credentials="[default]\n" + "".join(
        f"  {line}\n" for line in keys("FILE").splitlines()))
    yield case("indented section", credentials="  [default]\n" + keys("FILE"))
    yield case("continued value", credentials="[default]\naws_access_key_id = AKIAFILE\n"
               "  more\naws_secret_access_key = secret-of-FILE\n",
               differs=CONTINUED,
               ours="shared-credentials-file")
    yield case("nested settings", config="[default]\ns3 =\n  addressing_style = path\n"
               + keys("CONFIG"))
    yield case("nested nonsense", config="[default]\ns3 =\n  nonsense\n" + keys("CONFIG"))
    yield case("blank lines", credentials="\n\n" + default.replace("\n", "\n\n"))
    yield case("no end of line", credentials=default.rstrip())
    yield case("key without name", credentials=default + "= value\n")
    yield case("unreadable config and env", variables("ENV"), config="nonsense\n")
    yield case("unreadable credentials and env", variables("ENV"), credentials="nonsense\n")
    yield case("unreadable config and container", CONTAINER, config="nonsense\n")


def roles() -> Iterator[Case]:
    def of(name: str, more: str = SOURCE, env: dict[str, str] | None = None,
           files: dict[str, str | bytes] | None = None, **settings: str) -> Case:
        return case(f"role {name}", env, files=files,
                    config="[default]\n" + role(**settings) + more)

    yield of("of source profile", source_profile="source")
    yield of("of source in credentials", "", source_profile="source",
             files={".aws/credentials": "[source]\n" + keys("S_CREDS")})
    yield of("of source in both", source_profile="source",
             files={".aws/credentials": "[source]\n" + keys("S_CREDS")})
    yield of("external id", source_profile="source", external_id="an:id/1")
    yield of("session name", source_profile="source", role_session_name="me")
    yield of("bad session name", source_profile="source", role_session_name="me & you")
    yield of("duration", source_profile="source", duration_seconds="1800")
    yield of("duration too short", source_profile="source", duration_seconds="60")
    yield of("duration nonsense", source_profile="source", duration_seconds="long")
    yield of("everything", source_profile="source", external_id="an-id", role_session_name="s",
             duration_seconds="7200")
    yield of("with path", source_profile="source",
             role_arn="arn:aws:iam::444455556666:role/a/b/deploy")
    yield of("mfa", source_profile="source", mfa_serial="arn:aws:iam::444455556666:mfa/me")
    yield of("denied", source_profile="source", role_arn="arn:aws:iam::444455556666:role/denied")
    yield of("expired", source_profile="source", role_arn="arn:aws:iam::444455556666:role/expired")
    yield of("no arn at all", source_profile="source", role_arn="deploy")
    yield of("missing source", source_profile="nobody")
    yield of("of empty source", "[profile source]\nregion = eu-west-1\n", source_profile="source")
    yield of("of half source", "[profile source]\naws_access_key_id = AKIAHALF\n",
             source_profile="source")
    yield of("of other half source", "[profile source]\naws_secret_access_key = x\n",
             source_profile="source")
    yield of("without source")
    yield of("without source but keys", keys("OWN"))
    yield of("self-naming", keys("OWN"), source_profile="default")
    yield of("self-naming without keys", "", source_profile="default")
    yield of("two sources", source_profile="source", credential_source="Environment")
    yield of("chain", "[profile middle]\n" + role(role_arn=ROLE + "2", source_profile="source",
             external_id="an-id") + SOURCE, source_profile="middle")
    yield of("long chain", "".join(f"[profile m{i}]\n" + role(
        role_arn=f"{ROLE}{i}", source_profile=f"m{i + 1}") for i in range(4)) + "[profile m4]\n"
        + keys("SOURCE"), source_profile="m0")
    yield of("chain of a denied one", "[profile middle]\n" + role(
        role_arn="arn:aws:iam::444455556666:role/denied", source_profile="source") + SOURCE,
        source_profile="middle")
    yield of("chain to mfa", "[profile middle]\n" + role(source_profile="source", mfa_serial="m")
             + SOURCE, source_profile="middle")
    yield of("loop", "[profile a]\n" + role(source_profile="b") + "[profile b]\n"
             + role(source_profile="a"), source_profile="a")
    yield of("loop to the first", "[profile a]\n" + role(source_profile="default"),
             source_profile="a")
    yield of("loop but keys", "[profile a]\n" + keys("A") + role(source_profile="default"),
             source_profile="a")
    yield of("self-naming source", "[profile a]\n" + keys("A") + role(source_profile="a"),
             source_profile="a")
    yield of("self-naming source without keys", "[profile a]\n" + role(source_profile="a"),
             source_profile="a")
    yield of("of process source", "[profile source]\ncredential_process = " + printing(
        "ok", Version=1, AccessKeyId="AKIAPROCESS", SecretAccessKey="secret-of-PROCESS") + "\n",
        source_profile="source")
    yield of("of web identity source", "[profile source]\n" + role(
        role_arn=ROLE + "3", web_identity_token_file="@HOME@/token"), source_profile="source",
        files=dict(TOKEN))
    yield of("of sso source", "[profile source]\n" + SSO + SSO_ROLE, source_profile="source",
             files=sso_token(START_URL))
    yield of("of web identity in env and source", "[profile source]\nregion = eu-west-1\n", WEB,
             dict(TOKEN), source_profile="source")
    yield of("source ignores env keys of half", env={"AWS_SECRET_ACCESS_KEY": "x"},
             source_profile="source")
    yield of("from env without keys", credential_source="Environment")
    yield of("from container", env=CONTAINER, credential_source="EcsContainer")
    yield of("from container without", credential_source="EcsContainer")
    yield of("from imds", env=IMDS, credential_source="Ec2InstanceMetadata")
    yield of("from imds without", credential_source="Ec2InstanceMetadata")
    yield of("from imds with container", env={**IMDS, **CONTAINER},
             credential_source="Ec2InstanceMetadata")
    yield of("credential source in lower case", env=IMDS, credential_source="ec2instancemetadata")
    yield of("credential source unknown", credential_source="Laptop")
    yield of("chain from container", "[profile middle]\n" + role(role_arn=ROLE + "2",
             credential_source="EcsContainer"), env=CONTAINER, source_profile="middle")
    yield case("role in credentials file", credentials="[default]\n" + role(
        source_profile="source") + "[source]\n" + keys("SOURCE"))
    yield case("role before keys of both files", credentials="[default]\n" + keys("FILE"),
               config="[default]\n" + keys("CONFIG") + role(source_profile="source") + SOURCE)
    yield case("role over two files", config="[default]\n" + role() + SOURCE,
               credentials="[default]\nsource_profile = source\n")
    yield case("role of two files", config="[default]\n" + role(source_profile="source") + SOURCE,
               credentials="[default]\nrole_arn = " + ROLE + "9\n")
    yield case("role and container", CONTAINER, config="[default]\n" + role(source_profile="source")
               + SOURCE)
    yield case("role empty", credentials="[default]\n" + keys("FILE"),
               config="[default]\nrole_arn=\n", differs=EMPTY, ours="shared-credentials-file")


def web_identity() -> Iterator[Case]:
    profile = role(web_identity_token_file="@HOME@/token")
    yield case("web identity env", WEB, files=TOKEN)
    yield case("web identity env session name", {**WEB, "AWS_ROLE_SESSION_NAME": "pod"},
               files=TOKEN)
    yield case("web identity profile", config="[default]\n" + profile, files=TOKEN)
    yield case("web identity profile session", config="[default]\n" + profile
               + "role_session_name = mine\n", files=TOKEN)
    yield case("web identity profile env session", {"AWS_ROLE_SESSION_NAME": "pod"},
               config="[default]\n" + profile + "role_session_name = mine\n", files=TOKEN)
    yield case("web identity env file, profile role", {"AWS_WEB_IDENTITY_TOKEN_FILE":
               "@HOME@/token"}, config="[default]\n" + role(), files=TOKEN)
    yield case("web identity env role over profile", {"AWS_ROLE_ARN": ROLE + "7"},
               config="[default]\n" + profile, files=TOKEN)
    yield case("web identity env file over profile",
               {"AWS_WEB_IDENTITY_TOKEN_FILE": "@HOME@/other"}, config="[default]\n" + profile, files={**TOKEN, "other": "web-identity-2"})
    yield case("web identity before sources", config="[default]\n" + profile
               + "source_profile = source\n" + SOURCE, files=TOKEN)
    yield case("web identity before keys", WEB, files=TOKEN, credentials="[default]\n" + keys("F"))
    yield case("web identity ignores duration", config="[default]\n" + profile
               + "duration_seconds = 1800\nexternal_id = an-id\n", files=TOKEN)
    yield case("web identity without role", {"AWS_WEB_IDENTITY_TOKEN_FILE": "@HOME@/token"},
               files=TOKEN, credentials="[default]\n" + keys("FILE"))
    yield case("web identity empty role", {**WEB, "AWS_ROLE_ARN": ""}, files=TOKEN)
    yield case("web identity empty role over profile", {"AWS_ROLE_ARN": ""},
               config="[default]\n" + profile, files=TOKEN, differs=EMPTY,
               ours="assume-role-with-web-identity")
    yield case("web identity role without file", {"AWS_ROLE_ARN": ROLE})
    yield case("web identity empty file variable", {**WEB, "AWS_WEB_IDENTITY_TOKEN_FILE": ""},
               credentials="[default]\n" + keys("FILE"))
    yield case("web identity missing file", WEB)
    yield case("web identity missing file but keys", WEB, credentials="[default]\n" + keys("FILE"))
    yield case("web identity empty file", WEB, files={"token": ""})
    yield case("web identity refused", WEB, files={"token": "somebody-else"})
    yield case("web identity token line end", WEB, files={"token": "web-identity-1\n"})
    yield case("web identity denied", {**WEB, "AWS_ROLE_ARN":
               "arn:aws:iam::444455556666:role/denied"}, files=TOKEN)
    yield case("web identity bad session", {**WEB, "AWS_ROLE_SESSION_NAME": "a b"}, files=TOKEN)
    yield case("web identity and missing profile", {**WEB, "AWS_PROFILE": "nobody"}, files=TOKEN)
    yield case("web identity env and role profile", WEB, files=TOKEN,
               config="[default]\n" + role(source_profile="source", role_arn=ROLE + "5") + SOURCE)


def sso_token(session: str, lives_s: float = 3600, **members: str | None) -> dict[str, str | bytes]:
    """The file of a login, by its path."""
    token = {"startUrl": START_URL, "region": "eu-west-1", "accessToken": "sso-token",
             "expiresAt": iso(lives_s), "clientId": "sso-client", "clientSecret": "sso-secret",
             "registrationExpiresAt": iso(86400), "refreshToken": "sso-refresh", **members}
    path = f".aws/sso/cache/{hashlib.sha1(session.encode()).hexdigest()}.json"
    return {path: json.dumps({key: value for key, value in token.items() if value is not None})}


def sso() -> Iterator[Case]:
    legacy = "[default]\n" + SSO + SSO_ROLE
    session = "[default]\nsso_session = corp\n" + SSO_ROLE + SSO_SESSION
    login = sso_token("corp")
    yield case("sso legacy", config=legacy, files=sso_token(START_URL))
    yield case("sso legacy without login", config=legacy)
    yield case("sso legacy expired", config=legacy, files=sso_token(START_URL, -60))
    yield case("sso legacy expires soon", config=legacy, files=sso_token(START_URL, SOON_S))
    yield case("sso legacy refused", config=legacy, files=sso_token(START_URL, accessToken="no"))
    yield case("sso legacy garbage", config=legacy, files={
        next(iter(sso_token(START_URL))): "{"})
    yield case("sso legacy without token", config=legacy,
               files=sso_token(START_URL, accessToken=None))
    yield case("sso legacy without expiry", config=legacy,
               files=sso_token(START_URL, expiresAt=None))
    yield case("sso legacy expiry in UTC letters", config=legacy,
               files=sso_token(START_URL, expiresAt=iso(3600).replace("Z", "UTC")))
    yield case("sso legacy without region", config=legacy.replace("sso_region", "x_region"),
               files=sso_token(START_URL))
    yield case("sso without role", config="[default]\n" + SSO + "sso_account_id = 777788889999\n",
               files=sso_token(START_URL), credentials="[default]\n" + keys("FILE"))
    yield case("sso without account", config="[default]\n" + SSO + "sso_role_name = reader\n",
               files=sso_token(START_URL))
    yield case("sso without role and account", config="[default]\n" + SSO,
               credentials="[default]\n" + keys("FILE"))
    yield case("sso session", config=session, files=login)
    yield case("sso session without login", config=session)
    yield case("sso session expired and refreshed", config=session, files=sso_token("corp", -60))
    yield case("sso session expires soon", config=session, files=sso_token("corp", SOON_S))
    yield case("sso session expired without refresh", config=session,
               files=sso_token("corp", -60, refreshToken=None))
    yield case("sso session expired refresh refused", config=session,
               files=sso_token("corp", -60, refreshToken="no"))
    yield case("sso session expires soon refresh refused", config=session,
               files=sso_token("corp", SOON_S, refreshToken="no"))
    yield case("sso session registration expired", config=session,
               files=sso_token("corp", -60, registrationExpiresAt=iso(-60)))
    yield case("sso session missing", config="[default]\nsso_session = other\n" + SSO_ROLE
               + SSO_SESSION, files=login)
    yield case("sso session contradicts", config="[default]\nsso_session = corp\nsso_region = "
               "us-east-1\n" + SSO_ROLE + SSO_SESSION, files=login)
    yield case("sso session agrees", config="[default]\nsso_session = corp\nsso_region = "
               "eu-west-1\n" + SSO_ROLE + SSO_SESSION, files=login)
    yield case("sso session quoted name", config=session.replace("corp", "the corp", 1).replace(
        "[sso-session corp]", '[sso-session "the corp"]'), files=sso_token("the corp"))
    yield case("sso session role in profile only", config="[default]\nsso_session = corp\n"
               + SSO_SESSION, files=login, credentials="[default]\n" + keys("FILE"))
    yield case("sso before keys", config=legacy, files=sso_token(START_URL),
               credentials="[default]\n" + keys("FILE"))
    yield case("sso without login but keys", config=legacy,
               credentials="[default]\n" + keys("FILE"))
    yield case("role before sso", config="[default]\n" + SSO + SSO_ROLE
               + role(source_profile="source") + SOURCE, files=sso_token(START_URL))
    yield case("sso in both files", config="[default]\n" + SSO,
               credentials="[default]\n" + SSO_ROLE, files=sso_token(START_URL))


def printing(name: str, **members: object) -> str:
    """A command line that prints these members as JSON."""
    return f"sh -c 'printf %s \"$0\"' {json.dumps(json.dumps(members))}"


def process() -> Iterator[Case]:
    good = {"Version": 1, "AccessKeyId": "ASIAS_PROCESS",
            "SecretAccessKey": "secret-of-S_PROCESS", "SessionToken": "token-of-S_PROCESS",
            "Expiration": iso(7200)}

    def of(name: str, command: str | None = None, env: dict[str, str] | None = None,
           credentials: str | None = None, more: str = "", **members: object) -> Case:
        answer = {key: value for key, value in {**good, **members}.items() if value is not None}
        line = command or printing(name, **answer)
        return case(f"process {name}", env, credentials=credentials,
                    config=f"[default]\ncredential_process = {line}\n{more}")

    yield of("session")
    yield of("for ever", Expiration=None)
    yield of("without token", AccessKeyId="AKIAPROCESS", SecretAccessKey="secret-of-PROCESS",
             SessionToken=None, Expiration=None)
    yield of("with account", AccountId="131313131313")
    yield of("expired", Expiration=iso(-60))
    yield of("expires soon", Expiration=iso(SOON_S))
    yield of("odd expiry", Expiration="2099-01-02T03:04:05+01:00")
    yield of("bad expiry", Expiration="tomorrow")
    yield of("version 2", Version=2)
    yield of("version as text", Version="1")
    yield of("without version", Version=None)
    yield of("without id", AccessKeyId=None)
    yield of("without secret", SecretAccessKey=None)
    yield of("garbage", "echo hello")
    yield of("nothing", "true")
    yield of("list", "echo []")
    yield of("fails", "false")
    yield of("fails with keys", f"sh -c 'printf %s \"$0\"; exit 3' {json.dumps(json.dumps(good))}")
    yield of("missing", "/nonexistent/program")
    yield of("unfinished quote", "echo 'a")
    yield of("without shell", 'echo "{}" > /tmp/never')
    yield of("on standard error", "sh -c 'echo {} >&2'")
    yield of("from path", "env sh -c 'printf %s \"$0\"' " + json.dumps(json.dumps(good)))
    yield of("after credentials file", credentials="[default]\n" + keys("FILE"))
    yield of("before config file", more=keys("CONFIG"))
    yield of("before container", env=CONTAINER)
    yield of("fails before container", "false", env=CONTAINER)
    yield of("after sso without login", more=SSO + SSO_ROLE)
    yield case("process in credentials file", credentials="[default]\ncredential_process = "
               + printing("p", **good) + "\n")
    yield case("process expands nothing", {"X": "value"}, config="[default]\n"
               "credential_process = sh -c 'test \"$0\" = \"value\"' $X\n")


def container() -> Iterator[Case]:
    def of(name: str, uri: str = "@CONTAINER@", files: dict[str, str | bytes] | None = None,
           **env: str) -> Case:
        return case(f"container {name}", {"AWS_CONTAINER_CREDENTIALS_FULL_URI": uri, **env},
                    files=files)

    token = {"AWS_CONTAINER_AUTHORIZATION_TOKEN": "Bearer let-me-in"}
    by_file = {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "@HOME@/auth"}
    guarded = "@CONTAINER_TOKEN@"
    yield of("full uri")
    yield of("token", guarded, **token)
    yield of("without token", guarded)
    yield of("wrong token", guarded, AWS_CONTAINER_AUTHORIZATION_TOKEN="other")
    yield of("token file", guarded, {"auth": "Bearer let-me-in"}, **by_file)
    yield of("token file first", guarded, {"auth": "Bearer let-me-in"}, **by_file,
             AWS_CONTAINER_AUTHORIZATION_TOKEN="other")
    yield of("token file missing", guarded, **by_file, **token)
    yield of("token with line end", guarded, AWS_CONTAINER_AUTHORIZATION_TOKEN="Bearer let-me-in\n")
    yield of("token file with line end", guarded, {"auth": "Bearer let-me-in\n"}, **by_file)
    yield of("token file with CRLF", guarded, {"auth": "Bearer let-me-in\r\nX: y"}, **by_file)
    yield of("empty token", AWS_CONTAINER_AUTHORIZATION_TOKEN="")
    yield of("broken", "@CONTAINER_BROKEN@")
    yield of("expired", "@CONTAINER_EXPIRED@")
    yield of("nobody there", "@CLOSED@/x")
    yield of("not found", "@CONTAINER@/other")
    yield of("foreign host", "http://example.invalid/creds")
    yield of("foreign address", "http://192.0.2.1/creds")
    yield of("look-alike", "http://127.0.0.1.example.invalid/creds")
    yield of("user before host", "http://127.0.0.1@example.invalid/creds")
    yield of("no url", "nonsense")
    yield of("other scheme", "ftp://127.0.0.1/creds")
    yield of("localhost", "@CONTAINER_LOCALHOST@")
    yield of("before imds", **IMDS)
    yield of("broken before imds", "@CLOSED@/x", **IMDS)
    yield case("container after file", CONTAINER, credentials="[default]\n" + keys("FILE"))
    yield case("container after config", CONTAINER, config="[default]\n" + keys("CONFIG"))
    yield case("container after half", CONTAINER,
               credentials="[default]\naws_access_key_id = AKIAFILE\n")


def imds() -> Iterator[Case]:
    def of(name: str, endpoint: str = "@IMDS@", config: str | None = None, **env: str) -> Case:
        return case(f"imds {name}", {"AWS_EC2_METADATA_SERVICE_ENDPOINT": endpoint, **env},
                    config=config)

    yield of("v2")
    yield of("v2 with slash", "@IMDS@/")
    yield of("v1 allowed", "@IMDS_V1@")
    yield of("v1 only", "@IMDS_NO_TOKEN@")
    yield of("v1 only but disabled", "@IMDS_NO_TOKEN@", AWS_EC2_METADATA_V1_DISABLED="true")
    yield of("v1 disabled by config", "@IMDS_NO_TOKEN@",
             "[default]\nec2_metadata_v1_disabled = true\n")
    yield of("v2 with v1 disabled", AWS_EC2_METADATA_V1_DISABLED="true")
    yield of("disabled", AWS_EC2_METADATA_DISABLED="true")
    yield of("disabled in capitals", AWS_EC2_METADATA_DISABLED="TRUE")
    yield of("disabled by nonsense", AWS_EC2_METADATA_DISABLED="yes")
    yield of("not disabled", AWS_EC2_METADATA_DISABLED="false")
    yield of("without role", "@IMDS_NO_ROLE@")
    yield of("broken", "@IMDS_BROKEN@")
    yield of("partial", "@IMDS_PARTIAL@")
    yield of("expired", "@IMDS_EXPIRED@")
    yield of("nobody there", "@CLOSED@")
    yield of("mode beside endpoint", AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE="IPv6")
    yield of("unknown mode", AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE="IPv5")
    yield of("no url", "nonsense")
    yield case("imds by config", {"AWS_EC2_METADATA_SERVICE_ENDPOINT": None},
               config="[default]\nec2_metadata_service_endpoint = @IMDS@\n")
    yield case("imds after half", IMDS, config="[default]\naws_access_key_id = AKIAFILE\n")
    yield case("imds and missing profile", {**IMDS, "AWS_PROFILE": "nobody"})
    yield case("imds and unfinished role", IMDS, config="[default]\n" + role())


# What stands in one place at a time; the generated cases have every pair of them.
DIMENSIONS: dict[str, dict[str, dict[str, str]]] = {
    "env": {"none": {}, "keys": variables("ENV"), "session": variables("S_ENV"),
            "half": {"AWS_ACCESS_KEY_ID": "AKIAENV"}},
    "profile": {"default": {}, "p": {"AWS_PROFILE": "p"}, "nobody": {"AWS_PROFILE": "nobody"}},
    "web": {"none": {}, "whole": WEB, "no role": {"AWS_WEB_IDENTITY_TOKEN_FILE": "@HOME@/token"}},
    "container": {"none": {}, "good": CONTAINER,
                  "gone": {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "@CLOSED@/x"}},
    "imds": {"none": {}, "good": IMDS, "off": {**IMDS, "AWS_EC2_METADATA_DISABLED": "true"}},
    "credentials": {"none": {}, "keys": {"credentials": keys("FILE")},
                    "half": {"credentials": "aws_access_key_id = AKIAFILE\n"},
                    "source": {"credentials": "source_profile = source\n"}},
    "config": {"none": {}, "keys": {"config": keys("CONFIG")},
               "role": {"config": role(source_profile="source")},
               "role without source": {"config": role()},
               "role from imds": {"config": role(credential_source="Ec2InstanceMetadata")},
               "sso": {"config": SSO + SSO_ROLE},
               "process": {"config": "credential_process = " + printing(
                   "p", Version=1, AccessKeyId="AKIAPROCESS",
                   SecretAccessKey="secret-of-PROCESS") + "\n" + keys("CONFIG")}},
}


def generated() -> Iterator[Case]:
    """In both profiles the same stands, in the one in use with other keys."""
    for chosen in pairwise({name: list(values) for name, values in DIMENSIONS.items()}):
        settings: dict[str, str] = {}
        for name, value in chosen.items():
            settings |= DIMENSIONS[name][value]
        credentials, config = settings.pop("credentials", ""), settings.pop("config", "")
        name = "p" if chosen["profile"] == "p" else "default"
        head = "[default]" if name == "default" else "[profile p]"
        yield case("pairs " + ", ".join(f"{key} {value}" for key, value in chosen.items()
                                        if value not in ("none", "default")), settings,
                   credentials=f"[{name}]\n{credentials}" if credentials else None,
                   config=f"{head}\n{config}{SOURCE}" if config else None,
                   files={**TOKEN, **sso_token(START_URL)})


def all_cases() -> list[Case]:
    groups = (environment, profiles, ini, roles, web_identity, sso, process, container, imds,
              generated)
    return [one for group in groups for one in group()]
