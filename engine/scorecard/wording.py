"""One plain sentence for each line of the scorecard, in English and Bahasa Indonesia."""

from collections.abc import Mapping
from typing import Any

from engine.labels import NO_LABELS, Labels, attribute_called
from engine.numerals import Language, alike, decimal, percent, whole

Content = Mapping[str, Any]
"""A line, or the part on units, as `scorecard.json` has it."""

_SAYS: Mapping[str, tuple[str, str]] = {
    "p50_working_days": (
        "half of the applications are decided within {value}",
        "separuh permohonan diputus dalam {value}",
    ),
    "p80_working_days": (
        "80 % of the applications are decided within {value}",
        "80% permohonan diputus dalam {value}",
    ),
    "p90_working_days": (
        "90 % of the applications are decided within {value}",
        "90% permohonan diputus dalam {value}",
    ),
    "on_time_share": (
        "{value} of the applications end within the promised term",
        "{value} permohonan selesai dalam standar waktu",
    ),
    "requests_per_case": (
        "an applicant has to act {value} for one application",
        "pemohon harus bertindak {value} untuk satu permohonan",
    ),
    "satisfaction_mean": (
        "those who answered give the office {value} on average",
        "mereka yang menjawab memberi kantor nilai rata-rata {value}",
    ),
    "complaints_per_100": (
        "{value} complaints come for every hundred applications closed",
        "ada {value} pengaduan untuk setiap seratus permohonan yang selesai",
    ),
    "straight_share": (
        "{value} of the applications are decided without a detour",
        "{value} permohonan diputus tanpa jalur berbelit",
    ),
    "conforming_share": (
        "{value} of the applications follow the procedure in every step",
        "{value} permohonan mengikuti prosedur pada setiap langkah",
    ),
    "rework_share": (
        "{value} of the work had been done before on the same application",
        "{value} pekerjaan sudah pernah dilakukan pada permohonan yang sama",
    ),
    "waiting_share": (
        "{value} of the time that work takes, nights and days off included, it only lies waiting",
        "{value} dari lama pekerjaan, termasuk malam dan hari libur, hanyalah menunggu",
    ),
    "open_now": ("{value} are open now", "{value} masih terbuka saat ini"),
    "oldest_open_days": (
        "the oldest open application has been there for {value}",
        "permohonan terbuka yang paling lama sudah {value}",
    ),
    "cost_per_permit": (
        "the work on one application costs {value}",
        "pekerjaan untuk satu permohonan menelan biaya {value}",
    ),
    "hours_per_permit": (
        "officers have one application in hand for {value}",
        "satu permohonan berada di tangan petugas selama {value}",
    ),
    "fee_over_tariff": (
        "applicants pay {value} over the tariff on average",
        "pemohon membayar rata-rata {value} di atas tarif",
    ),
    "items_per_officer_week": (
        "an officer finishes {value} in a week",
        "seorang petugas menyelesaikan {value} dalam seminggu",
    ),
    "handovers_per_case": (
        "an application passes from one hand to another {value}",
        "satu permohonan berpindah tangan {value}",
    ),
    "cross_training": (
        "two officers or more did {value} of the kinds of work ten times each in three months",
        (
            "dalam tiga bulan, {value} jenis pekerjaan dikerjakan dua petugas atau lebih, "
            "masing-masing sedikitnya sepuluh kali"
        ),
    ),
    "learning_curve": (
        "each time the practice of a newcomer doubles, work takes {value}",
        "setiap kali pengalaman petugas baru berlipat dua, pekerjaan menjadi {value}",
    ),
}
_WITHIN = {
    "p50_working_days": ("half", "separuh"),
    "p80_working_days": ("80 %", "80%"),
    "p90_working_days": ("90 %", "90%"),
}
_UNIT_DONE = (
    "{part} of the work that reaches the unit is done within {value}",
    "{part} pekerjaan yang sampai di unit ini selesai dalam {value}",
)
_UNITS: Mapping[str, tuple[str, str]] = {
    "working days": ("{n} working days", "{n} hari kerja"),
    "days": ("{n} days", "{n} hari"),
    "hours": ("{n} hours", "{n} jam"),
    "times": ("{n} times", "{n} kali"),
    "pieces a week": ("{n} pieces of work", "{n} pekerjaan"),
    "applications": ("{n} applications", "{n} permohonan"),
}
_MET: Mapping[str, tuple[str, str]] = {
    "yes": (" The target ({target}) is met.", " Target ({target}) tercapai."),
    "no": (" The target ({target}) is missed.", " Target ({target}) tidak tercapai."),
    "too close to tell": (
        " Whether the target ({target}) is met is too close to tell.",
        " Apakah target ({target}) tercapai belum dapat dipastikan.",
    ),
}
_TREND: Mapping[str, tuple[str, str]] = {
    "better": (
        " It has got better: {now} in the last three months, {before} in the three before.",
        " Ini membaik: {now} dalam tiga bulan terakhir, {before} dalam tiga bulan sebelumnya.",
    ),
    "worse": (
        " It has got worse: {now} in the last three months, {before} in the three before.",
        " Ini memburuk: {now} dalam tiga bulan terakhir, {before} dalam tiga bulan sebelumnya.",
    ),
    "more": (
        " It has become more: {now} in the last three months, {before} in the three before.",
        " Ini bertambah: {now} dalam tiga bulan terakhir, {before} dalam tiga bulan sebelumnya.",
    ),
    "less": (
        " It has become less: {now} in the last three months, {before} in the three before.",
        " Ini berkurang: {now} dalam tiga bulan terakhir, {before} dalam tiga bulan sebelumnya.",
    ),
    "no clear change": (
        " There is no clear change over the last six months.",
        " Tidak ada perubahan yang jelas dalam enam bulan terakhir.",
    ),
}
_HOURS_KNOWN = (
    ", counting the {share} of the work whose hours are known",
    ", dihitung dari {share} pekerjaan yang diketahui jamnya",
)
_NEARLY_ALL = 0.95
_LIMITS = (" (95 % limits: {low} to {high})", " (batas 95%: {low} sampai {high})")
_NOBODY = (
    "No unit has clearly got quicker over the last six months ({compared} compared).",
    "Dalam enam bulan terakhir tidak ada unit yang jelas lebih cepat ({compared} dibandingkan).",
)
_MOST = (
    (
        "Most improved: {unit}. In the last three months 80 % of its work was done within {now}; "
        "in the three before, {before}."
    ),
    (
        "Paling membaik: {unit}. Dalam tiga bulan terakhir 80% pekerjaannya selesai dalam {now}; "
        "dalam tiga bulan sebelumnya {before}."
    ),
)


