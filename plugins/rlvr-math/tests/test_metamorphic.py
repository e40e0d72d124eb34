"""One value, written in many ways, is one answer; a neighbour of it, written in any way, is another."""

from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from rlvr_math.verify import math

from rlvr.types import Completion, Task

MATH = math(rounding="exact")
STEPS = st.sampled_from([-10, -1, 1, 2, 10, 100])
small = st.integers(-12, 12)
positive = st.integers(1, 40)


def judged(reference, answer):
    return MATH(Task(id="t", prompt=(), answer=reference), Completion(text=f"so \\boxed{{{answer}}}.")).reward


def sign(text):
    """Return spellings of a signed text."""
    return [text, text.replace("-", "\u2212")] + ([f"+{text}"] if text[0] != "-" else [])


def noise(text):
    """Return spellings of any formula."""
    return [text, f"${text}$", f"\\displaystyle {text}", f" {text} .", f"\\left({text}\\right)", f"{text}\\,"]


def integer(n):
    plain = str(n)
    grouped = f"{n:,}"
    full = plain.translate({ord("0") + k: 0xFF10 + k for k in range(10)})
    arabic = plain.translate({ord("0") + k: 0x0660 + k for k in range(10)})
    return [
        *sign(plain), *noise(plain), grouped, grouped.replace(",", "{,}"), grouped.replace(",", "\\,"),
        grouped.replace(",", " "), full, arabic, f"{plain}.0", f"\\frac{{{2 * n}}}{{2}}", f"{3 * n}/3", f"x = {plain}",
        f"{n - 7}+7", f"{plain}\\text{{ }}", f"\\mathbf{{{plain}}}", f"{plain}e0",
    ]  # fmt: skip


def fraction(value):
    p, q = value.numerator, value.denominator
    body = f"{{{abs(p)}}}{{{q}}}"
    dash = "-" if p < 0 else ""
    found = [
        f"{dash}\\frac{body}", f"{dash}\\dfrac{body}", f"{dash}\\tfrac{body}", f"{p}/{q}", f"\\frac{{{p}}}{{{q}}}",
        f"{{{p} \\over {q}}}", f"\\frac{{{5 * p}}}{{{5 * q}}}", f"{p} \\div {q}", f"{p} \\cdot {q}^{{-1}}",
        f"\\frac{{{-p}}}{{-{q}}}", f"({p})/({q})",
    ]  # fmt: skip
    whole, rest = divmod(abs(p), q)
    if whole and rest:
        found += [f"{dash}{whole}\\frac{{{rest}}}{{{q}}}", f"{dash}{whole} {rest}/{q}"]
    if 10**6 % q == 0:
        found.append(f"{float(value)}")
        found.append(f"{float(value * 100):.10g}\\%")
    return found


def surd(a, b, n, c):
    """Return spellings of (a + b sqrt(n)) / c."""
    return [
        f"\\frac{{{a}+{b}\\sqrt{{{n}}}}}{{{c}}}",
        f"\\frac{{{a}}}{{{c}}}+\\frac{{{b}\\sqrt{{{n}}}}}{{{c}}}",
        f"({a}+{b}\\sqrt{n})/{c}",
        f"\\frac{{1}}{{{c}}}\\left({b}\\cdot {n}^{{1/2}}+{a}\\right)",
        f"\\frac{{{a}+\\sqrt{{{b * b * n}}}}}{{{c}}}"
        if b > 0
        else f"\\frac{{{a}-\\sqrt{{{b * b * n}}}}}{{{c}}}",
        f"{a}/{c} + {b}/{c} * sqrt({n})",
        f"\\dfrac{{{2 * a}+{2 * b}\u221a{n}}}{{{2 * c}}}",
    ]


def quadratic(a, b):
    """Return spellings of (x - a)(x - b)."""
    return [
        f"(x-({a}))(x-({b}))",
        f"x^2+({-a - b})x+({a * b})",
        f"{a * b}+x^{{2}}-({a + b})x",
        f"x(x-({a + b}))+({a * b})",
        f"\\left(x-({b})\\right)\\cdot\\left(x-({a})\\right)",
        f"x\u00b2 - ({a + b})*x + ({a * b})",
        f"\\frac{{2x^2-2({a + b})x+2({a * b})}}{{2}}",
        f"y=(x-({a}))(x-({b}))",
        f"f(x)=x^2-({a + b})x+({a * b})",
    ]


