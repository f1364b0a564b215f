/** A topic pattern as steps to take along a name (Thompson's construction). */
import type { CharacterSet, PatternNode } from './pattern-syntax.ts';

/**
 * One step. `character` goes on to the next step behind a character that it accepts, `fork` to two
 * steps at once; `start` and `end` go on at the start and the end of the name.
 */
export type Step =
  | { readonly kind: 'character'; readonly accepts: CharacterSet }
  | { readonly kind: 'fork'; first: number; second: number }
  | { readonly kind: 'start' | 'end' | 'match' };

/** How many steps it will be at most; to be asked before they are made. At least 1. */
export function stepsOf(node: PatternNode): number {
  switch (node.kind) {
    case 'sequence':
      return node.nodes.reduce((sum, each) => sum + stepsOf(each), 1);
    case 'choice':
      return node.nodes.reduce((sum, each) => sum + stepsOf(each) + 2, 0);
    case 'repeat': {
      const times = node.most === Infinity ? node.least + 1 : Math.max(1, node.most);
      return times * (stepsOf(node.node) + 2);
    }
    default:
      return 1;
  }
}

/** The last one is the match, and the only one. */
export function stepsFor(node: PatternNode): readonly Step[] {
  const steps: Step[] = [];
  emit(node, steps);
  steps.push({ kind: 'match' });
  return steps;
}

function emit(node: PatternNode, steps: Step[]): void {
  switch (node.kind) {
    case 'sequence':
      for (const each of node.nodes) emit(each, steps);
      return;
    case 'choice':
      emitChoice(node.nodes, steps);
      return;
    case 'repeat':
      emitRepeat(node, steps);
      return;
    default:
      steps.push(node);
  }
}

function emitChoice(nodes: readonly PatternNode[], steps: Step[]): void {
  const exits: { second: number }[] = [];
  for (const [index, node] of nodes.entries()) {
    if (index === nodes.length - 1) {
      emit(node, steps);
      break;
    }
    const fork = pushFork(steps);
    emit(node, steps);
    // A fork with both ways the same is a jump.
    const exit = pushFork(steps);
    exits.push(exit);
    fork.second = steps.length;
  }
  for (const exit of exits) Object.assign(exit, { first: steps.length, second: steps.length });
}

function emitRepeat(node: PatternNode & { readonly kind: 'repeat' }, steps: Step[]): void {
  for (let count = 0; count < node.least; count += 1) emit(node.node, steps);
  if (node.most === Infinity) {
    const start = steps.length;
    const fork = pushFork(steps);
    emit(node.node, steps);
    const back = pushFork(steps);
    back.first = start;
    back.second = start;
    fork.second = steps.length;
    return;
  }
  const forks: { second: number }[] = [];
  for (let count = node.least; count < node.most; count += 1) {
    forks.push(pushFork(steps));
    emit(node.node, steps);
  }
  for (const fork of forks) fork.second = steps.length;
}

/** Goes on to the next step; where else is filled in later. */
function pushFork(steps: Step[]): Step & { kind: 'fork' } {
  const next = steps.length + 1;
  const fork = { kind: 'fork' as const, first: next, second: next };
  steps.push(fork);
  return fork;
}
