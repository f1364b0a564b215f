/** What the doctor says: for people, and as one JSON object for scripts. */
import type { DataExamination, ExaminedLog } from '../storage/doctor/examine-data-directory.ts';
import type { Finding } from '../storage/doctor/finding.ts';
import type { RepairOutcome } from '../storage/doctor/repair-log.ts';
import { wordsFor } from './doctor-words.ts';
import { count, plural } from './numbers.ts';
import { terminalText } from './terminal-text.ts';

export interface Diagnosis extends DataExamination {
  readonly directory: string;
  /** How the last server ended, in words. */
  readonly lastRun: string;
  /** By the name of the log. */
  readonly repairs: ReadonlyMap<string, RepairOutcome>;
}

export function isDamage({ severity }: Finding): boolean {
  return severity === 'damage';
}

export function diagnosisText(diagnosis: Diagnosis): string {
  const { directory, clusterId, lastRun, topicCount, logs, findings } = diagnosis;
  const cluster = clusterId === undefined ? '' : `, cluster ${clusterId}`;
  const lines = [
    `${directory}${cluster}: ${plural(topicCount, 'topic')}, ${plural(logs.length, 'log')}`,
    lastRun,
    ...findings.flatMap(findingLines),
    ...logs.flatMap((log) => logLines(log, diagnosis.repairs.get(log.name))),
    ...closing(diagnosis),
  ];
  return terminalText(`${lines.join('\n')}\n`);
}

function logLines(log: ExaminedLog, repair: RepairOutcome | undefined): string[] {
  const state = log.findings.some(isDamage) ? 'DAMAGED' : 'sound';
  const { found } = log;
  const size =
    found === undefined
      ? ''
      : `, offsets ${range({ from: found.logStartOffset, to: found.endOffset })}, ${plural(found.segments.length, 'segment')}, ${plural(found.bytes, 'byte')}`;
  return [
    `\n${log.name}: ${state}${size}`,
    ...log.findings.flatMap(findingLines),
    ...repairLines(repair),
  ];
}

function findingLines(finding: Finding): string[] {
  const { severity, kind, file, isHidden } = finding;
  const { means, start, advice } = wordsFor(kind, isHidden);
  const detail = detailOf(finding);
  return [
    `  ${severity}: ${file}${detail}`,
    `    ${means}`,
    ...affected(finding),
    `    next start: ${start}`,
    ...(advice === undefined ? [] : [`    you can: ${advice}`]),
  ];
}

function detailOf({ position, field, expected, found }: Finding): string {
  const where = position === undefined ? '' : ` at position ${position}`;
  if (field === undefined) return found === undefined ? where : `${where} (${found})`;
  return `${where}: ${field} should be ${expected}, found ${found}`;
}

function affected({ offsets, kind }: Finding): string[] {
  if (offsets === undefined || kind === 'gap' || kind === 'torn-tail') {
    return offsets === undefined ? [] : [`    offsets: ${range(offsets)}`];
  }
  if (offsets.from === offsets.to) return ['    no record is affected'];
  return [`    records affected: ${range(offsets)}`];
}

function range({ from, to }: NonNullable<Finding['offsets']>): string {
  if (to === undefined) return `from ${from} on`;
  if (to <= from) return `none (the next is ${from})`;
  return to === from + 1 ? String(from) : `${from} to ${to - 1}`;
}

function repairLines(repair: RepairOutcome | undefined): string[] {
  if (repair === undefined) return [];
  if (repair.kind === 'impossible') return [`  not repaired: ${repair.reason}`];
  const lost = repair.lost.map(range).join(', ');
  return [
    `  repaired: ${lost === '' ? 'no record is lost' : `lost are the offsets ${lost}`}`,
    `    set aside in ${repair.aside}`,
    `    the next record gets offset ${repair.endOffset}`,
  ];
}

function closing({ logs, findings, directory, repairs }: Diagnosis): string[] {
  const damaged = logs.filter((log) => log.findings.some(isDamage));
  if (damaged.length === 0) return findings.some(isDamage) ? [] : ['\nnothing is damaged'];
  const what = `\n${count(damaged.length)} of ${plural(logs.length, 'log')} damaged`;
  if (repairs.size === 0) {
    return [`${what}; nothing was changed. To repair: millrace doctor ${directory} --repair`];
  }
  const repaired = damaged.filter(({ name }) => repairs.get(name)?.kind === 'repaired');
  return [`${what}, ${count(repaired.length)} of them repaired`];
}

export function diagnosisJson(diagnosis: Diagnosis): string {
  const { directory, clusterId, lastRun, topicCount, logs, findings, repairs } = diagnosis;
  const value = {
    directory,
    cluster_id: clusterId ?? null,
    last_run: lastRun,
    topics: topicCount,
    is_damaged: [...findings, ...logs.flatMap((log) => log.findings)].some(isDamage),
    findings: findings.map(findingJson),
    logs: logs.map((log) => ({
      name: log.name,
      directory: log.directory,
      is_damaged: log.findings.some(isDamage),
      ...(log.found && {
        log_start_offset: log.found.logStartOffset,
        end_offset: log.found.endOffset,
        segments: log.found.segments.length,
        bytes: log.found.bytes,
      }),
      findings: log.findings.map(findingJson),
      repair: repairs.get(log.name) ?? null,
    })),
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}

function findingJson(finding: Finding): object {
  const { isHidden = false, ...facts } = finding;
  const { means, start, advice } = wordsFor(finding.kind, isHidden);
  return { ...facts, is_hidden: isHidden, means, next_start: start, advice: advice ?? null };
}
