"""How a bottleneck is told to people, in English and in Indonesian."""

from collections.abc import Callable, Mapping

from engine.labels import NO_LABELS, Labels
from miners.queues import Queue
from miners.staffing import Reason

Words = Mapping[str, str]

_LEAD: Mapping[bool, Words] = {
    True: {
        "en": "{place}: files wait {mean} {unit} on average before they are taken up; one in ten "
        "waits {p90} or longer. That is {share} of all waiting in the office, {cost} case-days.",
        "id": "{place}: berkas menunggu rata-rata {mean} {unit} sebelum dikerjakan; satu dari "
        "sepuluh menunggu {p90} atau lebih. Ini {share} dari seluruh waktu tunggu di kantor, "
        "{cost} hari-permohonan.",
    },
    False: {
        "en": "{place}: files lie and are worked on for {mean} {unit} on average until they are "
        "done; one in ten takes {p90} or longer. The log has no start times here, so waiting and "
        "work cannot be told apart. That is {share} of the time at all steps, {cost} case-days.",
        "id": "{place}: berkas berada di sini rata-rata {mean} {unit} sampai selesai; satu dari "
        "sepuluh {p90} atau lebih. Waktu mulai tidak tercatat, sehingga waktu tunggu dan waktu "
        "kerja tidak dapat dipisahkan. Ini {share} dari waktu di semua langkah, {cost} "
        "hari-permohonan.",
    },
}
_CAUSES: Mapping[str, Words] = {
    "batching": {
        "en": "files wait until a folder of them is full",
        "id": "berkas menunggu sampai terkumpul satu bundel",
    },
    "prioritisation": {
        "en": "later files are taken up first",
        "id": "berkas yang datang kemudian dikerjakan lebih dulu",
    },
    "contention": {
        "en": "officers are still busy with earlier files",
        "id": "petugas masih mengerjakan berkas yang lebih dulu datang",
    },
    "unavailability": {
        "en": "the officers who take them up are away",
        "id": "petugas yang mengerjakannya sedang tidak di tempat",
    },
    "extraneous": {
        "en": "files lie although the officer is free, for reasons that the log does not tell",
        "id": "berkas tertahan walaupun petugas luang, karena alasan yang tidak tercatat",
    },
    "applicant": {
        "en": "the applicant has the file",
        "id": "berkas ada pada pemohon",
    },
}
_CAUSE: Words = {
    "en": " Main cause ({part} of what could be explained): {cause}.",
    "id": " Penyebab utama ({part} dari yang dapat dijelaskan): {cause}.",
}
_NO_CAUSE: Words = {
    "en": " Why they wait cannot be told from the log.",
    "id": " Penyebabnya tidak dapat diketahui dari catatan.",
}
_MORE: Words = {
    "en": " With one more officer, the same files would have waited about {wait} {unit}.",
    "id": " Dengan tambahan satu petugas, berkas yang sama akan menunggu sekitar {wait} {unit}.",
}
_OPEN: Words = {
    "en": " {open} wait now, the oldest for {oldest} {unit}.",
    "id": " Saat ini {open} menunggu, yang tertua sudah {oldest} {unit}.",
}
_APPLICANT: Words = {
    "en": " For {part} of that time the applicant had the file.",
    "id": " Selama {part} dari waktu itu berkas ada pada pemohon.",
}
_DATED: Words = {
    "en": " Most times here are dates without a time of day, so all of this is good to a day only.",
    "id": " Sebagian besar waktu di sini hanya tanggal tanpa jam, sehingga semua angka ini hanya "
    "teliti sampai satu hari.",
}
_UNITS: Mapping[str, Words] = {
    "working days": {"en": "working days", "id": "hari kerja"},
    "days": {"en": "days", "id": "hari"},
}
_PLACE: Mapping[bool, Words] = {
    True: {"en": "{activity} ({unit})", "id": "{activity} ({unit})"},
    False: {"en": "{activity}", "id": "{activity}"},
}

