/** A history as plain lines: to be compared byte for byte, and to be read by people. */
import { aboutOf, aboutPlace } from './history.ts';
import type { Answer, Ask, Entry } from './history.ts';

/** `about`: only what concerns one partition, topic or group, and the ends of the lives. */
export function historyLines(entries: readonly Entry[], about?: string): string[] {
  return entries
    .filter((entry) => about === undefined || concerns(entry, about))
    .map((entry) => {
      if (entry.kind !== 'operation') {
        return `${entry.at}`.padEnd(10) + `life ${entry.life}  --- ${entry.text}`;
      }
      const { began, ended, life, client, ask, answer } = entry;
      const when = `${began}..${ended ?? ''}`.padEnd(10);
      return `${when}life ${life}  ${client}: ${askText(ask)} -> ${answerText(answer)}`;
    });
}

function concerns(entry: Entry, about: string): boolean {
  if (entry.kind !== 'operation') return true;
  const { ask } = entry;
  const topic = /^(?:topic )?([^#]*)/.exec(about)?.[1];
  if (ask.kind === 'delete topic' || ask.kind === 'create topic') return ask.topic === topic;
  return aboutOf(ask) === about || ask.kind === 'start';
}

function askText(ask: Ask): string {
  const about = `${ask.kind} ${aboutOf(ask)}`;
  switch (ask.kind) {
    case 'start':
    case 'list topics':
    case 'producer id':
      return ask.kind;
    case 'add partitions':
      return `${about} to ${ask.partitions}`;
    case 'produce': {
      const sequence = ask.sequence === undefined ? '' : ` sequence ${ask.sequence}`;
      return `${about}${sequence} ${ask.texts.map(short).join(' ')}`;
    }
    case 'fetch':
      return `${about} from ${ask.offset}`;
    case 'delete records':
      return `${about} before ${ask.before}`;
    case 'commit': {
      const who = ask.memberId === '' ? 'nobody' : memberText(ask);
      const what = ask.offsets.map(({ place, value }) => `${aboutPlace(place)}=${value}`);
      return `${about} by ${who} ${what.join(' ')}`;
    }
    case 'join':
    case 'leave':
      return `${about} as ${ask.memberId === '' ? 'a new member' : ask.memberId.slice(0, 12)}`;
    case 'sync':
    case 'heartbeat':
      return `${about} by ${memberText(ask)}`;
    default:
      return about;
  }
}

function memberText(of: { readonly memberId: string; readonly generation: number }): string {
  return `${of.memberId.slice(0, 12)} of generation ${of.generation}`;
}

function answerText(answer: Answer | undefined): string {
  switch (answer?.kind) {
    case undefined:
      return 'no answer';
    case 'refused':
      return `${answer.code}${answer.written === undefined ? '' : `, written: ${answer.written}`}`;
    case 'broken':
      return `BROKEN: ${answer.reason}`;
    case 'topics': {
      const texts = answer.topics.map(
        ({ topic, topicId, partitions }) => `${topic}#${topicId.slice(0, 6)} (${partitions})`,
      );
      return texts.join(' ') || 'none';
    }
    case 'producer id':
      return String(answer.producerId);
    case 'produced':
      return `offset ${answer.baseOffset}`;
    case 'fetched': {
      const { logStartOffset, highWatermark, isOnline, code, records } = answer;
      const state = `[${logStartOffset}, ${highWatermark})${isOnline ? '' : ' not online'}`;
      const shown = records.map(({ offset, text, crc }) => `${offset}=${short(text)}~${crc ?? ''}`);
      return [state, code, ...shown].filter((part) => part !== undefined).join(' ');
    }
    case 'log start':
      return `log start ${answer.offset}`;
    case 'committed':
      return answer.refusals.map((code) => code ?? 'taken').join(' ');
    case 'offsets': {
      const texts = answer.places.map(({ place, value }) => `${aboutPlace(place)}=${value ?? '-'}`);
      return texts.join(' ') || 'none';
    }
    case 'joined':
      return `${answer.memberId.slice(0, 12)} in generation ${answer.generation}`;
    case 'assigned':
      return `generation ${answer.generation}: ${answer.owned.join(' ') || 'nothing'}`;
    case 'done':
    case 'unclear':
      return answer.kind;
  }
}

/** The texts of large records are padded. */
function short(text: string): string {
  return text.length <= 24 ? text : `${text.slice(0, 16)}..(${text.length})`;
}
