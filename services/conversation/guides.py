"""What a guide is, and the guides that Cairn brings along: versioned, immutable, in two languages."""

from __future__ import annotations

import msgspec

FALLBACK = "en"


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One question, why it is asked, and its wording by language."""

    id: str
    purpose: dict[str, str]
    text: dict[str, str]
    optional: bool = True


class Guide(msgspec.Struct, frozen=True, kw_only=True):
    """A set of questions; a conversation keeps the version that it was opened with.

    One that needs an approval is used in a legal entity only while an approval for it is on record.
    """

    guide: str
    version: int
    kind: str
    title: dict[str, str]
    questions: tuple[Question, ...]
    needs_approval: bool = False

    @property
    def asks(self) -> tuple[str, ...]:
        """The ids of its questions, in their order."""
        return tuple(question.id for question in self.questions)


def asked_before(guide: str) -> tuple[str, ...]:
    """What a built-in guide's first version asks: for conversations that were opened before events
    held their own questions."""
    return next((known.asks for known in BUILT_IN if known.guide == guide), ())


def worded(texts: dict[str, str], locale: str) -> str:
    """A text in somebody's language: theirs, its main language, English, or the guide's first one."""
    wanted = (locale, locale.partition("-")[0], FALLBACK, *texts)
    return next((texts[language] for language in wanted if language in texts), "")


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
                "de": "Stellen Sie sich vor, Sie sind in Bestform und ganz vertieft: was tun Sie?",
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

BUILT_IN = (FIRST_CONVERSATION, FOLLOW_UP)
"""Always there, and used wherever a company has no guide of its own that may be."""
