/**
 * Kafka's own clients, tools and broker, as Maven brings them, and the driver compiled against
 * them. Which version: test/clients/java/pom.xml.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mustRun, NotThere } from './assemble-step.ts';
import { cached } from './cache.ts';
import type { Assembled, ReadyClient } from './client.ts';
import type { CommandResult } from './command.ts';
import { runCommand } from './command.ts';
import { Driver } from './driver.ts';

const SOURCES = fileURLToPath(new URL('../../clients/java/', import.meta.url));
/** Kafka's tools and its broker are compiled for it. */
const JAVA_MIN = 17;

/** Small and quick to start; the machine has other things to do. */
const JVM_FLAGS = [
  '-Xmx512m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=error',
];

export async function assembleJava(): Promise<Assembled> {
  const pom = await readFile(join(SOURCES, 'pom.xml'), 'utf8');
  const driver = await readFile(join(SOURCES, 'Driver.java'), 'utf8');
  const version = /<kafka\.version>(.*)<\/kafka\.version>/.exec(pom)?.[1] ?? 'unknown';
  await javaVersion();
  const directory = await cached({
    name: 'java',
    parts: [pom, driver],
    assemble: async (into) => {
      await mustRun('mvn', [
        ...['--quiet', '--batch-mode', '--file', join(SOURCES, 'pom.xml')],
        ...['dependency:copy-dependencies', `-DoutputDirectory=${join(into, 'lib')}`],
      ]);
      await mustRun('javac', [
        ...['-d', join(into, 'classes'), '-cp', join(into, 'lib', '*')],
        join(SOURCES, 'Driver.java'),
      ]);
    },
  });
  return { version, directory };
}

async function javaVersion(): Promise<void> {
  const { err } = await mustRun('java', ['-version']);
  const major = Number(/version "(\d+)/.exec(err)?.[1]);
  if (!(major >= JAVA_MIN)) throw new NotThere(`needs Java ${JAVA_MIN}, found ${major}`);
}

/** The arguments for `java` that run one of its classes. */
export function javaArguments({ directory }: ReadyClient, args: readonly string[]): string[] {
  const classPath = [join(directory, 'lib', '*'), join(directory, 'classes')].join(':');
  return [...JVM_FLAGS, '-cp', classPath, ...args];
}

/** One of Kafka's tools, by its class, as the shell scripts of the distribution run it. */
export function runJavaTool(
  client: ReadyClient,
  args: readonly string[],
  input = '',
): Promise<CommandResult> {
  return runCommand('java', javaArguments(client, args), { input });
}

export function startJavaDriver(client: ReadyClient, address: string): Driver {
  return new Driver('java', javaArguments(client, ['Driver', address]));
}
