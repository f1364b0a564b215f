/** A directory on the real disk for one test, removed when the test is over. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';

export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** The same for all tests of a file: called at its top, outside of any test. */
export async function temporaryDirectoryForFile(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-'));
  afterAll(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
