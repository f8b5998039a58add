-- A node's database. Rowid tables with ordered keys, bodies apart from rows: random keys
-- and bodies inside an index cost half of the rate. Times are UTC seconds.

CREATE TABLE setting (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

-- The version of the world that a decision is made in: bumped in the transaction of every
-- instrument, hold, approval and key list, and read in that of every release.
CREATE TABLE world (
  one     INTEGER PRIMARY KEY CHECK (one = 1),
  version INTEGER NOT NULL,
  base    TEXT NOT NULL
);

-- Instruments that came to this node, as they were signed or, from paper, as written.
CREATE TABLE instrument (
  n        INTEGER PRIMARY KEY,
  id       TEXT NOT NULL,
  accord   TEXT NOT NULL,
  digest   TEXT NOT NULL,
  text     TEXT NOT NULL,
  record   BLOB,
  came     TEXT NOT NULL,
  known    INTEGER NOT NULL,
  received TEXT NOT NULL DEFAULT '{}',
  UNIQUE (accord, id)
);

CREATE TABLE hold (
  n       INTEGER PRIMARY KEY,
  id      TEXT NOT NULL UNIQUE,
  text    TEXT NOT NULL,
  known   INTEGER NOT NULL,
  ended   INTEGER
);

CREATE TABLE partner (
  party       TEXT PRIMARY KEY,
  fingerprint TEXT NOT NULL,
  confirmed   TEXT NOT NULL,
  at          INTEGER NOT NULL,
  held        TEXT
);

CREATE TABLE key_list (
  n       INTEGER PRIMARY KEY,
  party   TEXT NOT NULL,
  version INTEGER NOT NULL,
  raw     BLOB NOT NULL,
  known   INTEGER NOT NULL,
  UNIQUE (party, version)
);

CREATE TABLE term_key (
  n         INTEGER PRIMARY KEY,
  party     TEXT NOT NULL,
  accord    TEXT NOT NULL,
  term      TEXT NOT NULL,
  key       TEXT NOT NULL,
  raw       BLOB NOT NULL,
  since     INTEGER NOT NULL,
  before    INTEGER,
  known     INTEGER NOT NULL,
  destroyed BLOB,
  UNIQUE (party, accord, key)
);
CREATE INDEX term_key_of ON term_key (party, accord, since);

CREATE TABLE signed_group (
  n      INTEGER PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE,
  raw    BLOB NOT NULL
);

CREATE TABLE box (
  n      INTEGER PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE,
  head   BLOB NOT NULL,
  sealed BLOB NOT NULL,
  kept   BLOB
);

CREATE TABLE statement (
  n       INTEGER PRIMARY KEY,
  digest  BLOB NOT NULL UNIQUE,
  item    TEXT NOT NULL,
  raw     BLOB NOT NULL,
  group_n INTEGER NOT NULL REFERENCES signed_group,
  place   INTEGER NOT NULL,
  proof   BLOB NOT NULL
);
CREATE INDEX statement_item ON statement (item);

-- What goes out: items and instruments, one row for one recipient.
CREATE TABLE outgoing (
  n         INTEGER PRIMARY KEY,
  digest    BLOB NOT NULL UNIQUE,
  kind      TEXT NOT NULL,
  item      TEXT NOT NULL,
  partner   TEXT NOT NULL,
  accord    TEXT NOT NULL,
  rank      INTEGER NOT NULL,
  state     TEXT NOT NULL,
  header    BLOB NOT NULL,
  statement INTEGER REFERENCES statement,
  request   BLOB,
  group_n   INTEGER NOT NULL REFERENCES signed_group,
  place     INTEGER NOT NULL,
  proof     BLOB NOT NULL,
  box_n     INTEGER NOT NULL REFERENCES box,
  length    INTEGER NOT NULL,
  cipher    BLOB NOT NULL,
  spooled   TEXT,
  leaf      INTEGER,
  world     INTEGER NOT NULL,
  good      INTEGER NOT NULL,
  submitted INTEGER NOT NULL,
  deadline  INTEGER NOT NULL,
  next      INTEGER NOT NULL,
  attempts  INTEGER NOT NULL DEFAULT 0,
  trouble   TEXT NOT NULL DEFAULT '',
  settled   INTEGER
);
CREATE INDEX outgoing_due ON outgoing (partner, rank, n) WHERE state IN ('queued', 'tried');
CREATE INDEX outgoing_next ON outgoing (next) WHERE state IN ('queued', 'tried');
CREATE INDEX outgoing_item ON outgoing (item);
CREATE INDEX outgoing_fate ON outgoing (partner) WHERE state = 'fate_unknown';
CREATE INDEX outgoing_box ON outgoing (box_n) WHERE state IN ('queued', 'tried');

CREATE TABLE outgoing_body (
  n    INTEGER PRIMARY KEY REFERENCES outgoing ON DELETE CASCADE,
  data BLOB NOT NULL
);

-- The recipient's answer to one of ours, as it came: kept, never made again.
CREATE TABLE answer_to (
  n       INTEGER PRIMARY KEY REFERENCES outgoing,
  verdict TEXT NOT NULL,
  raw     BLOB NOT NULL,
  group_n INTEGER NOT NULL REFERENCES signed_group,
  place   INTEGER NOT NULL,
  proof   BLOB NOT NULL
);

-- The recipient's officer's acknowledgement of one of ours.
CREATE TABLE acknowledged (
  n       INTEGER PRIMARY KEY REFERENCES outgoing,
  raw     BLOB NOT NULL,
  group_n INTEGER NOT NULL REFERENCES signed_group,
  place   INTEGER NOT NULL,
  proof   BLOB NOT NULL
);

-- What came in, with the answer that every repeat gets.
CREATE TABLE incoming (
  n         INTEGER PRIMARY KEY,
  digest    BLOB NOT NULL UNIQUE,
  kind      TEXT NOT NULL,
  item      TEXT NOT NULL,
  content   BLOB NOT NULL,
  partner   TEXT NOT NULL,
  accord    TEXT NOT NULL,
  rank      INTEGER NOT NULL,
  state     TEXT NOT NULL,
  header    BLOB NOT NULL,
  statement INTEGER REFERENCES statement,
  group_n   INTEGER NOT NULL REFERENCES signed_group,
  place     INTEGER NOT NULL,
  proof     BLOB NOT NULL,
  box_n     INTEGER NOT NULL REFERENCES box,
  length    INTEGER NOT NULL,
  cipher    BLOB NOT NULL,
  spooled   TEXT,
  leaf      INTEGER,
  arrived   INTEGER NOT NULL,
  handling  TEXT NOT NULL DEFAULT '[]',
  verdict   TEXT NOT NULL,
  answer    BLOB NOT NULL,
  answer_group INTEGER NOT NULL REFERENCES signed_group,
  answer_place INTEGER NOT NULL,
  answer_proof BLOB NOT NULL
);
CREATE UNIQUE INDEX incoming_once ON incoming (item, partner, content) WHERE verdict = 'receipt';

CREATE TABLE incoming_body (
  n    INTEGER PRIMARY KEY REFERENCES incoming ON DELETE CASCADE,
  data BLOB NOT NULL
);

-- Acknowledgements by our officers, until their senders have got them.
CREATE TABLE word (
  n          INTEGER PRIMARY KEY,
  incoming_n INTEGER NOT NULL UNIQUE REFERENCES incoming,
  partner    TEXT NOT NULL,
  raw        BLOB NOT NULL,
  group_n    INTEGER NOT NULL REFERENCES signed_group,
  place      INTEGER NOT NULL,
  proof      BLOB NOT NULL,
  at         INTEGER NOT NULL,
  told       INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX word_waiting ON word (partner) WHERE told = 0;

-- Envelopes of which we said, signed, that they are not here: what comes of them later is
-- refused, so that it stays true.
CREATE TABLE disowned (
  digest  BLOB PRIMARY KEY,
  partner TEXT NOT NULL,
  at      INTEGER NOT NULL
);

-- Logs: one for each accord, and the house log of the accord ''.
CREATE TABLE log (
  n        INTEGER PRIMARY KEY,
  accord   TEXT NOT NULL,
  origin   TEXT NOT NULL UNIQUE,
  size     INTEGER NOT NULL,
  frontier BLOB NOT NULL,
  ended    INTEGER
);
CREATE UNIQUE INDEX log_running ON log (accord) WHERE ended IS NULL;

CREATE TABLE leaf (
  n     INTEGER PRIMARY KEY,
  log_n INTEGER NOT NULL REFERENCES log,
  place INTEGER NOT NULL,
  hash  BLOB NOT NULL,
  salt  BLOB NOT NULL,
  entry BLOB NOT NULL
);
CREATE UNIQUE INDEX leaf_place ON leaf (log_n, place);

-- Hashes at every eighth level above the leaves, as tiles have them; what lies between is
-- folded when a proof asks for it.
CREATE TABLE node_hash (
  n     INTEGER PRIMARY KEY,
  log_n INTEGER NOT NULL REFERENCES log,
  level INTEGER NOT NULL,
  place INTEGER NOT NULL,
  hash  BLOB NOT NULL
);
CREATE UNIQUE INDEX node_hash_place ON node_hash (log_n, level, place);

-- The highest checkpoint of a partner's log that we cosigned, and what partners cosigned
-- of ours.
CREATE TABLE seen (
  origin TEXT NOT NULL,
  party  TEXT NOT NULL,
  accord TEXT NOT NULL,
  size   INTEGER NOT NULL,
  root   BLOB NOT NULL,
  note   BLOB NOT NULL,
  at     INTEGER NOT NULL,
  PRIMARY KEY (party, origin)
);

CREATE TABLE cosigned (
  n      INTEGER PRIMARY KEY,
  log_n  INTEGER NOT NULL REFERENCES log,
  size   INTEGER NOT NULL,
  party  TEXT NOT NULL,
  note   BLOB NOT NULL,
  at     INTEGER NOT NULL,
  UNIQUE (log_n, party, size)
);

-- The last contact with each partner, as it was signed, and what differed.
CREATE TABLE contact (
  party   TEXT PRIMARY KEY,
  raw     BLOB NOT NULL,
  at      INTEGER NOT NULL,
  differs TEXT NOT NULL
);

-- Successions of logs, ours and partners', as they were signed.
CREATE TABLE succession (
  n      INTEGER PRIMARY KEY,
  party  TEXT NOT NULL,
  accord TEXT NOT NULL,
  old    TEXT NOT NULL UNIQUE,
  new    TEXT NOT NULL UNIQUE,
  raw    BLOB NOT NULL,
  at     INTEGER NOT NULL
);

CREATE TABLE fork (
  n      INTEGER PRIMARY KEY,
  origin TEXT NOT NULL,
  party  TEXT NOT NULL,
  first  BLOB NOT NULL,
  second BLOB NOT NULL,
  at     INTEGER NOT NULL
);

-- Officers' signed approvals, over a request's digest.
CREATE TABLE approval (
  n       INTEGER PRIMARY KEY,
  request TEXT NOT NULL,
  officer TEXT NOT NULL,
  raw     BLOB NOT NULL,
  at      INTEGER NOT NULL,
  UNIQUE (request, officer)
);

-- The register of items: copy by copy, who holds it and where.
CREATE TABLE register (
  n           INTEGER PRIMARY KEY,
  serial      INTEGER NOT NULL,
  copy        INTEGER NOT NULL,
  item        TEXT NOT NULL,
  accord      TEXT NOT NULL,
  incoming_n  INTEGER REFERENCES incoming,
  direction   TEXT NOT NULL,
  partner     TEXT NOT NULL,
  holder      TEXT NOT NULL,
  place       TEXT NOT NULL,
  state       TEXT NOT NULL,
  entered     INTEGER NOT NULL,
  acknowledged TEXT,
  mustered    INTEGER,
  ended       INTEGER,
  certificate TEXT,
  UNIQUE (serial, copy)
);
CREATE INDEX register_item ON register (item);
CREATE INDEX register_came ON register (incoming_n);

CREATE TABLE register_event (
  n     INTEGER PRIMARY KEY,
  reg_n INTEGER NOT NULL REFERENCES register,
  what  TEXT NOT NULL,
  who   TEXT NOT NULL,
  said  TEXT NOT NULL,
  at    INTEGER NOT NULL
);

-- Disclosures by word of mouth or sight, recorded afterwards by either side.
CREATE TABLE disclosure (
  n        INTEGER PRIMARY KEY,
  item     TEXT NOT NULL,
  accord   TEXT NOT NULL,
  partner  TEXT NOT NULL,
  ours     BLOB,
  theirs   BLOB,
  at       INTEGER NOT NULL,
  decision TEXT NOT NULL,
  UNIQUE (item, partner, at)
);

CREATE TABLE token (
  name  TEXT PRIMARY KEY,
  hash  BLOB NOT NULL UNIQUE,
  scope TEXT NOT NULL,
  since INTEGER NOT NULL
);
