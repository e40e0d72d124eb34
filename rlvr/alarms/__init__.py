"""Notice that a run goes wrong: each alarm is a pure rule over the first and the last window of steps."""

from rlvr.alarms.alarm import Alarm, Finding, Row
from rlvr.alarms.limits import KINDS, RANGES, AlarmsTable
from rlvr.alarms.seen import Seen
from rlvr.alarms.suspicious import Suspicious, suspicious
from rlvr.alarms.tally import NUMBERS, seen_of
from rlvr.alarms.watchers import Alarms

__all__ = [
    "KINDS",
    "NUMBERS",
    "RANGES",
    "Alarm",
    "Alarms",
    "AlarmsTable",
    "Finding",
    "Row",
    "Seen",
    "Suspicious",
    "seen_of",
    "suspicious",
]
