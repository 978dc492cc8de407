"""The motions, amendments and contributions of the demonstration. All of it is invented."""

from __future__ import annotations

from typing import NamedTuple


class Text(NamedTuple):
    """A motion: title, text, reasons."""

    title: str
    text: str
    reason: str


WARM = Text(
    "Warm homes before rent rises",
    """Conference notes that forty-one of our ninety houses were built before 1950, and that members in those houses paid on average 38 per cent more for heating last winter than members elsewhere in the federation.

Conference believes that no member should face a rent rise while their home remains below energy band C.

## Conference resolves

1. to set aside 500,000 euro from the common reserve for insulation and heat pumps in houses below band C, oldest houses first;

2. to freeze the rent of every house on that list until its works are finished;

3. to ask each house to name a warmth officer, and the board to report to every sitting on money spent and homes finished.""",
    "Six households moved out last year because of their bills. An empty flat costs more than the works.",
)

REPAIR = Text(
    "A repair day on the first Saturday",
    """Every house opens its workshop on the first Saturday of the month, from 10:00 to 16:00.

The federation lends tools between houses, and pays for a trained person in each district.

The board reports after one year on what was mended and what it cost.""",
    "Four houses have done it for two years. Together they kept three tonnes of things out of the skip.",
)
COMPOST = Text(
    "Composting in every courtyard",
    """Every courtyard gets a compost bay by the end of the season.

Houses that share a courtyard share the work by a list.""",
    "Green waste is a third of what we pay to have taken away.",
)
POOL = Text(
    "Buy the old swimming bath",
    """The federation makes an offer for the swimming bath in Foundry Lane.

The board may borrow up to 900,000 euro for it.""",
    "It will be sold this year, and there is no other indoor water north of the canal.",
)
GUESTS = Text(
    "Guest rooms that every house can book",
    """Every house with an empty room may offer it as a guest room to members of all houses.

A night costs 12 euro, which goes to the house that cleans it.

Bookings are made by members for their own guests, for seven nights at most.""",
    "Families visit, and hotels are dear. Eleven houses have a room that stands empty.",
)
VAN = Text(
    "A shared van for the north houses",
    """The federation leases one electric van for the houses north of the canal.

Houses book it by the half day; a trip costs what the power costs.""",
    "Each house now rents one about six times a year.",
)
QUIET = Text(
    "Quiet hours in shared courtyards",
    """In courtyards that several houses share it is quiet from 22:00 to 7:00.

Each courtyard may agree on other hours, if all its houses consent.""",
    "Two thirds of last year's complaints were about noise after ten.",
)
LIBRARY = Text(
    "One library card for all houses",
    """Books and games of all houses are listed in one catalogue.

A member of any house may borrow from every house.""",
    "Nine shelves of which nobody knows what stands on them.",
)
BIKES = Text(
    "Covered places for bicycles",
    """Each house builds a covered place for at least one bicycle per household by the end of next year.

The federation pays half, up to 4,000 euro a house.""",
    "A hundred and twenty bicycles stand in the rain.",
)
WIFI = Text(
    "One network for all houses",
    """The federation asks for offers for one fibre line and one network for all houses.""",
    "We pay ninety bills to four companies.",
)
PETS = Text(
    "Rules for dogs in stairwells", """Dogs are on a lead in stairwells and lifts.""", "Two children were frightened."
)
SOLAR = Text(
    "Solar roofs by our own workshop",
    """The federation's workshop fits solar panels on twelve roofs in two years.

It trains eight members for the work.""",
    "Offers from outside were a third higher.",
)

DRAFT = Text(
    "Publish how the board votes",
    """The board publishes after each sitting how every member of it voted.

Votes on persons are left out.""",
    "We elect the board for three years and see only what it decides, not who decides it.",
)

AMENDMENTS = (
    # (mover, clause changes by the words they begin with -> new words, new clause after, reason)
    (
        "Tomás Duarte",
        {
            "2. to freeze": "2. to freeze the rent of every house on that list until its works are finished, and for no longer than three years;"
        },
        "",
        "A freeze without an end takes rent from houses that must mend their roofs as well.",
    ),
    (
        "Priya Raman",
        {
            "Conference believes": "Conference believes that no member should face a rent increase above the cost index while their home remains below energy band C."
        },
        "",
        "A house must be able to pay for dearer water and insurance.",
    ),
    (
        "Owen Prichard",
        {
            "Conference believes": "Conference believes that no member should face a higher rent while their home remains on the federation’s list of cold homes."
        },
        "4. to publish the list of cold homes, with the year in which each is planned.",
        "Not every home has an energy certificate; the list is ours and complete.",
    ),
)
FRIENDLY = (
    "Jonas Keller",
    {
        "1. to set aside": "1. to set aside 800,000 euro from the common reserve for insulation and heat pumps in houses below band C, oldest houses first;"
    },
    "",
    "The offers that came in are higher than we thought.",
)

DEBATE = (
    # (who, side, words, answers)
    (
        "Jonas Keller",
        "for",
        "Our own survey shows **six households** moved out last year because of their bills. An empty flat costs us more than the works.",
        [
            ("Tomás Duarte", "Is that counted per house or for all of us?"),
            ("Jonas Keller", "For all ninety houses. The table is in the papers, page 4."),
        ],
    ),
    (
        "Mireille Petit",
        "for",
        "The reserve stands at 2.1 million and may not fall below one. There is room, and prices rise by the month.",
        [],
    ),
    (
        "Tomás Duarte",
        "against",
        "A freeze without an end date takes rent income from houses that must repair roofs as well. See my amendment.",
        [
            (
                "Amara Osei",
                "With the three years you propose I could live. @Ilse Brandt, would the movers take it over?",
            ),
            ("Ilse Brandt", "We want to hear the houses first. It may go to a vote."),
        ],
    ),
    (
        "Grace Adeyemi",
        "question",
        "Who decides which house comes first if two are of the same year?",
        [("Ilse Brandt", "The one with the higher heating bills.")],
    ),
    (
        "Viktor Horvat",
        "against",
        "Five houses have paid for their own insulation. They now pay for the others as well.",
        [
            ("Amara Osei", "They also got the grant for it, in 2019. That grant was paid by all of us."),
            ("Viktor Horvat", "Half of it was."),
        ],
    ),
    ("Aoife Byrne", "neutral", "Could the board show what the works cost per household before we vote?", []),
    (
        "Simon Clarke",
        "against",
        "Ask the landlords, they love a **waste of money**. Typical of the people on the committee.",
        [],
    ),
)

CANDIDATES = (
    ("Hiroshi Tanabe", "Foundry Court, structural engineer"),
    ("Owen Prichard", "Canal House, bus driver, chairs the repair circle"),
    ("Tomasz Zielinski", "Mill Street, nurse, led the heating survey"),
    ("Sofia Marchetti", "Orchard Row, bookkeeper, founded the tool library"),
    ("Nadia Rahman", "Quayside, electrician"),
    ("Leila Haddad", "Harbour Row, runs the tenants’ advice desk"),
    ("Grace Adeyemi", "Lantern House, treasurer for six years"),
)
TREASURERS = (
    ("Clara Jansen", "Lime Terrace"),
    ("Daniel Roth", "Hillside"),
    ("Rosa Delgado", "Quayside"),
    ("Felix Wagner", "Mill Street"),
)
