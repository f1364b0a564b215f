/** A topic as people read it: a table of its partitions, what is wrong with any, its configs. */
import type { PartitionAnswer, TopicAnswer } from '../client/client.ts';
import { terminalText } from './terminal-text.ts';

const COLUMNS: readonly (readonly [title: string, (each: PartitionAnswer) => number | string])[] = [
  ['partition', (each) => each.partition],
  ['first offset', (each) => each.beginning_offset],
  ['next offset', (each) => each.end_offset],
  ['records', (each) => each.end_offset - each.beginning_offset],
  ['bytes', (each) => each.bytes],
  ['state', (each) => each.state],
];

export function topicText({ name, topic_id: id, partitions, configs }: TopicAnswer): string {
  const rows = partitions.map((each) => COLUMNS.map(([, cell]) => String(cell(each))));
  const faults = partitions
    .filter(({ state }) => state !== 'online')
    .map(({ partition, state, reason = 'no reason is known' }) =>
      terminalText(`partition ${partition} is ${state}: ${reason}`),
    );
  const settings = Object.entries(configs).map(([config, value]) => [config, value]);
  return [
    `${name}  (id ${id})`,
    '',
    ...table([COLUMNS.map(([title]) => title), ...rows], 'right'),
    ...(faults.length === 0 ? [] : ['', ...faults]),
    '',
    ...table(settings, 'left'),
    '',
  ].join('\n');
}

type Align = 'left' | 'right';

/** Columns as wide as their widest cell, two spaces between them; aligned alike, or each its way. */
export function table(
  rows: readonly (readonly string[])[],
  align: Align | readonly Align[],
): string[] {
  const aligns = typeof align === 'string' ? undefined : align;
  const widths = rows.reduce<number[]>(
    (widest, row) => row.map((cell, at) => Math.max(cell.length, widest[at] ?? 0)),
    [],
  );
  return rows.map((row) =>
    row
      .map((cell, at) =>
        (aligns?.[at] ?? align) === 'left'
          ? cell.padEnd(widths[at] ?? 0)
          : cell.padStart(widths[at] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}
