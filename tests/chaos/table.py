"""What a person reads after a run."""

from collections import Counter

from tests.chaos.report import FAIL, Report

_MOST_SHOWN = 30


def describe(report: Report) -> str:
    seconds = (
        f"start {report.start_seconds:.0f}, load {report.load_seconds:.0f}, "
        f"settle and judge {report.quiet_seconds:.0f}, in all {report.total_seconds:.0f}"
    )
    lines = [
        f"verdict       {report.verdict}",
        f"seed          {report.seed}, {report.payments} payments planned, faults {report.lean}",
        f"payments      {_join(report.outcomes)}",
        f"answers       {_join(report.statuses)}",
        f"faults        {report.fault_share:.0%} of the calls: {_join(report.faults)}",
        f"disruptions   {_join(report.disruptions)}",
        f"refunds       {_join(report.refunds)}",
        f"terminals     {_join(report.sales)}",
        f"events        {_join(report.events)}",
        f"syncs         {_join(report.syncs)}",
        f"ended alone   {_join(report.ended)}",
        f"seconds       {seconds} (1/{report.pace:.1f} of a quiet machine's speed)",
    ]
    if report.unproven:
        lines += ["", "Planned, but it did not happen:", *(f"  {each}" for each in report.unproven)]
    if report.verdict == FAIL:
        lines += ["", "Does not hold:", *_list_findings(report)]
        again = f"bin/chaos --payments {report.payments} --seed {report.seed}"
        again += f" --lean {report.lean} --keep"
        lines += ["", f"Again: {again}"]
    return "\n".join(lines)


def _list_findings(report: Report) -> list[str]:
    shown = [f"  {each.check}: {each.what}" for each in report.findings[:_MOST_SHOWN]]
    hidden = len(report.findings) - len(shown)
    return [*shown, f"  … and {hidden} more"] if hidden else shown


def _join(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "none"
