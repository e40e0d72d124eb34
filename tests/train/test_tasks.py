"""The order of a run's tasks: a function of the seed, epochs shuffled anew, phases one after another."""

from rlvr.train.tasks import TaskOrder
from rlvr.types import Environment, Score, Task, TaskStream


def environment(name, tasks):
    return Environment(name=name, tasks=tasks, verifier=lambda task, completion: Score(reward=0.0))


def finite(n):
    return environment("finite", tuple(Task(id=str(i), prompt=()) for i in range(n)))


def endless(name):
    return environment(name, TaskStream(at=lambda i: Task(id=f"{name}-{i}", prompt=())))


def ids(order, places):
    return [order.at(place).id for place in places]


def test_an_endless_environment_is_taken_in_its_own_order():
    order = TaskOrder(phases=[(0, endless("a"))], seed=0)

    assert ids(order, [0, 1, 5]) == ["a-0", "a-1", "a-5"]


def test_each_epoch_of_a_finite_one_has_every_task_once_in_an_order_of_its_own():
    order = TaskOrder(phases=[(0, finite(50))], seed=0)

    first, second = ids(order, range(50)), ids(order, range(50, 100))

    assert sorted(first) == sorted(second) == sorted(str(i) for i in range(50))
    assert first != second


def test_the_order_is_a_function_of_the_seed():
    orders = [TaskOrder(phases=[(0, finite(50))], seed=seed) for seed in (1, 1, 2)]

    first, again, other = (ids(order, range(50)) for order in orders)

    assert first == again != other


def test_a_curriculum_changes_environment_at_its_places():
    order = TaskOrder(phases=[(0, endless("easy")), (4, endless("hard"))], seed=0)

    assert ids(order, range(2, 6)) == ["easy-2", "easy-3", "hard-0", "hard-1"]
    assert [order.phase(place) for place in range(2, 6)] == [0, 0, 1, 1]
