"""Names and addresses by region. All people, streets and numbers are invented.

Each name comes with a Latin spelling for the e-mail address. Telephone numbers lie in ranges that
regulators keep free for fiction where there is one.
"""

from __future__ import annotations

from typing import NamedTuple


class Region(NamedTuple):
    """How people of one country are named, reached and addressed."""

    country: str
    weight: int
    given: tuple[tuple[str, str], ...]
    family: tuple[tuple[str, str], ...]
    name: str  # g given, f family
    streets: tuple[str, ...]
    cities: tuple[str, ...]
    address: str  # s street, n number, c city with its postcode
    phone: str  # n a number of up to three digits


def _latin(names: str) -> tuple[tuple[str, str], ...]:
    """Names in Latin script: ``Name`` or ``Name=plain`` where the e-mail spelling differs."""
    pairs = (entry.partition("=") for entry in names.replace("\n", " ").split("; "))
    return tuple(
        (name.strip(), (plain or name).strip().lower().replace(" ", "").replace("'", ""))
        for name, _, plain in pairs
    )


REGIONS: tuple[Region, ...] = (
    Region(
        "United States",
        26,
        _latin(
            "Emma; Noah; Olivia; Liam; Ava; Mason; Harper; Ethan; Grace; Caleb; Hazel; Wyatt; "
            "Naomi; Isaac; Tessa; Jerome; Latisha; Dwight; Rosa; Miguel; Priya; Kofi"
        ),
        _latin(
            "Alderton; Brightwell; Carmody; Dunleavy; Easterday; Fairbanks; Goodspeed; Hathaway; "
            "Ingersoll; Jessup; Kettering; Lockwood; Merriweather; Northcutt; Okafor; Pemberton; "
            "Quintero; Rutledge; Sandoval; Thackeray; Underhill; Vance; Whitlock; Yarbrough"
        ),
        "{g} {f}",
        ("Alder Street", "Juniper Avenue", "Mill Road", "Lakeview Drive", "Orchard Lane"),
        ("Portland, OR 97205", "Austin, TX 78704", "Madison, WI 53703", "Tulsa, OK 74103"),
        "{n} {s}, {c}",
        "+1 503-555-0{n:03d}",
    ),
    Region(
        "United Kingdom",
        12,
        _latin("Alfie; Imogen; Rhys; Siân=Sian; Callum; Freya; Tobias; Niamh; Hamish; Poppy"),
        _latin(
            "Ashworth; Bramley; Cholmondeley; Davenport; Featherstone; Gwynne; Heseltine; "
            "Llewellyn; MacAuslan; Ormerod; Penhaligon; Ravenscroft; Satterthwaite; Wolstenholme"
        ),
        "{g} {f}",
        ("Castle Street", "Chapel Lane", "Station Road", "Queensway"),
        ("London SE5 9QP", "Leeds LS6 2AB", "Cardiff CF10 3NQ", "Glasgow G12 8QQ"),
        "{n} {s}, {c}",
        "+44 20 7946 0{n:03d}",
    ),
    Region(
        "Germany",
        11,
        _latin(
            "Jürgen=Juergen; Anneliese; Björn=Bjoern; Käthe=Kaethe; Matthias; Sören=Soeren; "
            "Friederike; Uwe; Jörg=Joerg; Liselotte"
        ),
        _latin(
            "Müller=Mueller; Schröder=Schroeder; Groß=Gross; Köhler=Koehler; Weiß=Weiss; "
            "Bäumler=Baeumler; Hölzenbein=Hoelzenbein; Krüger=Krueger; Oberländer=Oberlaender; "
            "von der Heide; Zöllner=Zoellner"
        ),
        "{g} {f}",
        ("Lindenstraße", "Gärtnerweg", "Am Mühlbach", "Königsallee"),
        ("10115 Berlin", "50667 Köln", "80331 München", "04109 Leipzig"),
        "{s} {n}, {c}",
        "+49 30 23125 {n:03d}",
    ),
    Region(
        "France",
        9,
        _latin(
            "Zoé=Zoe; Théo=Theo; Hélène=Helene; François=Francois; Anaïs=Anais; Loïc=Loic; "
            "Maëlys=Maelys; Jérôme=Jerome; Océane=Oceane; Benoît=Benoit"
        ),
        _latin(
            "Lefèvre=Lefevre; Château=Chateau; D'Aubigné=Daubigne; Géraud=Geraud; Hébert=Hebert; "
            "L'Écuyer=Lecuyer; Noël=Noel; Perçoin=Percoin; Saint-Étienne=Saint-Etienne"
        ),
        "{g} {f}",
        ("rue des Écoles", "avenue du Maréchal", "impasse de l'Église", "quai Vieux"),
        ("75011 Paris", "69003 Lyon", "35000 Rennes", "13006 Marseille"),
        "{n} {s}, {c}",
        "+33 1 99 00 2{n:03d}",
    ),
    Region(
        "Spain",
        7,
        _latin("Íñigo=Inigo; Lucía=Lucia; Begoña=Begona; Joaquín=Joaquin; Nuria; Andrés=Andres"),
        _latin(
            "Muñoz Ibáñez=Munoz; Núñez de la Peña=Nunez; Gutiérrez Solís=Gutierrez; "
            "Etxeberria Zubizarreta=Etxeberria; Peláez Ríos=Pelaez"
        ),
        "{g} {f}",
        ("Calle del Olmo", "Avenida de la Constitución", "Plaza Mayor"),
        ("28012 Madrid", "48001 Bilbao", "41004 Sevilla"),
        "{s} {n}, {c}",
        "+34 910 000 {n:03d}",
    ),
    Region(
        "Ireland",
        5,
        _latin(
            "Aoife; Ciarán=Ciaran; Róisín=Roisin; Oisín=Oisin; Gráinne=Grainne; Pádraig=Padraig"
        ),
        _latin("O'Neill; O'Sullivan; Ní Bhriain=Nibhriain; MacGiolla; O'Dwyer; Breathnach"),
        "{g} {f}",
        ("Abbey Road", "Shop Street", "Quay Lane"),
        ("Dublin D08 X2Y3", "Galway H91 A1B2", "Cork T12 C3D4"),
        "{n} {s}, {c}",
        "+353 20 912 0{n:03d}",
    ),
    Region(
        "Poland",
        5,
        _latin(
            "Łukasz=Lukasz; Małgorzata=Malgorzata; Grażyna=Grazyna; Wojciech; Zofia; Żaneta=Zaneta"
        ),
        _latin(
            "Wąsowicz=Wasowicz; Brzęczyk=Brzeczyk; Żółkiewicz=Zolkiewicz; Ściegienna=Sciegienna"
        ),
        "{g} {f}",
        ("ul. Żytnia", "ul. Długa", "al. Róż"),
        ("00-001 Warszawa", "30-059 Kraków", "90-410 Łódź"),
        "{s} {n}, {c}",
        "+48 22 000 0{n:03d}",
    ),
    Region(
        "Sweden",
        4,
        _latin("Åsa=Asa; Göran=Goran; Märta=Marta; Östen=Osten; Linnéa=Linnea"),
        _latin("Ångström=Angstrom; Sjögren=Sjogren; Bäckström=Backstrom; Åkerlund=Akerlund"),
        "{g} {f}",
        ("Storgatan", "Björkvägen", "Östra Ågatan"),
        ("111 22 Stockholm", "411 05 Göteborg", "753 10 Uppsala"),
        "{s} {n}, {c}",
        "+46 8 465 00{n:03d}",
    ),
    Region(
        "Japan",
        6,
        (
            ("陽菜", "hina"),
            ("蓮", "ren"),
            ("美咲", "misaki"),
            ("大翔", "hiroto"),
            ("さくら", "sakura"),
        ),
        (("田中", "tanaka"), ("佐々木", "sasaki"), ("長谷川", "hasegawa"), ("小野寺", "onodera")),
        "{f} {g}",
        ("神宮前", "南青山", "本町"),
        ("150-0001 東京都渋谷区", "541-0053 大阪市中央区"),
        "{c}{s}{n}番地",
        "+81 3-0000-0{n:03d}",
    ),
    Region(
        "China",
        5,
        (("婷婷", "tingting"), ("志强", "zhiqiang"), ("雨桐", "yutong"), ("浩然", "haoran")),
        (("王", "wang"), ("欧阳", "ouyang"), ("陈", "chen"), ("诸葛", "zhuge"), ("林", "lin")),
        "{f}{g}",
        ("解放路", "中山东路", "学院路"),
        ("上海市静安区 200040", "成都市锦江区 610021"),
        "{c} {s}{n}号",
        "+86 21 0000 0{n:03d}",
    ),
    Region(
        "South Korea",
        3,
        (("서연", "seoyeon"), ("민준", "minjun"), ("하은", "haeun"), ("도윤", "doyun")),
        (("김", "kim"), ("황보", "hwangbo"), ("최", "choi"), ("남궁", "namgung")),
        "{f}{g}",
        ("세종대로", "가로수길"),
        ("서울특별시 강남구 06018", "부산광역시 해운대구 48094"),
        "{c} {s} {n}",
        "+82 2-000-0{n:03d}",
    ),
    Region(
        "Egypt",
        4,
        (("أمل", "amal"), ("يوسف", "youssef"), ("نورهان", "nourhan"), ("محمود", "mahmoud")),
        (("الشريف", "elsherif"), ("عبد الرحمن", "abdelrahman"), ("منصور", "mansour")),
        "{g} {f}",
        ("شارع النيل", "شارع الهرم"),
        ("القاهرة 11511", "الإسكندرية 21500"),
        "{n} {s}، {c}",
        "+20 2 0000 0{n:03d}",
    ),
    Region(
        "Israel",
        3,
        (("נועה", "noa"), ("איתי", "itai"), ("תמר", "tamar"), ("אורי", "uri")),
        (("בן-דוד", "bendavid"), ("שפירא", "shapira"), ("מזרחי", "mizrahi")),
        "{g} {f}",
        ("רחוב הרצל", "שדרות רוטשילד"),
        ("תל אביב 6688312", "חיפה 3303120"),
        "{s} {n}, {c}",
        "+972 3-000-0{n:03d}",
    ),
)

