"""Who may use which route, and which words they then see: written by hand, from docs/access.md.

A viewer is the employee (`self`; `moved`, whose partner has changed since), another employee
(`stranger`), Pat as the partner of `now`, of `earlier`, of `later` (whom nothing was shown that was
before), of `again` (who was it before a rehire too: like `later` where nothing else is said) or of
`never`, or a role. Whoever isn't named may not. The words are those that a viewer gets
to see, all of them and no others; `-` means that the route is allowed and shows none.

A new route gets a line here: `may("hr admin")` where it shows nobody's words, else a `Row`.
"""

from __future__ import annotations

from dataclasses import dataclass

Seen = dict[str, str]
ALIKE = {"moved": "self", "again": "later"}


@dataclass(frozen=True)
class Row:
    """Who may where something was shared and proposed, and where nothing was."""

    shared: Seen
    unshared: Seen

    def seen(self, viewer: str, *, shared: bool) -> set[str] | None:
        """The words that a viewer sees; None where they may not."""
        row = self.shared if shared else self.unshared
        words = row.get(viewer if viewer in row else ALIKE.get(viewer, viewer))
        return None if words is None else set(words.split()) - {"-"}


def may(viewers: str) -> Row:
    """These may, shared or not, and see nobody's words."""
    seen = dict.fromkeys(viewers.split(), "-")
    return Row(seen, seen)


def always(**seen: str) -> Row:
    """These see these words, shared or not."""
    return Row(seen, seen)


EVERYBODY = "self stranger now earlier later never hr auditor dpo ops platform admin"
KEEPERS = "hr platform admin"
MINE = "answer facet comment note-mine note-to-partner note-to-me"
PLAN = "goal success title-mentor title-own"
PLANNERS = Row({"self": "-", "now": "-"}, {"self": "-"})
REPORTERS = Row(
    {"self": "-", "now": "-", "earlier": "-", "later": "-"},  # a promise: own, and open ones
    {"self": "-"},
)
TALKERS = may("self now later")
OWN = may("self")
ADMIN = may("admin")
MACHINES = may("platform admin")

