"""Writes what was measured as one Markdown page, with a picture for each contest."""
import os
import platform
import re
from statistics import median


def spread(values, digits=2):
    """The median, with the smallest and the largest."""
    return f"{median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def milliseconds(value):
    return "–" if value is None else f"{value:.1f}"


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows] + [""]


def section(contest):
    names = list(contest.contestants)
    rows = []
    for name in names:
        rates = [sample.rate for sample in contest.samples[name]]
        cpu = ", ".join(f"{program} {value:.0f}" for program, value in contest.cpu(name).items())
        ratio = "1" if name == names[0] else spread(contest.ratios(name))
        rows.append([
            name, spread(rates, 0), ratio, milliseconds(contest.middle(name, "p50")), milliseconds(contest.middle(name, "p99")), cpu,
            sum(sample.failed for sample in contest.samples[name])])
    header = ["", f"{contest.unit}/s", f"ratio of {'rates' if contest.by == 'rate' else 'p50'}, ShopMeter to this", "p50 ms", "p99 ms", "CPU µs per unit", "failed"]
    picture = f"![{contest.name}]({filename(contest)})"
    return [f"## {contest.name}", "", contest.note[:1].upper() + contest.note[1:] + ".", ""] + table(header, rows) + [picture, ""]


def filename(contest):
    return re.sub("[^a-z0-9]+", "-", contest.name.lower()).strip("-") + ".svg"


def picture(contest):
    """Bars of the median rates, each with a line from the smallest to the largest."""
    names, left, width, step = list(contest.contestants), 250, 430, 34
    largest = max(sample.rate for samples in contest.samples.values() for sample in samples) or 1
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="760" height="{step * len(names) + 16}" font-family="sans-serif" font-size="13" role="img">',
        f"<title>{contest.name}</title>", '<rect width="100%" height="100%" fill="#fff"/>']
    for row, name in enumerate(names):
        rates = [sample.rate for sample in contest.samples[name]]
        top, at = 8 + row * step, lambda rate: left + width * rate / largest
        parts += [
            f'<text x="{left - 10}" y="{top + 19}" text-anchor="end">{name}</text>',
            f'<rect x="{left}" y="{top + 4}" width="{at(median(rates)) - left:.1f}" height="22" fill="{"#2563eb" if row == 0 else "#94a3b8"}"/>',
            f'<line x1="{at(min(rates)):.1f}" x2="{at(max(rates)):.1f}" y1="{top + 15}" y2="{top + 15}" stroke="#0f172a" stroke-width="2"/>',
            f'<text x="{at(max(rates)) + 8:.1f}" y="{top + 19}">{median(rates):,.0f}</text>']
    return "\n".join(parts + ["</svg>", ""])


def conditions(facts):
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    memory = int(open("/proc/meminfo").readline().split()[1]) // (1024 * 1024)
    rows = [["processor", f"{model}, {os.cpu_count()} cores for everything, the load generators too"], ["memory", f"{memory} GiB"],
            ["system", f"{platform.system()} {platform.release()}"]]
    return table(["", ""], rows + [[name, value] for name, value in facts.items()])


def write(folder, facts, contests, single):
    lines = ["# ShopMeter beside its peers", "", "Made by `docker/bench.sh`. Absolute figures are this machine's; the ratios are those of one run, in which the",
             "contestants took turns. Each figure is the median of the rounds, with the smallest and the largest in brackets.", ""]
    lines += conditions(facts)
    for contest in contests:
        lines += section(contest)
        with open(os.path.join(folder, filename(contest)), "w") as file:
            file.write(picture(contest))
    lines += ["## Measured once", ""] + table(["what", "measured"], single)
    path = os.path.join(folder, "report.md")
    with open(path, "w") as file:
        file.write("\n".join(lines))
    return path
