/**
 * Assembles every client before the first test of the clients tier, one after the other, and hands
 * the tests what came of it. With a warm cache it takes no time worth mentioning.
 */
import type { TestProject } from 'vitest/node';
import { NotThere } from './assemble-step.ts';
import type { Assembled, Client } from './client.ts';
import { assembleGo, FRANZ, SARAMA } from './go-clients.ts';
import { assembleJava } from './java-client.ts';
import { findKcat } from './kcat-client.ts';
import { findNpmClient } from './npm-clients.ts';
import { assemblePython } from './python-client.ts';

const PLATFORMATIC = '@platformatic/kafka';

export async function setup(project: TestProject): Promise<void> {
  project.provide('clients', {
    java: await orMissing('Java client and tools', assembleJava),
    'franz-go': await orMissing('franz-go', () => assembleGo(FRANZ)),
    sarama: await orMissing('sarama', () => assembleGo(SARAMA)),
    'kafka-python': await orMissing('kafka-python', assemblePython),
    kafkajs: await orMissing('kafkajs', () => findNpmClient('kafkajs')),
    platformatic: await orMissing(PLATFORMATIC, () => findNpmClient(PLATFORMATIC)),
    kcat: await orMissing('kcat', findKcat),
  });
}

async function orMissing(name: string, assemble: () => Promise<Assembled>): Promise<Client> {
  try {
    return { name, ...(await assemble()) };
  } catch (error) {
    if (error instanceof NotThere) return { name, skip: error.message };
    throw error;
  }
}
