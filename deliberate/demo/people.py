"""The members of the demonstration. All names are invented."""

from __future__ import annotations

ASSEMBLY = "Northside Co-operatives"
PASSWORD = "northside-demo"  # noqa: S105  printed on every demonstration, opens nothing else
HOUSES = (
    "Lime Terrace",
    "Mill Street",
    "Harbour Row",
    "Canal House",
    "Orchard Row",
    "Quayside",
    "Hillside",
    "Weavers’ Close",
    "Lantern House",
    "Foundry Court",
)
NAMES = """Amara Osei, Jonas Keller, Ilse Brandt, Marit Solheim, Dele Akande, Ines Ferreira, Mireille Petit, Tomás Duarte, Hiroshi Tanabe,
Leila Haddad, Owen Prichard, Tomasz Zielinski, Sofia Marchetti, Nadia Rahman, Grace Adeyemi, Bao Nguyen, Priya Raman, Lukas Berg, Aoife Byrne,
Kofi Mensah, Elena Popescu, Samir Khoury, Hanna Virtanen, Mateo Rivas, Chloe Dupont, Yusuf Demir, Anneke Visser, Rafael Costa, Mei Lin, Oskar Nilsson,
Fatima Zahra, Declan Moore, Katya Ivanova, Paulo Mendes, Ingrid Dahl, Theo Papadakis, Zeynep Kaya, Liam Gallagher, Noor Hassan, Viktor Horvat,
Clara Jansen, Emeka Obi, Sara Lindqvist, Daniel Roth, Maya Cohen, Pedro Alves, Lena Fischer, Arjun Mehta, Julia Nowak, Henrik Olsen,
Rosa Delgado, Felix Wagner, Amina Diallo, Peter Kovacs, Elif Aydin, George Hartley, Marta Silva, Ravi Pillai, Astrid Holm, Simon Clarke"""
OFFICES = {
    "Marit Solheim": "chair",
    "Dele Akande": "secretary",
    "Ines Ferreira": "teller",
    "Mireille Petit": "moderator",
    "Bao Nguyen": "auditor",
    "Ilse Brandt": "admin",
}
LOGINS = ("Amara Osei", "Jonas Keller", *OFFICES)
"""Who can log in with the password above: two members and one for each office."""


def members() -> list[tuple[str, str, str, str]]:
    """(number, name, address, house) of the sixty members."""
    made = []
    for n, name in enumerate((part.strip() for part in NAMES.replace("\n", " ").split(",")), 1):
        ascii_name = name.lower().translate(str.maketrans("áéíóúñ", "aeioun"))
        made.append((f"N-{n:03d}", name, f"{ascii_name.split()[0]}@northside.example", HOUSES[(n - 1) % len(HOUSES)]))
    return made
