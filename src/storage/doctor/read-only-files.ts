/** Files that nothing is changed through: what only looks is given these, and cannot do more. */
import assert from 'node:assert/strict';
import type { Files } from '../files.ts';

export function readOnlyFiles(files: Files): Files {
  return {
    open: (path, mode) => {
      assert.equal(mode, 'read', path);
      return files.open(path, mode);
    },
    list: (directory) => files.list(directory),
    makeDir: refuse,
    rename: refuse,
    remove: refuse,
    removeDir: refuse,
    syncDir: refuse,
  };
}

function refuse(path: string): never {
  assert.fail(`${path} would be changed`);
}
