/**
 * All APIs that are served. What ApiVersions answers is made from this table, so a client is told
 * exactly of what is here.
 */
import type { AnyApi, ApiVersion } from './api.ts';
import { PRODUCE } from './apis/00-produce.ts';
import { FETCH } from './apis/01-fetch.ts';
import { LIST_OFFSETS } from './apis/02-list-offsets.ts';
import { METADATA } from './apis/03-metadata.ts';
import { OFFSET_COMMIT } from './apis/08-offset-commit.ts';
import { OFFSET_FETCH } from './apis/09-offset-fetch.ts';
import { FIND_COORDINATOR } from './apis/10-find-coordinator.ts';
import { JOIN_GROUP } from './apis/11-join-group.ts';
import { HEARTBEAT } from './apis/12-heartbeat.ts';
import { LEAVE_GROUP } from './apis/13-leave-group.ts';
import { SYNC_GROUP } from './apis/14-sync-group.ts';
import { DESCRIBE_GROUPS } from './apis/15-describe-groups.ts';
import { LIST_GROUPS } from './apis/16-list-groups.ts';
import { API_VERSIONS } from './apis/18-api-versions.ts';
import { CREATE_TOPICS } from './apis/19-create-topics.ts';
import { DELETE_TOPICS } from './apis/20-delete-topics.ts';
import { DELETE_RECORDS } from './apis/21-delete-records.ts';
import { INIT_PRODUCER_ID } from './apis/22-init-producer-id.ts';
import { DESCRIBE_CONFIGS } from './apis/32-describe-configs.ts';
import { ALTER_CONFIGS } from './apis/33-alter-configs.ts';
import { DESCRIBE_LOG_DIRS } from './apis/35-describe-log-dirs.ts';
import { CREATE_PARTITIONS } from './apis/37-create-partitions.ts';
import { DELETE_GROUPS } from './apis/42-delete-groups.ts';
import { INCREMENTAL_ALTER_CONFIGS } from './apis/44-incremental-alter-configs.ts';
import { OFFSET_DELETE } from './apis/47-offset-delete.ts';
import { DESCRIBE_CLUSTER } from './apis/60-describe-cluster.ts';

/** By their keys. */
export const APIS: readonly AnyApi[] = [
  PRODUCE,
  FETCH,
  LIST_OFFSETS,
  METADATA,
  OFFSET_COMMIT,
  OFFSET_FETCH,
  FIND_COORDINATOR,
  JOIN_GROUP,
  HEARTBEAT,
  LEAVE_GROUP,
  SYNC_GROUP,
  DESCRIBE_GROUPS,
  LIST_GROUPS,
  API_VERSIONS,
  CREATE_TOPICS,
  DELETE_TOPICS,
  DELETE_RECORDS,
  INIT_PRODUCER_ID,
  DESCRIBE_CONFIGS,
  ALTER_CONFIGS,
  DESCRIBE_LOG_DIRS,
  CREATE_PARTITIONS,
  DELETE_GROUPS,
  INCREMENTAL_ALTER_CONFIGS,
  OFFSET_DELETE,
  DESCRIBE_CLUSTER,
];

export const API_VERSION_TABLE: readonly ApiVersion[] = APIS.map(({ key, versions }) => ({
  key,
  ...versions,
}));

const BY_KEY: readonly (AnyApi | undefined)[] = Array.from(
  { length: Math.max(...APIS.map(({ key }) => key)) + 1 },
  (_, key) => APIS.find((api) => api.key === key),
);

export function apiOf(key: number): AnyApi | undefined {
  return BY_KEY[key];
}

export function isServed(
  { versions, servedFrom = versions.min }: AnyApi,
  version: number,
): boolean {
  return version >= servedFrom && version <= versions.max;
}