def interval(low, high, left, right):
    """Return spellings of an interval, open or closed at each end."""
    first, second = "<" if left == "(" else "\\le", "<" if right == ")" else "\\leq"
    back = {"<": ">", "\\le": "\\ge", "\\leq": "\\geq"}
    return [
        f"{left}{low},{high}{right}",
        f"\\left{left}{low}, {high}\\right{right}",
        f"{low} {first} x {second} {high}",
        f"{high} {back[second]} x {back[first]} {low}",
        f"x\\in{left}{low},{high}{right}",
        f"\\{{x \\mid {low} {first} x {second} {high}\\}}",
        f"\\{{x : {low} {first} x {second} {high}\\}}",
        f"x {back[first]} {low} \\text{{ and }} x {second} {high}",
        f"{2 * low} {first} 2x {second} {2 * high}",
    ]


def unordered(items):
    """Return spellings of a set of numbers."""
    forward, backward = [str(item) for item in items], [str(item) for item in reversed(items)]
    return [
        f"\\{{{', '.join(forward)}\\}}",
        f"\\left\\{{{','.join(backward)}\\right\\}}",
        ", ".join(backward),
        f"{', '.join(forward[:-1])} \\text{{ and }} {forward[-1]}",
        " \\text{ or } ".join(f"x={item}" for item in backward),
        f"\\lbrace {' , '.join(forward)} \\rbrace",
        f"x \\in \\{{{', '.join(forward)}\\}}",
    ]


def pick(data, spellings):
    return data.draw(st.sampled_from(spellings))


def hold(data, same, other):
    """Check that two spellings of a value are equal both ways, and that one of another value is not."""
    one, two, wrong = pick(data, same), pick(data, same), pick(data, other)

    assert judged(one, two) == judged(two, one) == 1
    assert judged(one, wrong) == judged(wrong, one) == 0


@settings(max_examples=300, deadline=None, derandomize=True)
@given(data=st.data(), n=st.integers(-(10**9), 10**9), step=STEPS)
def test_an_integer(data, n, step):
    hold(data, integer(n), integer(n + step))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(data=st.data(), p=st.integers(-400, 400), q=st.integers(2, 60), step=STEPS)
def test_a_fraction(data, p, q, step):
    value, other = Fraction(p, q), Fraction(p + step, q)
    assume(value.denominator > 1 and other.denominator > 1)
    assume(other not in (value * 100, value / 100))  # a percent sign can be dropped

    hold(data, fraction(value), fraction(other))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    data=st.data(),
    a=small,
    b=small.filter(bool),
    n=st.sampled_from([2, 3, 5, 6, 7, 10, 11, 13]),
    c=positive,
    change=st.sampled_from([(1, 0, 0), (0, 13, 0), (0, 0, 1)]),
)
def test_a_surd(data, a, b, n, c, change):
    hold(data, surd(a, b, n, c), surd(a + change[0], b + change[1], n, c + (change[2] if a or b else 0)))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(data=st.data(), a=small, b=small, step=STEPS)
def test_a_polynomial(data, a, b, step):
    hold(data, quadratic(a, b), quadratic(a, b + step))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    data=st.data(),
    low=small,
    width=positive,
    left=st.sampled_from("(["),
    right=st.sampled_from(")]"),
    wrong=st.sampled_from(["low", "high", "left", "right"]),
)
def test_an_interval(data, low, width, left, right, wrong):
    high = low + width
    other = {
        "low": (low - 1, high, left, right),
        "high": (low, high + 1, left, right),
        "left": (low, high, "[" if left == "(" else "(", right),
        "right": (low, high, left, "]" if right == ")" else ")"),
    }[wrong]

    hold(data, interval(low, high, left, right), interval(*other))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    data=st.data(),
    items=st.lists(small, min_size=2, max_size=5, unique=True),
    step=st.sampled_from([13, 100]),
)
def test_a_set(data, items, step):
    changed = [items[0] + 2 * step, *items[1:]]

    hold(data, unordered(items), unordered(changed) + unordered([*items, 50 + step]))
