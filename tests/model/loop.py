"""The loop between record, relay and workflow, small enough to try every order of everything.

People and platforms record what the script says, while two relays, a workflow and its activities do
their work, crash, are too slow, are wiped or put back to yesterday. Each rule of the design is a flag,
so that it can be broken on purpose.

| here | there |
|---|---|
| `due` | services/cycles/course.py: next_step |
| `_relay` | shared/eventstore/follower.py and workflows/relay.py: read, wake, move the checkpoint |
| `_workflow` | workflows/career_cycle.py: run |
| `_take` | workflows/activities.py: one step, with an event id that comes from the step |
| `_mend` | workflows/reconcile.py |
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tests.model.explorer import Move

SCRIPT = ("start", "conclude", "close", "start again")
STEPS = ("open", "nudge", "plan", "open again")
_FAULTS = 2


class Rules(NamedTuple):
    """What the design promises of its parts."""

    checkpoint_after_the_wake: bool = True
    a_relay_follows_the_record: bool = True
    a_wake_carries_no_facts: bool = True
    event_ids_come_from_the_step: bool = True
    wakes_are_counted_from_before_the_look: bool = True
    no_end_over_a_wake: bool = True
    the_record_decides_when_a_step_is_taken: bool = True
    a_reconciler_mends: bool = True


class Relay(NamedTuple):
    """What one relay is at: `read` up to `page` when its checkpoint was at `reached`, or `told`."""

    phase: str = "idle"
    reached: int = 0
    page: int = 0


class Workflow(NamedTuple):
    """What Temporal keeps of a run: where it stands, whether news has come, what the look brought."""

    phase: str = "look"
    news: bool = False
    got: str | None = None
    timer: bool = False
    told: int = 0


class World(NamedTuple):
    """Everything: the record (inputs and steps), the relays, Temporal, and how much has gone wrong."""

    inputs: int = 0
    steps: tuple[int, int, int, int] = (0, 0, 0, 0)
    morning: bool = False
    wrong: str | None = None
    checkpoint: int = 0
    relays: tuple[Relay, Relay] = (Relay(), Relay())
    workflow: Workflow | None = None
    zombie: int = -1
    hurt: bool = False
    faults: int = 0


def due(inputs: int, steps: tuple[int, ...], morning: bool) -> str | None:
    """What the cycle does next by itself; `over` where it has ended."""
    done = dict(zip(STEPS, steps, strict=True))
    said = SCRIPT[:inputs]
    if "start again" in said:
        return None if done["open again"] else "open again"
    if "close" in said or not said:
        return "over"
    if not done["open"]:
        return "open"
    if "conclude" in said:
        return None if done["plan"] else "plan"
    return "nudge" if morning and not done["nudge"] else None


class Loop:
    """Every move that there is, under these rules."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def moves(self, world: World) -> Iterator[Move[World]]:
        """What may happen next."""
        yield from self._people(world)
        if self._rules.a_relay_follows_the_record:
            yield from self._relay(world, 0)
            yield from self._relay(world, 1)
        if world.workflow is not None:
            yield from self._workflow(world, world.workflow)
        if world.zombie >= 0:
            late = self._recorded(world, STEPS[world.zombie])._replace(zombie=-1)
            yield Move(f"a forgotten attempt takes {STEPS[world.zombie]}", late)
        if world.hurt and self._rules.a_reconciler_mends:
            yield Move("the reconciler mends", self._mend(world))
        if world.faults < _FAULTS:
            yield from self._faults(world._replace(faults=world.faults + 1))

    def _people(self, world: World) -> Iterator[Move[World]]:
        if world.inputs < len(SCRIPT):
            more = world._replace(inputs=world.inputs + 1)
            yield Move(f"record {SCRIPT[world.inputs]}", more, progress=False)
            if not self._rules.a_relay_follows_the_record:
                told = self._woken(more, more.inputs)
                yield Move(f"record {SCRIPT[world.inputs]} and wake", told, progress=False)
        if not world.morning:
            yield Move("it is morning", world._replace(morning=True), progress=False)

    def _relay(self, world: World, number: int) -> Iterator[Move[World]]:
        relay = world.relays[number]
        after = self._rules.checkpoint_after_the_wake
        if relay.phase == "idle" and number == 0 and world.checkpoint < world.inputs:
            yield Move("the relay reads", _with(world, 0, _page(world)))
        if relay.phase == "read":
            told = _with(world, number, relay._replace(phase="told"))
            told = self._woken(told, relay.page) if after else _moved(told, relay)
            yield Move(f"relay {number} {'wakes' if after else 'moves its checkpoint'}", told)
        if relay.phase == "told":
            idle = _with(world, number, Relay())
            idle = _moved(idle, relay) if after else self._woken(idle, relay.page)
            yield Move(f"relay {number} {'moves its checkpoint' if after else 'wakes'}", idle)

    def _woken(self, world: World, page: int) -> World:
        """Signal with start: a run is there afterwards, and has news."""
        run = world.workflow
        run = run._replace(news=True) if run else self._begun(Workflow(news=True))
        told = 0 if self._rules.a_wake_carries_no_facts else page
        return world._replace(workflow=run._replace(told=told))

    def _begun(self, run: Workflow) -> Workflow:
        news = run.news and not self._rules.wakes_are_counted_from_before_the_look
        return run._replace(phase="look", news=news, got=None, timer=False)

    def _workflow(self, world: World, run: Workflow) -> Iterator[Move[World]]:
        before = self._rules.wakes_are_counted_from_before_the_look
        if run.phase == "look":
            yield Move("look", self._looked(world, run))
        if run.phase == "got":
            decided = run if before else run._replace(news=False)
            yield Move("the workflow decides", world._replace(workflow=self._decided(decided)))
        if run.phase == "take" and run.got is not None:
            taken = self._recorded(world, run.got)
            yield Move(f"take {run.got}", taken._replace(workflow=run._replace(phase="took")))
        if run.phase == "took":
            yield Move("and look again", self._looked(world, run))
        if run.phase == "wait" and run.news:
            yield Move("the wake is heard", world._replace(workflow=self._begun(run)))
        if run.phase == "wait" and run.timer and world.morning:
            yield Move("the timer fires", world._replace(workflow=self._fired(run)))

    def _looked(self, world: World, run: Workflow) -> World:
        inputs = world.inputs if self._rules.a_wake_carries_no_facts else run.told
        got = due(inputs, world.steps, world.morning)
        timer = got is None and due(inputs, world.steps, True) == "nudge"
        return world._replace(workflow=run._replace(phase="got", got=got, timer=timer))

    def _decided(self, run: Workflow) -> Workflow | None:
        if run.got == "over":
            if self._rules.no_end_over_a_wake and run.news:
                return self._begun(run)
            return None
        return run._replace(phase="take" if run.got else "wait")

    def _fired(self, run: Workflow) -> Workflow:
        if self._rules.the_record_decides_when_a_step_is_taken:
            return self._begun(run)
        return run._replace(phase="take", got="nudge", timer=False)

    def _recorded(self, world: World, step: str) -> World:
        """Append a step's event, unless one of its id is there or the record has moved on."""
        number = STEPS.index(step)
        count = world.steps[number]
        if count and self._rules.event_ids_come_from_the_step:
            return world
        if due(world.inputs, _with_count(world, number, 0), morning=True) != step:
            decides = self._rules.the_record_decides_when_a_step_is_taken
            return world if decides else world._replace(wrong=f"{step} out of turn")
        return world._replace(steps=_with_count(world, number, count + 1))

    def _mend(self, world: World) -> World:
        mended = world._replace(hurt=False)
        is_open = due(world.inputs, world.steps, world.morning) != "over"
        return self._woken(mended, world.inputs) if is_open or world.workflow else mended

    def _faults(self, world: World) -> Iterator[Move[World]]:
        for number in (0, 1):
            if world.relays[number].phase != "idle":
                crashed = _with(world, number, Relay())
                yield Move(f"relay {number} crashes", crashed, progress=False)
        if world.relays[1].phase == "idle" and world.checkpoint < world.inputs:
            both = _with(world, 1, _page(world))
            yield Move("a second relay reads as well", both, progress=False)
        run = world.workflow
        if run is not None and run.phase == "took":
            again = world._replace(workflow=run._replace(phase="take"))
            yield Move("the worker crashes after its append", again, progress=False)
        if run is not None and run.phase == "take" and run.got and world.zombie < 0:
            slow = world._replace(zombie=STEPS.index(run.got))
            yield Move("an attempt is too slow and is made again", slow, progress=False)
        if run is not None:
            wiped = world._replace(workflow=None, hurt=True)
            yield Move("Temporal is wiped", wiped, progress=False)
            for timer in (False, True):
                asleep = Workflow("wait", news=False, timer=timer)
                old = world._replace(workflow=asleep, hurt=True)
                yield Move("Temporal is put back to yesterday", old, progress=False)


