"""The SCIM users that Cairn serves: what a roster needs of them, and how leniently they are read."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import BeforeValidator, Field
from scim2_models import (
    URN,
    AnyExtension,
    AuthenticationScheme,
    Bulk,
    CaseExact,
    ChangePassword,
    ComplexAttribute,
    Email,
    ETag,
    Extension,
    Filter,
    Patch,
    Reference,
    Required,
    Resource,
    ResourceType,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
    Uniqueness,
)

from services.people.employment import Profile

LARGEST_PAGE = 200
_ZONES = available_timezones()
_LOCALE = r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*"
_ID = r"[A-Za-z0-9._@+-]{1,128}"
_NO_CODE = r"[^A-Za-z0-9._@+-]+"


class Name(ComplexAttribute):
    """The parts of a person's name."""

    formatted: str | None = None
    family_name: str | None = None
    given_name: str | None = None


class User(Resource[AnyExtension]):
    """A person, as an identity provider knows them."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    name: Name | None = None
    display_name: str | None = None
    preferred_language: str | None = None
    locale: str | None = None
    timezone: str | None = None
    active: bool | None = None
    emails: list[Email] | None = None


class PartnerLink(ComplexAttribute):
    """The conversation partner, by the id of their user."""

    value: Annotated[str | None, CaseExact.true] = None
    ref: Reference[User] | None = Field(  # type: ignore[type-arg]
        None, serialization_alias="$ref", validation_alias="$ref"
    )


def _as_link(value: Any) -> Any:
    """Entra sends a bare id, or a list of one; whoever sends an address only means its id."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, dict) and "value" not in value and isinstance(value.get("$ref"), str):
        value = value["$ref"].rpartition("/")[2]
    return {"value": value} if isinstance(value, str) else value


class EnterpriseUser(Extension):
    """What a company knows of a person."""

    __schema__ = URN("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")

    employee_number: str | None = None
    department: str | None = None
    manager: Annotated[PartnerLink | None, BeforeValidator(_as_link)] = None


MODEL: Any = User[EnterpriseUser]

PROVIDER = ScimProvider(
    models=[User, EnterpriseUser],
    resource_types=[ResourceType.from_resource(MODEL)],
    config=ServiceProviderConfig(
        patch=Patch(supported=True),
        bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
        filter=Filter(supported=True, max_results=LARGEST_PAGE),
        change_password=ChangePassword(supported=False),
        sort=Sort(supported=True),
        etag=ETag(supported=True),
        authentication_schemes=[
            AuthenticationScheme(
                type=AuthenticationScheme.Type.oauthbearertoken,
                name="Bearer token",
                description="An API key, or an access token of the customer's identity provider.",
                primary=True,
            )
        ],
    ),
    policy=ScimPolicy(
        unknown=ScimPolicy.Unknown.ignore,
        remove_value_as_filter=ScimPolicy.RemoveValue.apply,
        unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
    ),
)
"""What is told of the service, and what is let pass: attributes that a roster doesn't need, and
Entra's own ways to remove and to add."""


def person_id(user: Any) -> str | None:
    """The customer's id of a new user's person: the HR number, or else the provider's own id."""
    company = user[EnterpriseUser]
    number = company.employee_number if company else None
    candidates = (number, user.external_id, user.user_name)
    return next((each for each in candidates if each and re.fullmatch(_ID, each)), None)


def manager_id(user: Any) -> str | None:
    """The person that the user's manager is."""
    company = user[EnterpriseUser]
    return (company.manager.value or None) if company and company.manager else None


def is_id(text: str) -> bool:
    return re.fullmatch(_ID, text) is not None


def profile_of(user: Any, was: Any, known: Profile | None) -> Profile:
    """What the roster takes of a user; what SCIM doesn't know, or never knew here, stays as it is."""
    before = known or Profile(name="", email="")
    return Profile(
        name=_name(user),
        email=_email(user) or before.email,
        department=_department(user, was, before.department),
        location=before.location,
        legal_entity=before.legal_entity,
        timezone=user.timezone if user.timezone in _ZONES else before.timezone,
        locale=_locale(user) or before.locale,
        start_date=before.start_date,
        end_date=before.end_date,
        status=_status(user, was, before.status),
    )


def _status(user: Any, was: Any, before: str) -> str:
    """As SCIM says it now; where it says nothing, or nothing new, as the HR system said it."""
    earlier = was.active if was is not None else None
    if user.active == earlier or (user.active is None and earlier):
        return before
    return "inactive" if user.active is False else "active"


def _name(user: Any) -> str:
    parts = user.name
    joined = " ".join(p for p in (parts.given_name, parts.family_name) if p) if parts else ""
    formatted = parts.formatted if parts else None
    return str(user.display_name or formatted or joined or user.user_name)


def _email(user: Any) -> str | None:
    emails = [email for email in user.emails or [] if email.value]
    first = next((email for email in emails if email.primary), emails[0] if emails else None)
    if first is not None:
        return str(first.value)
    return user.user_name if "@" in user.user_name else None


def _department(user: Any, was: Any, before: str | None) -> str | None:
    text, earlier = _department_text(user), _department_text(was)
    if text is None:
        return before if earlier is None else None
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(_NO_CODE, "-", plain).strip("-")[:128] or None


def _department_text(user: Any) -> str | None:
    company = user[EnterpriseUser] if user is not None else None
    return (company.department or None) if company else None


def _locale(user: Any) -> str | None:
    for text in (user.preferred_language, user.locale):
        plain = (text or "").replace("_", "-")
        plain = plain[:2].lower() + plain[2:]
        if re.fullmatch(_LOCALE, plain):
            return plain
    return None
