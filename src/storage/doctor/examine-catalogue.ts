/**
 * Reads the catalogue without touching it. SQLite writes beside a database also when it only reads,
 * so it is given a copy, with the log of changes that a crash may have left.
 */
import { join } from 'node:path';
import { MillraceError } from '../../model/errors.ts';
import { Catalogue } from '../catalogue.ts';
import type { CatalogueTopic } from '../catalogue-topic.ts';
import type { Files } from '../files.ts';
import type { Finding } from './finding.ts';
import { readWholeFile, writeNewFile } from '../replace-file.ts';

export interface CatalogueFacts {
  readonly clusterId: string;
  readonly topics: readonly CatalogueTopic[];
}

export interface CataloguePlace {
  readonly directory: string;
  readonly files: Files;
  /** A directory of nobody else's; it is made, and removed again. */
  readonly scratch: string;
}

/** What it holds, or what is wrong with it. `hasTopics`: there are directories that it should know. */
export async function examineCatalogue(
  { directory, files, scratch }: CataloguePlace,
  hasTopics: boolean,
): Promise<CatalogueFacts | Finding | undefined> {
  const file = join(directory, 'catalogue.db');
  const copy = join(scratch, 'catalogue.db');
  const content = await readWholeFile(files, file);
  // SQLite takes an empty file for a new database.
  if (content === undefined || content.length === 0) {
    return hasTopics ? { severity: 'damage', kind: 'catalogue-missing', file } : undefined;
  }
  await files.makeDir(scratch);
  try {
    await writeNewFile(files, copy, content);
    const changes = await readWholeFile(files, `${file}-wal`);
    if (changes !== undefined) await writeNewFile(files, `${copy}-wal`, changes);
    const catalogue = Catalogue.open(copy, '');
    try {
      const topics = [...catalogue.topics(), ...catalogue.unfinishedTopics()];
      return { clusterId: catalogue.clusterId, topics };
    } finally {
      catalogue.close();
    }
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    const found = error.message.replaceAll(copy, file);
    return {
      severity: 'damage',
      kind: 'catalogue-unusable',
      file,
      field: 'content',
      expected: 'a catalogue',
      found,
    };
  } finally {
    await files.removeDir(scratch);
  }
}
