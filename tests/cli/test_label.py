"""``comity label``: as marked here, as marked there, and what a whole is marked."""

import json

from make import GSOMIA
from worlds.small import HEAD, change, small

NIGHT = ["--at", "2019-11-22T10:00:00+09:00"]
TRACK = ["label", str(GSOMIA), "submarine-track-1"]


def test_a_level_with_two_counterparts_is_shown_as_a_choice_with_the_originators_name(run):
    code, out, _ = run(*TRACK, "--to", "jp", *NIGHT)
    assert code == 0
    assert "level: jp:gokuhi or jp:tokutei-himitsu [4(2)]" in out
    assert "Japan chooses; until then all of them together apply" in out
    assert "ja: 大韓民国 / 極秘 又は 特定秘密" in out
    assert "ko: 군사II급비밀 // 제공 대상" in out


def test_the_originators_label_is_kept_beside_it(run):
    code, out, _ = run(*TRACK, "--to", "jp", "--under", "jp-rok-gsomia", *NIGHT, "--json")
    assert code == 0
    (found,) = json.loads(out)["items"]
    assert found["level"] == "kr:II"
    (received,) = found["received"]
    assert received["choice_open"] is True
    assert received["levels"] == ["jp:gokuhi", "jp:tokutei-himitsu"]
    assert received["markings"]["en"] == "Republic of Korea / Gokuhi or Tokutei Himitsu"


def test_a_designation_ends_the_choice(run, tmp_path):
    chosen = tmp_path / "chosen.toml"
    _ = chosen.write_text(
        'accord = "jp-rok-gsomia"\n\n[[instrument]]\nid = "jp-chooses"\nby = ["jp"]\n'
        'form = "written"\ndated = "2019-11-01"\nsupposed = "a test"\n'
        'operations = [{ do = "designate", level = "jp:tokutei-himitsu" }]\n',
        "utf-8",
    )
    code, out, _ = run(*TRACK, "--to", "jp", *NIGHT, "--suppose", chosen)
    assert code == 0
    assert "ja: 大韓民国 / 特定秘密" in out
    assert "chooses" not in out


def test_the_whole_of_two_items_bears_the_higher_level_and_those_whom_both_name(run):
    code, out, _ = run(*TRACK, "radar-note-1", *NIGHT, "--json")
    assert code == 0
    whole = json.loads(out)["whole"]
    assert whole["level"] == "kr:II"
    assert whole["may_have"] == ["jp", "kr", "us"]
    assert whole["originators"] == ["kr"]


def test_a_holder_that_has_not_chosen_cannot_mark_the_whole(run):
    code, out, _ = run(*TRACK, "patrol-report-1", "--holder", "jp", *NIGHT)
    assert code == 2
    assert "the whole: a person marks it" in out
    assert "the holder has not chosen between jp:gokuhi or jp:tokutei-himitsu" in out


def test_a_holder_marks_the_whole_at_its_own_levels(run):
    words = [
        "label",
        str(GSOMIA),
        "radar-note-1",
        "patrol-report-1",
        "--holder",
        "jp",
        *NIGHT,
    ]
    code, out, _ = run(*words, "--json")
    assert code == 0
    whole = json.loads(out)["whole"]
    assert (whole["level"], whole["originators"]) == ("jp:hi", ["jp", "kr"])


def test_parts_of_two_policies_are_translated_first(run):
    code, out, _ = run(*TRACK, "patrol-report-1", *NIGHT)
    assert code == 2
    assert "labels of `jp` are first translated" in out


def test_where_there_is_no_level_the_exit_code_says_so(run):
    code, out, _ = run(*TRACK, "--to", "jp", "--under", "tisa-2014", *NIGHT)
    assert code == 2
    assert "no way: it wants a level with a row for `jp`" in out


def test_in_a_language_without_a_name_a_party_has_its_name_in_full(run, tmp_path):
    root = small(tmp_path)
    for seat, name in (("North", "北"), ("South", "南")):
        _ = change(
            root,
            HEAD,
            f'seat = "{seat}"',
            f'seat = "{seat}"\nnames = [{{ in = "ja", is = "{name}" }}]',
        )
    code, out, _ = run(
        "label", str(root), "sample", "--to", "south", "--at", "2026-06-01T12:00Z"
    )
    assert code == 0
    assert "en: RESTRICTED // REL TO South Agency" in out
    assert "ja: RESTRICTED // 提供先 南" in out


def test_what_comes_from_the_party_itself_stands_as_it_is(run):
    code, out, _ = run(*TRACK, "--to", "kr", *NIGHT)
    assert code == 0
    assert "Republic of Korea: its own; the label stands as it is" in out
