/**
 * `online`: takes appends. `read-only`: a full disk keeps it from mending its tail, and it heals
 * by itself. `offline`: damaged or fenced; what is intact is still served, nothing is appended.
 */
export type PartitionState = 'online' | 'read-only' | 'offline';
