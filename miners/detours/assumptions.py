"""What is taken for granted when it is said how much sooner cases would be decided."""

from types import MappingProxyType

ASSUMPTIONS = MappingProxyType(
    {
        "en": "This is an estimate. It assumes that the applications which took the detour are "
        "otherwise like those they are compared with, and that the rest of their way would have "
        "been the same. The time that staff would save is not counted: freed for other files, it "
        "would shorten more than is shown here.",
        "id": "Ini adalah perkiraan. Permohonan yang menempuh jalur berbelit dianggap serupa "
        "dengan permohonan pembandingnya dalam hal lain, dan sisa perjalanannya dianggap tetap "
        "sama. Waktu pegawai yang dihemat tidak dihitung: jika dipakai untuk berkas lain, "
        "penghematannya lebih besar daripada yang ditunjukkan di sini.",
    }
)
"""What the figures take for granted, in English and Indonesian."""
