"""All operations of the API. Made by generate.py of docs/openapi.json."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, Self, cast
from urllib.parse import quote

import httpx2

from cairn_client.calling import Calling, Token
from cairn_client.schemas import (
    AnswerReceipt,
    ApprovalBody,
    ApprovalReceipt,
    Batch,
    BatchBody,
    BatchReceipt,
    BlockBody,
    BundleLine,
    Case,
    CaseBody,
    CasePage,
    CaseReceipt,
    CaseWordsPage,
    Certificate,
    CheckInBody,
    Checkpoint,
    Client,
    ClientBody,
    ClientPage,
    ClientReceipt,
    CloudEvent,
    CloudEventPage,
    CoachingBody,
    CommentBody,
    Comparison,
    ConcludeBody,
    ConsistencyInsight,
    Conversation,
    ConversationReceipt,
    Correction,
    CorrectionBody,
    CorrectionPage,
    CorrectionReceipt,
    CoverageInsight,
    Cycle,
    CyclePage,
    Delivery,
    DeliveryPage,
    Diff,
    Difference,
    DirectionBody,
    Disclosure,
    DisclosurePage,
    Draft,
    DraftPage,
    DraftReceipt,
    DraftThrownAway,
    EnrichmentBody,
    EntityBody,
    EraseBody,
    EventTypePage,
    Exclusion,
    ExclusionPage,
    Export,
    ExportBody,
    ExportReceipt,
    FacetBody,
    FeedBody,
    FeedPage,
    FeedReceipt,
    GoalBody,
    Guide,
    GuideBody,
    GuideReceipt,
    Handover,
    HandoverBody,
    HeldBody,
    Hold,
    HoldBody,
    HoldPage,
    ImportedLine,
    Inclusion,
    LeaveBody,
    ListedConversation,
    ListedConversationPage,
    ListedGuide,
    ListedGuidePage,
    ListedPerson,
    ListedPersonPage,
    ListedPlan,
    ListedPlanPage,
    ListedPromise,
    ListedPromisePage,
    MeetingReceipt,
    Mentoring,
    MentoringBody,
    Note,
    NoteBody,
    NotePage,
    NoteReceipt,
    NoteToReviewPage,
    Notice,
    NoticePage,
    OfferBody,
    OpportunityInsight,
    OtherBody,
    OverlapBody,
    PackageReceipt,
    PackageRequest,
    PartnerBody,
    Person,
    PersonReceipt,
    Plan,
    PlanReceipt,
    Policy,
    PolicyBody,
    PolicyReceipt,
    ProfileBody,
    PromiseInsight,
    Proof,
    PutReceipt,
    Receipt,
    Replay,
    ReplayBody,
    Retention,
    ReturnBody,
    ReviewBody,
    RotateBody,
    ScheduleBody,
    ShareBody,
    StartBody,
    SteerBody,
    StretchBody,
    Suggestions,
    TextBody,
    TimelineItem,
    TimelineItemPage,
    UntilBody,
    Visibility,
    Webhook,
    WebhookBody,
    WebhookPage,
    WebhookReceipt,
)


def _part(value: object) -> str:
    """A value as one part of a path."""
    return quote(str(value), safe="@")


class PeopleOperations:
    """The roster: who there is, and who is whose conversation partner."""

    def __init__(self, calling: Calling) -> None:
        self._calling = calling

    def put_person(
        self,
        person: str,
        body: ProfileBody,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> PutReceipt:
        """Register a person, or replace the profile; a last day that has passed is leaving."""
        return cast(
            "PutReceipt",
            self._calling.call(
                "PUT",
                f"/v1/people/{_part(person)}",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def get_person(self, person: str) -> Person:
        """Read one person's profile."""
        return cast("Person", self._calling.call("GET", f"/v1/people/{_part(person)}"))

    def list_people(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        department: str | None = None,
        status: Literal["active", "inactive"] | None = None,
    ) -> ListedPersonPage:
        """List the roster in the order of the people's ids."""
        return cast(
            "ListedPersonPage",
            self._calling.call(
                "GET",
                "/v1/people",
                query={
                    "limit": limit,
                    "cursor": cursor,
                    "department": department,
                    "status": status,
                },
            ),
        )

    def all_people(
        self, *, department: str | None = None, status: Literal["active", "inactive"] | None = None
    ) -> Iterator[ListedPerson]:
        """All pages of `list_people`, item by item."""
        cursor: str | None = None
        while True:
            page = self.list_people(department=department, status=status, limit=200, cursor=cursor)
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def start_leave(
        self,
        person: str,
        body: LeaveBody,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> PersonReceipt:
        """Record a long leave: the clocks of the person's cycle stand still from its first day."""
        return cast(
            "PersonReceipt",
            self._calling.call(
                "POST",
                f"/v1/people/{_part(person)}:leave",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def end_leave(
        self,
        person: str,
        body: ReturnBody | None = None,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> PersonReceipt:
        """Record the return from a leave: the clocks go on two weeks later."""
        return cast(
            "PersonReceipt",
            self._calling.call(
                "POST",
                f"/v1/people/{_part(person)}:return",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def place_hold(
        self,
        person: str,
        body: HoldBody,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> PersonReceipt:
        """Keep a record for a legal reason: no erasure, no retention, and nobody sees more than
        before.
        """
        return cast(
            "PersonReceipt",
            self._calling.call(
                "POST",
                f"/v1/people/{_part(person)}:hold",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def erase_person(
        self,
        person: str,
        body: EraseBody | None = None,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> Certificate:
        """Delete all words of and about a person for ever; refused under a hold. Answers a
        certificate.
        """
        return cast(
            "Certificate",
            self._calling.call(
                "POST",
                f"/v1/people/{_part(person)}:erase",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def release_hold(
        self, person: str, *, idempotency_key: str | None = None, if_match: int | None = None
    ) -> PersonReceipt:
        """Release a legal hold."""
        return cast(
            "PersonReceipt",
            self._calling.call(
                "POST",
                f"/v1/people/{_part(person)}:release",
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def propose_partner(
        self,
        person: str,
        body: PartnerBody,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> PersonReceipt:
        """Say with whom one would like to talk; HR names the partner."""
        return cast(
            "PersonReceipt",
            self._calling.call(
                "POST",
                f"/v1/people/{_part(person)}:propose-partner",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def list_stopped_feeds(
        self,
    ) -> FeedPage:
        """Legal entities whose feed wanted to close too many people in a day, and waits for a
        person.
        """
        return cast("FeedPage", self._calling.call("GET", "/v1/feeds"))

    def release_feed(
        self, body: FeedBody, *, idempotency_key: str | None = None, if_match: int | None = None
    ) -> FeedReceipt:
        """Let a stopped feed go on; for the rest of this day it closes whom it wants."""
        return cast(
            "FeedReceipt",
            self._calling.call(
                "POST",
                "/v1/feeds:release",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def get_handover(self, person: str) -> Handover:
        """What one's present partner was handed over of what was before them."""
        return cast("Handover", self._calling.call("GET", f"/v1/people/{_part(person)}/handover"))

    def choose_handover(
        self,
        person: str,
        body: HandoverBody,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> PersonReceipt:
        """Choose what a new partner gets: nothing, the plan without its texts, or plan and
        answers.
        """
        return cast(
            "PersonReceipt",
            self._calling.call(
                "POST",
                f"/v1/people/{_part(person)}/handover",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def get_mentoring(self, person: str) -> Mentoring:
        """In what a person has offered to mentor, and how many people at once."""
        return cast("Mentoring", self._calling.call("GET", f"/v1/people/{_part(person)}/mentoring"))

    def offer_mentoring(
        self,
        person: str,
        body: OfferBody,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> PersonReceipt:
        """Offer to mentor; whoever looks for one of these skills may be told your name."""
        return cast(
            "PersonReceipt",
            self._calling.call(
                "PUT",
                f"/v1/people/{_part(person)}/mentoring",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def withdraw_mentoring(
        self, person: str, *, idempotency_key: str | None = None, if_match: int | None = None
    ) -> PersonReceipt:
        """Take on nobody new; pairings that are agreed go on."""
        return cast(
            "PersonReceipt",
            self._calling.call(
                "DELETE",
                f"/v1/people/{_part(person)}/mentoring",
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def list_cases(
        self, person: str, *, limit: int | None = None, cursor: str | None = None
    ) -> CasePage:
        """Who asked to read a person's words, why, and whether it was granted; newest first."""
        return cast(
            "CasePage",
            self._calling.call(
                "GET", f"/v1/people/{_part(person)}/cases", query={"limit": limit, "cursor": cursor}
            ),
        )

    def all_cases(self, person: str) -> Iterator[Case]:
        """All pages of `list_cases`, item by item."""
        cursor: str | None = None
        while True:
            page = self.list_cases(person, limit=200, cursor=cursor)
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def state_correction(
        self,
        person: str,
        body: CorrectionBody,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> CorrectionReceipt:
        """Say that something on record about you is wrong; it is shown beside the original, which
        stays.
        """
        return cast(
            "CorrectionReceipt",
            self._calling.call(
                "POST",
                f"/v1/people/{_part(person)}/corrections",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def list_corrections(
        self, person: str, *, limit: int | None = None, cursor: str | None = None
    ) -> CorrectionPage:
        """What a person says is wrong on record about them; for others, in their profile."""
        return cast(
            "CorrectionPage",
            self._calling.call(
                "GET",
                f"/v1/people/{_part(person)}/corrections",
                query={"limit": limit, "cursor": cursor},
            ),
        )

    def all_corrections(self, person: str) -> Iterator[Correction]:
        """All pages of `list_corrections`, item by item."""
        cursor: str | None = None
        while True:
            page = self.list_corrections(person, limit=200, cursor=cursor)
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def withdraw_correction(
        self,
        person: str,
        correction: int,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> CorrectionReceipt:
        """Take a correction back; that it was stated stays on record."""
        return cast(
            "CorrectionReceipt",
            self._calling.call(
                "DELETE",
                f"/v1/people/{_part(person)}/corrections/{_part(correction)}",
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def fetch_package(self, person: str) -> bytes:
        """Everything that is held about a person, as a zip with a signed list of what is in it.

        `data.json` is for programs, `readable.html` for people (Accept-Language); `cairn audit
        verify` checks it anywhere. Data protection gets it for whoever has asked for it in the
        last 30 days.
        """
        return cast(
            "bytes", self._calling.call("GET", f"/v1/people/{_part(person)}/access-package")
        )

    def get_package_request(self, person: str) -> PackageRequest:
        """When a person asked for what is held, and what was decided on the notes of others."""
        return cast(
            "PackageRequest",
            self._calling.call("GET", f"/v1/people/{_part(person)}/access-package/request"),
        )

    def request_package(
        self, person: str, *, idempotency_key: str | None = None, if_match: int | None = None
    ) -> PackageReceipt:
        """Ask data protection to look at the notes of others; or put on record that somebody has
        asked.
        """
        return cast(
            "PackageReceipt",
            self._calling.call(
                "POST",
                f"/v1/people/{_part(person)}/access-package:request",
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def notes_to_review(self, person: str) -> NoteToReviewPage:
        """What others noted about the person for themselves, for data protection to decide on."""
        return cast(
            "NoteToReviewPage",
            self._calling.call("GET", f"/v1/people/{_part(person)}/access-package/notes"),
        )

    def review_note(
        self,
        person: str,
        body: ReviewBody,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> PackageReceipt:
        """Decide whether a note of somebody else is in the package; it may be about a third
        person.
        """
        return cast(
            "PackageReceipt",
            self._calling.call(
                "POST",
                f"/v1/people/{_part(person)}/access-package:review",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def list_holds(self, *, limit: int | None = None, cursor: str | None = None) -> HoldPage:
        """Every legal hold, those first whose review is due; a hold stays until somebody releases
        it.
        """
        return cast(
            "HoldPage",
            self._calling.call("GET", "/v1/holds", query={"limit": limit, "cursor": cursor}),
        )

    def all_holds(
        self,
    ) -> Iterator[Hold]:
        """All pages of `list_holds`, item by item."""
        cursor: str | None = None
        while True:
            page = self.list_holds(limit=200, cursor=cursor)
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def preview_retention(
        self,
    ) -> Retention:
        """How many people are over the time of each kind, by legal entity: what a run would come
        to now.
        """
        return cast("Retention", self._calling.call("GET", "/v1/retention"))

    def list_disclosures(
        self, person: str, *, limit: int | None = None, cursor: str | None = None
    ) -> DisclosurePage:
        """Who read a person's words, when, on what ground; newest first."""
        return cast(
            "DisclosurePage",
            self._calling.call(
                "GET",
                f"/v1/people/{_part(person)}/disclosures",
                query={"limit": limit, "cursor": cursor},
            ),
        )

    def all_disclosures(self, person: str) -> Iterator[Disclosure]:
        """All pages of `list_disclosures`, item by item."""
        cursor: str | None = None
        while True:
            page = self.list_disclosures(person, limit=200, cursor=cursor)
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def import_people(
        self,
        content: bytes,
        media_type: Literal["application/x-ndjson", "text/csv"] = "application/x-ndjson",
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> list[ImportedLine]:
        """Take a whole roster in.

        The answer has a line for each line, in the same order. Lines are what `PUT
        /v1/people/{person}` takes, with `person` besides. It can be sent again whenever
        something went wrong: what is there already is `unchanged`.
        """
        return cast(
            "list[ImportedLine]",
            self._calling.call(
                "POST",
                "/v1/people:import",
                content=content,
                media_type=media_type,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )


class CyclesOperations:
    """A person's cycle: started once, it goes on round after round for years."""

    def __init__(self, calling: Calling) -> None:
        self._calling = calling

    def start_cycle(
        self, body: StartBody, *, idempotency_key: str | None = None, if_match: int | None = None
    ) -> Cycle:
        """Start a person's cycle; 200 with the open one where there is one already."""
        return cast(
            "Cycle",
            self._calling.call(
                "POST", "/v1/cycles", body=body, idempotency_key=idempotency_key, if_match=if_match
            ),
        )

    def list_cycles(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        person: str | None = None,
        state: Literal["conversation", "planning", "developing", "follow_up", "steady", "closed"]
        | None = None,
        waiting_for: Literal["employee", "partner", "organisation", "nobody"] | None = None,
        department: str | None = None,
        partner: str | None = None,
    ) -> CyclePage:
        """List cycles; an employee gets their own, a partner those of their people."""
        return cast(
            "CyclePage",
            self._calling.call(
                "GET",
                "/v1/cycles",
                query={
                    "limit": limit,
                    "cursor": cursor,
                    "person": person,
                    "state": state,
                    "waiting_for": waiting_for,
                    "department": department,
                    "partner": partner,
                },
            ),
        )

    def all_cycles(
        self,
        *,
        person: str | None = None,
        state: Literal["conversation", "planning", "developing", "follow_up", "steady", "closed"]
        | None = None,
        waiting_for: Literal["employee", "partner", "organisation", "nobody"] | None = None,
        department: str | None = None,
        partner: str | None = None,
    ) -> Iterator[Cycle]:
        """All pages of `list_cycles`, item by item."""
        cursor: str | None = None
        while True:
            page = self.list_cycles(
                person=person,
                state=state,
                waiting_for=waiting_for,
                department=department,
                partner=partner,
                limit=200,
                cursor=cursor,
            )
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def get_cycle(self, id: str) -> Cycle:
        """Where one cycle stands, and whose turn it is."""
        return cast("Cycle", self._calling.call("GET", f"/v1/cycles/{_part(id)}"))

    def suspend_cycle(
        self,
        id: str,
        body: SteerBody,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> Receipt:
        """Let a cycle's clocks stand still; nothing is sent until it is resumed."""
        return cast(
            "Receipt",
            self._calling.call(
                "POST",
                f"/v1/cycles/{_part(id)}:suspend",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def resume_cycle(
        self, id: str, *, idempotency_key: str | None = None, if_match: int | None = None
    ) -> Receipt:
        """Let a cycle's clocks go on."""
        return cast(
            "Receipt",
            self._calling.call(
                "POST",
                f"/v1/cycles/{_part(id)}:resume",
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def close_cycle(
        self,
        id: str,
        body: SteerBody,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> Receipt:
        """End a cycle for good: its open conversation and plan are closed; the record stays."""
        return cast(
            "Receipt",
            self._calling.call(
                "POST",
                f"/v1/cycles/{_part(id)}:close",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def list_notices(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        outcome: Literal["waiting", "refused"] | None = None,
    ) -> NoticePage:
        """Mails that wait to be sent, or that will not reach anybody, each with the reason as a
        code.
        """
        return cast(
            "NoticePage",
            self._calling.call(
                "GET", "/v1/notices", query={"limit": limit, "cursor": cursor, "outcome": outcome}
            ),
        )

    def all_notices(
        self, *, outcome: Literal["waiting", "refused"] | None = None
    ) -> Iterator[Notice]:
        """All pages of `list_notices`, item by item."""
        cursor: str | None = None
        while True:
            page = self.list_notices(outcome=outcome, limit=200, cursor=cursor)
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return


class BatchesOperations:
    """Cycles for many people at once, or spread over weeks."""

    def __init__(self, calling: Calling) -> None:
        self._calling = calling

    def request_batch(
        self, body: BatchBody, *, idempotency_key: str | None = None, if_match: int | None = None
    ) -> BatchReceipt:
        """Start the cycles of many people; answers at once, and GET says how far it has come."""
        return cast(
            "BatchReceipt",
            self._calling.call(
                "POST",
                "/v1/cycles:batch",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def get_batch(self, id: str) -> Batch:
        """How many were started, existed already or were left out, each with the reason."""
        return cast("Batch", self._calling.call("GET", f"/v1/batches/{_part(id)}"))

    def list_exclusions(
        self, id: str, *, limit: int | None = None, cursor: str | None = None
    ) -> ExclusionPage:
        """Who was left out of a batch, and why, in the order in which it was found out."""
        return cast(
            "ExclusionPage",
            self._calling.call(
                "GET",
                f"/v1/batches/{_part(id)}/exclusions",
                query={"limit": limit, "cursor": cursor},
            ),
        )

    def all_exclusions(self, id: str) -> Iterator[Exclusion]:
        """All pages of `list_exclusions`, item by item."""
        cursor: str | None = None
        while True:
            page = self.list_exclusions(id, limit=200, cursor=cursor)
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def cancel_batch(
        self, id: str, *, idempotency_key: str | None = None, if_match: int | None = None
    ) -> BatchReceipt:
        """Start nobody's cycle any more; those that were started go on."""
        return cast(
            "BatchReceipt",
            self._calling.call(
                "POST",
                f"/v1/batches/{_part(id)}:cancel",
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )


class PolicyOperations:
    """All times of a cycle."""

    def __init__(self, calling: Calling) -> None:
        self._calling = calling

    def get_policy(
        self,
    ) -> Policy:
        """The present policy; version 0 is what Cairn recommends."""
        return cast("Policy", self._calling.call("GET", "/v1/policy"))

    def put_policy(
        self, body: PolicyBody, *, idempotency_key: str | None = None, if_match: int | None = None
    ) -> PolicyReceipt:
        """Set the policy for the rounds that begin from now on."""
        return cast(
            "PolicyReceipt",
            self._calling.call(
                "PUT", "/v1/policy", body=body, idempotency_key=idempotency_key, if_match=if_match
            ),
        )


class GuidesOperations:
    """The questions that conversations follow."""

    def __init__(self, calling: Calling) -> None:
        self._calling = calling

    def list_guides(
        self, *, limit: int | None = None, cursor: str | None = None
    ) -> ListedGuidePage:
        """All versions of all guides, and for which legal entities those that need it are
        approved.
        """
        return cast(
            "ListedGuidePage",
            self._calling.call("GET", "/v1/guides", query={"limit": limit, "cursor": cursor}),
        )

    def all_guides(
        self,
    ) -> Iterator[ListedGuide]:
        """All pages of `list_guides`, item by item."""
        cursor: str | None = None
        while True:
            page = self.list_guides(limit=200, cursor=cursor)
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def get_guide(self, guide: str, version: int) -> Guide:
        """One version of a guide; published versions never change."""
        return cast(
            "Guide", self._calling.call("GET", f"/v1/guides/{_part(guide)}/{_part(version)}")
        )

    def publish_guide(
        self,
        guide: str,
        body: GuideBody,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> GuideReceipt:
        """Publish the next version of a guide, for the rounds that begin from now on."""
        return cast(
            "GuideReceipt",
            self._calling.call(
                "POST",
                f"/v1/guides/{_part(guide)}",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def approve_guide(
        self,
        guide: str,
        version: int,
        body: ApprovalBody,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> ApprovalReceipt:
        """Put on record that a guide may be used in a legal entity."""
        return cast(
            "ApprovalReceipt",
            self._calling.call(
                "POST",
                f"/v1/guides/{_part(guide)}/{_part(version)}:approve",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def withdraw_approval(
        self,
        guide: str,
        version: int,
        body: EntityBody,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> ApprovalReceipt:
        """Let no more rounds begin with a guide in a legal entity; those that did keep it."""
        return cast(
            "ApprovalReceipt",
            self._calling.call(
                "POST",
                f"/v1/guides/{_part(guide)}/{_part(version)}:withdraw-approval",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )


class ConversationsOperations:
    """The career conversation: the employee's own, shared as far as they choose."""

    def __init__(self, calling: Calling) -> None:
        self._calling = calling

    def list_conversations(
        self, *, person: str, limit: int | None = None, cursor: str | None = None
    ) -> ListedConversationPage:
        """A person's conversations, oldest first."""
        return cast(
            "ListedConversationPage",
            self._calling.call(
                "GET",
                "/v1/conversations",
                query={"person": person, "limit": limit, "cursor": cursor},
            ),
        )

    def all_conversations(self, *, person: str) -> Iterator[ListedConversation]:
        """All pages of `list_conversations`, item by item."""
        cursor: str | None = None
        while True:
            page = self.list_conversations(person=person, limit=200, cursor=cursor)
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def get_conversation(self, id: str) -> Conversation:
        """The guide's questions with the answers that the caller may see, and what was said
        before.
        """
        return cast("Conversation", self._calling.call("GET", f"/v1/conversations/{_part(id)}"))

    def compare_conversations(self, id: str, *, with_: str | None = None) -> Comparison:
        """What has changed in direction, goals, facets and answers since an earlier conversation."""
        return cast(
            "Comparison",
            self._calling.call(
                "GET", f"/v1/conversations/{_part(id)}/comparison", query={"with": with_}
            ),
        )

    def list_drafts(self, id: str) -> DraftPage:
        """The caller's own drafts; `note` is the one of a note."""
        return cast("DraftPage", self._calling.call("GET", f"/v1/conversations/{_part(id)}/drafts"))

    def get_draft(self, id: str, question: str) -> Draft:
        """The caller's own draft for a question; nobody else ever sees it."""
        return cast(
            "Draft",
            self._calling.call("GET", f"/v1/conversations/{_part(id)}/drafts/{_part(question)}"),
        )

    def save_draft(
        self,
        id: str,
        question: str,
        body: TextBody,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> DraftReceipt:
        """Keep a half-written thought for oneself, outside the record, until it is recorded."""
        return cast(
            "DraftReceipt",
            self._calling.call(
                "PUT",
                f"/v1/conversations/{_part(id)}/drafts/{_part(question)}",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def throw_away_draft(
        self,
        id: str,
        question: str,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> DraftThrownAway:
        """Delete a draft, for good."""
        return cast(
            "DraftThrownAway",
            self._calling.call(
                "DELETE",
                f"/v1/conversations/{_part(id)}/drafts/{_part(question)}",
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def record_answer(
        self,
        id: str,
        question: str,
        body: TextBody,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> AnswerReceipt:
        """Record an answer; again is a revision, and the earlier text stays in the history."""
        return cast(
            "AnswerReceipt",
            self._calling.call(
                "PUT",
                f"/v1/conversations/{_part(id)}/answers/{_part(question)}",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def set_aside(
        self,
        id: str,
        question: str,
        body: UntilBody | None = None,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> ConversationReceipt:
        """Take your time: leave the question for later."""
        return cast(
            "ConversationReceipt",
            self._calling.call(
                "POST",
                f"/v1/conversations/{_part(id)}/answers/{_part(question)}:set-aside",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def decline_question(
        self,
        id: str,
        question: str,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> ConversationReceipt:
        """Leave the question unanswered; no reason is asked."""
        return cast(
            "ConversationReceipt",
            self._calling.call(
                "POST",
                f"/v1/conversations/{_part(id)}/answers/{_part(question)}:decline",
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def note_facet(
        self,
        id: str,
        facet: str,
        body: FacetBody,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> ConversationReceipt:
        """Note a value, skill, interest or goal."""
        return cast(
            "ConversationReceipt",
            self._calling.call(
                "PUT",
                f"/v1/conversations/{_part(id)}/facets/{_part(facet)}",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def withdraw_facet(
        self,
        id: str,
        facet: str,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> ConversationReceipt:
        """Take a facet back."""
        return cast(
            "ConversationReceipt",
            self._calling.call(
                "DELETE",
                f"/v1/conversations/{_part(id)}/facets/{_part(facet)}",
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def state_direction(
        self,
        id: str,
        body: DirectionBody,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> ConversationReceipt:
        """Say where it should go, or change it."""
        return cast(
            "ConversationReceipt",
            self._calling.call(
                "PUT",
                f"/v1/conversations/{_part(id)}/direction",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def share(
        self,
        id: str,
        body: ShareBody | None = None,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> ConversationReceipt:
        """Let the partner see what is recorded by now, or what is named, and its later revisions."""
        return cast(
            "ConversationReceipt",
            self._calling.call(
                "POST",
                f"/v1/conversations/{_part(id)}:share",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def unshare(
        self,
        id: str,
        body: ShareBody | None = None,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> ConversationReceipt:
        """End the partner's access from now on."""
        return cast(
            "ConversationReceipt",
            self._calling.call(
                "POST",
                f"/v1/conversations/{_part(id)}:unshare",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def list_notes(
        self, id: str, *, limit: int | None = None, cursor: str | None = None
    ) -> NotePage:
        """One's own notes and those shared with one; whoever wrote some keeps seeing them."""
        return cast(
            "NotePage",
            self._calling.call(
                "GET",
                f"/v1/conversations/{_part(id)}/notes",
                query={"limit": limit, "cursor": cursor},
            ),
        )

    def all_notes(self, id: str) -> Iterator[Note]:
        """All pages of `list_notes`, item by item."""
        cursor: str | None = None
        while True:
            page = self.list_notes(id, limit=200, cursor=cursor)
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def write_note(
        self,
        id: str,
        body: NoteBody,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> NoteReceipt:
        """Write a note, for oneself or shared. It is the employee's data, whoever writes it."""
        return cast(
            "NoteReceipt",
            self._calling.call(
                "POST",
                f"/v1/conversations/{_part(id)}/notes",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def schedule(
        self,
        id: str,
        body: ScheduleBody,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> MeetingReceipt:
        """Set when and where to meet, or set it anew."""
        return cast(
            "MeetingReceipt",
            self._calling.call(
                "POST",
                f"/v1/conversations/{_part(id)}:schedule",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def unschedule(
        self, id: str, *, idempotency_key: str | None = None, if_match: int | None = None
    ) -> MeetingReceipt:
        """Call the meeting off; calendars take it out again."""
        return cast(
            "MeetingReceipt",
            self._calling.call(
                "POST",
                f"/v1/conversations/{_part(id)}:unschedule",
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def get_invite(self, id: str) -> str:
        """The meeting for a calendar: the same UID for ever, a rising SEQUENCE, CANCEL once called
        off.
        """
        return cast("str", self._calling.call("GET", f"/v1/conversations/{_part(id)}/invite.ics"))

    def pause(
        self,
        id: str,
        body: UntilBody | None = None,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> ConversationReceipt:
        """Rest; nobody is reminded in the meantime."""
        return cast(
            "ConversationReceipt",
            self._calling.call(
                "POST",
                f"/v1/conversations/{_part(id)}:pause",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def resume(
        self, id: str, *, idempotency_key: str | None = None, if_match: int | None = None
    ) -> ConversationReceipt:
        """Go on: after a pause, a rest, or after all."""
        return cast(
            "ConversationReceipt",
            self._calling.call(
                "POST",
                f"/v1/conversations/{_part(id)}:resume",
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def decline(
        self, id: str, *, idempotency_key: str | None = None, if_match: int | None = None
    ) -> ConversationReceipt:
        """Decline the conversation of this round; no reason is asked."""
        return cast(
            "ConversationReceipt",
            self._calling.call(
                "POST",
                f"/v1/conversations/{_part(id)}:decline",
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def claim_held(
        self,
        id: str,
        body: HeldBody,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> ConversationReceipt:
        """The partner says that the meeting took place; the employee's word makes it so."""
        return cast(
            "ConversationReceipt",
            self._calling.call(
                "POST",
                f"/v1/conversations/{_part(id)}:claim-held",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def conclude(
        self,
        id: str,
        body: ConcludeBody,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> ConversationReceipt:
        """The employee ends the conversation; it needs a direction and nothing else."""
        return cast(
            "ConversationReceipt",
            self._calling.call(
                "POST",
                f"/v1/conversations/{_part(id)}:conclude",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )


class PlansOperations:
    """The development plan that both sides agree to."""

    def __init__(self, calling: Calling) -> None:
        self._calling = calling

    def list_plans(
        self, *, person: str, limit: int | None = None, cursor: str | None = None
    ) -> ListedPlanPage:
        """A person's plans, oldest first."""
        return cast(
            "ListedPlanPage",
            self._calling.call(
                "GET", "/v1/plans", query={"person": person, "limit": limit, "cursor": cursor}
            ),
        )

    def all_plans(self, *, person: str) -> Iterator[ListedPlan]:
        """All pages of `list_plans`, item by item."""
        cursor: str | None = None
        while True:
            page = self.list_plans(person=person, limit=200, cursor=cursor)
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def list_promises(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        person: str | None = None,
        owner: Literal["employee", "partner", "organisation"] | None = None,
        state: Literal["open", "kept", "broken", "released", "carried_over"] | None = None,
    ) -> ListedPromisePage:
        """What partners and organisation have promised; a partner gets their own, an employee
        theirs.
        """
        return cast(
            "ListedPromisePage",
            self._calling.call(
                "GET",
                "/v1/promises",
                query={
                    "limit": limit,
                    "cursor": cursor,
                    "person": person,
                    "owner": owner,
                    "state": state,
                },
            ),
        )

    def all_promises(
        self,
        *,
        person: str | None = None,
        owner: Literal["employee", "partner", "organisation"] | None = None,
        state: Literal["open", "kept", "broken", "released", "carried_over"] | None = None,
    ) -> Iterator[ListedPromise]:
        """All pages of `list_promises`, item by item."""
        cursor: str | None = None
        while True:
            page = self.list_promises(
                person=person, owner=owner, state=state, limit=200, cursor=cursor
            )
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def get_plan(self, id: str) -> Plan:
        """A plan as far as the caller may see it: goals, actions, agreements, promises."""
        return cast("Plan", self._calling.call("GET", f"/v1/plans/{_part(id)}"))

    def diff_plan(self, id: str, *, from_: int, to: int | None = None) -> Difference:
        """What changed between two versions, item by item, and who changed it last."""
        return cast(
            "Difference",
            self._calling.call(
                "GET", f"/v1/plans/{_part(id)}/diff", query={"from": from_, "to": to}
            ),
        )

    def suggest_methods(self, id: str) -> Suggestions:
        """Methods that might fit, each with its reason, and the goals that nothing serves yet."""
        return cast("Suggestions", self._calling.call("GET", f"/v1/plans/{_part(id)}/suggestions"))

    def set_goal(
        self,
        id: str,
        goal: str,
        body: GoalBody,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> PlanReceipt:
        """Set a goal, or word it anew."""
        return cast(
            "PlanReceipt",
            self._calling.call(
                "PUT",
                f"/v1/plans/{_part(id)}/goals/{_part(goal)}",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def drop_goal(
        self, id: str, goal: str, *, idempotency_key: str | None = None, if_match: int | None = None
    ) -> PlanReceipt:
        """Take a goal out that no action serves."""
        return cast(
            "PlanReceipt",
            self._calling.call(
                "DELETE",
                f"/v1/plans/{_part(id)}/goals/{_part(goal)}",
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def plan_action(
        self,
        id: str,
        action: str,
        body: EnrichmentBody | StretchBody | MentoringBody | CoachingBody | OtherBody,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> PlanReceipt:
        """Plan an action that serves a goal, or change it."""
        return cast(
            "PlanReceipt",
            self._calling.call(
                "PUT",
                f"/v1/plans/{_part(id)}/actions/{_part(action)}",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def start_action(
        self,
        id: str,
        action: str,
        body: CommentBody | None = None,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> PlanReceipt:
        """Say that an action is under way."""
        return cast(
            "PlanReceipt",
            self._calling.call(
                "POST",
                f"/v1/plans/{_part(id)}/actions/{_part(action)}:start",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def finish_action(
        self,
        id: str,
        action: str,
        body: CommentBody | None = None,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> PlanReceipt:
        """Say that an action is done."""
        return cast(
            "PlanReceipt",
            self._calling.call(
                "POST",
                f"/v1/plans/{_part(id)}/actions/{_part(action)}:done",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def leave_action_undone(
        self,
        id: str,
        action: str,
        body: CommentBody | None = None,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> PlanReceipt:
        """Say that an action was not done, without blame."""
        return cast(
            "PlanReceipt",
            self._calling.call(
                "POST",
                f"/v1/plans/{_part(id)}/actions/{_part(action)}:not-done",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def block_action(
        self,
        id: str,
        action: str,
        body: BlockBody,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> PlanReceipt:
        """Say that an action can't go on, and who could change that."""
        return cast(
            "PlanReceipt",
            self._calling.call(
                "POST",
                f"/v1/plans/{_part(id)}/actions/{_part(action)}:block",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def drop_action(
        self,
        id: str,
        action: str,
        body: CommentBody | None = None,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> PlanReceipt:
        """Take an action out of the plan."""
        return cast(
            "PlanReceipt",
            self._calling.call(
                "POST",
                f"/v1/plans/{_part(id)}/actions/{_part(action)}:drop",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def carry_over(
        self,
        id: str,
        action: str,
        body: CommentBody | None = None,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> PlanReceipt:
        """Decide at the review that an action goes on in the next round's plan."""
        return cast(
            "PlanReceipt",
            self._calling.call(
                "POST",
                f"/v1/plans/{_part(id)}/actions/{_part(action)}:carry-over",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def propose(
        self, id: str, *, idempotency_key: str | None = None, if_match: int | None = None
    ) -> PlanReceipt:
        """Put the present revision to the other side; whoever proposes agrees to it."""
        return cast(
            "PlanReceipt",
            self._calling.call(
                "POST",
                f"/v1/plans/{_part(id)}:propose",
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def agree(
        self, id: str, *, idempotency_key: str | None = None, if_match: int | None = None
    ) -> PlanReceipt:
        """Agree to the present revision; with both agreements it is in force."""
        return cast(
            "PlanReceipt",
            self._calling.call(
                "POST",
                f"/v1/plans/{_part(id)}:agree",
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def request_changes(
        self,
        id: str,
        body: CommentBody | None = None,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> PlanReceipt:
        """Ask the other side for changes."""
        return cast(
            "PlanReceipt",
            self._calling.call(
                "POST",
                f"/v1/plans/{_part(id)}:request-changes",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def close(
        self, id: str, *, idempotency_key: str | None = None, if_match: int | None = None
    ) -> PlanReceipt:
        """Do without a plan, or end it early: a full outcome."""
        return cast(
            "PlanReceipt",
            self._calling.call(
                "POST",
                f"/v1/plans/{_part(id)}:close",
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def check_in(
        self,
        id: str,
        body: CheckInBody,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> PlanReceipt:
        """Say how it goes."""
        return cast(
            "PlanReceipt",
            self._calling.call(
                "POST",
                f"/v1/plans/{_part(id)}:check-in",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )


class EventsOperations:
    """The change feed: what happened that concerns other systems."""

    def __init__(self, calling: Calling) -> None:
        self._calling = calling

    def list_events(
        self,
        *,
        after: int | None = None,
        type: list[str] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        wait: str | None = None,
    ) -> CloudEventPage:
        """What happened that concerns other systems, as CloudEvents in their order.

        Ask with `after` = the last position that you have handled, and with `wait` to be
        answered as soon as there is more. Positions have no gaps; a filter by type leaves some
        out.
        """
        return cast(
            "CloudEventPage",
            self._calling.call(
                "GET",
                "/v1/events",
                query={
                    "after": after,
                    "type": type,
                    "limit": limit,
                    "cursor": cursor,
                    "wait": wait,
                },
            ),
        )

    def all_events(
        self, *, after: int | None = None, type: list[str] | None = None
    ) -> Iterator[CloudEvent]:
        """All pages of `list_events`, item by item."""
        cursor: str | None = None
        while True:
            page = self.list_events(after=after, type=type, limit=200, cursor=cursor)
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def list_event_types(
        self,
    ) -> EventTypePage:
        """The types of events that there are outside, what each means, and what it carries."""
        return cast("EventTypePage", self._calling.call("GET", "/v1/events/types"))


class WebhooksOperations:
    """The same, delivered: signed, in order for each person, at least once."""

    def __init__(self, calling: Calling) -> None:
        self._calling = calling

    def register_webhook(
        self, body: WebhookBody, *, idempotency_key: str | None = None, if_match: int | None = None
    ) -> WebhookReceipt:
        """Have events delivered to a URL from now on; the secret is in this answer alone."""
        return cast(
            "WebhookReceipt",
            self._calling.call(
                "POST",
                "/v1/webhooks",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def list_webhooks(self, *, limit: int | None = None, cursor: str | None = None) -> WebhookPage:
        """The webhooks of this tenant."""
        return cast(
            "WebhookPage",
            self._calling.call("GET", "/v1/webhooks", query={"limit": limit, "cursor": cursor}),
        )

    def all_webhooks(
        self,
    ) -> Iterator[Webhook]:
        """All pages of `list_webhooks`, item by item."""
        cursor: str | None = None
        while True:
            page = self.list_webhooks(limit=200, cursor=cursor)
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def get_webhook(self, id: str) -> Webhook:
        """One webhook: its address, its state, how much waits and since when it fails."""
        return cast("Webhook", self._calling.call("GET", f"/v1/webhooks/{_part(id)}"))

    def change_webhook(
        self,
        id: str,
        body: WebhookBody,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> WebhookReceipt:
        """Deliver to another address or other types; what waits goes to a new address, and at
        once.
        """
        return cast(
            "WebhookReceipt",
            self._calling.call(
                "PUT",
                f"/v1/webhooks/{_part(id)}",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def remove_webhook(
        self, id: str, *, idempotency_key: str | None = None, if_match: int | None = None
    ) -> WebhookReceipt:
        """Deliver nothing any more."""
        return cast(
            "WebhookReceipt",
            self._calling.call(
                "DELETE",
                f"/v1/webhooks/{_part(id)}",
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def rotate_webhook(
        self,
        id: str,
        body: OverlapBody | None = None,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> WebhookReceipt:
        """Sign with a new secret, which is in this answer alone; for a while with the old one as
        well.

        Asked again within that time, as where the answer was lost, the old one goes on to its
        end, and the secret of the first answer is replaced.
        """
        return cast(
            "WebhookReceipt",
            self._calling.call(
                "POST",
                f"/v1/webhooks/{_part(id)}:rotate",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def disable_webhook(
        self, id: str, *, idempotency_key: str | None = None, if_match: int | None = None
    ) -> WebhookReceipt:
        """Deliver nothing until it is enabled; nothing is lost meanwhile."""
        return cast(
            "WebhookReceipt",
            self._calling.call(
                "POST",
                f"/v1/webhooks/{_part(id)}:disable",
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def enable_webhook(
        self, id: str, *, idempotency_key: str | None = None, if_match: int | None = None
    ) -> WebhookReceipt:
        """Go on where it stopped."""
        return cast(
            "WebhookReceipt",
            self._calling.call(
                "POST",
                f"/v1/webhooks/{_part(id)}:enable",
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def replay_webhook(
        self,
        id: str,
        body: ReplayBody,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> WebhookReceipt:
        """Deliver once more everything after a position of the feed, in order and with the same
        ids.

        That is what has one of the webhook's present types; what is new comes behind it.
        """
        return cast(
            "WebhookReceipt",
            self._calling.call(
                "POST",
                f"/v1/webhooks/{_part(id)}:replay",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def list_deliveries(
        self,
        id: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        state: Literal["waiting", "delivered", "skipped"] | None = None,
    ) -> DeliveryPage:
        """What became of the deliveries of the last thirty days, newest first."""
        return cast(
            "DeliveryPage",
            self._calling.call(
                "GET",
                f"/v1/webhooks/{_part(id)}/deliveries",
                query={"limit": limit, "cursor": cursor, "state": state},
            ),
        )

    def all_deliveries(
        self, id: str, *, state: Literal["waiting", "delivered", "skipped"] | None = None
    ) -> Iterator[Delivery]:
        """All pages of `list_deliveries`, item by item."""
        cursor: str | None = None
        while True:
            page = self.list_deliveries(id, state=state, limit=200, cursor=cursor)
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def retry_delivery(
        self,
        id: str,
        delivery: int,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> WebhookReceipt:
        """Deliver one event once more, and at once."""
        return cast(
            "WebhookReceipt",
            self._calling.call(
                "POST",
                f"/v1/webhooks/{_part(id)}/deliveries/{_part(delivery)}:retry",
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def skip_delivery(
        self,
        id: str,
        delivery: int,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> WebhookReceipt:
        """Give one event up, so that those of the same cycle behind it can go."""
        return cast(
            "WebhookReceipt",
            self._calling.call(
                "POST",
                f"/v1/webhooks/{_part(id)}/deliveries/{_part(delivery)}:skip",
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )


class ClientsOperations:
    """Machines that are let in with API keys."""

    def __init__(self, calling: Calling) -> None:
        self._calling = calling

    def register_client(
        self, body: ClientBody, *, idempotency_key: str | None = None, if_match: int | None = None
    ) -> ClientReceipt:
        """Let a machine in; its key is in this answer and never shown again."""
        return cast(
            "ClientReceipt",
            self._calling.call(
                "POST", "/v1/clients", body=body, idempotency_key=idempotency_key, if_match=if_match
            ),
        )

    def list_clients(self, *, limit: int | None = None, cursor: str | None = None) -> ClientPage:
        """The machines that are let in, by name, with their live keys and when each was last used."""
        return cast(
            "ClientPage",
            self._calling.call("GET", "/v1/clients", query={"limit": limit, "cursor": cursor}),
        )

    def all_clients(
        self,
    ) -> Iterator[Client]:
        """All pages of `list_clients`, item by item."""
        cursor: str | None = None
        while True:
            page = self.list_clients(limit=200, cursor=cursor)
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def get_client(self, client: str) -> Client:
        """One machine with its live keys."""
        return cast("Client", self._calling.call("GET", f"/v1/clients/{_part(client)}"))

    def remove_client(
        self, client: str, *, idempotency_key: str | None = None, if_match: int | None = None
    ) -> ClientReceipt:
        """Take all keys of a machine away, within five seconds and for ever."""
        return cast(
            "ClientReceipt",
            self._calling.call(
                "DELETE",
                f"/v1/clients/{_part(client)}",
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def rotate_client(
        self,
        client: str,
        body: RotateBody | None = None,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> ClientReceipt:
        """Give a machine another key; the one in use goes on for a while, any other ends.

        In use is the newest with which somebody has come. So a key whose answer was lost is
        replaced when it is asked for again, with a new Idempotency-Key, and the one from before
        lives on to its end.
        """
        return cast(
            "ClientReceipt",
            self._calling.call(
                "POST",
                f"/v1/clients/{_part(client)}:rotate",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )


class InsightsOperations:
    """Counts of groups: how far the offer reaches, and where practice differs."""

    def __init__(self, calling: Calling) -> None:
        self._calling = calling

    def coverage(
        self,
        *,
        by: Literal["department", "location", "legal_entity"] | None = None,
        window: str | None = None,
    ) -> CoverageInsight:
        """How far the offer reaches, over the whole roster, and how many talked within the window."""
        return cast(
            "CoverageInsight",
            self._calling.call("GET", "/v1/insights/coverage", query={"by": by, "window": window}),
        )

    def consistency(
        self, *, by: Literal["department", "location", "legal_entity"] | None = None
    ) -> ConsistencyInsight:
        """Where practice differs: offers on time, time to the conversation, whether people met.

        Always over the last year.
        """
        return cast(
            "ConsistencyInsight",
            self._calling.call("GET", "/v1/insights/consistency", query={"by": by}),
        )

    def opportunity(
        self, *, by: Literal["department", "location", "legal_entity"] | None = None
    ) -> OpportunityInsight:
        """With which methods people develop, and how many have a mentor, over the last year."""
        return cast(
            "OpportunityInsight",
            self._calling.call("GET", "/v1/insights/opportunity", query={"by": by}),
        )

    def promise_insights(
        self, *, by: Literal["department", "location", "legal_entity"] | None = None
    ) -> PromiseInsight:
        """What became of the promises of partners and organisation in plans of the last year."""
        return cast(
            "PromiseInsight", self._calling.call("GET", "/v1/insights/promises", query={"by": by})
        )


class AuditOperations:
    """What happened, when, by whom and why, with proofs."""

    def __init__(self, calling: Calling) -> None:
        self._calling = calling

    def request_export(
        self, body: ExportBody, *, idempotency_key: str | None = None, if_match: int | None = None
    ) -> ExportReceipt:
        """Ask for a bundle of a person, a cycle, a period, or of everything; it is written
        afterwards.
        """
        return cast(
            "ExportReceipt",
            self._calling.call(
                "POST",
                "/v1/audit/exports",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def get_export(self, id: str) -> Export:
        """Whether the bundle is written, and what is in it; `length` grows while it is written."""
        return cast("Export", self._calling.call("GET", f"/v1/audit/exports/{_part(id)}"))

    def fetch_bundle(self, id: str) -> list[BundleLine]:
        """Take the bundle along, which is put on record; `cairn audit verify` checks it anywhere."""
        return cast(
            "list[BundleLine]", self._calling.call("GET", f"/v1/audit/exports/{_part(id)}/bundle")
        )

    def request_case(
        self, body: CaseBody, *, idempotency_key: str | None = None, if_match: int | None = None
    ) -> CaseReceipt:
        """Ask to read what was shared in one cycle; two others have to agree, and the person is
        shown it.
        """
        return cast(
            "CaseReceipt",
            self._calling.call(
                "POST",
                "/v1/audit/cases",
                body=body,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def find_cases(
        self, *, limit: int | None = None, cursor: str | None = None, undecided: bool | None = None
    ) -> CasePage:
        """Who asked to read whose words, newest first; all cases, or those that wait for a
        decision.
        """
        return cast(
            "CasePage",
            self._calling.call(
                "GET",
                "/v1/audit/cases",
                query={"limit": limit, "cursor": cursor, "undecided": undecided},
            ),
        )

    def all_find_cases(self, *, undecided: bool | None = None) -> Iterator[Case]:
        """All pages of `find_cases`, item by item."""
        cursor: str | None = None
        while True:
            page = self.find_cases(undecided=undecided, limit=200, cursor=cursor)
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def get_case(self, id: str) -> Case:
        """How a case stands."""
        return cast("Case", self._calling.call("GET", f"/v1/audit/cases/{_part(id)}"))

    def approve_case(
        self, id: str, *, idempotency_key: str | None = None, if_match: int | None = None
    ) -> CaseReceipt:
        """Agree; one of data protection and one of HR or an admin grant it, neither who asked for
        it.
        """
        return cast(
            "CaseReceipt",
            self._calling.call(
                "POST",
                f"/v1/audit/cases/{_part(id)}:approve",
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def refuse_case(
        self, id: str, *, idempotency_key: str | None = None, if_match: int | None = None
    ) -> CaseReceipt:
        """Don't agree; the case is closed."""
        return cast(
            "CaseReceipt",
            self._calling.call(
                "POST",
                f"/v1/audit/cases/{_part(id)}:refuse",
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def revoke_case(
        self, id: str, *, idempotency_key: str | None = None, if_match: int | None = None
    ) -> CaseReceipt:
        """End a granted case before its time."""
        return cast(
            "CaseReceipt",
            self._calling.call(
                "POST",
                f"/v1/audit/cases/{_part(id)}:revoke",
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
        )

    def read_words(self, id: str) -> CaseWordsPage:
        """What was shared in the cycle, while the case lasts; each reading is on record before."""
        return cast(
            "CaseWordsPage", self._calling.call("GET", f"/v1/audit/cases/{_part(id)}/words")
        )

    def timeline(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        person: str | None = None,
        cycle: str | None = None,
        actor: str | None = None,
        kind: str | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> TimelineItemPage:
        """Everything that happened, across services, in the order of the log; all of it in one
        sheet as CSV.

        `kind` is a type such as plan.agreed, or all of one stream's such as plan. Sentences
        come in the reader's language (Accept-Language).
        """
        return cast(
            "TimelineItemPage",
            self._calling.call(
                "GET",
                "/v1/audit/timeline",
                query={
                    "limit": limit,
                    "cursor": cursor,
                    "person": person,
                    "cycle": cycle,
                    "actor": actor,
                    "kind": kind,
                    "since": since,
                    "until": until,
                },
            ),
        )

    def all_timeline(
        self,
        *,
        person: str | None = None,
        cycle: str | None = None,
        actor: str | None = None,
        kind: str | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> Iterator[TimelineItem]:
        """All pages of `timeline`, item by item."""
        cursor: str | None = None
        while True:
            page = self.timeline(
                person=person,
                cycle=cycle,
                actor=actor,
                kind=kind,
                since=since,
                until=until,
                limit=200,
                cursor=cursor,
            )
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def visibility(self, *, person: str, at: str) -> Visibility:
        """Who could see what of a person's at a moment, as it was known then and as it is known
        now.
        """
        return cast(
            "Visibility",
            self._calling.call("GET", "/v1/audit/visibility", query={"person": person, "at": at}),
        )

    def checkpoint(
        self,
    ) -> Checkpoint:
        """The signed head of the tenant's ledger as it is now: keep it, and hand it in later."""
        return cast("Checkpoint", self._calling.call("GET", "/v1/audit/checkpoint"))

    def prove_inclusion(self, *, position: int, size: int | None = None) -> Inclusion:
        """The hashes that lead from an event's leaf to the root of the tree of `size` (RFC 6962,
        2.1.1).

        Without `size` it is the tree of the newest signed head: compare with a checkpoint that
        you hold.
        """
        return cast(
            "Inclusion",
            self._calling.call(
                "GET", "/v1/audit/proofs/inclusion", query={"position": position, "size": size}
            ),
        )

    def prove_consistency(self, *, from_: int, to: int | None = None) -> Proof:
        """The hashes that prove that the tree of `to` begins with the tree of `from` (RFC 6962,
        2.1.2).

        Without `to` it is the tree of the newest signed head: compare with a checkpoint that
        you hold.
        """
        return cast(
            "Proof",
            self._calling.call(
                "GET", "/v1/audit/proofs/consistency", query={"from": from_, "to": to}
            ),
        )

    def replay(
        self,
        kind: Literal["conversations", "plans", "cycles"],
        id: str,
        *,
        version: int | None = None,
        at: str | None = None,
    ) -> Replay:
        """A conversation, plan or cycle as it stood at a version or a moment."""
        return cast(
            "Replay",
            self._calling.call(
                "GET", f"/v1/audit/{_part(kind)}/{_part(id)}", query={"version": version, "at": at}
            ),
        )

    def diff(
        self,
        kind: Literal["conversations", "plans", "cycles"],
        id: str,
        *,
        from_: int | str,
        to: int | str | None | None = None,
    ) -> Diff:
        """What differs between two versions or moments (now without `to`), and which events made
        it so.
        """
        return cast(
            "Diff",
            self._calling.call(
                "GET", f"/v1/audit/{_part(kind)}/{_part(id)}/diff", query={"from": from_, "to": to}
            ),
        )


class Cairn:
    """Cairn at one address, for whoever the token is of; its operations by what they are about.

    `patience` is for how many seconds a request is tried again while the service is away.
    """

    def __init__(
        self,
        url: str,
        token: Token,
        *,
        patience: float = 60.0,
        http: httpx2.Client | None = None,
    ) -> None:
        self.calling = Calling(url, token, patience, http or httpx2.Client(timeout=60.0))
        self.people = PeopleOperations(self.calling)
        self.cycles = CyclesOperations(self.calling)
        self.batches = BatchesOperations(self.calling)
        self.policy = PolicyOperations(self.calling)
        self.guides = GuidesOperations(self.calling)
        self.conversations = ConversationsOperations(self.calling)
        self.plans = PlansOperations(self.calling)
        self.events = EventsOperations(self.calling)
        self.webhooks = WebhooksOperations(self.calling)
        self.clients = ClientsOperations(self.calling)
        self.insights = InsightsOperations(self.calling)
        self.audit = AuditOperations(self.calling)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self.calling.close()
