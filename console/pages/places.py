"""Where a reader may go from everywhere; those of one kind are one entry, so it stays a line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from console.pages.language import sentence


@dataclass(frozen=True)
class Place:
    """A page to go to, as a role may have it, and what else is looked at from there."""

    name: str
    path: str
    said: str
    more: tuple[str, ...] = ()

    def has(self, path: str) -> bool:
        """Whether a page belongs here."""
        return path == self.path or any(
            path.startswith(each) for each in (self.path, *self.more) if each != "/"
        )


@dataclass(frozen=True)
class Group:
    """Places of one kind, and what they are together."""

    said: str
    places: tuple[Place, ...]

    def has(self, path: str) -> bool:
        return any(place.has(path) for place in self.places)

    @property
    def path(self) -> str:
        return self.places[0].path


def groups_of(names: tuple[str, ...]) -> Iterator[Group]:
    """What somebody's header holds; a group of one place is that place."""
    for group in _GROUPS:
        places = tuple(place for place in group.places if place.name in names)
        if places:
            yield Group(group.said if len(places) > 1 else places[0].said, places)


def beside(names: tuple[str, ...], path: str) -> tuple[Place, ...]:
    """The other places of the group that a page is one of; none for a page further in."""
    for group in groups_of(names):
        if len(group.places) > 1 and path in {place.path for place in group.places}:
            return group.places
    return ()


def _alone(name: str, path: str, said: str, *more: str) -> Group:
    return Group(said, (Place(name, path, said, more),))


_GROUPS = (
    _alone("home", "/", sentence("Your way")),
    _alone("history", "/history", sentence("Your words")),
    _alone("partner", "/partner", sentence("Your people")),
    _alone("coverage", "/coverage", sentence("Coverage"), "/practice"),
    _alone("waiting", "/waiting", sentence("Waiting")),
    _alone("people", "/people", sentence("People")),
    _alone("batches", "/batches", sentence("Starting")),
    _alone("guides", "/guides", sentence("Guides"), "/policy"),
    Group(
        sentence("Record"),
        (
            Place("timeline", "/timeline", sentence("Timeline"), ("/film",)),
            Place("verification", "/verification", sentence("Verification")),
            Place("exports", "/exports", sentence("Bundles")),
            Place("years", "/years", sentence("Years")),
        ),
    ),
    _alone("cases", "/cases", sentence("Cases")),
    Group(
        sentence("Keeping"),
        (
            Place("holds", "/holds", sentence("Holds")),
            Place("retention", "/retention", sentence("Retention")),
            Place("erasures", "/erasures", sentence("Erasures")),
        ),
    ),
)
