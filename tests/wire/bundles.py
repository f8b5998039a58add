"""One exchange, and its bundle as a forger would change it."""

import io
import zipfile
from dataclasses import replace

from comity.accords.times import parse_instant
from comity.exchange.sending import Sending
from comity.signed import text
from comity.wire.evidence import HEAD
from exchange.nodes import Clock, acquaint, carry, gsomia, node


def exchange():
    """One item from Seoul to Tokyo, acknowledged, and both logs cosigned after it."""
    clock = Clock(parse_instant("2019-11-22T12:00:00+09:00"))
    nodes = [node(party, clock) for party in ("kr", "jp")]
    acquaint(*nodes)
    kr, jp = nodes
    item = gsomia().items["missile-warning-1"]
    (sent,) = kr.send([Sending(item=item, to="jp", content=b"a launch")])
    carry(nodes)
    list(jp.open(1, "Sato").content)
    jp.acknowledge(1, "Sato", "registry 2")
    clock.now += 5
    track = gsomia().items["submarine-track-1"]
    kr.send([Sending(item=track, to="jp", content=b"more")])
    carry(nodes)
    clock.now += 5
    again = replace(track, id="another-track")
    kr.send([Sending(item=again, to="jp", content=b"more")])
    carry(nodes)
    return kr, jp, text.read_digest(sent.envelope)


def rezipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as file:
        for name, raw in files.items():
            file.writestr(name, raw)
    return out.getvalue()


def relisted(files):
    """The files with their digests listed anew: what a forger would do."""
    head = text.read(files[HEAD])
    head["files"] = {n: text.digest_of(raw) for n, raw in files.items() if n != HEAD}
    return rezipped({**files, HEAD: text.write(head)})
