/**
 * Compilers that compile nothing. Routes check their input themselves and answers are plain JSON;
 * with both given Fastify never loads its own two, which are a good part of its start.
 */
export const NO_SCHEMA_COMPILERS = {
  compilersFactory: {
    // Fastify's types name its own factory only.
    buildValidator: (() => () => () => true) as never,
    buildSerializer: () => () => JSON.stringify,
  },
};
