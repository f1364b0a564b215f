/**
 * A metric with all of its series, as plain data: whoever counts something makes these, and whoever
 * shows metrics gives them a form.
 */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly values: readonly Series[];
}

export interface Series {
  readonly labels?: Readonly<{ [name: string]: string | number }>;
  readonly value: number;
  /** Of a histogram's parts, which have names of their own. */
  readonly metricName?: string;
}

/** Of one series, named `millrace_..._total`. */
export function counter(name: string, help: string, value: number): Family {
  return family(`millrace_${name}_total`, help, 'counter', [{ value }]);
}

/** Of one series, named `millrace_...`. */
export function gauge(name: string, help: string, value: number): Family {
  return family(`millrace_${name}`, help, 'gauge', [{ value }]);
}

export function family(
  name: string,
  help: string,
  type: Family['type'],
  values: readonly Series[],
): Family {
  return { name, help, type, values };
}
