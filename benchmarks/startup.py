"""How long the command line takes to start: `python benchmarks/startup.py`."""

import statistics
import subprocess
import sys
import time

COMMANDS = (["--help"], ["--version"], ["list"], ["list", "--json"], ["plugins"])


def main() -> None:
    """Print the wall-clock seconds of some verbs, the median of eleven runs each."""
    for command in COMMANDS:
        times = []
        for _ in range(11):
            started = time.perf_counter()
            subprocess.run([sys.executable, "-m", "rlvr", *command], check=True, capture_output=True)
            times.append(time.perf_counter() - started)
        print(f"rlvr {' '.join(command):<14} median {statistics.median(times):.3f} s (min {min(times):.3f})")


if __name__ == "__main__":
    main()
