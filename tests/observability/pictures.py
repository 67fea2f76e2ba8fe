"""Pictures of a real run for docs/: one trace, and one dashboard.

    python -m tests.observability.pictures

Starts everything, lets people work for a while, and draws what the collector and Prometheus have got.
It draws the dashboards' own panels and queries; Grafana draws them better.
"""

from __future__ import annotations

import asyncio
import html
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx2

from tests.console.collector import Collector, Span
from tests.console.test_up import Running, cycle_of, until
from tests.observability.dashboards import dashboards
from tests.observability.prometheus import ROOT, Prometheus
from tests.tools import BROWSER, found

PICTURES = ROOT / "docs" / "pictures"
SECONDS, PEOPLE = 100, 8
COLOURS = ("#4c6b45", "#b0743c", "#3e6b8a", "#8a4c63", "#7a7230", "#5a5a8a", "#3f7f78", "#99593f")
STYLE = """
body{margin:0;background:#faf8f3;color:#2b2a27;font:13px/1.4 system-ui,sans-serif}
main{padding:20px}h1{font:600 20px Georgia,serif;margin:0 0 2px}p{margin:0 0 14px;color:#6b675e}
.grid{display:grid;grid-template-columns:repeat(24,1fr);gap:10px}
.panel{background:#fff;border:1px solid #e4dfd3;border-radius:4px;padding:10px 12px}
h2{font:600 13px system-ui;margin:0}small{color:#6b675e}.stat{font:600 30px Georgia,serif;margin-top:6px}
.legend span{margin-right:12px;white-space:nowrap}.legend{margin-top:4px;font-size:11px;color:#4d4a43}
"""


def page(title: str, below: str, body: str) -> str:
    head = f"<!doctype html><meta charset=utf-8><title>{title}</title><style>{STYLE}</style>"
    return f"{head}<main><h1>{title}</h1><p>{below}</p>{body}</main>"


def dashboard(board: dict[str, Any], prometheus: Prometheus, seconds: int) -> str:
    panels = "".join(
        f'<div class=panel style="grid-column:{panel["gridPos"]["x"] + 1}/span'
        f' {panel["gridPos"]["w"]}"><h2>{panel["title"]}</h2>'
        f"<small>{html.escape(panel['description'])}</small>{drawn(panel, prometheus, seconds)}</div>"
        for panel in board["panels"]
    )
    return page(board["title"], board["description"], f"<div class=grid>{panels}</div>")


def drawn(panel: dict[str, Any], prometheus: Prometheus, seconds: int) -> str:
    unit = panel["fieldConfig"]["defaults"]["unit"]
    lines = [line for target in panel["targets"] for line in lines_of(target, prometheus, seconds)]
    if panel["type"] == "stat":
        value = lines[0][1][-1][1] if lines else 0.0
        return f"<div class=stat>{told(value, unit)}</div>"
    return chart(lines, unit)


def lines_of(
    target: dict[str, Any], prometheus: Prometheus, seconds: int
) -> list[tuple[str, list[tuple[float, float]]]]:
    now = time.time()
    query = target["expr"].replace("$__rate_interval", "10s").replace("[5m]", "[30s]")
    wanted = {"query": query, "start": now - seconds, "end": now, "step": 1}
    answer = httpx2.get(f"{prometheus.url}/api/v1/query_range", params=wanted).json()
    found = []
    for series in answer["data"]["result"]:
        legend = target["legendFormat"]
        for name, value in series["metric"].items():
            legend = legend.replace("{{" + name + "}}", value)
        points = [(float(at), float(value)) for at, value in series["values"] if value != "NaN"]
        if points and (any(value for _, value in points) or not found):
            found.append((legend, points))
    return found


def chart(lines: list[tuple[str, list[tuple[float, float]]]], unit: str) -> str:
    if not lines:
        return "<p>nothing yet</p>"
    first = min(points[0][0] for _, points in lines)
    last = max([first + 1, *(points[-1][0] for _, points in lines)])
    top = max([1e-9, *(value for _, points in lines for _, value in points)]) * 1.1
    drawn_lines, legend = "", ""
    for (name, points), colour in zip(lines, COLOURS * 4, strict=False):
        path = " ".join(
            f"{(at - first) / (last - first) * 380 + 60:.1f},{110 - value / top * 100:.1f}"
            for at, value in points
        )
        drawn_lines += f'<polyline fill=none stroke="{colour}" stroke-width=1.6 points="{path}"/>'
        legend += f'<span><b style="color:{colour}">—</b> {html.escape(name)}</span>'
    grid = "".join(
        f'<line x1=60 x2=440 y1={y} y2={y} stroke="#eee8dc"/>'
        f'<text x=54 y={y + 4} font-size=10 fill="#6b675e" text-anchor=end>{told(v, unit)}</text>'
        for y, v in ((10, top), (60, top / 2), (110, 0.0))
    )
    svg = f'<svg viewBox="0 0 446 118" width=100% >{grid}{drawn_lines}</svg>'
    return f"{svg}<div class=legend>{legend}</div>"


def told(value: float, unit: str) -> str:
    if unit == "s":
        return f"{value * 1000:.1f} ms" if value < 1 else f"{value:.1f} s"
    if unit == "percentunit":
        return f"{value * 100:.1f} %"
    if unit == "bytes":
        return f"{value / 2**20:.0f} MB"
    return f"{value:.0f}" if value >= 10 or value == int(value) else f"{value:.2f}"


