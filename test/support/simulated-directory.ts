/**
 * One directory of the simulated disk: the names that are seen, the names that are on the platter,
 * and the changes between the two. A rename within a directory is one change; otherwise what was
 * not synced survives a power cut or is undone, each on its own.
 */
import type { SimulatedFile } from './simulated-file.ts';

export type SimulatedNode = SimulatedFile | SimulatedDirectory;

interface NameChange {
  /** Changes of one operation survive together. */
  readonly operation: symbol;
  readonly name: string;
  readonly node: SimulatedNode | undefined;
  /** A sync of it has failed: it counts as stored, and nothing ever stores it. */
  isLost: boolean;
}

export interface PowerCut {
  survives(operation: symbol): boolean;
  afterwards(file: SimulatedFile): SimulatedFile;
}

export class SimulatedDirectory {
  readonly #seen: Map<string, SimulatedNode>;
  readonly #stored: Map<string, SimulatedNode>;
  #changes: NameChange[] = [];
  /** Changes stored so far, which numbers those that are left. */
  #storedCount = 0;

  constructor(names: ReadonlyMap<string, SimulatedNode> = new Map()) {
    this.#seen = new Map(names);
    this.#stored = new Map(names);
  }

  get names(): ReadonlyMap<string, SimulatedNode> {
    return this.#seen;
  }

  /** Without a node the name is removed. */
  set(name: string, node: SimulatedNode | undefined, operation: symbol): void {
    setName(this.#seen, name, node);
    this.#changes.push({ operation, name, node, isLost: false });
  }

  /** What a sync that starts now covers; later changes are not in it. */
  beginSync(): number {
    return this.#storedCount + this.#changes.length;
  }

  endSync(covered: number): void {
    const count = Math.max(0, covered - this.#storedCount);
    for (const { name, node, isLost } of this.#changes.splice(0, count)) {
      if (!isLost) setName(this.#stored, name, node);
    }
    this.#storedCount += count;
  }

  /** A sync has failed. The names go on being seen, and a second sync succeeds. */
  loseUnsynced(): void {
    for (const change of this.#changes) change.isLost = true;
  }

  /** `known` holds what has its image already: a file may have two names for a while. */
  afterPowerCut(
    cut: PowerCut,
    known = new Map<SimulatedNode, SimulatedNode>(),
  ): SimulatedDirectory {
    const names = new Map(this.#stored);
    for (const { operation, name, node, isLost } of this.#changes) {
      if (!isLost && cut.survives(operation)) setName(names, name, node);
    }
    for (const [name, node] of names) {
      let image = known.get(node);
      if (image === undefined) {
        const isDirectory = node instanceof SimulatedDirectory;
        image = isDirectory ? node.afterPowerCut(cut, known) : cut.afterwards(node);
        known.set(node, image);
      }
      names.set(name, image);
    }
    return new SimulatedDirectory(names);
  }
}

function setName(
  names: Map<string, SimulatedNode>,
  name: string,
  node: SimulatedNode | undefined,
): void {
  if (node === undefined) names.delete(name);
  else names.set(name, node);
}
