"""Lengths, renewals and notices as people write them; what is not understood whole is not read.

English, German, French, Japanese and Korean. Words that change nothing are listed and left
out; a word that is not listed may change the meaning, so the cell is refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from comity.accords.times import Period
from comity.book.entry import By, Ending, Notice, Renews
from comity.errors import InvalidInput

_UNITS = {
    "Y": "y yr yrs year years jahr jahre jahren jahres an ans année années 年間 年 년간 년",
    "M": "m mo mos mth mths month months monat monate monaten monats mois"
    " か月間 ヶ月間 ヵ月間 カ月間 ケ月間 箇月間 か月 ヶ月 ヵ月 カ月 ケ月 箇月 개월간 개월",
    "W": "w wk wks week weeks woche wochen semaine semaines 週間 週 주간 주",
    "D": "d day days tag tage tagen jour jours 日間 日 일간 일",
}
_LETTER = {word: letter for letter, words in _UNITS.items() for word in words.split()}
_NUMBERS = {
    word: number
    for number, words in {
        1: "a an one ein eine einem einen un une 一 한",
        2: "two zwei deux 二 두",
        3: "three drei trois 三 세 석",
        4: "four vier quatre 四 네",
        5: "five fünf cinq 五",
        6: "six sechs 六 여섯",
        7: "seven sieben sept 七",
        8: "eight acht huit 八",
        9: "nine neun neuf 九",
        10: "ten zehn dix 十",
        12: "twelve zwölf douze 十二",
        14: "fourteen vierzehn quatorze",
        15: "fifteen quinze",
        18: "eighteen achtzehn",
        24: "twenty-four",
        30: "thirty dreißig dreissig trente 三十",
        60: "sixty sechzig soixante 六十",
        90: "ninety neunzig 九十",
    }.items()
    for word in words.split()
}
_WHOLE = {
    "half a year": "P6M",
    "半年": "P6M",
    "반년": "P6M",
    "yearly": "P1Y",
    "annually": "P1Y",
    "annual": "P1Y",
    "year to year": "P1Y",
    "year": "P1Y",
    "month": "P1M",
    "jährlich": "P1Y",
    "jahr": "P1Y",
    "annuel": "P1Y",
    "annuelle": "P1Y",
    "annuellement": "P1Y",
    "an": "P1Y",
    "毎年": "P1Y",
    "매년": "P1Y",
    "monthly": "P1M",
    "monatlich": "P1M",
    "毎月": "P1M",
    "매월": "P1M",
    "quarterly": "P3M",
    "vierteljährlich": "P3M",
}


def _alternatives(words: Iterable[str]) -> str:
    return "|".join(sorted((re.escape(word) for word in words), key=len, reverse=True))


_NAMES = _alternatives(_NUMBERS)
_PART = re.compile(
    rf"(?:(?P<digits>\d{{1,4}})(?:\s*\(?\b(?P<said>{_NAMES})\b\)?)?"
    rf"|(?P<word>{_NAMES})(?:\s*\(?\b(?P<beside>\d{{1,4}})\b\)?)?)"
    rf"\s*-?\s*(?:calendar\s+)?(?P<unit>{_alternatives(_LETTER)})(?![a-zà-ÿ])\.?"
)
_JOIN = re.compile(r"\s*(?:,|and|und|et|と)?\s*")
_EMPTY = {"", "-", "–", "—", "n/a", "na", "tbd", "?", "未定", "미정"}
_NONE = {
    *("none", "no", "n", "nil", "not renewable", "no renewal"),
    *("no automatic renewal", "fixed", "fixed term", "nein", "keine", "kein", "non"),
    *("aucun", "aucune", "なし", "無し", "無", "自動更新なし", "없음", "자동갱신 없음"),
}
_INDEFINITE = {
    *("indefinite", "indefinitely", "unlimited", "open-ended", "open ended", "no end"),
    *("perpetual", "evergreen", "until terminated", "unbefristet", "unbegrenzt"),
    *("indéterminée", "durée indéterminée", "無期限", "期限なし", "무기한", "기한 없음"),
}
_RENEWING = (
    "auto-renews|auto-renewal|auto-renew|autorenews|automatically|automatic|auto|renewable|"
    "renews|renewed|renewal|renew|extends|extended|extension|tacitly|tacit|by silence|"
    "silence|successive|further|additional|another|each time|every|each|for|by|of|"
    "periods|terms|verlängert|verlängerung|sich|automatisch|stillschweigend|um|jeweils|"
    "jedes|reconduction|tacite|renouvellement|automatique|tous les|par|"
    "自動更新|自動延長|更新|延長|ごとに|ごと|毎に|ずつ|自動|자동|갱신|연장|마다|씩"
)
_AGREEING = (
    "by mutual agreement|by agreement|by written agreement|mutual agreement|upon agreement|"
    "on agreement|manually|manual|option|optional|einvernehmlich|par accord|"
    "合意により|合意による|合意|協議|합의에 따라|합의|협의"
)
_NOTIFYING = (
    "at least|minimum|min\\.|min|not less than|no less than|notice|period|prior|advance|in|"
    "ahead|beforehand|before|to|of|the|its|term|contract|agreement|with|by|"
    "mindestens|vor|zum|zur|der|des|dem|kündigungsfrist|frist|vertrags|laufzeit|"
    "préavis|avant|la|le|de|d'|l'|au moins|"
    "までに|まで|前|の|に|による|通知|予告|契約|期間|전까지|까지|전에|전|의|통지|통보|계약|기간"
)
_WRITTEN = "in writing|written|schriftlich|schriftliche|écrit|par écrit|書面による|書面|서면으로|서면"
_AT_END = "end|expiry|expiration|ende|ablauf|échéance|expiration|期間満了|満了日|満了|終了|만료일|만료|종료"
_ANY_TIME = "at any time|any time|anytime|jederzeit|à tout moment|いつでも|언제든지|언제나"


def _spelt(text: str) -> str:
    """Return a cell in one spelling: compatibility forms, small letters, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split()).strip(" .;")