def sentence(line: Content, language: Language, names: Labels = NO_LABELS) -> str:
    """What a line says, with its target and its trend; empty where it has no number."""
    if line["value"] is None:
        return ""
    return saying(line, language, names) + _judgement(line, language)


def saying(line: Content, language: Language, names: Labels = NO_LABELS) -> str:
    """What a line says of its number alone; empty where it has none."""
    if line["value"] is None:
        return ""
    pick = _PLACE[language]
    name, value = line["indicator"], line["value"]
    measured_in = line["measured_in"]

    def told(number: float) -> str:
        return amount(number, measured_in, language)

    says = _SAYS[name][pick]
    if line["unit"] is not None and name in _WITHIN:
        says = _UNIT_DONE[pick].replace("{part}", _WITHIN[name][pick])
    low, high = line["ci_low"], line["ci_high"]
    whose = _whose(line, language, names)
    if low is None or high is None:
        text = whose + says.format(value=told(value))
    else:
        said = _alike((value, low, high), measured_in, language)
        text = whose + says.format(value=said[0])
        text += _LIMITS[pick].format(low=_bare(said[1], said[2]), high=said[2])
    known = line.get("hours_known")
    if known is not None and known < _NEARLY_ALL:
        text += _HOURS_KNOWN[pick].format(share=percent(known, language))
    return text[:1].upper() + text[1:] + "."


