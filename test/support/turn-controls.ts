/** Lines that give the event loop its turns: part of the list in `hostile-controls.ts`. */
import type { TestControl } from './control-run.ts';

const TURNS = 'test/contract/turns.test.ts';
const THOUSANDS = 'thousands of partitions, offsets and series';

export const TURN_CONTROLS: readonly TestControl[] = [
  {
    name: 'a page of records in one turn',
    file: 'src/http/record-chunks.ts',
    from: '    await nextTurn();\n',
    to: '',
    test: [TURNS, 'a page of records as application/json'],
  },
  {
    name: 'a copy of batches in one turn',
    file: 'src/http/fetch-answers.ts',
    from: 'if (parts.length > 0) await nextTurn();',
    to: '',
    test: [TURNS, 'a page of records as application/vnd.kafka.recordbatch'],
  },
  {
    name: 'a stream in one turn',
    file: 'src/http/answer-body.ts',
    from: '    await nextTurn();\n',
    to: '',
    test: [TURNS, 'a stream of records'],
  },
  {
    name: 'all offsets of a commit in one turn',
    file: 'src/http/offset-commit.ts',
    from: '    await pace.did(1);\n',
    to: '',
    test: [TURNS, THOUSANDS],
  },
  {
    name: 'all partitions of a reader in one turn',
    file: 'src/membership/positions.ts',
    from: '        await pace.did(1);\n',
    to: '',
    test: [TURNS, THOUSANDS],
  },
  {
    name: 'all metrics in one turn',
    file: 'src/http/metrics.ts',
    from: '        await pace.did(family.values.length);\n',
    to: '',
    test: [TURNS, THOUSANDS],
  },
  {
    name: 'all lags in one turn',
    file: 'src/membership/oldest-unread.ts',
    from: '    await LINE.rest(plain.length);\n',
    to: '',
    test: [TURNS, 'the ages of many lags'],
  },
];
