"""Workers: lanes, leases, heartbeats, replays, snapshots."""
