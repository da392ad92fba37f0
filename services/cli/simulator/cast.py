"""Who the accounts are: names, people, lanes. Everything follows from seed and number."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from services.cli.simulator.stories import STORIES, Story

TMS, SOUTH, CRM, WMS = (
    "/synthetic/tms",
    "/synthetic/tms-south",
    "/synthetic/crm",
    "/synthetic/wms",
)
KAMS = (
    ("kam-linh", "Nguyen Thi Linh"),
    ("kam-duc", "Tran Minh Duc"),
    ("kam-joao", "Joao Ferreira"),
    ("kam-anna", "Anna Weber"),
)
HEAD = ("head-mai", "Le Thi Mai")
OFFSETS = {"VN": "+07:00", "BR": "-03:00", "DE": "+01:00"}
LANGUAGES = {"VN": "vi", "BR": "pt", "DE": "en"}
ZONES = {"VN": "Asia/Ho_Chi_Minh", "BR": "America/Sao_Paulo", "DE": "Europe/Berlin"}
SEGMENTS = ("furniture", "footwear", "seafood", "machinery", "electronics", "food", "chemicals")
PLACES = {
    "VN": ("Da Nang", "Hue", "Nam Dinh", "Bac Ninh", "Quy Nhon", "Vinh", "Thai Binh", "Hung Yen"),
    "BR": ("Curitiba", "Recife", "Joinville", "Campinas", "Itajai", "Manaus", "Natal", "Betim"),
    "DE": ("Kiel", "Ulm", "Trier", "Bremen", "Essen", "Jena", "Passau", "Lübeck"),
}
GOODS = (
    "Textiles", "Tools", "Plastics", "Lighting", "Cables", "Toys", "Kitchenware", "Pumps",
    "Tiles", "Instruments", "Batteries", "Bicycles",
)  # fmt: skip
NAMED_HOME = {
    "Santos Ceramics": "BR",
    "Parana Paper Mill": "BR",
    "Rhine Auto Parts": "DE",
}


class Lane(NamedTuple):
    """One lane and mode of an account, and what a booking on it usually carries."""

    origin: str
    destination: str
    mode: str
    service: str
    unit: str  # the field of CONTRACT 3 that measures it
    size: float  # usual amount in that unit
    weight_kg: float  # usual
    price: float  # revenue per unit, USD
    transit_days: int
    incoterm: str
    days: tuple[int, ...] = ()  # weekdays with a regular booking, Monday 0


LANES = {
    "VN": (
        Lane("VNHPH", "DEHAM", "sea", "FCL", "teu", 2, 18_000, 1_600, 33, "FOB"),
        Lane("VNSGN", "NLRTM", "sea", "FCL", "teu", 4, 36_000, 1_550, 31, "FOB"),
        Lane("VNSGN", "USLAX", "sea", "FCL", "teu", 3, 27_000, 1_700, 22, "FCA"),
        Lane("VNHPH", "CNSHA", "sea", "LCL", "volume_cbm", 9, 3_200, 95, 8, "CIF"),
        Lane("VNHAN", "DEFRA", "air", "general", "chargeable_kg", 700, 640, 3.4, 3, "FCA"),
        Lane("CNSZX", "VNHAN", "road", "FTL", "trips", 1, 9_500, 900, 3, "DAP"),
    ),
    "BR": (
        Lane("BRSSZ", "NLRTM", "sea", "FCL", "teu", 3, 40_000, 1_500, 18, "FOB"),
        Lane("BRSSZ", "USNYC", "sea", "FCL", "teu", 2, 27_000, 1_750, 16, "FOB"),
        Lane("BRPNG", "VNSGN", "sea", "FCL", "teu", 2, 30_000, 2_100, 38, "CFR"),
        Lane("BRGRU", "DEFRA", "air", "general", "chargeable_kg", 500, 460, 4.1, 2, "FCA"),
    ),
    "DE": (
        Lane("DEHAM", "VNHPH", "sea", "FCL", "teu", 2, 22_000, 1_100, 34, "CIF"),
        Lane("DEHAM", "BRSSZ", "sea", "LCL", "volume_cbm", 8, 2_800, 110, 20, "CIF"),
        Lane("DEFRA", "VNSGN", "air", "general", "chargeable_kg", 650, 600, 3.9, 3, "DAP"),
        Lane("DEDUS", "NLRTM", "road", "FTL", "trips", 1, 12_000, 520, 1, "DAP"),
    ),
}


@dataclass(frozen=True, slots=True)
class Profile:
    """One account of the forwarder."""

    number: int
    account_id: str
    name: str
    home: str  # ISO country, also the calendar
    tier: str
    segment: str
    tms: str  # the transport system that its bookings come from
    kam: tuple[str, str]
    lanes: tuple[Lane, ...]
    warehouse: bool
    story: Story | None

    @property
    def offset(self) -> str:
        """Return the offset of local time."""
        return OFFSETS[self.home]

    @property
    def annual_margin(self) -> int:
        """Return the margin of a usual year, USD."""
        weekly = sum(len(lane.days) * lane.size * lane.price for lane in self.lanes)
        return round(weekly * 52 * 0.13)


def profile(number: int, seed: int) -> Profile:
    """Return account `number` (from 0): the stories' accounts first, then everybody else."""
    random = Random(f"{seed}/cast/{number}")  # noqa: S311 - a simulation
    name, story = _role(number, random)
    home = _home(name, story, number)
    tier = story_tier(story) if story else ("A", "B", "B", "C", "C")[number % 5]
    feeds_south = story is not None and story.code == "silent_feed"
    return Profile(
        number=number,
        account_id=f"ACC-{number + 1:04d}",
        name=name,
        home=home,
        tier=tier,
        segment=random.choice(SEGMENTS),
        tms=SOUTH if feeds_south else TMS,
        kam=KAMS[number % 2] if home == "VN" else KAMS[2 if home == "BR" else 3],
        lanes=_lanes(home, tier, story, random),
        warehouse=story is None and number % 9 == 0,
        story=story,
    )


