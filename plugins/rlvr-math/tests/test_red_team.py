"""What a policy tried in order to be paid without being right, and what is right though it looks odd."""

import pytest
from rlvr_math.verify import math

from rlvr.types import Completion, Task

MARKED = math(reading="marked")
ANY = math()


def reward(verifier, answer, text):
    return verifier(Task(id="t", prompt=(), answer=answer), Completion(text=text)).reward


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("3", "The answer is negative 3."),
        ("16", "The answer is the square root of 16."),
        ("5", "The answer is - 5 dollars."),
        ("5", "The answer is 5! ways."),
        ("5", "The answer is a multiple of 5."),
        ("5", "I don't think the answer is 5."),
        ("5", "If the answer is 5, then we have a contradiction."),
        ("5", "Is it true that the answer is 5?"),
        ("5", "A: 5\nB: 6\nC: 7"),
        ("5", "#### Step 5"),
        ("5", "#### at least 5"),
        ("5", r"\boxed{5 \text{ sixths}}"),
        ("5", r"\boxed{5 \text{ is wrong}}"),
        ("5", r"\boxed{5 divided by two}"),
        ("5", r"\boxed{\text{not}: 5}"),
        ("5", r"\boxed{\text{negative} = 5}"),
        ("1" + "0" * 2500, r"\boxed{$-1" + "0" * 2500 + "$}"),
        ("-1" + "0" * 2500, r"\boxed{$1" + "0" * 2500 + "$}"),
        ("12", "\\boxed{1 2}"),
        ("15", "\\boxed{1\u200b5}"),
        ("1234", r"\boxed{1\quad 234}"),
        ("1234", r"\boxed{1, 234}"),
        ("34", r"\boxed{$3$$4$}"),
        ("2x+3", r"\boxed{0xy=0}"),
        ("x", r"\boxed{xy=yx}"),
        ("A", r"\boxed{(A)(B)(C)(D)}"),
        ("A", r"\boxed{(A) is incorrect}"),
        ("D", r"\boxed{\text{(D) or (C)}}"),
        ("(1,2)", r"\boxed{y=1, x=2}"),
        ("(1,2)", r"\boxed{(y,x)=(1,2)}"),
        ("x=1, y=2", r"\boxed{2, 1}"),
        (r"2\pi\sqrt{\frac{l}{g}}", r"\boxed{2\pi\sqrt{\frac{m}{g}}}"),
        (r"\pi m^2", r"\boxed{\pi l^2}"),
        ("2^n", r"\boxed{2^n \text{ if } n \text{ is odd}}"),
        ("x>3", r"\boxed{y>3}"),
        (r"1<|x|<2", r"\boxed{1<|x-5|<2}"),
        ("2C_1x", r"\boxed{2x}"),
        ("x=2", r"\boxed{2x+3=7}"),
        ("a^2+b=0", r"\boxed{0}"),
        ("a+b=0", r"\boxed{0}"),
        ("x^2+y^2=25", r"\boxed{25}"),
        ("2x+z=1", r"\boxed{1}"),
        ("4:30", r"\boxed{8:60}"),
        ("1:00", r"\boxed{12:00}"),
        ("Mg", r"\boxed{mg}"),
        ("5", r"\boxed{\text{not }\boxed{5}}"),
        ("5", r"\boxed{\boxed{5} \text{ or } 7}"),
        ("5", r"\boxed{5}\boxed{}"),
        (r"\lfloor x\rfloor+1", r"\boxed{\lceil x\rceil}"),
        ("x+10", r"\boxed{|x+10|}"),
        ("100-x", r"\boxed{|x-100|}"),
        ("f(x)=x+1", r"\boxed{f(t)=x+1}"),
        ("9/2", r"\boxed{3\cdot2\frac34}"),
        ("1", r"\boxed{1.00000000001}"),
        (r"\int_0^1 F(x)dx", r"\boxed{\int_0^1 f(x)dx}"),
    ],
)
def test_this_is_not_paid(answer, text):
    assert reward(MARKED, answer, text) == 0
    assert reward(ANY, answer, text) == 0


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("5", "She has at least 5 apples."),
        ("5", "It is 5 million dollars."),
        ("5", "The result is 2^5."),
        ("5", "So the distance is \u221a5."),
        ("2", "The area is 12 cm^2."),
        ("1", "So we find y = 3x - 1."),
        ("5", "see Theorem 5"),
        ("5", "$5$ is wrong."),
    ],
)
def test_a_number_that_is_a_part_of_something_else_is_not_paid(answer, text):
    assert reward(ANY, answer, text) == 0


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("37", "The answer is 37 because 40 - 3 = 37."),
        ("5", "The answer is $5$, which occurs when $x=1$."),
        ("5", "Thus the minimum is $5$, attained when $x=y=1$."),
        ("2x+3", "The derivative is 2x + 3."),
        ("37", "\u6240\u4ee5\u7b54\u6848\u662f37\u3002"),
        ("1,2", "The solutions are 1 and 2."),
        ("25", r"\boxed{m+n=25}"),
        (r"\frac13", r"\boxed{P(A\cap B)=\frac13}"),
        (r"\frac13", r"\boxed{P(X=2 \mid Y)=\frac13}"),
        ("(n-1)2^{n+1}+2", r"\boxed{(n-1)\cdot 2^{n+1}+2}"),
        (r"\{(0,0)\}", r"\boxed{(0,0)}"),
        ("(1,1,1)", r"\boxed{x=y=z=1}"),
        (r"33\frac13\%", r"\boxed{\frac13}"),
        ("20 m/s", r"\boxed{20}"),
        ("9.8 m/s^2", r"\boxed{9.8\text{ m/s}^2}"),
        (r"\frac34", r"\boxed{three fourths}"),
        ("-5", r"\boxed{\text{negative five}}"),
        ("yes", r"\boxed{\text{Yes, it is possible.}}"),
        ("does not exist", r"\boxed{\text{The limit does not exist}}"),
        (r"x\equiv3\pmod 7", r"\boxed{x\equiv 10 \pmod{7}}"),
        (r"\left\{\begin{array}{l}x=1\\y=2\end{array}\right.", r"\boxed{x=1,y=2}"),
        (
            r"\begin{cases}x&x>0\\0&x\le0\end{cases}",
            r"\boxed{\begin{cases}x,&\text{if }x>0\\0,&\text{if }x\leq0\end{cases}}",
        ),
        ("12.55", r"\boxed{\approx 12.55}"),
        (r"x=\frac\pi4+n\pi", r"\boxed{x=\frac\pi4+k\pi, k\in\mathbf{Z}}"),
    ],
)
def test_this_is_paid(answer, text):
    assert reward(ANY, answer, text) == 1


