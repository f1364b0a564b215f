/** `millrace doctor`: what it takes. The work is loaded when it is asked for. */
import type { Command } from 'commander';
import type { DoctorOptions } from './doctor.ts';
import type { CliIo } from './io.ts';

const HELP = `
Reads a data directory (default: ./data) that no server has open, byte by byte
with every check, and says what is there, what is wrong, which records that
affects, what the next start of the server will do, and what you can do.
It changes nothing without --repair.

--repair puts damaged partitions back into service. Every sound record is kept,
before and behind the damage, under its own offset. Lost offsets are given to no
other record: they stay a gap, which readers are led past and every start of the
server tells, or the log begins behind them. What is taken out of service is not
deleted: it is moved into set-aside-1 (2, 3 ...) in the partition's directory.
Before that, put back a copy if you have one: a repair cannot bring back what is
gone. An interrupted repair is finished by calling it again.

Exit codes of doctor: 0 nothing is damaged, 1 something is (also when it has just
been repaired: look at what was lost; the next call says 0), 2 wrong usage,
3 a server owns the directory.

Examples:
  millrace doctor
  millrace doctor /var/lib/millrace --json
  millrace doctor /var/lib/millrace --repair`;

export function addDoctor(program: Command, io: CliIo): void {
  program
    .command('doctor [dir]')
    .description('examine a data directory, offline; repair what is damaged if told to')
    .option('--repair', 'put damaged partitions back into service; keeps every byte')
    .option('--json', 'as one JSON object')
    .addHelpText('after', HELP)
    .action(async (directory: string | undefined, options: DoctorOptions) => {
      const { runDoctor } = await import('./doctor.ts');
      await runDoctor(directory ?? './data', io, options);
    });
}