def story_tier(story: Story) -> str:
    """Return the tier of a story's accounts: those that must alert are key accounts."""
    return "A" if story.outcome == "alert" or story.code == "silent_feed" else "B"


def _role(number: int, random: Random) -> tuple[str, Story | None]:
    named = [(name, story) for story in STORIES for name in story.accounts]
    if number < len(named):
        return named[number]
    country = ("VN", "VN", "BR", "DE")[number % 4]
    places = PLACES[country]
    goods = GOODS[(number // len(places)) % len(GOODS)]
    name = f"{places[number % len(places)]} {goods}"
    distinct = len(places) * len(GOODS)
    if number >= distinct:
        name += f" {number // distinct + 1}"
    return name if random.random() < 0.5 else f"{name} Co.", None


def _home(name: str, story: Story | None, number: int) -> str:
    if story is not None:
        return NAMED_HOME.get(name, "VN")
    return ("VN", "VN", "BR", "DE")[number % 4]


def _lanes(home: str, tier: str, story: Story | None, random: Random) -> tuple[Lane, ...]:
    count = {"A": 3, "B": 2, "C": 1}[tier]
    choice = LANES[home]
    if story is not None:
        picked = choice[:count]
    else:
        first = random.randrange(len(choice))
        picked = tuple(choice[(first + i) % len(choice)] for i in range(count))
    weekly = {"A": (2, 1, 1), "B": (1, 1), "C": (1,)}[tier]
    lanes = []
    for position, usual in enumerate(picked):
        days = tuple(sorted(random.sample(range(5), weekly[position])))
        size = max(1.0, round(usual.size * round(random.uniform(0.7, 1.5), 2)))
        weight_kg = round(usual.weight_kg * size / usual.size)
        lanes.append(usual._replace(size=size, weight_kg=weight_kg, days=days))
    return tuple(lanes)
