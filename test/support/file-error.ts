/** Errors as node:fs throws them. */
export function fileError(code: string, call: string, path: string): NodeJS.ErrnoException {
  const error: NodeJS.ErrnoException = new Error(`${code}: simulated, ${call} '${path}'`);
  error.code = code;
  error.syscall = call;
  error.path = path;
  return error;
}
