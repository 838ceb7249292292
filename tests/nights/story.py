"""Nights of one hospital: rows come late, are corrected, deleted, sent again, while the as-of date moves on."""

import csv
import json
import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from tests.reference.generate import write_extract

Row = dict[str, str]


@dataclass
class Story:
    """The rows of a generated extract, each with the nights on which it is there and on which it is another."""

    seed: int
    patients: int = 25
    late: float = 0.04
    corrected: float = 0.03
    deleted: float = 0.02
    nights: int = 4
    after: int = 0  # days by which the first night lies behind that of the generated extract
    tables: dict[str, list[Row]] = field(default_factory=dict)
    as_of: list[date] = field(default_factory=list)
    folder: Path = Path()

    def tell(self, work: Path) -> list[Path]:
        """Writes the extract of every night below `work`; their folders. A settings file of each stands beside it."""
        source = work / "source"
        write_extract(source, self.seed, self.patients)
        draw = random.Random(self.seed)
        tables = {path.stem: list(csv.DictReader(path.read_text(encoding="utf-8").splitlines())) for path in source.glob("*.csv")}
        settings = (source / "settings.toml").read_text(encoding="utf-8")
        first = next(line for line in settings.splitlines() if line.startswith("as_of"))
        start = date.fromisoformat(first.split('"')[1])
        rest = "\n".join(line for line in settings.splitlines() if not line.startswith("as_of"))
        fates = {(name, n): self._fate(draw) for name, rows in tables.items() for n in range(len(rows))}
        folders, day = [], start + timedelta(days=self.after - draw.randrange(60))
        lags = {name: draw.choice([0, 0, 0, 0, 3]) for name in tables}
        for night in range(self.nights):
            folder = work / f"night{night}"
            folder.mkdir()
            for name, rows in tables.items():
                kept = [
                    self._as_seen(dict(row), fates[name, n], night)
                    for n, row in enumerate(rows)
                    if fates[name, n][0] <= night < fates[name, n][1] or name == "patients"
                ]
                with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                    writer = csv.DictWriter(file, list(rows[0]) if rows else ["patient_id"])
                    writer.writeheader()
                    writer.writerows(kept)
            through = {n: (day - timedelta(days=lag)).isoformat() for n, lag in lags.items() if lag}
            (folder / "manifest.json").write_text(json.dumps({"source": "story", "loaded_through": through}))
            (work / f"night{night}.toml").write_text(f'as_of = "{day}"\n{rest}\n', encoding="utf-8")
            folders.append(folder)
            self.as_of.append(day)
            day += timedelta(days=draw.choice([0, 1, 1, 1, 7, 30]))
        return folders

    def _fate(self, draw: random.Random) -> tuple[int, int, int, int]:
        """(first night, first night without it, first night on which it is corrected, by how many days)."""
        born = draw.randrange(1, self.nights) if draw.random() < self.late else 0
        gone = draw.randrange(1, self.nights) if draw.random() < self.deleted else self.nights
        other = draw.randrange(1, self.nights) if draw.random() < self.corrected else self.nights
        return born, gone, other, draw.choice([-3, -1, 1, 2, 0])

    def _as_seen(self, row: Row, fate: tuple[int, int, int, int], night: int) -> Row:
        if night < fate[2]:
            return row
        if fate[3] == 0:
            return row | ({"status": "entered-in-error"} if "status" in row else {})
        for name, text in row.items():
            if name.endswith(("_at", "_date")) and text[:10].count("-") == 2:
                try:
                    moved = datetime.fromisoformat(text[:10]) + timedelta(days=fate[3])
                except ValueError:
                    continue
                row[name] = moved.date().isoformat() + text[10:]
        return row
