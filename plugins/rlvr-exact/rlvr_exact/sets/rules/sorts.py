"""Rules of the set `sort`: sorted lists in their forms, and lists that only look sorted."""

from random import Random

from rlvr_exact.sets.rules.made import Draw, Rule

__all__ = ["RULES"]

_FORMS = ("{}", " {}\n", "[{}]", r"\boxed{{{}}}", "<think>Smallest first.</think>{}")


def _numbers(random: Random) -> list[int]:
    return random.sample(range(50), random.randint(4, 7))


def _all_forms(numbers: list[int]) -> list[str]:
    texts = (" ".join(map(str, numbers)), ", ".join(map(str, numbers)))
    return [form.format(text) for form in _FORMS for text in texts]


def _draw(numbers: list[int], wrong: list[list[int]]) -> Draw:
    right = sorted(numbers)
    bad = [text for one in wrong if one != right for text in _all_forms(one)]
    return Draw(" ".join(map(str, right)), _all_forms(right), bad, {})


def _swapped(random: Random) -> Draw:
    """Draw the sorted list, or one with two neighbours swapped."""
    right = sorted(_numbers(random))
    wrong = []
    for index in range(len(right) - 1):
        other = list(right)
        other[index : index + 2] = other[index + 1], other[index]
        wrong.append(other)
    return _draw(right, wrong)


def _turned(random: Random) -> Draw:
    """Draw the list in other orders: falling, as it was asked, by first digit."""
    numbers = _numbers(random)
    right = sorted(numbers)
    return _draw(numbers, [right[::-1], numbers, sorted(numbers, key=str), right[1:] + right[:1]])


def _lost_and_gained(random: Random) -> Draw:
    """Draw a sorted list with a number lost, doubled, added or changed."""
    right = sorted(_numbers(random))
    at = random.randrange(len(right))
    wrong = [right[:at] + right[at + 1 :], [*right[:at], right[at], *right[at:]], sorted([*right, 50])]
    return _draw(right, [*wrong, [*right[:-1], right[-1] + 1], [*right, *right], list(range(50)), []])


def _repeated(random: Random) -> Draw:
    """Draw a list in which a number stands twice, and must stand twice when sorted."""
    numbers = _numbers(random)
    numbers.append(random.choice(numbers))
    right = sorted(numbers)
    return _draw(numbers, [sorted(set(numbers)), sorted([*numbers[:-1], numbers[0] + 51]), right[::-1]])


RULES: tuple[Rule, ...] = (_swapped, _turned, _lost_and_gained, _repeated)
