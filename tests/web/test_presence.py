"""The program ends by itself when everybody has left the page."""

from __future__ import annotations

from mailmerge.web.presence import Presence


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def _over_after(presence: Presence, clock: Clock, seconds: int) -> bool:
    """Looked at every two seconds, as the server does."""
    for _ in range(seconds // 2):
        clock.now += 2
        if presence.is_over():
            return True
    return False


def test_it_ends_soon_after_the_last_tab_is_closed() -> None:
    clock = Clock()
    presence = Presence(0, clock)
    presence.beat("a")
    presence.beat("b")
    presence.leave("a")
    assert not _over_after(presence, clock, 60)
    presence.leave("b")
    assert not _over_after(presence, clock, 10)
    assert _over_after(presence, clock, 10)


def test_going_to_another_page_is_not_leaving() -> None:
    clock = Clock()
    presence = Presence(0, clock)
    presence.beat("a")
    presence.leave("a")
    clock.now += 2
    presence.beat("next")
    assert not _over_after(presence, clock, 60)


def test_a_sign_of_life_that_arrives_after_the_farewell_keeps_nothing_open() -> None:
    clock = Clock()
    presence = Presence(0, clock)
    presence.leave("a")
    presence.beat("a")
    assert _over_after(presence, clock, 20)


def test_a_tab_that_died_without_a_word_is_forgotten_in_time() -> None:
    clock = Clock()
    presence = Presence(0, clock)
    presence.beat("a")
    assert not _over_after(presence, clock, 140)
    assert _over_after(presence, clock, 40)


def test_it_waits_for_a_browser_that_never_came() -> None:
    clock = Clock()
    assert not _over_after(Presence(0, clock), clock, 3600)


def test_without_tabs_that_speak_it_ends_after_the_idle_time() -> None:
    clock = Clock()
    presence = Presence(10, clock)
    presence.asked()
    assert not _over_after(presence, clock, 590)
    assert _over_after(presence, clock, 20)


def test_a_computer_that_slept_finds_its_page_again() -> None:
    clock = Clock()
    presence = Presence(10, clock)
    presence.beat("a")
    presence.is_over()
    clock.now += 8 * 3600
    assert not presence.is_over()
    presence.beat("a")
    assert not _over_after(presence, clock, 60)
