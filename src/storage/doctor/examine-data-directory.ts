/**
 * Says what a data directory holds and what is wrong in it, topic by topic, log by log. Changes
 * nothing; the caller keeps servers away (examine-owner.ts).
 */
import { join } from 'node:path';
import type { BatchHeader } from '../../codec/batch-header.ts';
import type { CatalogueFacts } from './examine-catalogue.ts';
import { examineCatalogue } from './examine-catalogue.ts';
import { examinePartition } from './examine-partition.ts';
import type { PartitionExamination } from './examine-partition.ts';
import { assertDiskError } from '../disk-errors.ts';
import type { DirectoryEntry, Files } from '../files.ts';
import type { Finding } from './finding.ts';
import type { LastOwner, PreviousRun } from '../owner-file.ts';
import { readOnlyFiles } from './read-only-files.ts';
import { readWholeFile } from '../replace-file.ts';
import { sizeOf } from '../recovery-files.ts';
import { parseStoredJson } from '../stored-json.ts';

export interface ExaminedLog {
  /** Such as `orders/0`; the log of the groups is `groups/0`. */
  readonly name: string;
  readonly directory: string;
  /** Undefined when it could not be read; then a finding says why. */
  readonly found: PartitionExamination | undefined;
  readonly findings: readonly Finding[];
}

export interface DataExamination {
  readonly clusterId: string | undefined;
  readonly topicCount: number;
  readonly logs: readonly ExaminedLog[];
  /** Of the directory itself, and of what belongs to no log. */
  readonly findings: readonly Finding[];
}

export interface ExaminedDirectory {
  readonly directory: string;
  readonly files: Files;
  readonly lastOwner: LastOwner;
  readonly previousRun: PreviousRun;
  readonly nowMs: number;
  /** A directory of nobody else's, for a moment. */
  readonly scratch: string;
  /** Told of each batch, and how far that is of all bytes; what it throws ends the examination. */
  readonly progress: (batch: BatchHeader, bytes: number, totalBytes: number) => void;
}

/** Rejects with what the file system says of the directory itself. */
export function examineDataDirectory(place: ExaminedDirectory): Promise<DataExamination> {
  return new Examiner(place).examine();
}

const OURS = new Set(['owner.db', 'owner.json', 'owner.lock', 'topics', 'groups', '.gitkeep']);
const CATALOGUE = /^catalogue\.db(-wal|-shm|-journal)?$/;

interface LogPlace {
  readonly name: string;
  readonly directory: string;
}

class Examiner {
  readonly #place: ExaminedDirectory;
  readonly #files: Files;
  readonly #findings: Finding[] = [];
  #bytes = 0;
  #totalBytes = 0;

  constructor(place: ExaminedDirectory) {
    this.#place = place;
    this.#files = readOnlyFiles(place.files);
  }

