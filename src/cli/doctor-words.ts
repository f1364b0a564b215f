/** What each kind of finding means, what the next start of the server does, and what can be done. */
import type { FindingKind } from '../storage/doctor/finding.ts';

export interface Words {
  /** What it is. */
  readonly means: string;
  /** Of the server. */
  readonly start: string;
  /** Of the operator; undefined when there is nothing to do. */
  readonly advice?: string;
}

const OFFLINE =
  'offline: no appends; the other records are served, the other partitions do not notice';
const HIDDEN = 'online, and offline as soon as a reader comes to it: no start reads there';
const REPAIR = 'put back a copy of the file, or run millrace doctor --repair';
const ALONE = 'leaves it alone';

const WORDS: { readonly [kind in FindingKind]: Words } = {
  'bad-bytes': {
    means: 'these bytes are not what was stored here',
    start: OFFLINE,
    advice: REPAIR,
  },
  'segment-missing': { means: 'a segment file is gone', start: OFFLINE, advice: REPAIR },
  'segment-length': {
    means: 'a segment file has another length than it had',
    start: OFFLINE,
    advice: REPAIR,
  },
  'segment-foreign': {
    means: 'a segment file that does not belong here: a copy, or of another partition',
    start: OFFLINE,
    advice: 'take it away if you know where it comes from, or run millrace doctor --repair',
  },
  'segment-gap': {
    means: 'segment files are missing in between',
    start: OFFLINE,
    advice: REPAIR,
  },
  'mark-unreadable': {
    means: 'a mark of damage cannot be read, so nobody knows of what',
    start: OFFLINE,
    advice: 'run millrace doctor --repair: it sets the mark aside',
  },
  'nothing-left': {
    means: 'all files of this partition are gone, and with them the knowledge of its offsets',
    start: OFFLINE,
    advice: 'put back a copy of its directory, or delete the topic and make it anew',
  },
  'directory-unreadable': {
    means: 'the files of this partition cannot be read',
    start: OFFLINE,
    advice: 'mend the disk or the rights, or put back a copy of the directory',
  },
  'repair-unfinished': {
    means: 'a repair was interrupted; nothing is lost by that',
    start: OFFLINE,
    advice: 'run millrace doctor --repair again: it goes on',
  },
  'catalogue-unusable': {
    means: 'the list of topics cannot be read; their records are not touched by that',
    start: 'refused',
    advice: 'put back a copy of catalogue.db, also an older one if no topic was made since',
  },
  'catalogue-missing': {
    means: 'the list of topics is gone, and there are directories of topics',
    start: 'refused',
    advice: 'put back a copy of catalogue.db',
  },
  'torn-tail': {
    means: 'the end was being written when the server ended; it was never acknowledged',
    start: 'cuts it, keeps the bytes in a .torn file, and goes on',
  },
  'checkpoint-damaged': {
    means: 'the notes that make a start fast cannot be believed',
    start: 'reads the whole partition instead, and keeps the file as recovery.checkpoint.damaged',
  },
  'checkpoint-missing': {
    means: 'the notes that make a start fast are gone',
    start: 'reads the whole partition instead',
  },
  'index-doubtful': {
    means: 'index files do not fit their segment; they are only for speed',
    start: 'makes them anew when they are needed',
  },
  'owner-unreadable': {
    means: 'how the last server ended cannot be told',
    start: 'takes the care of one after a crash',
  },
  'mark-stale': {
    means: 'a mark of damage whose segment is sound again',
    start: 'reads the segment and removes the mark',
  },
  gap: {
    means: 'these records are gone: a repair found none that were sound',
    start: 'tells it, and leads readers past it',
  },
  fenced: {
    means: 'a sync had failed, and the server stopped writing here',
    start: 'writes the newest records anew and removes the marker',
  },
  left: { means: 'a segment that has left by retention', start: 'removes it' },
  'unfinished-replacement': { means: 'a file that was being written', start: 'removes it' },
  'torn-bytes': {
    means: 'bytes that an earlier start has cut, never acknowledged',
    start: ALONE,
    advice: 'delete it when you need it no more',
  },
  'old-checkpoint': {
    means: 'a damaged checkpoint that an earlier start has kept',
    start: ALONE,
    advice: 'delete it when you need it no more',
  },
  'set-aside': {
    means: 'what a repair has taken out of service',
    start: ALONE,
    advice: 'delete it when you need it no more',
  },
  'unfinished-topic': { means: 'a topic being made or deleted', start: 'removes it' },
  'unknown-topic': {
    means: 'a directory of a topic that the catalogue does not know',
    start: ALONE,
    advice: 'move it away if you know what it is',
  },
  'topic-name': {
    means: 'topic.json names another topic than the catalogue; only people read it',
    start: ALONE,
  },
  'unknown-file': { means: 'not one of ours', start: ALONE },
};

export function wordsFor(kind: FindingKind, isHidden = false): Words {
  const words = WORDS[kind];
  return isHidden ? { ...words, start: HIDDEN } : words;
}