REASONS: Mapping[Reason, Words] = {
    "few items": {
        "en": "fewer than 50 files were taken up",
        "id": "kurang dari 50 berkas dikerjakan",
    },
    "service unknown": {
        "en": "how long the work takes is not known",
        "id": "lama pengerjaan tidak diketahui",
    },
    "other causes": {
        "en": "most of the waiting has other causes than too few officers",
        "id": "sebagian besar waktu tunggu tidak disebabkan oleh kurangnya petugas",
    },
    "does not fit": {
        "en": "no number of officers explains the waiting that was seen",
        "id": "waktu tunggu yang terjadi tidak dapat dijelaskan oleh jumlah petugas",
    },
}
ASSUMPTIONS: Words = {
    "en": "The work of the unit as it came in, done again first come, first served, with one "
    "officer more: the same files come at the same times and take as long, any officer of the unit "
    "can take up any of its files, and the new officer is there as often as the others. Only "
    "waiting for busy or absent officers gets shorter.",
    "id": "Pekerjaan unit seperti yang masuk, dikerjakan ulang menurut urutan datang dengan "
    "tambahan satu petugas: berkas yang sama datang pada waktu yang sama dan memerlukan waktu yang "
    "sama, setiap petugas unit dapat mengerjakan setiap berkas, dan petugas baru hadir sesering "
    "yang lain. Hanya waktu tunggu karena petugas sibuk atau tidak di tempat yang menjadi lebih "
    "singkat.",
}
INTERVAL: Words = {
    "en": "95 % confidence interval from the means of up to 20 equal stretches of time; files that "
    "still wait count with their waiting until now.",
    "id": "Selang kepercayaan 95% dari rata-rata hingga 20 rentang waktu yang sama panjang; "
    "berkas yang masih menunggu dihitung sampai sekarang.",
}


def told(queue: Queue, cause: str | None, unit: str, names: Labels = NO_LABELS) -> dict[str, str]:
    """What is said of a queue, by language; `unit` is `working days` or `days`."""
    return _told(queue, cause, unit, _number, names)


def told_by_dates(
    queue: Queue, cause: str | None, unit: str, names: Labels = NO_LABELS
) -> dict[str, str]:
    """The same of a queue of which most times are dates: in whole days, and said to be so."""
    said = _told(queue, cause, unit, _whole, names)
    return {language: text + _DATED[language] for language, text in said.items()}


def with_applicant(said: Words, part: float) -> dict[str, str]:
    """What was said, and which part of the time the applicant had the file."""
    return {
        language: text + _APPLICANT[language].format(part=_percent(part, language))
        for language, text in said.items()
    }


def _told(
    queue: Queue,
    cause: str | None,
    unit: str,
    days: Callable[[float, str], str],
    names: Labels,
) -> dict[str, str]:
    answer = {}
    called = names.get(queue.activity, {})
    for language in ("en", "id"):
        words = {
            "place": _PLACE[queue.unit is not None][language].format(
                activity=called.get(language, queue.activity), unit=queue.unit
            ),
            "unit": _UNITS[unit][language],
            "mean": days(queue.mean, language),
            "p90": days(queue.p90, language),
            "share": _percent(queue.share, language),
            "cost": _whole(queue.waiting, language),
        }
        text = _LEAD[queue.service_known][language].format(**words)
        if cause is None:
            text += _NO_CAUSE[language] if queue.service_known else ""
        else:
            part = queue.causes[cause] / sum(queue.causes.values())
            text += _CAUSE[language].format(
                part=_percent(part, language), cause=_CAUSES[cause][language]
            )
        if queue.estimate is not None and queue.estimate.wait is not None:
            text += _MORE[language].format(
                wait=days(queue.estimate.wait, language), unit=words["unit"]
            )
        if queue.oldest is not None:
            text += _OPEN[language].format(
                open=_whole(queue.open_now, language),
                oldest=days(queue.oldest, language),
                unit=words["unit"],
            )
        answer[language] = text
    return answer


def _number(value: float, language: str) -> str:
    text = f"{value:,.1f}"
    return text if language == "en" else text.translate(str.maketrans(",.", ".,"))


def _whole(value: float, language: str) -> str:
    text = f"{value:,.0f}"
    return text if language == "en" else text.replace(",", ".")


def _percent(share: float, language: str) -> str:
    return f"{100 * share:.0f} %" if language == "en" else f"{100 * share:.0f}%"
