"""Lists, sets, tuples, vectors, labelled values, plus-minus."""

from random import Random

from rlvr_math.pairs.forms import coprime, frac
from rlvr_math.pairs.rule import Draw, rule

__all__: list[str] = []


def _items(rng: Random, least: int, most: int) -> list[str]:
    """Return different simple values: whole numbers, fractions, roots."""
    numbers = [str(one) for one in rng.sample(range(-20, 60), most)]
    extra = [frac(coprime(rng, 2, 9)), rf"\sqrt{{{rng.choice([2, 3, 5, 7])}}}", r"\pi"]
    mixed = rng.random() < 0.3
    items = numbers[: rng.randint(least, most)]
    return [*items[:-1], rng.choice(extra)] if mixed else items


def _bumped(items: list[str]) -> list[str]:
    """Return `items` with a first one that none of them is."""
    return ["77", *items[1:]]


@rule
def list_order(rng: Random) -> Draw:
    """Draw a list of values in any order, complete or not."""
    items = _items(rng, 2, 5)
    mixed = rng.sample(items, len(items))
    good = [", ".join(items), ", ".join(mixed), ",".join(items[::-1]), r",\ ".join(mixed)]
    bad = [
        ", ".join(items[:-1]),
        ", ".join([*items, "77"]),
        ", ".join(_bumped(items)),
        ", ".join([*items, items[0]]),
        items[0],
    ]
    return Draw([", ".join(items)], good, bad)


@rule
def list_words(rng: Random) -> Draw:
    """Draw a list with `and` before its last item."""
    items = _items(rng, 2, 3)
    rest, last = ", ".join(items[:-1]), items[-1]
    good = [
        f"{rest} and {last}",
        rf"{rest} \text{{ and }} {last}",
        f"{rest}, {last}",
        rf"\{{{rest}, {last}\}}",
        f"{last}, {rest}",
    ]
    bad = [rest, last, f"{rest} and 77", rf"{rest} \text{{ and }} {last}, 77", f"{rest}, 77"]
    return Draw([f"{rest}, {last}", rf"{rest} \text{{ and }} {last}"], good, bad)


@rule
def sets(rng: Random) -> Draw:
    """Draw a set: no order, repeated elements count once."""
    items = _items(rng, 2, 5)
    good = [
        ", ".join(rng.sample(items, len(items))),
        ", ".join(items),
        ", ".join([*items, items[0]]),
        ", ".join([items[-1], *items]),
    ]
    bad = [
        ", ".join(_bumped(items)),
        ", ".join([*items, "77"]),
        ", ".join(items[:-1]),
        ", ".join([*items[1:], "-77"]),
    ]
    left = r"\left\{" + good[0] + r"\right\}"
    return Draw(
        [_set(good[1])], [*map(_set, good), left], [*map(_set, bad), f"({', '.join(items)})", items[0]]
    )


def _set(inner: str) -> str:
    return rf"\{{{inner}\}}"


@rule
def sets_and_lists(rng: Random) -> Draw:
    """Draw the elements of a set without its braces."""
    items = _items(rng, 2, 4)
    text = ", ".join(items)
    bad = [", ".join(_bumped(items)), f"({text})", ", ".join(items[1:]), items[-1], f"{text}, 77"]
    return Draw(
        [_set(text), text], [text, _set(text), ", ".join(items[::-1]), _set(", ".join(items[::-1]))], bad
    )


@rule
def tuples(rng: Random) -> Draw:
    """Draw a tuple: its order and its brackets count."""
    items = _items(rng, 2, 4)
    text = ", ".join(items)
    good = [
        f"({text})",
        f"({','.join(items)})",
        rf"\left({text}\right)",
        rf"\langle {text} \rangle",
        rf"( {text} )",
    ]
    bad = [
        f"({', '.join(items[::-1])})",
        text,
        f"[{text}]",
        _set(text),
        f"({', '.join(_bumped(items))})",
        f"({', '.join(items[:-1])}, 77)",
    ]
    return Draw([f"({text})"], good, [*bad, f"({text}, 77)", items[0]])


@rule
def points(rng: Random) -> Draw:
    """Draw a point with the names of its coordinates."""
    a, b = rng.sample(range(-12, 30), 2)
    good = [
        f"({a}, {b})",
        f"(x, y) = ({a}, {b})",
        f"x = {a}, y = {b}",
        f"(x,y)=({a},{b})",
        rf"x={a} \text{{ and }} y={b}",
    ]
    good += [rf"\left({2 * a}/2, {b}\right)"]
    bad = [
        f"({b}, {a})",
        f"x = {b}, y = {a}",
        f"(x, y) = ({a}, {b + 1})",
        f"x = {a}",
        f"({a}, {-b if b else 1})",
        f"{a}, {b}",
    ]
    return Draw([f"({a}, {b})"], good, [*bad, f"({a}, {b}, 0)"])