TABLE: dict[str, Row] = {
    "PUT /v1/people/{person}": may(KEEPERS),
    "GET /v1/people": always(**dict.fromkeys(["hr", "platform", "dpo", "admin"], "name")),
    "GET /v1/people/{person}": always(
        **dict.fromkeys(["self", "now", "later", "hr", "platform", "dpo", "admin"], "name")
    ),
    "POST /v1/people/{person}:leave": may(KEEPERS),
    "POST /v1/people/{person}:return": may(KEEPERS),
    "POST /v1/people/{person}:hold": may("dpo admin"),
    "POST /v1/people/{person}:release": may("dpo admin"),
    "POST /v1/people/{person}:erase": may("dpo"),
    "POST /v1/people/{person}:propose-partner": OWN,
    "GET /v1/holds": may("hr dpo admin"),
    "GET /v1/retention": may("hr dpo admin"),
    "GET /v1/feeds": may("hr platform dpo admin"),
    "POST /v1/feeds:release": may("hr admin"),
    "GET /v1/people/{person}/handover": OWN,
    "POST /v1/people/{person}/handover": OWN,
    "GET /v1/people/{person}/mentoring": may("self hr platform dpo admin"),
    "PUT /v1/people/{person}/mentoring": OWN,
    "DELETE /v1/people/{person}/mentoring": OWN,
    "GET /v1/people/{person}/disclosures": may("self auditor dpo"),
    "POST /v1/people:import": may(KEEPERS),
    "POST /v1/clients": ADMIN,
    "GET /v1/clients": ADMIN,
    "GET /v1/clients/{client}": ADMIN,
    "POST /v1/clients/{client}:rotate": ADMIN,
    "DELETE /v1/clients/{client}": ADMIN,
    "GET /v1/events": MACHINES,
    "GET /v1/events/types": MACHINES,
    "POST /v1/webhooks": MACHINES,
    "GET /v1/webhooks": MACHINES,
    "GET /v1/webhooks/{id}": MACHINES,
    "PUT /v1/webhooks/{id}": MACHINES,
    "DELETE /v1/webhooks/{id}": MACHINES,
    "POST /v1/webhooks/{id}:rotate": MACHINES,
    "POST /v1/webhooks/{id}:disable": MACHINES,
    "POST /v1/webhooks/{id}:enable": MACHINES,
    "POST /v1/webhooks/{id}:replay": MACHINES,
    "GET /v1/webhooks/{id}/deliveries": MACHINES,
    "POST /v1/webhooks/{id}/deliveries/{delivery}:retry": MACHINES,
    "POST /v1/webhooks/{id}/deliveries/{delivery}:skip": MACHINES,
    "POST /v1/cycles": may(KEEPERS),
    "GET /v1/cycles": may(EVERYBODY),
    "GET /v1/cycles/{id}": may("self now later hr auditor dpo ops platform admin"),
    "POST /v1/cycles/{id}:suspend": may(KEEPERS),
    "POST /v1/cycles/{id}:resume": may(KEEPERS),
    "POST /v1/cycles/{id}:close": may(KEEPERS),
    "GET /v1/notices": may("hr platform ops admin"),
    "POST /v1/cycles:batch": may(KEEPERS),
    "GET /v1/batches/{id}": may("hr platform ops admin"),
    "GET /v1/batches/{id}/exclusions": may("hr platform ops admin"),
    "POST /v1/batches/{id}:cancel": may(KEEPERS),
    "GET /v1/policy": may("hr platform auditor dpo admin"),
    "PUT /v1/policy": may(KEEPERS),
    "GET /v1/guides": may(EVERYBODY),
    "GET /v1/guides/{guide}/{version}": may(EVERYBODY),
    "POST /v1/guides/{guide}": may(KEEPERS),
    "POST /v1/guides/{guide}/{version}:approve": may("hr admin"),
    "POST /v1/guides/{guide}/{version}:withdraw-approval": may("hr admin"),
    "GET /v1/conversations": TALKERS,
    "GET /v1/conversations/{id}": Row(
        {
            "self": f"{MINE} correction place",
            "moved": f"{MINE} correction",
            "now": "answer correction facet comment place note-partners note-to-partner note-to-me",
            "later": "-",
            "again": "note-partners note-to-me",
        },
        {
            "self": f"{MINE} correction place",
            "moved": f"{MINE} correction",
            "now": "place note-partners note-to-partner note-to-me",
            "later": "-",
            "again": "note-partners note-to-me",
        },
    ),
    "GET /v1/conversations/{id}/comparison": always(self="facet comment", now="-", later="-"),
    "GET /v1/conversations/{id}/drafts": always(
        self="draft-mine",
        now="draft-partners",
        earlier="draft-partners",
        later="-",
        again="draft-partners",
    ),
    "GET /v1/conversations/{id}/drafts/{question}": always(
        self="draft-mine", now="draft-partners", earlier="draft-partners", again="draft-partners"
    ),
    "PUT /v1/conversations/{id}/drafts/{question}": TALKERS,
    "DELETE /v1/conversations/{id}/drafts/{question}": may("self now earlier again"),
    "PUT /v1/conversations/{id}/answers/{question}": OWN,
    "POST /v1/conversations/{id}/answers/{question}:set-aside": OWN,
    "POST /v1/conversations/{id}/answers/{question}:decline": OWN,
    "PUT /v1/conversations/{id}/facets/{facet}": OWN,
    "DELETE /v1/conversations/{id}/facets/{facet}": OWN,
    "PUT /v1/conversations/{id}/direction": OWN,
    "POST /v1/conversations/{id}:share": OWN,
    "POST /v1/conversations/{id}:unshare": OWN,
    "GET /v1/conversations/{id}/notes": always(
        self="note-mine note-to-partner note-to-me",
        now="note-partners note-to-partner note-to-me",
        earlier="note-partners note-to-me",
        later="-",
        again="note-partners note-to-me",
        dpo="note-partners note-to-me",
    ),
    "POST /v1/conversations/{id}/notes": TALKERS,
    "POST /v1/conversations/{id}:schedule": TALKERS,
    "POST /v1/conversations/{id}:unschedule": TALKERS,
    "GET /v1/conversations/{id}/invite.ics": always(
        self="place name", moved="-", now="place name", later="-"
    ),
    "POST /v1/conversations/{id}:pause": OWN,
    "POST /v1/conversations/{id}:resume": OWN,
    "POST /v1/conversations/{id}:decline": OWN,
    "POST /v1/conversations/{id}:claim-held": may("now later"),
    "POST /v1/conversations/{id}:conclude": OWN,
    "GET /v1/plans": TALKERS,
    "GET /v1/promises": may("self stranger now earlier later never hr auditor dpo"),
    "GET /v1/plans/{id}": Row(
        {
            "self": PLAN,
            "now": PLAN,
            "earlier": "title-mentor",
            "later": "title-mentor",
            "hr": "title-mentor",
            "dpo": "title-mentor",
            "auditor": "-",
            "platform": "-",
        },
        {"self": PLAN, "hr": "-", "auditor": "-", "platform": "-"},
    ),
    "GET /v1/plans/{id}/diff": Row({"self": PLAN, "now": "-"}, {"self": PLAN}),
    "GET /v1/plans/{id}/suggestions": PLANNERS,
    "PUT /v1/plans/{id}/goals/{goal}": PLANNERS,
    "DELETE /v1/plans/{id}/goals/{goal}": PLANNERS,
    "PUT /v1/plans/{id}/actions/{action}": PLANNERS,
    "POST /v1/plans/{id}/actions/{action}:start": REPORTERS,
    "POST /v1/plans/{id}/actions/{action}:done": REPORTERS,
    "POST /v1/plans/{id}/actions/{action}:not-done": REPORTERS,
    "POST /v1/plans/{id}/actions/{action}:block": REPORTERS,
    "POST /v1/plans/{id}/actions/{action}:drop": PLANNERS,
    "POST /v1/plans/{id}/actions/{action}:carry-over": PLANNERS,
    "POST /v1/plans/{id}:propose": PLANNERS,
    "POST /v1/plans/{id}:agree": PLANNERS,
    "POST /v1/plans/{id}:request-changes": PLANNERS,
    "POST /v1/plans/{id}:close": OWN,
    "POST /v1/plans/{id}:check-in": PLANNERS,
    "GET /v1/insights/coverage": may("hr platform dpo admin"),
    "GET /v1/insights/consistency": may("hr platform dpo admin"),
    "GET /v1/insights/opportunity": may("hr platform dpo admin"),
    "GET /v1/insights/promises": may("hr platform dpo admin"),
    "GET /v1/audit/timeline": may("auditor dpo"),
    "GET /v1/audit/checkpoint": may("auditor dpo"),
    "GET /v1/audit/proofs/inclusion": may("auditor dpo"),
    "GET /v1/audit/proofs/consistency": may("auditor dpo"),
    "GET /v1/audit/{kind}/{id}": may("auditor dpo"),
    "GET /v1/audit/{kind}/{id}/diff": may("auditor dpo"),
    "GET /v1/audit/visibility": may("auditor dpo"),
    "POST /v1/audit/cases": may("auditor"),
    "GET /v1/audit/cases": may("auditor dpo hr admin"),
    "GET /v1/audit/cases/{id}": may("self auditor dpo hr admin"),
    "POST /v1/audit/cases/{id}:approve": may("dpo hr admin"),
    "POST /v1/audit/cases/{id}:refuse": may("dpo hr admin"),
    "POST /v1/audit/cases/{id}:revoke": may("dpo hr admin"),
    "GET /v1/audit/cases/{id}/words": may("auditor"),
    "GET /v1/people/{person}/cases": may("self auditor dpo hr admin"),
    "GET /v1/people/{person}/access-package": always(
        self=f"name {MINE} correction place draft-mine {PLAN}", dpo="-"
    ),
    "POST /v1/people/{person}/corrections": OWN,
    "GET /v1/people/{person}/corrections": always(self="correction", hr="-", dpo="-", admin="-"),
    "DELETE /v1/people/{person}/corrections/{correction}": OWN,
    "GET /v1/people/{person}/access-package/request": may("self dpo"),
    "POST /v1/people/{person}/access-package:request": may("self dpo"),
    "GET /v1/people/{person}/access-package/notes": may("dpo"),
    "POST /v1/people/{person}/access-package:review": may("dpo"),
    "POST /v1/audit/exports": may("auditor dpo"),
    "GET /v1/audit/exports/{id}": may("auditor dpo"),
    "GET /v1/audit/exports/{id}/bundle": may("auditor dpo"),
}
