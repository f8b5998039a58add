"""What a column is, by its heading in several spellings and languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from comity.book.entry import COLUMNS

_SPELT = {
    "id": "id no number nr ref reference contractno contractnumber agreementno"
    " agreementnumber agreementid contractid refno aktenzeichen vertragsnummer vertragsnr"
    " nummer numéro n° 番号 契約番号 管理番号 번호 계약번호 관리번호 협정번호",
    "partner": "partner partners party counterparty counterpart organisation organization"
    " company withwhom partnerorganisation partnerorganization otherparty vendor supplier"
    " customer vertragspartner partei partenaire cocontractant 相手方 相手先 契約先 取引先"
    " 契約相手 提携先 상대방 상대기관 계약상대 계약상대방 거래처 협력기관 기관명",
    "purpose": "purpose subject title agreement contract description about topic"
    " gegenstand zweck titel bezeichnung vertrag objet titre 目的 件名 契約名 契約件名 名称"
    " 내용 목적 건명 계약명 협정명 제목",
    "signed": "signed signature dateofsignature signaturedate signingdate signedon datesigned"
    " dateofsigning unterzeichnet unterschrieben datederunterschrift unterzeichnungsdatum"
    " signéle datedesignature 署名日 締結日 契約日 契約締結日 調印日 서명일 체결일"
    " 계약일 계약체결일",
    "start": "start startdate starts from effective effectivedate effectivefrom begin begins"
    " begindate commencement commencementdate inforcefrom inforce entryintoforce validfrom"
    " beginn vertragsbeginn gültigab début datededébut datededebut 開始日 発効日 効力発生日"
    " 契約開始日 始期 시작일 개시일 발효일 효력발생일 계약시작일",
    "end": "end enddate ends to until expiry expirydate expires expiration expirationdate"
    " validuntil lastday terminationdate enddatum ende vertragsende gültigbis"
    " laufzeitende fin datedefin échéance 終了日 満了日 期限 有効期限 契約終了日 契約満了日 終期"
    " 종료일 만료일 계약종료일 계약만료일 만기일",
    "term": "term duration length initialterm period laufzeit vertragsdauer dauer durée"
    " 契約期間 期間 계약기간 기간",
    "renewal": "renewal renews renew autorenewal autorenew automaticrenewal renewalterm"
    " extension verlängerung renouvellement reconduction 更新 自動更新 契約更新 갱신 자동갱신"
    " 연장 자동연장",
    "notice": "notice noticeperiod terminationnotice cancellation cancellationperiod"
    " noticeoftermination kündigungsfrist frist kündigung préavis 解約通知期間 予告期間"
    " 解約予告 通知期間 통지기간 해지통지 해지통보 통보기간 해지통지기간",
    "owner": "owner responsible responsibleperson manager contractowner contractmanager lead"
    " department verantwortlich zuständig responsable 担当 担当者 主管 所管 担当部署 담당"
    " 담당자 주관 담당부서",
    "contact": "contact contactperson email e-mail mail telephone phone partnercontact"
    " ansprechpartner kontakt interlocuteur contacts 連絡先 先方担当者 연락처 상대방담당자",
    "review": "review reviewdate nextreview reviewon reviewby überprüfung"
    " wiedervorlage prüfdatum révision 見直し 見直し日 次回確認日 確認日 검토 검토일 점검일"
    " 차기검토일",
    "file": "file document attachment pdf scan path filename link datei dokument anlage"
    " fichier 文書 ファイル 添付 ファイル名 파일 문서 첨부 파일명 첨부파일",
    "sha256": "sha256 digest hash",
}
_UNITS = {
    "days": "D",
    "months": "M",
    "years": "Y",
    "weeks": "W",
    "tage": "D",
    "monate": "M",
    "jahre": "Y",
    "日": "D",
    "月": "M",
    "か月": "M",
    "年": "Y",
    "일": "D",
    "개월": "M",
    "년": "Y",
}
_UNIT = re.compile(
    rf"^(.*?)[(\[（]?(?:in)?({'|'.join(sorted(_UNITS, key=len)[::-1])})[)\]）]?$"
)
WITH_UNIT = frozenset({"term", "renewal", "notice"})


def _key(heading: str) -> str:
    """Return a heading without what spellings differ in."""
    spelt = unicodedata.normalize("NFKC", heading).casefold()
    return "".join(char for char in spelt if char.isalnum() or char in "°()[]")


_KNOWN: Mapping[str, str] = {
    _key(word): column for column, words in _SPELT.items() for word in words.split()
}


def column_of(
    heading: str, named: Iterable[tuple[str, str]] = ()
) -> tuple[str, str] | None:
    """Return the column that a heading names and the unit in it, such as ``notice (days)``.

    What the book's own settings name comes first; None for a heading that nothing knows.
    """
    key = _key(heading)
    for own, meant in named:
        if _key(own) == key:
            return meant, ""
    plain = "".join(char for char in key if char not in "()[]")
    if plain in _KNOWN:
        return _KNOWN[plain], ""
    found = _UNIT.match(key)
    column = _KNOWN.get("".join(c for c in found[1] if c not in "()[]")) if found else None
    if found is None or column not in WITH_UNIT:
        return None
    return column, _UNITS[found[2]]


IGNORED = "ignore"
"""What a heading is that is no column and is not to be spoken of."""

NAMES = (*COLUMNS, IGNORED)


def columns_named(texts: Iterable[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Read ``HEADING=COLUMN``; return the pairs, and those texts that are none."""
    pairs: list[tuple[str, str]] = []
    wrong: list[str] = []
    for text in texts:
        heading, _, column = text.rpartition("=")
        if heading.strip() and column.strip() in NAMES:
            pairs.append((heading.strip(), column.strip()))
        else:
            wrong.append(text)
    return pairs, wrong
