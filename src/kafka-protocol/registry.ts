/**
 * All APIs that are served. What ApiVersions answers is made from this table, so a client is told
 * exactly of what is here.
 */
import type { AnyApi, ApiVersion } from './api.ts';
import { LIST_OFFSETS } from './apis/02-list-offsets.ts';
import { METADATA } from './apis/03-metadata.ts';
import { FIND_COORDINATOR } from './apis/10-find-coordinator.ts';
import { API_VERSIONS } from './apis/18-api-versions.ts';
import { INIT_PRODUCER_ID } from './apis/22-init-producer-id.ts';

/** By their keys. */
export const APIS: readonly AnyApi[] = [
  LIST_OFFSETS,
  METADATA,
  FIND_COORDINATOR,
  API_VERSIONS,
  INIT_PRODUCER_ID,
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
