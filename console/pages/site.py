"""The site: all pages as one application, with its own table of failures, and what the pages need."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from console.bootstrap import House
from console.login import pages as login
from console.login.development import OwnLogins
from console.login.kept import KeptForms
from console.login.oidc import Providers
from console.login.providers import read_providers
from console.login.sessions import Limits, Sessions
from console.pages import (
    actions,
    appointments,
    asking,
    assets,
    batches,
    cases,
    check_in,
    conversation,
    copies,
    corrections,
    direction,
    erasures,
    exports,
    facets,
    film,
    goals,
    guides,
    handover,
    history,
    holds,
    home,
    insights,
    keeping,
    kept,
    meeting,
    notes,
    partner,
    patience,
    person,
    plan,
    policy,
    questions,
    readers,
    reminders,
    reports,
    reviews,
    roster,
    sharing,
    timeline,
    verification,
    waiting,
    writing_guide,
    years,
)
from console.pages.asking import Askable
from console.pages.cases import CaseTeller, Docket
from console.pages.companions import Companions
from console.pages.exports import Shelf
from console.pages.failures import install
from console.pages.keeping import Keeper
from console.pages.keys import FormKeys
from console.pages.names import Names
from console.pages.person import PersonFile
from console.pages.reviews import Reviewer
from console.pages.security import Guarded
from console.pages.seen import Seen
from console.pages.waiting import Desk
from console.pages.way import Ways
from services.people.relations import Relationships
from shared.eventstore.rootkeys import FORMS, LOGINS
from shared.settings import Settings
from shared.tokens import Issuer

_PLACES = (
    assets, login, kept, home, questions, facets, direction, sharing, appointments, notes, meeting,
    patience, conversation, plan, goals, actions, reports, check_in, handover, partner, history,
    readers, reminders, insights, batches, roster, person, waiting, guides, policy, keeping, holds,
    erasures, copies, corrections, reviews, asking, cases, timeline, film, verification, exports,
    years, writing_guide,
)  # fmt: skip


def create_site(settings: Settings) -> FastAPI:
    """The pages; whoever mounts them gives them the API's `state`, with what `provide_pages` adds."""
    site = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    for place in _PLACES:
        site.include_router(place.router)
    install(site)
    site.add_middleware(Guarded, secure=settings.pages_are_secure)
    return site


def provide_pages(house: House, settings: Settings) -> dict[type, Any]:
    """What pages ask for besides what the API's routes do, by its class."""
    record, root = house.record, house.record.vault.root
    own = settings.issuer_path if settings.may_log_in_by_itself else None
    issuer = Issuer.of_file(own) if own and own.exists() else None
    limits = Limits.of(settings.session_idle, settings.session_longest)
    names = Names(house.contacts.contacts_of)
    teller = CaseTeller(record, names)
    relationships = Relationships(record)
    readers, offering = (house.conversation_reader, house.plan_reader), house.contacts.offering
    seen = Seen(record, *readers, house.both_sides, names, offering)
    return {
        Seen: seen,
        Settings: settings,
        Sessions: Sessions(record, limits),
        KeptForms: KeptForms(record),
        FormKeys: FormKeys(root.derive(FORMS)),
        Providers: Providers(read_providers(settings.logins_file), root.derive(LOGINS)),
        OwnLogins: OwnLogins(record, house.roster, issuer),
        Names: names,
        Relationships: relationships,
        Companions: Companions(record, house.cycle_list, names),
        Desk: Desk(
            record,
            house.permission,
            names,
            house.cycle_list,
            house.roster,
            house.oversight.cases,
            teller,
            house.oversight.packages,
        ),
        CaseTeller: teller,
        Docket: Docket(house.oversight.cases, teller),
        Reviewer: Reviewer(house.permission, house.oversight.packages),
        Shelf: Shelf(record, house.oversight.exports),
        Keeper: Keeper(record, house.permission, house.people),
        Askable: Askable(record, house.permission, house.oversight.timeline),
        PersonFile: PersonFile(record, house.permission, house.people, house.cycles, names),
        Ways: Ways(house.cycles, seen, relationships, names),
    }


def pages() -> Iterator[APIRoute]:
    """Every page and form there is; each has a name of its own."""
    for place in _PLACES:
        yield from (route for route in place.router.routes if isinstance(route, APIRoute))