def waterfall(spans: list[Span]) -> str:
    begin, end = min(s.begin for s in spans), max(s.end for s in spans)
    depth: dict[str, int] = {}
    rows = ""
    services = sorted({span.service for span in spans})
    for number, span in enumerate(in_order(spans)):
        depth[span.id] = depth.get(span.parent, -1) + 1
        y = number * 24 + 4
        left = (span.begin - begin) / (end - begin) * 560 + 400
        width = max((span.end - span.begin) / (end - begin) * 560, 2)
        colour = COLOURS[services.index(span.service)]
        took = f"{(span.end - span.begin) / 1e6:.1f} ms"
        after = f"+{(span.begin - begin) / 1e6:.1f}"
        rows += (
            f"<text x={12 + depth[span.id] * 16} y={y + 13} font-size=12>{html.escape(span.name)}"
            f'</text><rect x={left:.1f} y={y} width={width:.1f} height=14 rx=2 fill="{colour}"/>'
            f'<text x=1040 y={y + 12} font-size=11 fill="#6b675e" text-anchor=end>{after}</text>'
            f'<text x=1110 y={y + 12} font-size=11 fill="#6b675e" text-anchor=end>{took}</text>'
        )
    legend = "".join(
        f'<span><b style="color:{COLOURS[n]}">■</b> {name}</span>'
        for n, name in enumerate(services)
    )
    height = len(spans) * 24 + 8
    svg = f'<svg viewBox="0 0 1120 {height}" width=1120 height={height}>{rows}</svg>'
    below = f"Trace {spans[0].trace}: from the request that concluded it to the plan that followed"
    body = f"<div class=legend>{legend}</div><div class=panel>{svg}</div>"
    return page("One trace: a conversation is concluded, the plan is drafted", below, body)


def in_order(spans: list[Span]) -> list[Span]:
    """Parents before their children, children in the order of their beginning."""
    by_parent: dict[str, list[Span]] = {}
    ids = {span.id for span in spans}
    for span in sorted(spans, key=lambda span: span.begin):
        by_parent.setdefault(span.parent if span.parent in ids else "", []).append(span)
    ordered: list[Span] = []

    def walk(parent: str) -> None:
        for span in by_parent.get(parent, []):
            ordered.append(span)
            walk(span.id)

    walk("")
    return ordered


def work(running: Running, seconds: int) -> None:
    """People answer, set aside, conclude, agree; now and then somebody comes with a bad token."""
    platform, _, _ = running.began("acme")
    cycles, people = {}, {}
    for number in range(PEOPLE):
        person = f"p{number}"
        body = {"name": person, "email": f"{person}@example.com", "partner": "ben"}
        platform.put(f"/v1/people/{person}", json=body).raise_for_status()
        started = platform.post("/v1/cycles", json={"person": person})
        cycles[person] = started.json()["id"]
        people[person] = running.caller("acme", "employee", person)
    until_time = time.monotonic() + seconds
    turn = 0
    while time.monotonic() < until_time:
        turn += 1
        for person, client in people.items():
            conversation = cycle_of(client, cycles[person])["conversation"]
            if conversation:
                at = f"/v1/conversations/{conversation}"
                for question in ("impact", "energy", "peak"):
                    client.put(f"{at}/answers/{question}", json={"text": f"thought {turn}"})
                if turn % 15 == 7:
                    client.put(f"{at}/direction", json={"direction": "expand"})
                    client.post(f"{at}:conclude", json={"meeting": "waived"})
        platform.get("/v1/cycles")
        if turn % 3 == 0:
            url = f"{running.state['api_url']}/v1/people"
            httpx2.get(url, headers={"Authorization": "Bearer none"})
        time.sleep(0.2)


def concluding(collector: Collector) -> list[Span] | None:
    for spans in collector.traces().values():
        names = [span.name for span in spans]
        whole = {"wake", "step open_planning"} <= set(names)
        if whole and any(":conclude" in name for name in names) and names.count("append") >= 3:
            return spans
    return None


def shoot(name: str, text: str, size: str) -> None:
    """A picture of a page, by the browser that is here."""
    browser = found(BROWSER)
    assert browser, "there is no browser: python -m tests.tools"
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{name}.html"
        file.write_text(text)
        subprocess.run(
            [
                browser, "--headless", "--no-sandbox", "--hide-scrollbars", f"--window-size={size}",
                f"--screenshot={PICTURES / name}.png", f"file://{file}",
            ],
            check=True,
            capture_output=True,
        )  # fmt: skip


async def main() -> None:
    folder = Path(tempfile.mkdtemp())
    collector = Collector()
    running = Running(folder / "up", CAIRN_OTLP_ENDPOINT=collector.endpoint).start()
    jobs = {
        f"cairn-{role}": [url.removeprefix("http://").removesuffix("/metrics")]
        for role, url in running.state["metrics_urls"].items()
    }
    prometheus = Prometheus(folder, jobs)
    prometheus.start()
    try:
        work(running, SECONDS)
        trace: list[Span] = until(lambda: concluding(collector), seconds=30)
        shoot("trace", waterfall(trace), f"1170,{len(trace) * 24 + 170}")
        for board in dashboards():
            rows = len({panel["gridPos"]["y"] for panel in board["panels"]})
            shoot(board["uid"], dashboard(board, prometheus, SECONDS), f"1500,{rows * 215 + 90}")
    finally:
        await prometheus.stop()
        running.stop()
        collector.close()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    asyncio.run(main())