# One customer each, spread over every demo of at least as many customers: the names that break
# screens. Name, Latin spelling, country.
NOTABLE: tuple[tuple[str, str, str], ...] = (
    ("Siobhán O'Neill", "siobhan.oneill", "Ireland"),
    ("[Archive] Müller GmbH", "archive.mueller", "Germany"),
    ("Maximiliane Theodora von und zu Hohenberg-Wittelstein-Langenbruck", "maximiliane", "Germany"),
    ("محمد عبد اللطيف الشريف", "mohamed.elsherif", "Egypt"),
    ("נועה בן-דוד", "noa.bendavid", "Israel"),
    ("長谷川 さくら", "sakura.hasegawa", "Japan"),
    ("欧阳雨桐", "yutong.ouyang", "China"),
    ("남궁서연", "seoyeon.namgung", "South Korea"),
    ("Anaïs L'Écuyer-D'Aubigné", "anais.lecuyer", "France"),
    ("Nguyễn Thị Ánh Tuyết", "anh.tuyet", "United States"),
    ('[b]Bold[/b] & Sons, "Ltd"', "bold.sons", "United Kingdom"),
    ("Zoe\u0308 Combining", "zoe.combining", "United States"),
    ("Íñigo Etxeberria Zubizarreta", "inigo.etxeberria", "Spain"),
    ("Łukasz Żółkiewicz", "lukasz.zolkiewicz", "Poland"),
    ("Li", "li", "China"),
)

