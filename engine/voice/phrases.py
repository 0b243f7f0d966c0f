"""The phrases of which sentences on complaints and answers are made, by language."""

from collections.abc import Mapping

Words = Mapping[str, str]

WHO: Mapping[str, Words] = {
    "detour": {
        "en": "applications that took a detour",
        "id": "permohonan yang menempuh jalur berbelit",
    },
    "repeated": {
        "en": "applications of which a step was done again",
        "id": "permohonan yang langkahnya dikerjakan ulang",
    },
    "ping-pong": {
        "en": "applications that went back and forth",
        "id": "permohonan yang bolak-balik",
    },
    "duplicate-approval": {
        "en": "applications that were approved by a second unit as well",
        "id": "permohonan yang disetujui juga oleh unit kedua",
    },
    "inserted": {
        "en": "applications with a step that does not belong there",
        "id": "permohonan dengan langkah yang tidak semestinya ada",
    },
    "skipped": {
        "en": "applications of which a step was left out",
        "id": "permohonan yang salah satu langkahnya dilewati",
    },
    "wrong-order": {
        "en": "applications of which steps were done in the wrong order",
        "id": "permohonan yang urutan langkahnya terbalik",
    },
    "late": {"en": "applications that were late", "id": "permohonan yang terlambat"},
    "refused": {"en": "applications that were refused", "id": "permohonan yang ditolak"},
    "longest wait": {
        "en": "applications that once waited {days} {unit} or more",
        "id": "permohonan yang pernah sekali menunggu sekurangnya {days} {unit}",
    },
    "waiting": {
        "en": "applications that waited {days} {unit} or more in all",
        "id": "permohonan yang seluruhnya menunggu sekurangnya {days} {unit}",
    },
}
UNITS: Mapping[str, Words] = {
    "working days": {"en": "working days", "id": "hari kerja"},
    "days": {"en": "days", "id": "hari"},
}
COMPLAINTS: Words = {
    "en": "{count} of {cases} applications had a complaint ({share}).",
    "id": "{count} dari {cases} permohonan disertai pengaduan ({share}).",
}
RATIO: Words = {
    "en": "About {who}, people complained {value} times as often as about comparable ones "
    "(95 % interval {low} to {high}).",
    "id": "{who} diadukan {value} kali sesering permohonan yang sebanding "
    "(selang kepercayaan 95% {low} sampai {high}).",
}
RATIO_UNSURE: Words = {
    "en": "Whether people complain more often about {who} than about comparable ones cannot be "
    "told: {value} times as often (95 % interval {low} to {high}).",
    "id": "Apakah {who} lebih sering diadukan daripada permohonan yang sebanding tidak dapat "
    "dipastikan: {value} kali sesering (selang kepercayaan 95% {low} sampai {high}).",
}
RATIO_FEW: Words = {
    "en": "There are too few complaints to compare {who} with comparable ones.",
    "id": "Pengaduan terlalu sedikit untuk membandingkan {who} dengan permohonan yang sebanding.",
}
ANSWERS: Words = {
    "en": "{answered} of {cases} applicants answered ({share}) and gave {mean} on average "
    "(95 % interval {low} to {high}), between {lowest} and {highest}.",
    "id": "{answered} dari {cases} pemohon menjawab ({share}) dan memberi nilai rata-rata {mean} "
    "(selang kepercayaan 95% {low} sampai {high}), antara {lowest} dan {highest}.",
}
BOUNDS: Words = {
    "en": "Had all who were silent been as discontent as anybody, the mean would be {worst}; had "
    "they been as content as anybody, {best}. Without their answers no more is certain.",
    "id": "Seandainya semua yang diam memberi nilai terburuk, rata-ratanya {worst}; seandainya "
    "mereka memberi nilai terbaik, {best}. Tanpa jawaban mereka, tidak ada lagi yang pasti.",
}
WEIGHTED: Words = {
    "en": "If those who answered are weighted so that outcome, waiting and detours are as among "
    "all, the mean is {mean}.",
    "id": "Bila para penjawab diberi bobot sehingga hasil, waktu tunggu, dan jalur berbelit sama "
    "seperti pada semua permohonan, rata-ratanya {mean}.",
}
LESS: Words = {
    "en": "Of those who answered, {who} were given {value} points less than comparable ones "
    "(95 % interval {low} to {high}).",
    "id": "Di antara yang menjawab, {who} diberi nilai {value} poin lebih rendah daripada yang "
    "sebanding (selang kepercayaan 95% {low} sampai {high}).",
}
MORE: Words = {
    "en": "Of those who answered, {who} were given {value} points more than comparable ones "
    "(95 % interval {low} to {high}).",
    "id": "Di antara yang menjawab, {who} diberi nilai {value} poin lebih tinggi daripada yang "
    "sebanding (selang kepercayaan 95% {low} sampai {high}).",
}
POINTS_UNSURE: Words = {
    "en": "Whether {who} were given other scores than comparable ones cannot be told: between "
    "{low} and {high} points apart.",
    "id": "Apakah {who} diberi nilai yang berbeda dari yang sebanding tidak dapat dipastikan: "
    "selisihnya antara {low} dan {high} poin.",
}
POINTS_FEW: Words = {
    "en": "Too few answered to compare {who} with comparable ones.",
    "id": "Terlalu sedikit yang menjawab untuk membandingkan {who} dengan yang sebanding.",
}
HEEDED: Words = {
    "en": "Of {least}, {least_share} answered, of {most} {most_share}: the mean speaks more for "
    "these.",
    "id": "Dari {least}, {least_share} menjawab, dari {most} {most_share}: rata-ratanya lebih "
    "mewakili yang terakhir.",
}
HEEDED_ALIKE: Words = {
    "en": "That those who answer differ in {split} cannot be seen.",
    "id": "Tidak terlihat bahwa para penjawab berbeda dalam hal {split}.",
}
SPLITS: Mapping[str, Words] = {
    "detour": {"en": "detours", "id": "jalur berbelit"},
    "repeated": {"en": "steps done again", "id": "langkah yang dikerjakan ulang"},
    "ping-pong": {"en": "going back and forth", "id": "bolak-balik"},
    "duplicate-approval": {"en": "second approvals", "id": "persetujuan kedua"},
    "inserted": {
        "en": "steps that do not belong there",
        "id": "langkah yang tidak semestinya ada",
    },
    "skipped": {"en": "steps left out", "id": "langkah yang dilewati"},
    "wrong-order": {"en": "the order of steps", "id": "urutan langkah"},
    "late": {"en": "lateness", "id": "keterlambatan"},
    "longest wait": {"en": "the longest wait", "id": "waktu tunggu terlama"},
    "waiting": {"en": "waiting", "id": "waktu tunggu"},
    "outcome": {"en": "outcome", "id": "hasil"},
}
GROUPS: Mapping[tuple[str, str], Words] = {
    ("outcome", "favourable"): {"en": "those approved", "id": "permohonan yang disetujui"},
    ("outcome", "unfavourable"): {"en": "those refused", "id": "permohonan yang ditolak"},
    ("outcome", "withdrawn"): {"en": "those withdrawn", "id": "permohonan yang ditarik"},
}
EVENT_YES: Words = {"en": "{who}", "id": "{who}"}
EVENT_NO: Words = {"en": "the other applications", "id": "permohonan lainnya"}
QUARTER: Mapping[str, Words] = {
    "first": {
        "en": "those that waited least",
        "id": "permohonan yang paling singkat menunggu",
    },
    "last": {
        "en": "those that waited longest",
        "id": "permohonan yang paling lama menunggu",
    },
    "between": {
        "en": "those that waited neither longest nor least",
        "id": "permohonan yang waktu tunggunya sedang",
    },
}
VALUE: Words = {
    "en": 'those with {attribute} "{group}"',
    "id": 'permohonan dengan {attribute} "{group}"',
}
