/** The simulated disk's names, found by path. */
import { fileError } from './file-error.ts';
import { SimulatedDirectory } from './simulated-directory.ts';
import type { SimulatedNode } from './simulated-directory.ts';
import type { SimulatedFile } from './simulated-file.ts';

export class SimulatedTree {
  readonly root: SimulatedDirectory;

  constructor(root: SimulatedDirectory) {
    this.root = root;
  }

  /** A file or a directory; ENOENT, and `call` is named in the error. */
  node(path: string, call: string): SimulatedNode {
    if (namesIn(path).length === 0) return this.root;
    const [parent, name] = this.parent(path, call);
    const node = parent.names.get(name);
    if (node === undefined) throw fileError('ENOENT', call, path);
    return node;
  }

  /** EISDIR for a directory. */
  file(path: string, call: string): SimulatedFile {
    const node = this.node(path, call);
    if (node instanceof SimulatedDirectory) throw fileError('EISDIR', call, path);
    return node;
  }

  directory(path: string, call: string, asked = path): SimulatedDirectory {
    let at = this.root;
    for (const name of namesIn(path)) {
      const next: SimulatedNode | undefined = at.names.get(name);
      if (next === undefined) throw fileError('ENOENT', call, asked);
      if (!(next instanceof SimulatedDirectory)) throw fileError('ENOTDIR', call, asked);
      at = next;
    }
    return at;
  }

  /** The directory that holds the last name of a path, which need not exist, and that name. */
  parent(path: string, call: string): [SimulatedDirectory, string] {
    const names = namesIn(path);
    const name = names.pop();
    if (name === undefined) throw fileError('EBUSY', call, path);
    return [this.directory(`/${names.join('/')}`, call, path), name];
  }

  /** Makes what is missing of a path; `needRoom` is asked before each. */
  makeDirectories(path: string, needRoom: () => void): void {
    let at = this.root;
    const names = namesIn(path);
    for (const [index, name] of names.entries()) {
      let next = at.names.get(name);
      if (next === undefined) {
        needRoom();
        next = new SimulatedDirectory();
        at.set(name, next, Symbol('mkdir'));
      }
      if (!(next instanceof SimulatedDirectory)) {
        throw fileError(index === names.length - 1 ? 'EEXIST' : 'ENOTDIR', 'mkdir', path);
      }
      at = next;
    }
  }

  /** A file with two names comes twice. */
  *files(directory = this.root): Generator<SimulatedFile> {
    for (const node of directory.names.values()) {
      if (node instanceof SimulatedDirectory) yield* this.files(node);
      else yield node;
    }
  }
}

function namesIn(path: string): string[] {
  if (!path.startsWith('/')) throw new Error(`${path} is not absolute`);
  return path.split('/').filter((name) => name !== '');
}