@rule
def points_in_space(rng: Random) -> Draw:
    """Draw a point with three coordinates."""
    a, b, c = rng.sample(range(-9, 20), 3)
    good = [
        f"({a}, {b}, {c})",
        f"(x, y, z) = ({a}, {b}, {c})",
        f"x = {a}, y = {b}, z = {c}",
        rf"({a}.0, \frac{{{2 * b}}}{{2}}, {c})",
    ]
    bad = [
        f"({a}, {c}, {b})",
        f"({c}, {b}, {a})",
        f"x = {a}, y = {c}, z = {b}",
        f"({a}, {b})",
        f"{a}, {b}, {c}",
        f"({a}, {b}, {c + 1})",
    ]
    return Draw(good[:1], good, bad)


@rule
def lists_of_points(rng: Random) -> Draw:
    """Draw several points: they have no order, their coordinates have."""
    a, b, c, d = rng.sample(range(-9, 20), 4)
    good = [
        f"({a},{b}), ({c},{d})",
        f"({c}, {d}), ({a}, {b})",
        rf"({a}, {b}) \text{{ and }} ({c}, {d})",
        rf"\{{({c}, {d}), ({a}, {b})\}}",
    ]
    bad = [
        f"({b},{a}), ({c},{d})",
        f"({a}, {b})",
        f"({a}, {d}), ({c}, {b})",
        f"({a}, {b}, {c}, {d})",
        f"({a}, {b}), ({c}, {d + 1})",
    ]
    return Draw(good[:1] + good[2:3], good, [*bad, f"{a}, {b}, {c}, {d}"])


@rule
def thousands_in_brackets(rng: Random) -> Draw:
    """Draw a comma before three digits: it parts items between brackets, and groups digits outside."""
    a, b = rng.randint(1, 99), rng.randint(100, 999)
    if rng.random() < 0.5:
        return Draw(
            [f"({a}, {b})"],
            [f"({a},{b})", f"( {a} , {b} )"],
            [f"{a},{b}", f"{a}{b}", f"({b},{a})", f"({a}{b}, 0)"],
        )
    return Draw(
        [f"{a}{b}"],
        [f"{a},{b}", rf"{a}{{,}}{b}"],
        [f"({a},{b})", rf"\{{{a},{b}\}}", f"[{a},{b}]", f"{a}, {b}, 0"],
    )


@rule
def labelled_values(rng: Random) -> Draw:
    """Draw the solutions of one unknown, each with its name."""
    a, b = rng.sample(range(-20, 40), 2)
    good = [
        f"x = {a}, x = {b}",
        f"x_1 = {a}, x_2 = {b}",
        rf"x = {b} \text{{ and }} x = {a}",
        f"{b}, {a}",
        f"x_1={b}, x_2={a}",
    ]
    bad = [
        f"x = {a}",
        f"x = {a}, x = {b + 100}",
        f"x_1 = {-a - 50}, x_2 = {b}",
        f"({a}, {b})",
        f"x = {a}, x = {b}, x = 77",
    ]
    return Draw([f"{a}, {b}", f"x = {a}, x = {b}"], good, bad)


@rule
def plus_minus(rng: Random) -> Draw:
    """Draw both values of a plus-minus, never one."""
    a, b, k = rng.randint(1, 20), rng.choice([2, 3, 5, 6, 7, 10, 11]), rng.randint(1, 4)
    root = rf"\sqrt{{{b}}}" if k == 1 else rf"{k}\sqrt{{{b}}}"
    good = [
        rf"{a} \pm {root}",
        f"{a} + {root}, {a} - {root}",
        rf"\{{{a} - {root}, {a} + {root}\}}",
        rf"x = {a} \pm {root}",
    ]
    good += [f"{a} \u00b1 {root}", rf"\frac{{{2 * a} \pm {2 * k}\sqrt{{{b}}}}}{{2}}"]
    bad = [
        f"{a} + {root}",
        f"{a} - {root}",
        rf"{-a} \pm {root}",
        rf"{a} \pm {root} + 1",
        f"{a}, {root}",
        f"{a} + {root}, {a} + {root}",
    ]
    return Draw(good[:2], good, [*bad, rf"{a} \pm \sqrt{{{b + 2}}}"])


@rule
def plus_minus_numbers(rng: Random) -> Draw:
    """Draw plus or minus one number."""
    a = rng.randint(1, 60)
    good = [
        rf"\pm {a}",
        f"{a}, -{a}",
        f"-{a}, {a}",
        rf"\{{-{a}, {a}\}}",
        rf"x = \pm {a}",
        f"-{a} \\text{{ and }} {a}",
        f"\u00b1{a}",
    ]
    bad = [f"{a}", f"-{a}", rf"\pm {a + 1}", f"{a}, {a}", f"{a}, -{a + 1}", f"0, {a}", f"(-{a}, {a})"]
    return Draw(good[:2], good, bad)
