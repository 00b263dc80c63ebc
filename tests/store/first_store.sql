-- A store as the first commit that kept one (fa61c84) made it, with a run that was done, one that
-- waits, and its answers (7cdacb1), class and claim (4aed079). Read by test_upgrade.py.
CREATE TABLE IF NOT EXISTS runs (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    lane TEXT NOT NULL,
    state TEXT NOT NULL,
    wish TEXT NOT NULL DEFAULT '',
    request TEXT NOT NULL,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    learner TEXT NOT NULL,
    code_version TEXT NOT NULL,
    packages TEXT NOT NULL,
    data_hash TEXT NOT NULL,
    created REAL NOT NULL,
    started REAL,
    ended REAL,
    heartbeat REAL,
    worker TEXT NOT NULL DEFAULT '',
    error TEXT NOT NULL DEFAULT '',
    step INTEGER NOT NULL DEFAULT 0,
    steps INTEGER NOT NULL DEFAULT 0,
    parent TEXT,
    result TEXT,
    attempts INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS runs_by_key ON runs (key, state);
CREATE INDEX IF NOT EXISTS runs_by_lane ON runs (lane, state);
CREATE TABLE IF NOT EXISTS shares (
    run INTEGER NOT NULL, learner TEXT NOT NULL, PRIMARY KEY (learner, run)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS metrics (
    run INTEGER NOT NULL,
    name TEXT NOT NULL,
    step INTEGER NOT NULL,
    value REAL, low REAL, high REAL, seconds REAL,
    PRIMARY KEY (run, name, step)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY,
    run INTEGER NOT NULL,
    step INTEGER NOT NULL,
    name TEXT NOT NULL,
    detail TEXT NOT NULL,
    time REAL NOT NULL,
    seconds REAL
);
CREATE INDEX IF NOT EXISTS events_by_run ON events (run, step);
CREATE TABLE IF NOT EXISTS workers (
    lane TEXT PRIMARY KEY,
    worker TEXT NOT NULL DEFAULT '',
    pid INTEGER NOT NULL DEFAULT 0,
    code_version TEXT NOT NULL DEFAULT '',
    wish TEXT NOT NULL DEFAULT '',
    heartbeat REAL NOT NULL DEFAULT 0,
    starting REAL NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS predictions (
    number INTEGER PRIMARY KEY,
    learner TEXT NOT NULL,
    lesson TEXT NOT NULL,
    item TEXT NOT NULL,
    options INTEGER NOT NULL,
    choice TEXT NOT NULL,
    confidence REAL NOT NULL,
    time REAL NOT NULL,
    answer TEXT,
    UNIQUE (learner, lesson, item)
)
;
CREATE TABLE IF NOT EXISTS progress (
    number INTEGER PRIMARY KEY,
    learner TEXT NOT NULL,
    lesson TEXT NOT NULL,
    item TEXT NOT NULL,
    time REAL NOT NULL,
    UNIQUE (learner, lesson, item)
)
;
CREATE TABLE IF NOT EXISTS claims (
    number INTEGER PRIMARY KEY,
    learner TEXT NOT NULL,
    lesson TEXT NOT NULL,
    claim TEXT NOT NULL,
    source TEXT NOT NULL,
    evidence TEXT NOT NULL,
    mind TEXT NOT NULL,
    time REAL NOT NULL
)
;
CREATE TABLE IF NOT EXISTS classes (code TEXT PRIMARY KEY, keeper TEXT NOT NULL, created REAL NOT NULL);
CREATE TABLE IF NOT EXISTS members (class TEXT NOT NULL, learner TEXT NOT NULL, PRIMARY KEY (class, learner));
INSERT INTO runs (id, kind, lane, state, request, key, name, learner, code_version, packages, data_hash, created, started, ended, step, steps, result) VALUES
    ('0a1b2c3d', 'train', 'training', 'done', '{"seed":1}', 'k1', 'first', 'a-learner-of-mine-1', 'v', '{}', '', 100, 101, 200, 2, 2, '{"loss": 1.5}'),
    ('0a1b2c3e', 'train', 'training', 'queued', '{"seed":2}', 'k2', 'second', 'a-learner-of-mine-1', 'v', '{}', '', 150, NULL, NULL, 0, 0, NULL);
INSERT INTO shares VALUES (1, 'a-learner-of-mine-1'), (2, 'a-learner-of-mine-1');
INSERT INTO metrics VALUES (1, 'loss', 1, 2.5, NULL, NULL, 10), (1, 'loss', 2, 1.5, NULL, NULL, 20);
INSERT INTO workers (lane, worker, pid, heartbeat) VALUES ('training', 'of-old', 1, 100);
INSERT INTO predictions (learner, lesson, item, options, choice, confidence, time) VALUES ('a-learner-of-mine-1', '02_training', 'disease_probe', 3, 'a', 0.8, 100);
INSERT INTO progress (learner, lesson, item, time) VALUES ('a-learner-of-mine-1', '02_training', 'exercise', 100);
INSERT INTO claims (learner, lesson, claim, source, evidence, mind, time) VALUES ('a-learner-of-mine-1', '02_training', 'It learns.', 'a.json#/b', '{"question": "Does it?", "value": 0.7, "null": 0.3, "control": "shuffled", "n": 40, "seeds": 1, "interval": [0.6, 0.8], "level": 0.95, "truth": null}', 'Another seed.', 100);
INSERT INTO members VALUES ('ABCDEF', 'a-learner-of-mine-1');
PRAGMA user_version=1;