  async examine(): Promise<DataExamination> {
    const { directory, lastOwner } = this.#place;
    for (const { name } of await this.#files.list(directory)) {
      if (!OURS.has(name) && !CATALOGUE.test(name))
        this.#note('unknown-file', join(directory, name));
    }
    if (lastOwner === 'unknown') {
      const file = join(directory, 'owner.json');
      this.#findings.push({ severity: 'mended', kind: 'owner-unreadable', file });
    }
    const entries = await this.#listed(join(directory, 'topics'));
    const catalogue = await examineCatalogue(this.#place, entries.length > 0);
    const isRead = catalogue !== undefined && 'topics' in catalogue;
    if (catalogue !== undefined && !isRead) this.#findings.push(catalogue);
    const places = isRead
      ? await this.#knownLogs(catalogue, entries)
      : await this.#foundLogs(entries);
    const groups = join(directory, 'groups');
    for (const { name } of await this.#listed(groups)) {
      if (name === '0') places.push({ name: 'groups/0', directory: join(groups, name) });
      else this.#note('unknown-file', join(groups, name));
    }
    for (const each of places) this.#totalBytes += await this.#bytesOf(each.directory);
    const logs: ExaminedLog[] = [];
    for (const each of places) logs.push(await this.#examineLog(each));
    return {
      clusterId: isRead ? catalogue.clusterId : undefined,
      topicCount: isRead ? catalogue.topics.length : entries.length,
      logs,
      findings: this.#findings,
    };
  }

  /** What the catalogue names; the other directories are left alone by the server, too. */
  async #knownLogs(
    { topics }: CatalogueFacts,
    entries: readonly DirectoryEntry[],
  ): Promise<LogPlace[]> {
    const directory = join(this.#place.directory, 'topics');
    const places: LogPlace[] = [];
    const known = new Set<string>();
    for (const { topicId, name, partitions, state } of topics) {
      const id = topicId.replaceAll('-', '');
      known.add(id);
      if (state !== 'live') {
        this.#note('unfinished-topic', join(directory, id), name);
        continue;
      }
      await this.#compareName(join(directory, id), name);
      for (let partition = 0; partition < partitions; partition += 1) {
        const path = join(directory, id, String(partition));
        places.push({ name: `${name}/${partition}`, directory: path });
      }
      for (const entry of await this.#listed(join(directory, id))) {
        const isPartition = /^(0|[1-9]\d*)$/.test(entry.name) && Number(entry.name) < partitions;
        if (isPartition || entry.name === 'topic.json') continue;
        this.#note('unknown-file', join(directory, id, entry.name));
      }
    }
    for (const { name } of entries) {
      if (!known.has(name)) {
        const path = join(directory, name);
        this.#note('unknown-topic', path, await this.#nameIn(path));
      }
    }
    return places;
  }

  /** Without a catalogue, every directory that looks like a log is looked at. */
  async #foundLogs(entries: readonly DirectoryEntry[]): Promise<LogPlace[]> {
    const places: LogPlace[] = [];
    for (const { name: id } of entries) {
      const directory = join(this.#place.directory, 'topics', id);
      const name = (await this.#nameIn(directory)) ?? id;
      for (const entry of await this.#listed(directory)) {
        if (entry.kind !== 'directory') continue;
        places.push({ name: `${name}/${entry.name}`, directory: join(directory, entry.name) });
      }
    }
    return places;
  }

  async #examineLog({ name, directory }: LogPlace): Promise<ExaminedLog> {
    const { nowMs, previousRun, progress } = this.#place;
    const visit = (batch: BatchHeader): void => {
      this.#bytes += batch.bytes;
      progress(batch, this.#bytes, this.#totalBytes);
    };
    try {
      const means = { directory, files: this.#files, nowMs, previousRun, visit };
      const found = await examinePartition(means);
      return { name, directory, found, findings: found.findings };
    } catch (error) {
      assertDiskError(error);
      const facts = { field: 'content', expected: 'readable', found: error.message };
      const finding = {
        severity: 'damage',
        kind: 'directory-unreadable',
        file: directory,
      } as const;
      return { name, directory, found: undefined, findings: [{ ...finding, ...facts }] };
    }
  }

  async #bytesOf(directory: string): Promise<number> {
    let bytes = 0;
    for (const { name } of await this.#listed(directory)) {
      if (!name.endsWith('.log')) continue;
      bytes += (await sizeOf(this.#files, join(directory, name))) as number;
    }
    return bytes;
  }

  /** Nothing reads it but people, who should not be misled. */
  async #compareName(directory: string, name: string): Promise<void> {
    const found = await this.#nameIn(directory);
    if (found === name) return;
    const file = join(directory, 'topic.json');
    const facts = { field: 'name', expected: name, found: found ?? 'no name' };
    this.#findings.push({ severity: 'note', kind: 'topic-name', file, ...facts });
  }

  async #nameIn(directory: string): Promise<string | undefined> {
    try {
      const content = await readWholeFile(this.#files, join(directory, 'topic.json'));
      const value = parseStoredJson(String(content));
      const name: unknown = value instanceof Object && 'name' in value ? value.name : undefined;
      return typeof name === 'string' ? name : undefined;
    } catch (error) {
      assertDiskError(error);
      return undefined;
    }
  }

  /** Nothing where there is no such directory. */
  async #listed(directory: string): Promise<readonly DirectoryEntry[]> {
    try {
      return await this.#files.list(directory);
    } catch (error) {
      assertDiskError(error);
      return [];
    }
  }

  #note(kind: Finding['kind'], file: string, found?: string): void {
    this.#findings.push({ severity: 'note', kind, file, ...(found !== undefined && { found }) });
  }
}
