"""A campaign of random faults against the recorder: what it loses must be told, and nothing else.

    python tests/campaign.py --runs 300 --seed 1

Each run records from a camera in software, on loopback, on whose wire bits flip, bytes and
fragments get lost, repeated or swapped, records of unknown kinds come in between, links break
anywhere and log-ins are refused after that. The files are taken apart unit by unit and compared
with what the camera sent. `--only K` repeats run K of the seed; `--keep DIR` leaves its files.

Bits that flip in the payload of a frame cannot be noticed: the protocol has no checksum. The
campaign knows them, because it made them, and counts them as damaged in transit.
"""

import argparse
import logging
import multiprocessing
import os
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # `tests`, when this file is started by its path

from tests.fault_campaign.run import Outcome, run

COUNTS = {
    "sent": "frames sent",
    "recorded": "frames recorded",
    "damaged": "of them damaged in transit: flipped bits of a payload, which nothing can notice",
    "lost": "frames lost, with the links that broke",
    "counted": "frames counted as dropped",
    "needlessly": "frames lost beside which nothing was damaged",
}


def main() -> int:
    """Run the campaign; 1 when anything is as it must not be."""
    options = _parse_options()
    outcomes = []
    for outcome in _run_all(options):
        outcomes.append(outcome)
        if outcome.verdict.faults or options.only is not None:
            _print_outcome(outcome, options.seed)
    _print_summary(outcomes, options.seed)
    return 1 if any(outcome.verdict.faults for outcome in outcomes) else 0


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--runs", type=int, default=100, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--only", type=int, metavar="K", help="repeat one run")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave the files of --only there")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), metavar="N")
    return parser.parse_args()


def _run_all(options: argparse.Namespace) -> Iterator[Outcome]:
    if options.only is not None:
        yield run(options.seed, options.only, options.keep)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(options.workers, context, _be_quiet) as pool:
        runs = [pool.submit(run, options.seed, number) for number in range(options.runs)]
        for future in as_completed(runs):
            yield future.result()


def _be_quiet() -> None:
    """What the recorder logs is for `--only`."""
    logging.disable()


def _print_outcome(outcome: Outcome, seed: int) -> None:
    print(f"--seed {seed} --only {outcome.number}: {outcome.description}")
    for kind, what in outcome.verdict.faults.items():
        print(f"    {kind}: {what}")


def _print_summary(outcomes: list[Outcome], seed: int) -> None:
    verdicts = [outcome.verdict for outcome in outcomes]
    print(f"\n{len(outcomes)} runs of seed {seed}")
    for name, meaning in COUNTS.items():
        print(f"{sum(getattr(verdict, name) for verdict in verdicts):10,} {meaning}")
    faults = Counter(kind for verdict in verdicts for kind in verdict.faults)
    for kind, count in faults.most_common():
        print(f"{count:10,} runs with: {kind}")
    if not faults:
        print("           nothing is wrong")


if __name__ == "__main__":
    sys.exit(main())