def wrong(world: World) -> str | None:
    """What must never be: a step out of turn, or on record twice."""
    doubled = [step for step, count in zip(STEPS, world.steps, strict=True) if count > 1]
    return world.wrong or (f"{doubled[0]} is on record twice" if doubled else None)


def unfinished(world: World) -> str | None:
    """What must not be left when nothing goes on by itself: a step that is due."""
    step = due(world.inputs, world.steps, world.morning)
    if step not in {None, "over"}:
        return f"{step} is due and nobody will take it"
    if step == "over" and world.workflow is not None:
        return "the cycle is over and its workflow waits for ever"
    return None


def _with(world: World, number: int, relay: Relay) -> World:
    first, second = world.relays
    return world._replace(relays=(relay, second) if number == 0 else (first, relay))


def _page(world: World) -> Relay:
    return Relay("read", world.checkpoint, world.inputs)


def _with_count(world: World, number: int, count: int) -> tuple[int, int, int, int]:
    first, second, third, fourth = (*world.steps[:number], count, *world.steps[number + 1 :])
    return first, second, third, fourth


def _moved(world: World, relay: Relay) -> World:
    """Move the checkpoint, unless another relay has moved it meanwhile."""
    return world._replace(checkpoint=relay.page) if world.checkpoint == relay.reached else world
