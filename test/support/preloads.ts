/**
 * What a server process is given along with its sources, by Node's `--import`: faults, signals and
 * slowness at its own file calls, in the same way on every machine and without a tool.
 */

/** The calls that open or change a file. */
const CHANGES = ['open', 'writev', 'writevSync', 'fdatasync', 'fsync', 'rename', 'ftruncate'];

/** The signal at these calls, 1 being the first. */
export function signalAtFileCalls(
  signal: 'SIGKILL' | 'SIGTERM' | 'SIGINT',
  { names = CHANGES, counts }: { readonly names?: readonly string[]; counts: readonly number[] },
): readonly string[] {
  return atFileCalls(
    names,
    `(count, real, given) => {
      if (${JSON.stringify(counts)}.includes(count)) process.kill(process.pid, '${signal}');
      return real(...given);
    }`,
  );
}

/** Small writes from the `first` on do nothing, and are said to have worked. */
export function lieAboutWrites(first: number): readonly string[] {
  return atFileCalls(
    ['writevSync'],
    `(count, real, given) => {
      if (count < ${first}) return real(...given);
      return given[1].reduce((sum, { length }) => sum + length, 0);
    }`,
  );
}

/** Every sync of a log takes so much longer. */
export function slowSyncs(delayMs: number): readonly string[] {
  return atFileCalls(
    ['fdatasync'],
    `(count, real, given) => setTimeout(() => real(...given), ${delayMs})`,
  );
}

/** No sync of a log begins while there is a file of this name. */
export function holdSyncsWhile(flag: string): readonly string[] {
  return atFileCalls(
    ['fdatasync'],
    `(count, real, given) => {
      const path = ${JSON.stringify(flag)};
      const begin = () => (fs.existsSync(path) ? setTimeout(begin, 2) : real(...given));
      begin();
    }`,
  );
}

/** Every sync of a log fails while there is a file of this name. */
export function failSyncsWhile(flag: string): readonly string[] {
  return atFileCalls(
    ['fdatasync'],
    `(count, real, given) => {
      if (!fs.existsSync(${JSON.stringify(flag)})) return real(...given);
      const error = Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO', syscall: 'fdatasync' });
      setImmediate(given[1], error);
    }`,
  );
}

/** No file of this name is opened, for want of a descriptor, while there is a file `flag`. */
export function noDescriptorFor(name: string, flag: string): readonly string[] {
  return atFileCalls(
    ['open'],
    `(count, real, given) => {
      const isIt = given[0].endsWith(${JSON.stringify(`/${name}`)});
      if (!isIt || !fs.existsSync(${JSON.stringify(flag)})) return real(...given);
      const error = Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE', syscall: 'open' });
      setImmediate(given.at(-1), error);
    }`,
  );
}

/** Timers of so many milliseconds take only so many. */
export function hurryTimers(fromMs: number, toMs: number): readonly string[] {
  return preload(`
    const real = globalThis.setTimeout;
    globalThis.setTimeout = (task, delayMs, ...rest) =>
      real(task, delayMs === ${fromMs} ? ${toMs} : delayMs, ...rest);
  `);
}

/** `instead` is given the number of the call, the real one, and what it was given. */
function atFileCalls(names: readonly string[], instead: string): readonly string[] {
  return preload(`
    import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    const instead = ${instead};
    let count = 0;
    for (const name of ${JSON.stringify(names)}) {
      const real = fs[name];
      fs[name] = (...given) => instead((count += 1), real, given);
    }
    syncBuiltinESMExports();
  `);
}

function preload(text: string): readonly string[] {
  return ['--import', `data:text/javascript,${encodeURIComponent(text)}`];
}
