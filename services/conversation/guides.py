"""The conversation guides that Cairn brings along: versioned, immutable, in more than one language."""

from __future__ import annotations

import msgspec

from shared.errors import NotFound


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One question, why it is asked, and its wording by language."""

    id: str
    purpose: dict[str, str]
    text: dict[str, str]
    optional: bool = True


class Guide(msgspec.Struct, frozen=True, kw_only=True):
    """A set of questions; a conversation keeps the version that it was opened with."""

    guide: str
    version: int
    kind: str
    title: dict[str, str]
    questions: tuple[Question, ...]

    def has(self, question: str) -> bool:
        return any(known.id == question for known in self.questions)


class NoSuchGuide(NotFound):
    """There is no guide of that name and version."""


def guide_of(guide: str, version: int) -> Guide:
    """The guide of that name and version."""
    for known in GUIDES:
        if (known.guide, known.version) == (guide, version):
            return known
    raise NoSuchGuide


FIRST_CONVERSATION = Guide(
    guide="first-conversation",
    version=1,
    kind="conversation",
    title={"en": "The career conversation", "de": "Das Karrieregespräch"},
    questions=(
        Question(
            id="impact",
            purpose={
                "en": "What shaped your success so far, and why.",
                "de": "Was Ihren bisherigen Weg geprägt hat, und warum.",
            },
            text={
                "en": "Which people, choices or moments have shaped your career most, and what made"
                " them matter?",
                "de": "Welche Menschen, Entscheidungen oder Augenblicke haben Ihren Weg am meisten"
                " geprägt, und wodurch?",
            },
        ),
        Question(
            id="energy",
            purpose={"en": "What you love in your work.", "de": "Was Sie an Ihrer Arbeit lieben."},
            text={
                "en": "Which parts of your work would you not want to give up?",
                "de": "Welche Teile Ihrer Arbeit möchten Sie nicht missen?",
            },
        ),
        Question(
            id="challenge",
            purpose={
                "en": "What is hard in your role.",
                "de": "Was in Ihrer Aufgabe schwierig ist.",
            },
            text={
                "en": "Where does your role stretch you, or get in your way?",
                "de": "Wo fordert Ihre Aufgabe Sie heraus, und wo steht sie Ihnen im Weg?",
            },
        ),
        Question(
            id="learning",
            purpose={
                "en": "Skills or knowledge that you want to develop.",
                "de": "Fähigkeiten oder Wissen, die Sie entwickeln möchten.",
            },
            text={
                "en": "What would you like to know, or be able to do, that you can't yet?",
                "de": "Was möchten Sie wissen oder können, das Sie noch nicht können?",
            },
        ),
        Question(
            id="ideal",
            purpose={
                "en": "A career of your own design: what, where, with whom.",
                "de": "Ein Berufsweg nach eigenem Entwurf: was, wo, mit wem.",
            },
            text={
                "en": "If you could build your working life from scratch, what would it hold: which"
                " work, which place, which people?",
                "de": "Wenn Sie Ihr Arbeitsleben neu entwerfen könnten, was gehörte dazu: welche"
                " Arbeit, welcher Ort, welche Menschen?",
            },
        ),
        Question(
            id="peak",
            purpose={
                "en": "Fully engaged, at the height of it.",
                "de": "Ganz bei der Sache, auf der Höhe Ihres Könnens.",
            },
            text={
                "en": "Picture yourself at your best and completely absorbed: what are you doing?",
                "de": "Stellen Sie sich sich selbst in Bestform und ganz vertieft vor: was tun Sie?",
            },
        ),
    ),
)

FOLLOW_UP = Guide(
    guide="follow-up",
    version=1,
    kind="follow_up",
    title={"en": "Coming back to it", "de": "Darauf zurückkommen"},
    questions=(
        Question(
            id="happened",
            purpose={
                "en": "What became of each action.",
                "de": "Was aus den Vorhaben geworden ist.",
            },
            text={
                "en": "What has happened since we agreed the plan, and what hasn't?",
                "de": "Was ist geschehen, seit wir den Plan vereinbart haben, und was nicht?",
            },
        ),
        Question(
            id="changed",
            purpose={
                "en": "What changed in your direction and goals.",
                "de": "Was sich an Ihrer Richtung und Ihren Zielen geändert hat.",
            },
            text={
                "en": "What has changed in what you want, or in what matters to you?",
                "de": "Was hat sich an dem geändert, was Sie möchten oder was Ihnen wichtig ist?",
            },
        ),
        Question(
            id="next",
            purpose={"en": "What comes next.", "de": "Wie es weitergeht."},
            text={
                "en": "What would be a good next step, and who should take it?",
                "de": "Was wäre ein guter nächster Schritt, und wer sollte ihn tun?",
            },
        ),
    ),
)

GUIDES = (FIRST_CONVERSATION, FOLLOW_UP)
