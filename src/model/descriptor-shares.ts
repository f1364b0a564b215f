/**
 * Shares the descriptors of the process out. What connections take is missing when a file is to be
 * opened, and files are what acknowledged records depend on: so peers get a share and no more.
 */
import {
  DESCRIPTORS_OF_PROCESS,
  MOMENTARY_FILES_MAX,
  OPEN_FILES_MAX,
  REFUSED_CONNECTIONS_MAX,
} from './limits.ts';

export interface DescriptorShares {
  /** Segment files open at once. */
  readonly openFiles: number;
  /** Files and directories open for a moment. */
  readonly momentaryFiles: number;
  readonly connections: number;
  /** Above these, connections that are being told so. */
  readonly refusedConnections: number;
}

/**
 * Whatever the limit, an eighth (or 32) is for a moment, half of the rest (or 512) for segments, and
 * what is left for connections, at most those that were asked for. `limit` undefined: not known.
 */
export function descriptorShares(
  limit: number | undefined,
  connectionsWanted: number,
): DescriptorShares {
  if (limit === undefined) {
    return {
      openFiles: OPEN_FILES_MAX,
      momentaryFiles: MOMENTARY_FILES_MAX,
      connections: connectionsWanted,
      refusedConnections: REFUSED_CONNECTIONS_MAX,
    };
  }
  let left = Math.max(0, limit - DESCRIPTORS_OF_PROCESS);
  const take = (most: number, share: number): number => {
    const taken = Math.max(1, Math.min(most, Math.floor(left * share)));
    left -= taken;
    return taken;
  };
  const momentaryFiles = take(MOMENTARY_FILES_MAX, 1 / 8);
  const openFiles = take(OPEN_FILES_MAX, 1 / 2);
  const refusedConnections = take(REFUSED_CONNECTIONS_MAX, 1 / 8);
  return { momentaryFiles, openFiles, refusedConnections, connections: take(connectionsWanted, 1) };
}
