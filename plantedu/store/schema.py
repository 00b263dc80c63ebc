"""The tables of a store. What is missing is made when it is opened, columns too (`upgrade`)."""

SCHEMA = """
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
CREATE TABLE IF NOT EXISTS visitors (
    learner TEXT PRIMARY KEY,
    party TEXT NOT NULL DEFAULT '',
    room TEXT NOT NULL DEFAULT '',
    seen REAL NOT NULL,
    blocked TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS visitors_by_party ON visitors (party);
CREATE TABLE IF NOT EXISTS workers (
    lane TEXT PRIMARY KEY,
    worker TEXT NOT NULL DEFAULT '',
    pid INTEGER NOT NULL DEFAULT 0,
    code_version TEXT NOT NULL DEFAULT '',
    wish TEXT NOT NULL DEFAULT '',
    started REAL NOT NULL DEFAULT 0,
    heartbeat REAL NOT NULL DEFAULT 0,
    starting REAL NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS clocks (boot TEXT PRIMARY KEY, ahead REAL NOT NULL);
"""