def _judgement(line: Content, language: Language) -> str:
    """Whether the target is met, and what changed."""
    pick, text = _PLACE[language], ""

    def told(number: float) -> str:
        return amount(number, line["measured_in"], language)

    if line["met"] is not None:
        text += _MET[line["met"]][pick].format(target=told(line["target"]))
    trend = line["trend"]
    if trend is not None:
        now, before = told(trend["now"]), told(trend["before"])
        text += _TREND[trend["told"]][pick].format(now=_bare(now, before), before=before)
    return text


def improved_sentence(improved: Content, language: Language) -> str:
    """Which unit got quickest, or that none clearly did."""
    pick = _PLACE[language]
    if not improved["units"]:
        return _NOBODY[pick].format(compared=whole(improved["compared"], language))
    best = improved["units"][0]
    now, before = (
        amount(best[key], improved["measured_in"], language) for key in ("now", "before")
    )
    return _MOST[pick].format(unit=best["unit"], now=_bare(now, before), before=before)


def amount(number: float, measured_in: str, language: Language) -> str:
    """A number in what it is measured in.

    >>> amount(0.123, "share", "en"), amount(9.42, "working days", "id")
    ('12 %', '9,4 hari kerja')
    >>> amount(1_250_400, "IDR", "en"), amount(-0.1, "change", "en")
    ('IDR 1,250,400', '10 % less time')
    """
    if measured_in == "share":
        return percent(number, language)
    if measured_in == "change":
        less = ("less time", "lebih singkat") if number <= 0 else ("more time", "lebih lama")
        return f"{percent(abs(number), language)} {less[_PLACE[language]]}"
    said = _UNITS.get(measured_in)
    many = _small(number, language)
    if said is not None:
        return said[_PLACE[language]].format(n=many)
    if measured_in.isupper():
        sign = "\N{MINUS SIGN}" if number < 0 else ""
        return f"{measured_in} {sign}{whole(abs(number), language)}"
    return many


def _alike(
    numbers: tuple[float, float, float], measured_in: str, language: Language
) -> tuple[str, ...]:
    """A value and its limits, each with as many digits."""
    words = _UNITS.get(measured_in, ("{n}", "{n}"))[_PLACE[language]]
    if measured_in in {"share", "change"} or measured_in.isupper():
        return tuple(amount(number, measured_in, language) for number in numbers)
    if abs(numbers[0]) < _FEW:
        return tuple(words.format(n=_small(number, language)) for number in numbers)
    return tuple(words.format(n=said) for said in alike(numbers, language))


def _small(number: float, language: Language) -> str:
    """A number that does not read as nothing where it is something."""
    said = decimal(number, language)
    return said if said != "0" or number <= 0 else f"< {decimal(_LEAST, language)}"


_FEW, _LEAST = 0.1, 0.01
_PLACE: Mapping[Language, int] = {"en": 0, "id": 1}


def _whose(line: Content, language: Language, names: Labels) -> str:
    if line["unit"] is not None:
        return f"{line['unit']}: "
    if line["attribute"] is not None:
        attribute = attribute_called(str(line["attribute"]), language, names)
        of = ("where {attribute} is {group}: ", "untuk {attribute} {group}: ")[_PLACE[language]]
        return of.format(attribute=attribute, group=line["group"])
    return ""


def _bare(first: str, second: str) -> str:
    """The first amount without the words that the second ends with as well.

    >>> _bare("9.4 working days", "9.8 working days")
    '9.4'
    """
    number, _, words = first.partition(" ")
    return number if words and second.endswith(f" {words}") and number[0].isdigit() else first
