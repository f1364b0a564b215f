/** `millrace dump`: what it takes. The work is loaded when it is asked for: no other command decodes. */
import type { Command } from 'commander';
import type { DumpOptions } from './dump-text.ts';
import type { CliIo } from './io.ts';

const HELP = `
Checked for every batch: its length, version, CRC, record count and every length
in its records, that its offsets follow those before it (the first those of the
file's name), and the flush it says it belongs to. The first fault ends the dump
with exit code 1, after all that is sound before it.

Keys and values are shown as JSON strings if they are text, else as hex. With
--json each line is {"batch": ...} or {"record": ...}, bytes that are not text
as base64. The server may go on writing the file meanwhile.

Example:
  millrace dump data/topics/*/0/00000000000000000000.log --batches`;

export function addDump(program: Command, io: CliIo): void {
  program
    .command('dump <file>')
    .description('print a segment (.log) file with every check; needs no server')
    .option('-b, --batches', 'only the batches, not their records')
    .option('--values', 'whole keys and values instead of their beginnings')
    .option('--json', 'a JSON object a line, with whole keys and values')
    .addHelpText('after', HELP)
    .action(async (path: string, options: DumpOptions) => {
      const { dumpFile } = await import('./dump.ts');
      await dumpFile(path, io, options);
    });
}
