/**
 * The files of a whole server spoiled: a damaged partition or log of commits is told, never gives
 * another record or another offset, and keeps nobody else from serving.
 */
import { expect, test } from 'vitest';
import { tally } from '../support/campaign-tally.ts';
import { DamagedServer } from '../support/server-damage.ts';
import { bitFlips, truncations, zeroedBlocks } from '../support/spoiled-files.ts';
import type { Spoiling } from '../support/spoiled-files.ts';

async function tryAll(
  kind: string,
  server: DamagedServer,
  spoilings: Iterable<Spoiling>,
): Promise<void> {
  let count = 0;
  for (const { name, spoiled } of spoilings) {
    expect([name, await server.faultOf(spoiled)]).toEqual([name, undefined]);
    count += 1;
  }
  tally(kind, count);
}

/** The files of these places alone. */
function part({ files }: DamagedServer, places: RegExp) {
  return { files: new Map([...files].filter(([path]) => places.test(path))) };
}

test('every bit of the log of commits, and bits and lengths of every file', async () => {
  const server = await DamagedServer.create();
  const commits = part(server, /groups\/0\/.*\.log$/);
  expect(commits.files.size).toBe(1);
  await tryAll('bit flips', server, bitFlips(commits, 1));
  await tryAll('truncations', server, truncations(commits, 1));
  await tryAll('bit flips', server, bitFlips(server, 197));
  await tryAll('truncations', server, truncations(server, 23));
  await tryAll('zeroed blocks', server, zeroedBlocks(server));
});

test('any file missing, or another in its place', async () => {
  const server = await DamagedServer.create();
  const files = [...server.files];
  const spoilings: Spoiling[] = files.flatMap(([path, content], index) => {
    const [other, instead] = files[(index + 3) % files.length] as [string, Buffer];
    return [
      { name: `${path} missing`, spoiled: new Map([[path, undefined]]) },
      {
        name: `${path} and ${other} swapped`,
        spoiled: new Map([
          [path, instead],
          [other, content],
        ]),
      },
    ];
  });
  await tryAll('swapped or foreign files', server, spoilings);
});