def is_blank(text: str) -> bool:
    """Say whether a cell says nothing."""
    return _spelt(text) in _EMPTY


def is_indefinite(text: str) -> bool:
    """Say whether a cell says that there is no end."""
    return _spelt(text) in _INDEFINITE


def _pattern(words: str) -> re.Pattern[str]:
    """Return a pattern of words that stand alone; other scripts have no word boundaries."""
    found = words.split("|")
    latin = "|".join(sorted((w for w in found if ord(w[0]) < 0x250), key=len, reverse=True))
    other = "|".join(
        sorted((w for w in found if ord(w[0]) >= 0x250), key=len, reverse=True)
    )
    bounded = rf"(?<![a-zà-ÿ])(?:{latin})(?![a-zà-ÿ])"
    return re.compile(f"{bounded}|{other}" if other else bounded)


_RENEWING_WORDS, _AGREEING_WORDS, _NOTIFYING_WORDS = map(
    _pattern, (_RENEWING, _AGREEING, _NOTIFYING)
)
_WRITTEN_WORDS, _END_WORDS, _ANY_WORDS = map(_pattern, (_WRITTEN, _AT_END, _ANY_TIME))


def _left(text: str, words: re.Pattern[str]) -> str:
    """Return what is left of a text without some words."""
    return re.sub(r"[\s,;:()（）]+", " ", words.sub(" ", text)).strip()


def _parts(text: str) -> Period | None:
    """Return the period that a text spells from its first letter to its last."""
    counts: dict[str, int] = {}
    place = 0
    while place < len(text):
        found = _PART.match(text, place)
        if found is None:
            return None
        said, beside = found["digits"] or found["beside"], found["word"] or found["said"]
        number = int(said) if said else _NUMBERS[beside]
        letter = _LETTER[found["unit"]]
        if (said and beside and _NUMBERS[beside] != number) or letter in counts:
            return None
        counts[letter] = number
        joined = _JOIN.match(text, found.end())
        place = found.end() if joined is None else joined.end()
    if not any(counts.values()):
        return None
    return Period.parse("P" + "".join(f"{counts[c]}{c}" for c in "YMWD" if counts.get(c)))