@pytest.mark.parametrize(
    "text", [r"\frac{x}{0}", r"x/(y-y)", r"\frac{\sin x}{0}", r"\frac{1}{\sqrt2\sqrt2-2}"]
)
@pytest.mark.parametrize("answer", ["5", r"\pi", "2x+1", "x=5", "A", "yes", r"\sin x"])
def test_what_has_no_value_is_wrong_and_not_undecided(answer, text):
    assert reward(ANY, answer, f"\\boxed{{{text}}}") == 0


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("204_5", "9" * 5000),
        ("1/4", "0." + "3" * 5000),
        ("A", "(A)" * 600),
        ("A", "A." * 900),
        ("5", "(A)" * 600 + "5"),
    ],
)
def test_long_answers_raise_nothing(answer, text):
    assert reward(ANY, answer, f"\\boxed{{{text}}}") == 0


@pytest.mark.parametrize(
    ("one", "other"),
    [(r"\ln|x-2|", r"\ln(x-2)"), ("30-x", "|30-x|"), (r"\ln|x^2-4|", r"\ln(x^2-4)"), ("x+7", "|x+7|")],
)
def test_a_verdict_is_the_same_whatever_points_are_drawn(one, other):
    said = {reward(math(), one, f"\\boxed{{{other}}}") for _ in range(8)}

    assert len(said) == 1
