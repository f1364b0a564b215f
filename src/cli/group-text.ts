/** Consumer groups as people read them. What members say of themselves is anybody's words. */
import type {
  GroupAnswer,
  GroupListing,
  LagAnswer,
  ResetAnswer,
  TopicPartitions,
} from '../client/group-answers.ts';
import { plural } from './numbers.ts';
import { terminalText } from './terminal-text.ts';
import { table } from './topic-text.ts';

/** Stands where there is nothing to say. */
const NONE = '-';

export function groupsText(groups: readonly GroupListing[]): string {
  if (groups.length === 0) return '';
  const rows = groups.map(({ group, state, protocol_type: type }) => [group, state, type]);
  return linesOf(tableOf(['group', 'state', 'type'], rows));
}

export function groupText(answer: GroupAnswer): string {
  const { group, state, generation, protocol, leader, members } = answer;
  const facts = [
    ['state', state],
    ['generation', String(generation)],
    ['assignor', protocol],
    ['leader', leader],
  ];
  const rows = members.map((each) => [
    each.member_id,
    each.group_instance_id ?? '',
    each.client_id,
    each.client_host,
    assignmentText(each.assignment),
  ]);
  const titles = ['member', 'instance', 'client', 'host', 'partitions'];
  return linesOf([
    cellOf(group),
    '',
    ...table(facts.map(cells), 'left'),
    '',
    ...(rows.length === 0 ? ['no members'] : tableOf(titles, rows)),
  ]);
}

const LAG_ALIGN = ['left', 'right', 'right', 'right', 'right', 'right', 'left'] as const;

export function lagText({ group, state, partitions, ...sums }: LagAnswer): string {
  const rows = partitions.map((each) => [
    each.topic,
    String(each.partition),
    String(each.current_offset ?? ''),
    String(each.log_end_offset),
    String(each.lag),
    secondsText(each.lag_seconds),
    each.owner ?? '',
  ]);
  const titles = ['topic', 'partition', 'next offset', 'end offset', 'lag', 'seconds', 'owner'];
  return linesOf([
    `${cellOf(group)}  (${state})`,
    '',
    ...(rows.length === 0
      ? ['nothing is read and nothing committed']
      : tableOf(titles, rows, LAG_ALIGN)),
    '',
    sumText(sums),
  ]);
}

function sumText(sums: Pick<LagAnswer, 'total_lag' | 'max_lag' | 'max_lag_seconds'>): string {
  const behind = `${plural(sums.total_lag, 'record')} behind`;
  if (sums.total_lag === 0) return behind;
  const most = `at most ${plural(sums.max_lag, 'record')} in a partition`;
  const oldest = secondsText(sums.max_lag_seconds);
  return `${behind}, ${most}${oldest === '' ? '' : `, the oldest ${oldest} s old`}`;
}

export function resetText({ group, topic, partitions, dry_run: isDry }: ResetAnswer): string {
  const rows = partitions.map(({ partition, before, after }) => [
    String(partition),
    String(before ?? ''),
    String(after),
    before === null ? '' : signed(after - before),
  ]);
  const clamped = partitions
    .filter((each) => each.clamped === true)
    .map(({ partition, after }) => `partition ${partition}: ${after} is as far as its log goes`);
  const done = isDry ? 'nothing was changed: this was a dry run' : `moved ${cellOf(group)}`;
  return linesOf([
    ...tableOf([`partition of ${topic}`, 'before', 'after', 'change'], rows, 'right'),
    '',
    ...clamped,
    done,
  ]);
}

/** `orders [0, 2], clicks [1]` */
export function assignmentText(assignment: readonly TopicPartitions[]): string {
  return assignment
    .map(({ topic, partitions }) => `${topic} [${partitions.join(', ')}]`)
    .join(', ');
}

function signed(change: number): string {
  return change > 0 ? `+${change}` : String(change);
}

/** Whole seconds lie enough to matter only while there are few of them. */
function secondsText(seconds: number | null): string {
  if (seconds === null) return '';
  return seconds < 10 ? String(Math.round(seconds * 10) / 10) : String(Math.round(seconds));
}

function tableOf(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  align: Parameters<typeof table>[1] = 'left',
): string[] {
  return table([titles, ...rows.map(cells)], align);
}

function cells(row: readonly string[]): string[] {
  return row.map((text) => (text === '' ? NONE : cellOf(text)));
}

/** One line, whatever it holds. */
function cellOf(text: string): string {
  return terminalText(text.replaceAll(/[\t\n]/g, ' '));
}

function linesOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