def _period(spelt: str) -> Period | None:
    if spelt.startswith("p") and spelt[1:2].isdecimal():
        try:
            found = Period.parse(spelt.upper())
        except InvalidInput:
            return None
        return found if found.months or found.days else None
    return Period.parse(_WHOLE[spelt]) if spelt in _WHOLE else _parts(spelt)


@lru_cache(maxsize=4096)
def period(text: str, unit: str = "") -> Period:
    """Return a length: ``3 months``, ``90 days``, ``1 Jahr``, ``3か月``, ``P3M``.

    Args:
        text: the cell.
        unit: the letter of a unit that the heading names, for a number alone.

    Raises:
        InvalidInput: it is not one length, or says more than that.
    """
    spelt = _spelt(text)
    if spelt.isdecimal() and unit:
        spelt += {"Y": "years", "M": "months", "W": "weeks", "D": "days"}[unit]
    found = None if spelt in ("year", "month", "jahr", "an") else _period(spelt)
    if found is None:
        raise InvalidInput(
            f"`{text}` is not a length that can be read",
            hint="write `3 months`, `90 days` or `1 year`; working days are not counted",
            code="bad-period",
        )
    return found


@lru_cache(maxsize=4096)
def renewal(text: str, unit: str = "") -> Renews | None:
    """Return how a term goes on: ``auto-renews yearly``, ``by agreement``, ``none``.

    None where the cell is blank.

    Raises:
        InvalidInput: anything else, and a renewal that does not say for how long.
    """
    spelt = _spelt(text)
    if spelt in _EMPTY:
        return None
    if spelt in _NONE:
        return Renews(by=By.NOTHING)
    if spelt.isdecimal() and unit:
        return Renews(by=By.SILENCE, for_=period(text, unit))
    rest = _left(spelt, _AGREEING_WORDS)
    by = By.SILENCE if rest == _left(spelt, _NEVER) else By.AGREEMENT
    rest = _left(rest, _RENEWING_WORDS)
    if by is By.AGREEMENT and not rest:
        return Renews(by=by)
    found = _period(rest)
    if found is None:
        how_long = not rest or spelt in (
            "yes",
            "y",
            "ja",
            "oui",
            "有",
            "あり",
            "예",
            "있음",
        )
        raise InvalidInput(
            f"`{text}` says that it renews, but not for how long"
            if how_long
            else f"`{text}` is not a renewal that can be read",
            hint="write `auto-renews yearly`, `1 year by agreement` or `none`",
            code="bad-renewal",
        )
    return Renews(by=by, for_=found)


_NEVER = re.compile(r"(?!)")


@lru_cache(maxsize=4096)
def notice(text: str, unit: str = "") -> Notice | None:
    """Return how notice is given: ``3 months``, ``90 days in writing at any time``, ``none``.

    None where the cell is blank.

    Raises:
        InvalidInput: anything else.
    """
    spelt = _spelt(text)
    if spelt in _EMPTY:
        return None
    if spelt in _NONE:
        return Notice(for_=None)
    if spelt.isdecimal() and unit:
        return Notice(for_=period(text, unit))
    written = _left(spelt, _WRITTEN_WORDS)
    anytime = _left(written, _ANY_WORDS)
    at_end = _left(anytime, _END_WORDS)
    found = _period(_left(at_end, _NOTIFYING_WORDS).replace("' ", ""))
    ending = Ending.UNSAID
    if anytime != _left(written, _NEVER):
        ending = Ending.ANY_TIME
    if at_end != _left(anytime, _NEVER):
        ending = Ending.END if ending is Ending.UNSAID else ending
        found = None if ending is Ending.ANY_TIME else found  # it says both
    if found is None:
        raise InvalidInput(
            f"`{text}` is not a notice that can be read",
            hint="write `3 months`, `90 days in writing`, `3 months at any time`,"
            " `3 months to the end of the period` or `none`",
            code="bad-notice",
        )
    return Notice(for_=found, ending=ending, written=written != _left(spelt, _NEVER))
