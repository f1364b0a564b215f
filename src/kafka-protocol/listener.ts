/**
 * The listening socket of the Kafka face, and all connections that came by it. It promises that no
 * more are open than are allowed, that their time limits are looked at, and that `close` leaves
 * none behind.
 *
 * What a connection needs is loaded with the first of them: a server that nobody speaks Kafka to
 * starts without it.
 */
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import type { CancelTimer } from '../model/clock.ts';
import { CLOSE_GRACE_MS, CONNECTIONS_CHECK_INTERVAL_MS } from '../model/limits.ts';
import type { Connection } from './connection.ts';
import type { HostAndPort, KafkaContext } from './context.ts';
import { RequestBudget } from './request-budget.ts';

/** Makes the server whose connections are accepted, paused. The place for TLS. */
export type Transport = (accept: (socket: Socket) => void) => Server;

const plainTcp: Transport = (accept) =>
  createServer({ pauseOnConnect: true, noDelay: true, keepAlive: true }, accept);

export class KafkaListener {
  readonly #context: KafkaContext;
  readonly #server: Server;
  readonly #budget = new RequestBudget();
  /** Undefined while what a connection needs is being loaded. */
  readonly #connections = new Map<Socket, Connection | undefined>();
  #isClosing = false;
  #cancelCheck: CancelTimer | undefined;

  /** Rejects with Node's error (EADDRINUSE, EACCES, ...). */
  static async open(
    context: KafkaContext,
    transport: Transport = plainTcp,
  ): Promise<KafkaListener> {
    const listener = new KafkaListener(context, transport);
    await listener.#listen();
    return listener;
  }

  private constructor(context: KafkaContext, transport: Transport) {
    this.#context = context;
    this.#server = transport((socket) => this.#accept(socket));
  }

  get address(): HostAndPort {
    const { address, port } = this.#server.address() as AddressInfo;
    return { host: address, port };
  }

  /**
   * Takes no new connection and begins no request; parked ones are answered, and those in flight
   * have `graceMs` to end.
   */
  async close(graceMs = CLOSE_GRACE_MS): Promise<void> {
    this.#isClosing = true;
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    for (const [socket, connection] of this.#connections) {
      if (connection === undefined) socket.destroy();
      else connection.stop();
    }
    const cancelCut = this.#context.clock.after(graceMs, () => {
      for (const socket of this.#connections.keys()) socket.destroy();
    });
    await closed;
    cancelCut();
    this.#cancelCheck?.();
  }

  #listen(): Promise<void> {
    const { port } = this.#context.settings;
    const host = bindHost(this.#context.settings.host);
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host, port }, () => {
        this.#server.off('error', reject);
        // Of a connection that could not be accepted; descriptors come back when others close.
        this.#server.on('error', (error) => {
          this.#context.log.error({ error }, 'a Kafka connection could not be accepted');
        });
        resolve();
      });
    });
  }

  #accept(socket: Socket): void {
    const { counters, connections } = this.#context;
    // A peer that resets its connection ends it, and that is all.
    socket.on('error', () => {});
    const leave = connections.tryTake();
    if (leave === undefined) {
      counters.connectionsRefused += 1;
      socket.destroy();
      return;
    }
    counters.connectionsOpened += 1;
    counters.connectionsOpen += 1;
    this.#connections.set(socket, undefined);
    socket.once('close', () => {
      this.#connections.delete(socket);
      counters.connectionsOpen -= 1;
      leave();
    });
    this.#cancelCheck ??= this.#checkLater();
    this.#connect(socket).catch((error: unknown) => {
      this.#context.log.error({ error }, 'the Kafka face could not be loaded');
      socket.destroy();
    });
  }

  async #connect(socket: Socket): Promise<void> {
    const { Connection } = await import('./connection.ts');
    if (socket.destroyed || this.#isClosing) return;
    this.#connections.set(socket, new Connection(socket, this.#context, this.#budget));
  }

  /** As long as there are connections. */
  #checkLater(): CancelTimer {
    const { clock } = this.#context;
    return clock.after(CONNECTIONS_CHECK_INTERVAL_MS, () => {
      for (const connection of this.#connections.values()) connection?.check(clock.monotonicMs());
      this.#cancelCheck = this.#connections.size > 0 ? this.#checkLater() : undefined;
    });
  }
}

/** This one name can lead to either loopback address; clients that try ::1 first go on to this. */
function bindHost(host: string): string {
  return host.toLowerCase() === 'localhost' ? '127.0.0.1' : host;
}
