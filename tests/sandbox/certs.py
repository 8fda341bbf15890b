"""A CA of the sandbox's own, and a certificate for whatever registry host a client asks for."""

import datetime
import ipaddress
import ssl
from pathlib import Path
from typing import Callable

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = datetime.timedelta(days=1)


class Authority:
    """Makes certificates; `ca_file` is what a client has to trust."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ca_file = folder / "ca.pem"
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._certificate = self._sign("ecr sandbox CA", self._key.public_key(), None, self._key)
        self.ca_file.write_bytes(_pem(self._certificate))

    def _sign(self, name: str, public_key: ec.EllipticCurvePublicKey,
              names: list[x509.GeneralName] | None, signer: ec.EllipticCurvePrivateKey,
              expired: bool = False, issuer: x509.Name | None = None) -> x509.Certificate:
        now = datetime.datetime.now(datetime.timezone.utc)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
        builder = (x509.CertificateBuilder().subject_name(subject)
                   .issuer_name(issuer or subject).public_key(public_key)
                   .serial_number(x509.random_serial_number())
                   .not_valid_before(now - 30 * DAY)
                   .not_valid_after(now - DAY if expired else now + 30 * DAY)
                   .add_extension(x509.BasicConstraints(names is None, None), True)
                   .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), False)
                   .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(
                       signer.public_key()), False)
                   .add_extension(_usage(names is None), True))
        if names is not None:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), False)
            builder = builder.add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
        return builder.sign(signer, hashes.SHA256())

    def context(self, host: str, kind: str = "good") -> ssl.SSLContext:
        """A server's context for `host`; `kind` as the setting `certificate` names them."""
        key = ec.generate_private_key(ec.SECP256R1())
        shown = "wrong.example.com" if kind == "wrong_name" else host
        names: list[x509.GeneralName] = [x509.DNSName(shown)]
        if kind == "good":
            names += [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        own = kind == "self_signed"
        certificate = self._sign(shown, key.public_key(), names, key if own else self._key,
                                 kind == "expired", None if own else self._certificate.subject)
        path = self.folder / f"certificate-{certificate.serial_number}.pem"
        path.touch(0o600)
        path.write_bytes(_pem(certificate) + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption()))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


def listening_context(authority: Authority, default_host: str,
                      kind: Callable[[], str]) -> ssl.SSLContext:
    """The listener's context: the certificate follows the name asked for and the setting."""
    made: dict[tuple[str, str], ssl.SSLContext] = {}

    def choose(connection: ssl.SSLObject, asked: str | None, _: ssl.SSLContext) -> None:
        setattr(connection, "asked_for", asked)  # for the log of requests
        key = (asked or default_host, kind())
        if key not in made:
            made[key] = authority.context(*key)
        connection.context = made[key]

    context = authority.context(default_host)
    context.sni_callback = choose
    return context


def _usage(ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(digital_signature=not ca, content_commitment=False,
                         key_encipherment=False, data_encipherment=False, key_agreement=False,
                         key_cert_sign=ca, crl_sign=ca, encipher_only=False, decipher_only=False)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