SUPPLIERS: tuple[tuple[str, str, str], ...] = (
    ("Tejo Valley Knitwear, Lda.", "Rua da Fiação 41, 4810-290 Guimarães", "Portugal"),
    ("Ege Dokuma ve Konfeksiyon A.Ş.", "Sanayi Caddesi 18, 35090 İzmir", "Türkiye"),
    ("Lotus River Garments Co., Ltd.", "Lot C7, Đường số 5, Đà Nẵng", "Vietnam"),
    ("Brahmaputra Denim Mills Ltd.", "Plot 66, Gazipur 1704", "Bangladesh"),
    ("東海ソーイング株式会社", "440-0888 豊橋市駅前大通2丁目", "Japan"),
    ("Maglificio Valbormida S.r.l.", "Via dei Filatoi 9, 41012 Carpi", "Italy"),
    ("Highfell Woollen Company", "3 Beck Side, Kendal LA9 4QD", "United Kingdom"),
    ("Coromandel Cotton Works", "14 Mill Street, Tiruppur 641601", "India"),
    ("Fabryka Odzieży Bałuty sp. z o.o.", "ul. Zgierska 120, 91-320 Łódź", "Poland"),
    ("Atlas Outerwear S.A.R.L.", "Zone industrielle 12, 90000 Tanger", "Morocco"),
    ("珠江纺织有限公司", "广州市海珠区新港路88号", "China"),
    ("Cordillera Alpaca S.A.C.", "Avenida del Sol 230, Arequipa", "Peru"),
)
